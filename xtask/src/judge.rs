//! How a report is judged: the vocabulary of the table in `expectations.rs`, and its meaning.

use common::report::Report;
use common::timeline::overlap;
use serde_json::Value;

/// One claim of the chapter and the figure that bears it out.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    pub claim: &'static str,
    pub figure: Figure,
    pub expected: Expected,
    /// Why this must hold on every machine, or whose figure it is.
    pub source: &'static str,
    /// The notes' figure, to show beside ours.
    pub notes: &'static str,
    /// Says why this machine can't show the claim, if it can't: then a failure is no failure.
    pub untestable: fn(&Report) -> Option<String>,
}

pub const fn check(
    claim: &'static str,
    figure: Figure,
    expected: Expected,
    source: &'static str,
) -> Check {
    Check { claim, figure, expected, source, notes: "", untestable: |_| None }
}

impl Check {
    pub const fn notes(self, notes: &'static str) -> Self {
        Self { notes, ..self }
    }

    pub const fn untestable(self, untestable: fn(&Report) -> Option<String>) -> Self {
        Self { untestable, ..self }
    }
}

/// Where in a report the figure of a check stands.
#[derive(Clone, Copy, Debug)]
pub enum Figure {
    /// A fact, as it is.
    Fact(&'static str),
    /// One fact divided by another.
    Ratio(&'static str, &'static str),
    /// How many spans of a step were open at once, at most.
    Overlap(&'static str),
    /// The same, of its spans with this label alone.
    OverlapOf(&'static str, &'static str),
}

/// What the figure must be.
#[derive(Clone, Copy, Debug)]
pub enum Expected {
    Is(Bound),
    Below(Bound),
    AtLeast(Bound),
    AtMost(Bound),
    /// A list of so many values, each of them this number.
    Each(usize, i64),
    /// A list of numbers that never falls and ends higher than it began.
    Grows,
    /// A list of events in which the first of each pair stands before the second.
    InOrder(&'static [(&'static str, &'static str)]),
}

/// What a figure is compared with.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    Number(f64),
    Text(&'static str),
    No,
    /// Another fact of the same report.
    SameAs(&'static str),
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub expected: String,
    pub found: String,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    Failed,
    /// With the reason.
    Skipped(String),
}

impl Check {
    /// Holds this check against `report`. A figure that is missing or of the wrong type fails.
    pub fn judge(&self, report: &Report) -> Verdict {
        let expected = self.expected.describe(report);
        let (found, outcome) = match self.figure.in_report(report) {
            Err(complaint) => (complaint, Outcome::Failed),
            Ok(value) => {
                let found = show(&value);
                match self.expected.holds(&value, report) {
                    Ok(true) => (found, Outcome::Passed),
                    held => {
                        let outcome =
                            (self.untestable)(report).map_or(Outcome::Failed, Outcome::Skipped);
                        let complaint = held.err().map(|complaint| format!(" ({complaint})"));
                        (found + &complaint.unwrap_or_default(), outcome)
                    }
                }
            }
        };
        Verdict { expected, found, outcome }
    }
}

fn fact<'report>(report: &'report Report, key: &str) -> Result<&'report Value, String> {
    report.facts.get(key).ok_or_else(|| format!("no fact {key}"))
}

fn number(value: &Value) -> Result<f64, String> {
    value.as_f64().ok_or_else(|| "not a number".into())
}

impl Figure {
    fn in_report(self, report: &Report) -> Result<Value, String> {
        match self {
            Self::Fact(key) => fact(report, key).cloned(),
            Self::Ratio(above, below) => {
                Ok((number(fact(report, above)?)? / number(fact(report, below)?)?).into())
            }
            Self::Overlap(step) => Ok(overlap(&report.spans, step).into()),
            Self::OverlapOf(step, label) => {
                let mut spans = report.spans.clone();
                spans.retain(|span| span.label == label);
                Ok(overlap(&spans, step).into())
            }
        }
    }
}

impl Expected {
    /// Whether `value` is as expected; the error says why they can't be compared.
    fn holds(self, value: &Value, report: &Report) -> Result<bool, String> {
        let than = |bound: Bound| number(&bound.in_report(report)?);
        Ok(match self {
            Self::Is(bound) => equal(value, &bound.in_report(report)?)?,
            Self::Below(bound) => number(value)? < than(bound)?,
            Self::AtLeast(bound) => number(value)? >= than(bound)?,
            Self::AtMost(bound) => number(value)? <= than(bound)?,
            Self::Each(count, each) => {
                let values = list(value)?;
                values.len() == count && values.iter().all(|value| value.as_i64() == Some(each))
            }
            Self::Grows => {
                let numbers = list(value)?.iter().map(number).collect::<Result<Vec<_>, _>>()?;
                numbers.is_sorted() && numbers.first() < numbers.last()
            }
            Self::InOrder(pairs) => {
                let events = list(value)?;
                let position = |event| events.iter().position(|value| value == event);
                pairs.iter().all(|(first, second)| {
                    matches!((position(first), position(second)), (Some(a), Some(b)) if a < b)
                })
            }
        })
    }
}

fn list(value: &Value) -> Result<&Vec<Value>, String> {
    value.as_array().ok_or_else(|| "not a list".into())
}

/// Equality of values of the same type; 3 and 3.0 are the same number.
fn equal(found: &Value, expected: &Value) -> Result<bool, String> {
    match (found, expected) {
        (Value::Number(a), Value::Number(b)) => Ok(a.as_f64() == b.as_f64()),
        (Value::Number(_), _) => Err("a number".into()),
        (_, Value::Number(_)) => Err("not a number".into()),
        _ => Ok(found == expected),
    }
}

impl Bound {
    fn in_report(self, report: &Report) -> Result<Value, String> {
        match self {
            Self::Number(number) => Ok(number.into()),
            Self::Text(text) => Ok(text.into()),
            Self::No => Ok(false.into()),
            Self::SameAs(key) => fact(report, key).cloned(),
        }
    }
}

impl Expected {
    fn describe(self, report: &Report) -> String {
        let bound = |bound: Bound| match bound.in_report(report) {
            Ok(value) => show(&value),
            Err(complaint) => complaint,
        };
        match self {
            Self::Is(than) => bound(than),
            Self::Below(than) => format!("< {}", bound(than)),
            Self::AtLeast(than) => format!(">= {}", bound(than)),
            Self::AtMost(than) => format!("<= {}", bound(than)),
            Self::Each(count, each) => format!("{count} times {each}"),
            Self::Grows => "growing".into(),
            Self::InOrder(pairs) => {
                let pairs: Vec<_> = pairs.iter().map(|(a, b)| format!("{a} < {b}")).collect();
                pairs.join("; ")
            }
        }
    }
}

fn show(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::Number(number) if number.is_f64() => {
            let number = number.as_f64().unwrap_or(f64::NAN);
            // Bounds are floats; most stand for whole numbers.
            if number.fract() == 0.0 { format!("{number}") } else { format!("{number:.3}") }
        }
        Value::Array(values) => values.iter().map(show).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use common::timeline::Span;
    use serde_json::json;

    use super::Bound::{No, Number, SameAs, Text};
    use super::Expected::{AtLeast, AtMost, Below, Each, Grows, InOrder, Is};
    use super::Figure::{Fact, Overlap, OverlapOf, Ratio};
    use super::*;

    fn report(facts: Value) -> Report {
        let facts = serde_json::from_value(facts).unwrap();
        Report { item: 54, title: "Title".into(), facts, spans: Vec::new() }
    }

    fn outcome(fact: &Value, expected: Expected) -> Outcome {
        let report = report(json!({ "s.f": fact, "s.five": 5, "s.text": "x" }));
        check("claim", Fact("s.f"), expected, "source").judge(&report).outcome
    }

    #[expect(clippy::needless_pass_by_value, reason = "json! makes values")]
    fn passes(fact: Value, expected: Expected) -> bool {
        outcome(&fact, expected) == Outcome::Passed
    }

    #[test]
    fn numbers_are_compared_with_numbers_and_other_facts() {
        assert!(passes(json!(5), Is(Number(5.0))));
        assert!(!passes(json!(4), Is(Number(5.0))));
        assert!(passes(json!(5), Is(SameAs("s.five"))));
        assert!(passes(json!(4), Below(SameAs("s.five"))));
        assert!(!passes(json!(5), Below(SameAs("s.five"))));
        assert!(passes(json!(5), AtLeast(Number(5.0))));
        assert!(!passes(json!(4.9), AtLeast(Number(5.0))));
        assert!(passes(json!(5), AtMost(Number(5.0))));
        assert!(!passes(json!(5.1), AtMost(Number(5.0))));
    }

    #[test]
    fn texts_and_answers_are_compared() {
        assert!(passes(json!("hello"), Is(Text("hello"))));
        assert!(!passes(json!("hallo"), Is(Text("hello"))));
        assert!(passes(json!(false), Is(No)));
        assert!(!passes(json!(true), Is(No)));
        assert!(passes(json!("x"), Is(SameAs("s.text"))));
    }

    #[test]
    fn a_wrong_type_fails_and_says_so() {
        for (fact, expected, complaint) in [
            (json!("5"), Is(Number(5.0)), "not a number"),
            (json!(5), Is(Text("5")), "a number"),
            (json!("4"), Below(Number(5.0)), "not a number"),
            (json!(true), AtLeast(Number(1.0)), "not a number"),
            (json!(5), Each(1, 5), "not a list"),
            (json!(5), Grows, "not a list"),
            (json!(["5", 6]), Grows, "not a number"),
            (json!(5), InOrder(&[("a", "b")]), "not a list"),
        ] {
            let report = report(json!({ "s.f": fact }));
            let verdict = check("claim", Fact("s.f"), expected, "source").judge(&report);
            assert_eq!(verdict.outcome, Outcome::Failed);
            assert!(verdict.found.contains(complaint), "{verdict:?}");
        }
    }

    #[test]
    fn a_missing_fact_fails_and_is_named() {
        let empty = report(json!({}));
        for check in [
            check("claim", Fact("s.f"), Is(Number(1.0)), "source"),
            check("claim", Ratio("s.f", "s.f"), Is(Number(1.0)), "source"),
        ] {
            let verdict = check.judge(&empty);
            assert_eq!(verdict.outcome, Outcome::Failed);
            assert_eq!(verdict.found, "no fact s.f");
        }
        let other = report(json!({ "s.f": 1 }));
        let verdict = check("c", Fact("s.f"), Is(SameAs("s.gone")), "source").judge(&other);
        assert_eq!(verdict.outcome, Outcome::Failed);
        assert!(verdict.found.contains("no fact s.gone"), "{verdict:?}");
    }

    #[test]
    fn every_value_of_a_list_counts() {
        assert!(passes(json!([0, 0, 0]), Each(3, 0)));
        assert!(!passes(json!([0, 0]), Each(3, 0)));
        assert!(!passes(json!([0, 1, 0]), Each(3, 0)));
        assert!(passes(json!([0, 0, 7]), Grows));
        assert!(!passes(json!([0, 7, 6]), Grows));
        assert!(!passes(json!([7, 7]), Grows));
        assert!(!passes(json!([]), Grows));
    }

    #[test]
    fn only_the_promised_order_is_asked_for() {
        let pairs = InOrder(&[("put", "got"), ("ready", "got")]);
        assert!(passes(json!(["ready", "put", "got"]), pairs));
        assert!(passes(json!(["put", "ready", "got"]), pairs));
        assert!(!passes(json!(["put", "got", "ready"]), pairs));
        assert!(!passes(json!(["put", "got"]), pairs));
    }

    #[test]
    fn ratios_and_overlaps_are_computed_here_not_reported() {
        let mut report = report(json!({ "s.a": 3000, "s.b": 1000 }));
        let ratio = check("claim", Ratio("s.a", "s.b"), Is(Number(3.0)), "source");
        assert_eq!(ratio.judge(&report).outcome, Outcome::Passed);

        let alone = check("claim", Overlap("s"), Is(Number(2.0)), "source");
        assert_eq!(alone.judge(&report).outcome, Outcome::Failed);
        let span = |start_us| Span {
            step: "s".into(),
            lane: "lane".into(),
            label: "work".into(),
            start_us,
            end_us: start_us + 10,
        };
        report.spans = vec![span(0), span(5)];
        assert_eq!(alone.judge(&report).outcome, Outcome::Passed);

        report.spans[0].label = "other work".into();
        let of_label = check("claim", OverlapOf("s", "work"), Is(Number(1.0)), "source");
        assert_eq!(of_label.judge(&report).outcome, Outcome::Passed);
    }

    #[test]
    fn a_claim_that_this_machine_cannot_show_is_skipped_neither_passed_nor_failed() {
        let check = check("claim", Fact("s.f"), Is(Number(2.0)), "source")
            .untestable(|_| Some("one core".into()));
        let outcome = |facts| check.judge(&report(facts)).outcome;
        assert_eq!(outcome(json!({ "s.f": 1 })), Outcome::Skipped("one core".into()));
        assert_eq!(outcome(json!({ "s.f": 2 })), Outcome::Passed);
        assert_eq!(outcome(json!({})), Outcome::Failed);
    }
}
