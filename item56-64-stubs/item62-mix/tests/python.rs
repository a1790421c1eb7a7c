//! The writers of `in_python.py` pause as ours do: without that, a comparison of the two languages' times
//! would compare two lists of random numbers.

use std::process::Command;

use clap::Parser;
use item62_mix::settings::Settings;
use testing::python_is_missing;

/// The flags' defaults are what the program in Python does.
#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    settings: Settings,
}

#[test]
fn both_languages_pause_alike() {
    if python_is_missing() {
        return;
    }
    let script = "import in_python as i\nfor n in range(i.WRITERS): print(sum(i.pauses(n)))";
    let mut python = Command::new("python3");
    python.args(["-c", script]).env("PYTHONDONTWRITEBYTECODE", "1");
    let output = python.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let sums = String::from_utf8_lossy(&output.stdout);
    let theirs: Vec<f64> = sums.lines().map(|sum| sum.parse().unwrap()).collect();

    let Flags { settings } = Flags::parse_from(["item62-mix"]);
    let sum = |n| settings.pauses(n).map(|pause| pause.as_secs_f64()).sum();
    let ours: Vec<f64> = (0..settings.writers).map(sum).collect();
    assert_eq!(theirs.len(), ours.len(), "{}", String::from_utf8_lossy(&output.stderr));
    for (theirs, ours) in theirs.iter().zip(&ours) {
        assert!((theirs - ours).abs() < 1e-6, "{theirs} s in Python, {ours} s here");
    }
}
