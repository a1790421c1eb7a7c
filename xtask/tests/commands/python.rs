//! The chapter's Python, under the `python3` of this machine, is held against the tables of the items.

use std::process::Command;
use std::thread;

use serde_json::Value;
use testing::python_is_missing;
use xtask::expectations::items;
use xtask::judge::{Item, Load};

use crate::helpers::run;

/// What fails in Python must be explained by the table, and must not fail in the mended way, if there is
/// one: the claims of which this is not so.
fn unexplained(item: u32) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(["compare", "--repeat", "1", "--json", &item.to_string()]);
    let output = run(&mut command);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let mut json: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    let python = json["programs"][1].as_str().expect("a name").to_owned();
    let is_unexplained = |claim: &Value| {
        let is_explained = !claim["means"].is_null();
        let fails = |held: &str| claim[held][&python] == "fails";
        fails("held") && !is_explained || fails("held_when_mended")
    };
    let Value::Array(claims) = json["items"][0]["claims"].take() else { panic!("no claims") };
    claims.into_iter().filter(is_unexplained).collect()
}

/// Those that compute one after the other, those that wait at the same time.
fn assert_explained(is_wanted: impl Fn(&Item) -> bool) {
    if python_is_missing() {
        return;
    }
    let items = items().into_iter().filter(is_wanted);
    let (waiting, computing): (Vec<_>, Vec<_>) = items.partition(|item| item.load == Load::Waits);
    let mut found: Vec<Value> =
        computing.iter().flat_map(|item| unexplained(item.number)).collect();
    thread::scope(|scope| {
        let running: Vec<_> =
            waiting.iter().map(|item| scope.spawn(|| unexplained(item.number))).collect();
        found.extend(running.into_iter().flat_map(|one| one.join().expect("it compares")));
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn it_does_what_the_tables_claim_or_they_say_why_it_does_not() {
    assert_explained(|item| [55, 56, 58, 59].contains(&item.number));
}

#[test]
#[ignore = "all of it takes a minute: the gate asks for it"]
fn all_of_it_does_what_the_tables_claim_or_they_say_why_it_does_not() {
    assert_explained(|_| true);
}
