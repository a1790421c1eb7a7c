//! A stage of the pipelines of `in_python.py` is swapped for a subcommand of this program.

use std::process::Command;

use serde_json::Value;
use testing::{openssl_is_missing, python_is_missing};

// The digests beside them come from openssl's, in one expression of the shell's.
#[test]
fn the_hash_of_python_can_be_swapped_for_ours() {
    if python_is_missing() || openssl_is_missing() {
        return;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/in_python.py");
    // Quoted, for it is split as a shell would: its path may have spaces.
    let hash = concat!("'", env!("CARGO_BIN_EXE_item52-subprocess"), "' hash");
    let output = Command::new("python3").args([script, "--json", "--hash", hash]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let steps = report["steps"].as_array().unwrap();
    let pipelines = steps.iter().find(|step| step["name"] == "pipelines").unwrap();
    assert_eq!(pipelines["facts"]["statuses"], serde_json::json!([0, 0, 0, 0, 0, 0]));
    assert_eq!(pipelines["facts"]["digest_tails"], pipelines["facts"]["in_one_expression"]);
    let spans = pipelines["spans"].as_array().unwrap();
    let ran = |word: &str| spans.iter().any(|span| span["lane"].as_str().unwrap().contains(word));
    assert!(ran("item52-subprocess hash"), "{spans:?}");
}
