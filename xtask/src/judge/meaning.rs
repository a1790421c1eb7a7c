//! What the words of the tables mean: a check is held against a report.

use std::fmt;

use common::report::Report;
use common::timeline::overlap;
use common::unit::show;
use serde_json::Value;

use super::{Bound, Check, Expected, Fact, Figure, Rule};
use crate::text::columns;
use crate::verdict::{Judgement, Outcome};

/// The width of the column `found` in the table of results.
pub const COLUMN: usize = 19;

impl Check {
    /// Holds this check against `report`. A figure that is missing or of the wrong type fails, and
    /// so does an excuse that names one.
    pub fn judge(&self, report: &Report) -> Judgement {
        let failed = |complaint| (complaint, Outcome::Failed);
        let (found, outcome) = self.hold_against(report).unwrap_or_else(failed);
        let by_name = self.words.is_some() && outcome == Outcome::Passed;
        let name = self.expected.its_fact(self.figure).filter(|_| by_name);
        let expected = name.map(|fact| fact.to_string());
        Judgement {
            step: Some(self.step().into()),
            claim: self.claim.into(),
            expected: expected.unwrap_or_else(|| self.expected.describe(self.figure, report)),
            found,
            why: self.why.into(),
            notes: self.notes(report).unwrap_or_default().into(),
            outcome,
            meaning: String::new(),
        }
    }

    fn hold_against(&self, report: &Report) -> Result<(String, Outcome), String> {
        let value = self.figure.in_report(report)?;
        let found = self.figure.show(&value);
        let excuse = self.excuse(report);
        let excuse = excuse.map_err(|complaint| format!("{found} (excuse: {complaint})"))?;
        let not_shown = excuse.map_or(Outcome::Failed, Outcome::Skipped);
        Ok(match self.expected.holds(self.figure, &value, report) {
            Ok(true) => (self.in_short(&value, found, report), Outcome::Passed),
            Ok(false) => (found, not_shown),
            Err(complaint) => (format!("{found} ({complaint})"), not_shown),
        })
    }

    /// Why this machine can't show the claim, if it can't. All excuses are looked at, for one that
    /// names what is not reported could never apply.
    fn excuse(&self, report: &Report) -> Result<Option<String>, String> {
        let mut reason = None;
        for excuse in &self.excuses {
            let value = excuse.figure.in_report(report)?;
            if excuse.expected.holds(excuse.figure, &value, report)? {
                let found = excuse.figure.show(&value);
                reason.get_or_insert_with(|| excuse.reason.replace("{}", &found));
            }
        }
        Ok(reason)
    }

    /// The short form of a value that was found as expected and is long.
    fn in_short(&self, value: &Value, found: String, report: &Report) -> String {
        if let Some(words) = self.words {
            return words.into();
        }
        match (&self.expected.0, value.as_array().map(Vec::as_slice)) {
            (Rule::Each(..), _) => self.expected.describe(self.figure, report),
            (Rule::InOrder(_), Some(events)) => format!("{} in order", events.len()),
            (Rule::Grows, Some([first, .., last])) => {
                format!("{} to {}", show("", first), show("", last))
            }
            (Rule::Is(_), values) if columns(&found) > COLUMN => {
                values.map_or("the same".into(), |values| format!("all {} the same", values.len()))
            }
            _ => found,
        }
    }

    /// Whether the report has what the check is about. A program in another language may leave out a
    /// step, or a fact, for which that language has no counterpart.
    pub fn is_in(&self, report: &Report) -> bool {
        let mut facts = self.figure.facts().into_iter().chain(self.expected.facts(self.figure));
        report.step(self.step()).is_some() && facts.all(|fact| fact.in_report(report).is_ok())
    }

    /// Whether `judgement` is of this check.
    pub fn is_judged_by(&self, judgement: &Judgement) -> bool {
        judgement.step.as_deref() == Some(self.step()) && judgement.claim == self.claim
    }

    /// The step that the check is about.
    pub fn step(&self) -> &'static str {
        self.figure.step()
    }

    /// The facts that this check looks at, its excuses' among them.
    pub(super) fn facts(&self) -> impl Iterator<Item = Fact> {
        let excuses = self.excuses.iter().map(|excuse| (excuse.figure, &excuse.expected));
        [(self.figure, &self.expected)]
            .into_iter()
            .chain(excuses)
            .flat_map(|(figure, expected)| figure.facts().into_iter().chain(expected.facts(figure)))
    }

    /// The facts that the claim is about.
    pub(super) fn judged(&self) -> Vec<Fact> {
        self.figure.facts()
    }

    /// What it judges, as `step.fact`, and what it reads besides: the facts that its bounds and its
    /// excuses name.
    pub fn names(&self) -> (String, Vec<String>) {
        let judged = self.judged();
        let mut besides: Vec<Fact> = self.facts().filter(|fact| !judged.contains(fact)).collect();
        besides.sort();
        besides.dedup();
        (self.figure.name(), besides.iter().map(ToString::to_string).collect())
    }

    /// What the notes found of the fact that is judged.
    fn notes<'report>(&self, report: &'report Report) -> Option<&'report str> {
        let Figure::Fact(Fact { step, name }) = self.figure else { return None };
        report.step(step)?.notes.get(name)?.as_str()
    }
}

impl Fact {
    fn in_report(self, report: &Report) -> Result<&Value, String> {
        let Self { step, name } = self;
        match report.step(step) {
            None => Err(format!("no step {step}")),
            Some(_) => report.fact(step, name).ok_or_else(|| format!("no fact {self}")),
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.step, self.name)
    }
}

impl Figure {
    fn in_report(self, report: &Report) -> Result<Value, String> {
        match self {
            Self::Fact(fact) => fact.in_report(report).cloned(),
            Self::Ratio(above, below, _) => {
                Ok((number(above.in_report(report)?)? / number(below.in_report(report)?)?).into())
            }
            Self::Overlap(step, label) => {
                let of_step = report.step(step).ok_or_else(|| format!("no step {step}"))?;
                let wanted = |of: &str| label.is_none_or(|label| label == of);
                let mut spans = of_step.spans.iter().filter(|span| wanted(&span.label)).peekable();
                spans.peek().ok_or_else(|| format!("no spans of {step}"))?;
                Ok(overlap(spans).into())
            }
        }
    }

    fn step(self) -> &'static str {
        match self {
            Self::Fact(fact) | Self::Ratio(fact, ..) => fact.step,
            Self::Overlap(step, _) => step,
        }
    }

    fn facts(self) -> Vec<Fact> {
        match self {
            Self::Fact(fact) => vec![fact],
            Self::Ratio(above, below, _) => vec![above, below],
            Self::Overlap(..) => Vec::new(),
        }
    }

    /// The place in the report, as `step.fact`.
    fn name(self) -> String {
        match self {
            Self::Fact(fact) => fact.to_string(),
            Self::Ratio(above, below, _) => format!("{above} / {below}"),
            Self::Overlap(step, None) => format!("{step}.spans"),
            Self::Overlap(step, Some(label)) => format!("{step}.spans ({label})"),
        }
    }

    fn show(self, value: &Value) -> String {
        match self {
            Self::Fact(fact) => show(fact.name, value),
            Self::Ratio(_, _, unit) => format!("{} {unit}", show("", value)),
            Self::Overlap(..) => format!("{} at once", show("", value)),
        }
    }
}

impl Expected {
    /// Whether `value` is as expected; the error says why they can't be compared.
    fn holds(&self, figure: Figure, value: &Value, report: &Report) -> Result<bool, String> {
        let than = |bound: &Bound| number(bound.in_report(figure, report)?);
        Ok(match &self.0 {
            Rule::Is(bound) => equal(value, bound.in_report(figure, report)?)?,
            Rule::Below(bound) => (0.0..than(bound)?).contains(&number(value)?),
            Rule::AtLeast(bound) => number(value)? >= than(bound)?,
            Rule::AtMost(bound) => (0.0..=than(bound)?).contains(&number(value)?),
            Rule::Within(least, most) => (than(least)?..=than(most)?).contains(&number(value)?),
            Rule::Each(count, expected) => {
                let hold = list(value)?.iter().map(|value| expected.holds(figure, value, report));
                let hold = hold.collect::<Result<Vec<_>, _>>()?;
                hold.len() == *count && !hold.contains(&false)
            }
            Rule::Grows => {
                let numbers = list(value)?.iter().map(number).collect::<Result<Vec<_>, _>>()?;
                numbers.is_sorted() && numbers.first() < numbers.last()
            }
            Rule::IsText => value.is_string(),
            Rule::InOrder(pairs) => {
                let events = list(value)?;
                let position = |event| events.iter().position(|value| value == event);
                pairs.iter().all(|(first, second)| {
                    matches!((position(first), position(second)), (Some(a), Some(b)) if a < b)
                })
            }
        })
    }

    fn facts(&self, figure: Figure) -> Vec<Fact> {
        let bounds = match &self.0 {
            Rule::Is(bound) | Rule::Below(bound) | Rule::AtLeast(bound) | Rule::AtMost(bound) => {
                vec![bound]
            }
            Rule::Each(_, expected) => return expected.facts(figure),
            Rule::Within(least, most) => vec![least, most],
            Rule::Grows | Rule::IsText | Rule::InOrder(_) => Vec::new(),
        };
        bounds.into_iter().filter_map(|bound| bound.value(figure).err()).collect()
    }

    /// The fact that the value must equal, if it must equal one.
    fn its_fact(&self, figure: Figure) -> Option<Fact> {
        match &self.0 {
            Rule::Is(bound) => bound.value(figure).err(),
            _ => None,
        }
    }

    fn describe(&self, figure: Figure, report: &Report) -> String {
        let bound = |bound: &Bound| bound.describe(figure, report);
        match &self.0 {
            Rule::Is(than) => bound(than),
            Rule::Below(than) => format!("< {}", bound(than)),
            Rule::AtLeast(than) => format!(">= {}", bound(than)),
            Rule::AtMost(than) => format!("<= {}", bound(than)),
            Rule::Within(least, most) => format!("{} to {}", bound(least), bound(most)),
            Rule::Each(count, expected) => {
                format!("{count} times {}", expected.describe(figure, report))
            }
            Rule::Grows => "growing".into(),
            Rule::IsText => "a text".into(),
            Rule::InOrder(pairs) => {
                let pairs = pairs.iter().map(|(first, second)| format!("{first} < {second}"));
                pairs.collect::<Vec<_>>().join("; ")
            }
        }
    }
}

impl Bound {
    /// The value, or the fact whose value it is.
    fn value(&self, figure: Figure) -> Result<&Value, Fact> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Fact(fact) => Err(*fact),
            Self::Its(name) => Err(Fact { step: figure.step(), name }),
        }
    }

    fn in_report<'a>(&'a self, figure: Figure, report: &'a Report) -> Result<&'a Value, String> {
        self.value(figure).or_else(|fact| fact.in_report(report))
    }

    /// As a person reads it, in the unit of `figure`; a fact that is too long by its name.
    fn describe(&self, figure: Figure, report: &Report) -> String {
        let of_fact = |fact: Fact| match fact.in_report(report).map(|value| show(fact.name, value))
        {
            Ok(shown) if columns(&shown) > COLUMN => fact.to_string(),
            Ok(shown) | Err(shown) => shown,
        };
        self.value(figure).map_or_else(of_fact, |value| figure.show(value))
    }
}

fn number(value: &Value) -> Result<f64, String> {
    value.as_f64().ok_or_else(|| "not a number".into())
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::judge::Step;
    use crate::judge::{
        at_least, at_most, below, check, each, grows, in_order, is, is_text, its, ratio, step,
        within,
    };

    const S: Step = step("s");
    const ORDER: &[(&str, &str)] = &[("put", "got"), ("ready", "got")];

    /// A report of the step `s` with these facts, and with spans from 0 to 10 and 5 to 15.
    fn report(facts: &Value) -> Report {
        let span = |lane: &str, start_us: u64| json!({ "lane": lane, "label": lane, "start_us": start_us, "end_us": start_us + 10 });
        let spans = json!([span("a", 0), span("b", 5)]);
        let steps = json!([
            { "name": "s", "facts": facts, "spans": spans, "notes": { "f": "367540" } },
            { "name": "without spans" },
        ]);
        serde_json::from_value(json!({ "item": 9, "title": "T", "steps": steps })).unwrap()
    }

    fn judged(fact: &Value, expected: Expected) -> Judgement {
        let report = report(&json!({ "f": fact, "five": 5, "text": "x" }));
        check("claim", S.fact("f"), expected).because("why").judge(&report)
    }

    /// What was found, and what must be found.
    fn in_words(judgement: &Judgement) -> (&str, &str) {
        (&judgement.found, &judgement.expected)
    }

    fn passes(fact: &Value, expected: Expected) -> bool {
        judged(fact, expected).outcome == Outcome::Passed
    }

    #[test]
    fn a_figure_is_as_expected_or_not() {
        for (fact, expected) in [
            (json!(5), is(5)),
            (json!(5.0), is(5)),
            (json!(5), is(S.fact("five"))),
            (json!(5), is(its("five"))),
            (json!(4), below(S.fact("five"))),
            (json!(5), at_least(5)),
            (json!(5), at_most(5)),
            (json!(4), within(4, 5)),
            (json!(5), within(4, 5)),
            // A number with an upper bound must not be negative.
            (json!(0), below(5)),
            (json!(0), at_most(5)),
            (json!("hello"), is("hello")),
            (json!(false), is(false)),
            (json!("x"), is(S.fact("text"))),
            (json!("anything"), is_text()),
            (json!([0, 0, 0]), each(3, 0)),
            (json!(["x", "x"]), each(2, "x")),
            (json!([5, 5]), each(2, S.fact("five"))),
            (json!([5, 7.5]), each(2, at_least(its("five")))),
            (json!([0, 0, 7]), grows()),
            // Only the promised order is asked for.
            (json!(["ready", "put", "got"]), in_order(ORDER)),
            (json!(["put", "ready", "got"]), in_order(ORDER)),
        ] {
            assert!(passes(&fact, expected.clone()), "{fact}: {expected:?}");
        }
        for (fact, expected) in [
            (json!(4), is(5)),
            (json!(5), below(S.fact("five"))),
            (json!(4.9), at_least(5)),
            (json!(5.1), at_most(5)),
            (json!(3), within(4, 5)),
            (json!(6), within(4, 5)),
            (json!(-5), below(5)),
            (json!(-5), at_most(5)),
            (json!("hallo"), is("hello")),
            (json!(true), is(false)),
            (json!(1), is_text()),
            (json!([0, 0]), each(3, 0)),
            (json!([0, 1, 0]), each(3, 0)),
            (json!(["x", "y"]), each(2, "x")),
            (json!([5, 6]), each(2, S.fact("five"))),
            (json!([5, 4.9]), each(2, at_least(its("five")))),
            (json!([0, 7, 6]), grows()),
            (json!([7, 7]), grows()),
            (json!([]), grows()),
            (json!(["put", "got", "ready"]), in_order(ORDER)),
            (json!(["put", "got"]), in_order(ORDER)),
        ] {
            assert!(!passes(&fact, expected.clone()), "{fact}: {expected:?}");
        }
    }

    #[test]
    fn a_wrong_type_fails_and_says_so() {
        for (fact, expected, complaint) in [
            (json!("5"), is(5), "not a number"),
            (json!(5), is("5"), "a number"),
            (json!("4"), below(5), "not a number"),
            (json!(true), at_least(1), "not a number"),
            (json!(null), within(1, 2), "not a number"),
            (json!(5), each(1, 5), "not a list"),
            (json!(5), grows(), "not a list"),
            (json!(["5", 6]), grows(), "not a number"),
            (json!(5), in_order(&[("a", "b")]), "not a list"),
        ] {
            let verdict = judged(&fact, expected);
            assert_eq!(verdict.outcome, Outcome::Failed);
            assert!(verdict.found.contains(complaint), "{verdict:?}");
        }
    }

    #[test]
    fn what_is_named_and_not_reported_fails_and_is_named() {
        let report = report(&json!({ "f": 1 }));
        let gone = step("gone");
        for (check, complaint) in [
            (check("c", S.fact("g"), is(1)).because("why"), "no fact s.g"),
            (check("c", gone.fact("f"), is(1)).because("why"), "no step gone"),
            (
                check("c", ratio(S.fact("f"), S.fact("g"), "times"), is(1)).because("why"),
                "no fact s.g",
            ),
            (check("c", S.fact("f"), is(S.fact("g"))).because("why"), "no fact s.g"),
            (check("c", S.fact("f"), is(its("g"))).because("why"), "no fact s.g"),
            (check("c", gone.overlap(), at_most(9)).because("why"), "no step gone"),
            (check("c", step("without spans").overlap(), at_most(9)).because("why"), "no spans"),
            (check("c", S.overlap_of("c"), at_most(9)).because("why"), "no spans"),
            // An excuse that can't apply is a mistake also where nothing is to be excused.
            (
                check("c", S.fact("f"), is(1)).because("why").unless(S.fact("g"), is(1), "r"),
                "no fact s.g",
            ),
            (
                check("c", S.fact("f"), is(1)).because("why").unless(
                    S.fact("f"),
                    is(S.fact("g")),
                    "r",
                ),
                "no fact s.g",
            ),
            (
                check("c", S.fact("f"), is(1)).because("why").unless(S.fact("f"), is("x"), "r"),
                "a number",
            ),
        ] {
            let verdict = check.judge(&report);
            assert_eq!(verdict.outcome, Outcome::Failed, "{check:?}");
            assert!(verdict.found.contains(complaint), "{verdict:?}");
        }
    }

    #[test]
    fn ratios_and_overlaps_are_computed_here_not_reported() {
        let report = report(&json!({ "a": 3000, "b": 1000 }));
        let verdict =
            |figure: Figure, expected| check("c", figure, expected).because("why").judge(&report);
        let ratio = ratio(S.fact("a"), S.fact("b"), "times");
        assert_eq!(in_words(&verdict(ratio, at_least(3))), ("3 times", ">= 3 times"));
        assert_eq!(in_words(&verdict(S.overlap(), is(2))), ("2 at once", "2 at once"));
        assert_eq!(verdict(S.overlap(), is(1)).outcome, Outcome::Failed);
        assert_eq!(verdict(S.overlap_of("a"), is(1)).outcome, Outcome::Passed);
    }

    #[test]
    fn a_claim_that_this_machine_cannot_show_is_skipped_neither_passed_nor_failed() {
        let check = check("claim", S.fact("f"), is(2))
            .because("why")
            .unless(S.fact("cores"), is(1), "{} core")
            .unless(S.fact("free"), below(0.5), "busy");
        let outcome = |f, cores, free| {
            check.judge(&report(&json!({ "f": f, "cores": cores, "free": free }))).outcome
        };
        assert_eq!(outcome(1, 1, 1.0), Outcome::Skipped("1 core".into()));
        assert_eq!(outcome(1, 2, 0.1), Outcome::Skipped("busy".into()));
        assert_eq!(outcome(1, 2, 1.0), Outcome::Failed, "no excuse applies");
        assert_eq!(outcome(2, 1, 0.1), Outcome::Passed, "nothing to excuse");
    }

    #[test]
    fn what_was_found_as_expected_and_is_long_is_summed_up() {
        assert_eq!(judged(&json!([0, 0]), each(2, 0)).found, "2 times 0");
        assert_eq!(judged(&json!([0, 25, 64]), grows()).found, "0 to 64");
        assert_eq!(judged(&json!(["a", "b"]), in_order(&[("a", "b")])).found, "2 in order");
        let long = "a value of thirty characters..";
        assert_eq!(judged(&json!(long), is(long)).found, "the same");
        assert_eq!(judged(&json!(long), is("x")).found, long, "a failure shows all of it");
        assert_eq!(judged(&json!([long, "y"]), is(json!([long, "y"]))).found, "all 2 the same");
        let fits = "nineteen characters";
        assert_eq!(judged(&json!(fits), is(fits)).found, fits);
        let in_words = check("c", S.fact("f"), is(1)).because("why").in_words("5 grids agree");
        assert_eq!(in_words.judge(&report(&json!({ "f": 1 }))).found, "5 grids agree");
        assert_eq!(in_words.judge(&report(&json!({ "f": 2 }))).found, "2");
        let digests = check("c", S.fact("f"), is(S.fact("g"))).because("why").in_words("agree");
        let expected = |f: &str| digests.judge(&report(&json!({ "f": f, "g": "a1b2" }))).expected;
        assert_eq!(expected("a1b2"), "s.g", "whose value says nothing");
        assert_eq!(expected("ffff"), "a1b2", "a failure shows all of it");
    }

    #[test]
    fn figures_are_shown_in_their_units_and_the_notes_beside() {
        let report = report(&json!({ "f": 1, "elapsed_s": 0.0125 }));
        let timed = check("c", S.fact("elapsed_s"), below(1)).because("why");
        assert_eq!(in_words(&timed.judge(&report)), ("12.5 ms", "< 1 s"));
        let counted =
            |bound: f64| check("c", S.fact("f"), below(bound)).because("why").judge(&report);
        assert_eq!(counted(10000.0).expected, "< 10,000", "a count has all its digits");
        assert_eq!(counted(1.234).expected, "< 1.23");
        assert_eq!(timed.notes(&report), None);
        assert_eq!(check("c", S.fact("f"), is(1)).because("why").notes(&report), Some("367540"));
    }

    #[test]
    fn a_check_is_about_what_is_there_if_its_step_and_all_its_facts_are() {
        let report = report(&json!({ "f": 1 }));
        for (check, is_there) in [
            (check("c", S.fact("f"), is(1)).because("why"), true),
            (check("c", S.overlap(), is(1)).because("why"), true),
            (check("c", S.fact("g"), is(1)).because("why"), false),
            (check("c", S.fact("f"), is(S.fact("g"))).because("why"), false),
            (check("c", ratio(S.fact("f"), S.fact("g"), "times"), is(1)).because("why"), false),
            (check("c", step("gone").overlap(), is(1)).because("why"), false),
        ] {
            assert_eq!(check.is_in(&report), is_there, "{check:?}");
        }
    }

    #[test]
    fn what_is_expected_of_a_fact_is_that_fact_or_where_it_is_long_its_name() {
        let fits = "nineteen characters";
        let report = report(&json!({ "f": "f", "fits": fits, "long": format!("{fits}.") }));
        let expected =
            |bound| check("c", S.fact("f"), is(S.fact(bound))).because("w").judge(&report).expected;
        assert_eq!(fits.len(), COLUMN);
        assert_eq!(expected("fits"), fits);
        assert_eq!(expected("long"), "s.long");
    }
}
