//! What holds for every program: its `--json`, its width, its ASCII, its quiet end, its refusals.

use common::contract::assert_kept;

#[test]
fn the_programs_without_tasks_keep_the_contract() {
    for (item, program, quick) in [
        (56, env!("CARGO_BIN_EXE_item56-serial"), &["--generations", "1"][..]),
        (57, env!("CARGO_BIN_EXE_item57-fan-out"), &["--large", "10x30"]),
        (58, env!("CARGO_BIN_EXE_item58-queue"), &["--large", "10x30"]),
        (59, env!("CARGO_BIN_EXE_item59-pool"), &["--large", "10x30"]),
        (64, env!("CARGO_BIN_EXE_item64-parallelism"), &["--rounds", "1"]),
    ] {
        assert_eq!(assert_kept(program, quick).item, item);
    }
}

#[test]
fn the_programs_with_tasks_keep_the_contract() {
    let short = ["--large", "10x30", "--huge", "20x30", "--long-latency", "20ms"];
    for (item, program, quick) in [
        (60, env!("CARGO_BIN_EXE_item60-coroutines"), &short[..]),
        (61, env!("CARGO_BIN_EXE_item61-port"), &["--clients", "50"]),
        (62, env!("CARGO_BIN_EXE_item62-mix"), &["--pause", "5ms"]),
        (63, env!("CARGO_BIN_EXE_item63-event-loop"), &["--write", "50ms"]),
    ] {
        assert_eq!(assert_kept(program, quick).item, item);
    }
}
