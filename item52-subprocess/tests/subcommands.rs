//! The subcommands in pipes with each other and with the `openssl` command.

use std::process::{Command, Stdio};

use duct::{Expression, cmd};
use testing::{assert_refused, openssl_is_missing};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item52-subprocess");

fn encrypt() -> Expression {
    cmd!(PROGRAM, "encrypt").env("password", "secret")
}

fn output(pipeline: &Expression, input: &[u8]) -> Vec<u8> {
    pipeline.stdin_bytes(input).stdout_capture().run().unwrap().stdout
}

/// Empty, within one block of the cipher, across a chunk.
const LENGTHS: [usize; 4] = [0, 1, 100, 300_001];

fn sample(length: usize) -> Vec<u8> {
    (0..=u8::MAX).cycle().take(length).collect()
}

fn openssl(words: &[&str]) -> Expression {
    cmd("openssl", words).env("password", "secret")
}

#[test]
fn openssl_decrypts_what_encrypt_wrote() {
    if openssl_is_missing() {
        return;
    }
    let decrypt = openssl(&["enc", "-d", "-aes-256-ctr", "-pbkdf2", "-pass", "env:password"]);
    for plain in LENGTHS.map(sample) {
        assert!(output(&encrypt().pipe(decrypt.clone()), &plain) == plain);
    }
}

#[test]
fn encrypt_and_hash_can_be_swapped_for_openssl() {
    if openssl_is_missing() {
        return;
    }
    let enc = openssl(&["enc", "-aes-256-ctr", "-pbkdf2", "-pass", "env:password"]);
    let digest = openssl(&["dgst", "-sha256", "-binary"]);
    for plain in LENGTHS.map(sample) {
        let sealed = output(&enc, &plain);
        let salt: String = sealed[8..16].iter().map(|byte| format!("{byte:02x}")).collect();
        let ours = cmd!(PROGRAM, "encrypt", "--salt", salt).env("password", "secret");
        assert!(output(&ours, &plain) == sealed);
        assert_eq!(output(&cmd!(PROGRAM, "hash"), &plain), output(&digest, &plain));
    }
}

#[test]
fn without_a_password_encrypt_refuses() {
    let mut encrypt = Command::new(PROGRAM);
    let output = encrypt.arg("encrypt").env_remove("password").output().unwrap();
    assert_refused(&output, 1, "no password");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_reader_that_goes_away_is_a_quiet_end() {
    let mut flood = Command::new(PROGRAM);
    flood.args(["flood", "--bytes", "100000000"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = flood.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn an_input_that_cannot_be_read_is_named() {
    for stage in ["encrypt", "hash"] {
        let folder = std::fs::File::open("/").unwrap();
        let output =
            Command::new(PROGRAM).arg(stage).env("password", "secret").stdin(folder).output();
        assert_refused(&output.unwrap(), 1, "cannot read standard input");
    }
}

#[test]
fn a_child_that_fails_says_nothing() {
    let output = Command::new(PROGRAM).arg("fail").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
}

/// What only Linux has, or limits in this way.
#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;

    use super::{Command, PROGRAM, Stdio, assert_refused, cmd};

    #[test]
    fn a_full_disk_is_an_error_of_the_output() {
        for stage in ["encrypt", "hash", "flood"] {
            let full = File::options().write(true).open("/dev/full").unwrap();
            let mut command = Command::new(PROGRAM);
            command.arg(stage).env("password", "secret").stdin(Stdio::null()).stdout(full);
            let output = command.output().unwrap();
            assert_refused(&output, 1, "standard output: No space left on device");
        }
    }

    /// 256 MiB pass through both stages, none of which may have more than 64 MiB of address space.
    #[test]
    fn a_large_stream_takes_constant_memory() {
        let limited = |stage: &str| {
            cmd!("sh", "-c", format!("ulimit -v 65536; exec \"$0\" {stage}"), PROGRAM)
                .env("password", "secret")
        };
        let flood = cmd!(PROGRAM, "flood", "--bytes", "268435456");
        let pipeline = flood.pipe(limited("encrypt")).pipe(limited("hash"));
        assert_eq!(pipeline.stdout_capture().run().unwrap().stdout.len(), 32);
    }
}
