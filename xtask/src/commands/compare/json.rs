//! What `compare --json` prints: all of it, what belongs to a program under its name.

use serde_json::{Value, json};

use crate::comparison::interpreters::{Interpreter, Interpreters};
use crate::comparison::{Beside, Claim, Comparison, Held, Measured, counts};
use crate::judge::Python;
use crate::machine::Machine;

pub fn json_of(compared: &[Comparison], interpreters: &Interpreters, repeat: u32) -> Value {
    let (names, kinds) = (interpreters.names(), interpreters.kinds());
    let path =
        |python: &Interpreter| (python.to_string(), python.path.to_string_lossy().into_owned());
    let counts = counts(compared, &names);
    let summary = names.iter().zip(counts.iter()).map(|(program, counts)| {
        let count = |held| counts.get(&held).unwrap_or(&0);
        json!({ "program": program, "hold": count(Held::Holds), "fail": count(Held::Fails),
                "not_there": count(Held::NotThere), "skipped": count(Held::Skipped) })
    });
    json!({
        "machine": Machine::this(),
        "repeat": repeat,
        "programs": names.iter().collect::<Vec<_>>(),
        "paths": interpreters.usable().map(path).collect::<Value>(),
        "missing": interpreters.missing().map(ToString::to_string).collect::<Vec<_>>(),
        "too_old": interpreters.too_old,
        "items": compared.iter().map(|of| item(of, &names, &kinds)).collect::<Vec<_>>(),
        "summary": summary.collect::<Vec<_>>(),
    })
}

fn item(comparison: &Comparison, names: &Beside<String>, kinds: &[Option<Python>]) -> Value {
    let figure = |measured: Measured| {
        let (best, mended) = (&measured.best, &measured.mended);
        json!({
            "step": measured.step,
            "name": measured.name,
            "best": names.by_name(best, |best| Some(&best.as_ref()?.value)),
            "ratio": ratios(&measured, names),
            "best_when_mended": names.by_name(mended, |best| Some(&best.as_ref()?.value)),
        })
    };
    let headline =
        |measured: Measured| json!({ "says": measured.says, "ratio": ratios(&measured, names) });
    json!({
        "item": comparison.item.number,
        "misbehaved": names.by_name(&comparison.rounds, |of| of.misbehaved()),
        "claims": comparison.claims().map(|of| claim(&of, names, kinds)).collect::<Vec<_>>(),
        "figures": comparison.figures().into_iter().map(figure).collect::<Vec<_>>(),
        "headlines": comparison.headlines().map(headline).collect::<Vec<_>>(),
    })
}

fn claim(of: &Claim, names: &Beside<String>, kinds: &[Option<Python>]) -> Value {
    let Claim { check, answers, mended } = of;
    let mut claim = json!({
        "step": check.step(),
        "claim": check.claim,
        "held": names.by_name(answers, |answer| Some(answer.held)),
        "found": names.by_name(answers, |answer| Some(&answer.found)),
    });
    if mended.iter().any(Option::is_some) {
        claim["held_when_mended"] = json!(names.by_name(mended, |of| Some(of.as_ref()?.held)));
        claim["found_when_mended"] = json!(names.by_name(mended, |of| Some(&of.as_ref()?.found)));
    }
    let notes = of.notes(kinds);
    if notes.iter().any(Option::is_some) {
        claim["means"] = json!(names.by_name(&notes, |note| note.as_ref()));
    }
    claim
}

/// How many times Rust's.
fn ratios(measured: &Measured, names: &Beside<String>) -> Value {
    json!(names.by_name(&measured.best, |best| Some(best.as_ref()?.times_rust.as_ref()?.0)))
}
