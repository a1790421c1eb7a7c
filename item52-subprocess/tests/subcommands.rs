//! The pipelines' stages in pipes with each other and with the `openssl` command.

use std::process::{Command, Stdio};
use std::{fs, io};

use common::contract::assert_refused;
use duct::{Expression, cmd};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item52-subprocess");

fn encrypt() -> Expression {
    cmd!(PROGRAM, "encrypt").env("password", "secret")
}

fn hash() -> Expression {
    cmd!(PROGRAM, "hash")
}

fn output(pipeline: &Expression, input: &[u8]) -> Vec<u8> {
    pipeline.stdin_bytes(input).stdout_capture().run().unwrap().stdout
}

/// Not every machine has it; a test that needs it says so and does nothing.
fn openssl_is_missing() -> bool {
    let missing = cmd!("openssl", "version").stdout_null().run().is_err();
    if missing {
        println!("skipped: there is no openssl command");
    }
    missing
}

/// Empty, within one block of the cipher, across a chunk.
const LENGTHS: [usize; 4] = [0, 1, 100, 300_001];

fn sample(length: usize) -> Vec<u8> {
    (0..=u8::MAX).cycle().take(length).collect()
}

#[test]
fn openssl_decrypts_what_encrypt_wrote() {
    if openssl_is_missing() {
        return;
    }
    let decrypt = cmd!("openssl", "enc", "-d", "-aes-256-ctr", "-pbkdf2", "-pass", "env:password");
    for length in LENGTHS {
        let plain = sample(length);
        assert!(output(&encrypt().pipe(decrypt.env("password", "secret")), &plain) == plain);
    }
}

#[test]
fn hash_can_be_swapped_for_openssl() {
    if openssl_is_missing() {
        return;
    }
    for length in LENGTHS {
        let plain = sample(length);
        let digest = output(&cmd!("openssl", "dgst", "-sha256", "-binary"), &plain);
        assert_eq!(output(&hash(), &plain), digest);
    }
}

#[test]
fn encrypt_can_be_swapped_for_openssl() {
    if openssl_is_missing() {
        return;
    }
    let enc = cmd!("openssl", "enc", "-aes-256-ctr", "-pbkdf2", "-pass", "env:password");
    for length in LENGTHS {
        let plain = sample(length);
        let sealed = output(&enc.env("password", "secret"), &plain);
        let salt: String = sealed[8..16].iter().map(|byte| format!("{byte:02x}")).collect();
        let ours = cmd!(PROGRAM, "encrypt", "--salt", salt).env("password", "secret");
        assert!(output(&ours, &plain) == sealed);
    }
}

#[test]
fn without_a_password_encrypt_refuses() {
    let output = Command::new(PROGRAM)
        .arg("encrypt")
        .env_remove("password")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_refused(&output, 1, "no password");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_reader_that_goes_away_is_a_quiet_end() {
    let mut child = Command::new(PROGRAM)
        .args(["flood", "--bytes", "100000000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = Command::new(PROGRAM).arg("flood").stdout(full).output().unwrap();
    assert_refused(&output, 1, "No space left on device");
}

/// 256 MiB pass through both stages, none of which may have more than 64 MiB of address space.
#[test]
#[cfg(target_os = "linux")]
fn a_large_stream_takes_constant_memory() -> io::Result<()> {
    let limited = |stage: &str| {
        cmd!("sh", "-c", format!("ulimit -v 65536; exec \"$0\" {stage}"), PROGRAM)
            .env("password", "secret")
    };
    let flood = cmd!(PROGRAM, "flood", "--bytes", "268435456");
    let pipeline = flood.pipe(limited("encrypt")).pipe(limited("hash"));
    assert_eq!(pipeline.stdout_capture().run()?.stdout.len(), 32);
    Ok(())
}
