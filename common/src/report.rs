//! What an item found: the one JSON object that `--json` writes.
//!
//! Items only report; whether the facts are right is judged elsewhere, by `cargo xtask verify`.

use std::collections::HashSet;
use std::fmt;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::timeline::{Span, overlap};

/// What `--json` writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The number of the item in the book.
    pub item: u32,
    /// Its title.
    pub title: String,
    /// What it did, in its order.
    pub steps: Vec<StepReport>,
    /// Which steps compare, and what to look at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<Picture>,
}

/// One step of an item.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepReport {
    /// Its name, once in a report.
    pub name: String,
    /// What it does, in a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub says: String,
    /// What the run was asked for: flags, and what stands for them.
    #[serde(default, skip_serializing_if = "Entries::is_empty")]
    pub settings: Entries,
    /// What was found, to be judged.
    #[serde(default)]
    pub facts: Entries,
    /// What was measured and depends on the machine: shown and never checked.
    #[serde(default)]
    pub figures: Entries,
    /// What the notes found, beside the facts and figures of the same names.
    #[serde(default, skip_serializing_if = "Entries::is_empty")]
    pub notes: Entries,
    /// How they come about: the arithmetic, for the facts and figures of the same names.
    #[serde(default, skip_serializing_if = "Entries::is_empty")]
    pub about: Entries,
    /// What a person reads of each of these, in the order in which it is told. Facts that are not among them
    /// are proofs; where nothing is, as in a report from elsewhere, there are none.
    #[serde(default, skip_serializing_if = "Entries::is_empty")]
    pub told: Entries,
    /// What the program makes of its facts and figures, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// Who ran when.
    #[serde(default)]
    pub spans: Vec<Span>,
}

/// The lanes of some steps, drawn on the same scale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// The names of the steps.
    pub steps: Vec<String>,
    /// What to look at.
    pub look: String,
}

impl Report {
    /// The step with this name.
    pub fn step(&self, name: &str) -> Option<&StepReport> {
        self.steps.iter().find(|step| step.name == name)
    }

    /// The fact `name` of `step`, or the setting of that name, to which facts are compared.
    pub fn fact(&self, step: &str, name: &str) -> Option<&Value> {
        let step = self.step(step)?;
        step.facts.get(name).or_else(|| step.settings.get(name))
    }

    /// How many lanes of `step` had a span open at the same moment, at most; none of a step that
    /// is not there.
    pub fn overlap(&self, step: &str) -> usize {
        self.step(step).map_or(0, |step| overlap(&step.spans))
    }

    /// Whether the report can be believed: each step has a name of its own, no span ends before it
    /// begins, and no value is an object or has lists in a list.
    pub fn validate(&self) -> Result<(), String> {
        for (index, step) in self.steps.iter().enumerate() {
            let Some(name) = Some(&step.name).filter(|name| !name.is_empty()) else {
                return Err(format!("step {} has no name", index + 1));
            };
            if self.steps[..index].iter().any(|earlier| earlier.name == *name) {
                return Err(format!("the step {name} is reported twice"));
            }
            if let Some(span) = step.spans.iter().find(|span| span.end_us < span.start_us) {
                return Err(format!("a span of {} in {name} ends before it begins", span.lane));
            }
            let mut seen = HashSet::new();
            if let Some((_, twice, _)) = step.entries().find(|(_, name, _)| !seen.insert(*name)) {
                return Err(format!("{name}.{twice} is reported twice"));
            }
            if let Some((_, entry, _)) = step.entries().find(|(.., value)| is_nested(value)) {
                let kinds = "number, text, answer or list of them";
                return Err(format!("{name}.{entry} is no {kinds}"));
            }
        }
        Ok(())
    }
}

/// Whether it is more than a list of plain values.
fn is_nested(value: &Value) -> bool {
    let is_plain = |value: &Value| !value.is_array() && !value.is_object();
    value.as_array().map_or(!is_plain(value), |list| !list.iter().all(is_plain))
}

/// What is reported under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What the run was asked for.
    Setting,
    /// What was found, to be judged.
    Fact,
    /// What was measured, and depends on the machine.
    Figure,
}

impl StepReport {
    /// Everything that it reports: settings, facts, figures.
    pub fn entries(&self) -> impl Iterator<Item = (Kind, &str, &Value)> {
        let kinds = [
            (Kind::Setting, &self.settings),
            (Kind::Fact, &self.facts),
            (Kind::Figure, &self.figures),
        ];
        kinds.into_iter().flat_map(|(kind, entries)| {
            entries.iter().map(move |(name, value)| (kind, name, value))
        })
    }

    /// The value of this name, whatever its kind.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.entries().find(|(_, known, _)| *known == name).map(|(.., value)| value)
    }

    /// Whether it is a fact for the judge alone.
    pub fn is_proof(&self, name: &str) -> bool {
        !self.told.is_empty() && self.told.get(name).is_none()
    }
}

/// Named values, in the order in which they were reported; each name once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entries(Vec<(String, Value)>);

impl Entries {
    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Adds a value. Says whether the name was new; if it wasn't, nothing is added.
    pub fn add(&mut self, name: impl Into<String>, value: Value) -> bool {
        let name = name.into();
        let new = self.get(&name).is_none();
        if new {
            self.0.push((name, value));
        }
        new
    }

    /// Changes the value of this name, if there is one.
    pub fn set(&mut self, name: &str, value: Value) {
        if let Some((_, known)) = self.0.iter_mut().find(|(known, _)| known == name) {
            *known = value;
        }
    }

    /// Names and values in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Entries {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EachOnce;
        impl<'de> Visitor<'de> for EachOnce {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Entries::default();
                // A map type would keep the last of two and say nothing.
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if !entries.add(&*name, value) {
                        return Err(de::Error::custom(format!("{name} is reported twice")));
                    }
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(EachOnce)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_str, json, to_string};

    use super::*;

    /// As DESIGN draws it: names and units that other programs rely on.
    const SMALLEST: &str = r#"{"item":54,"title":"T","steps":[{"name":"race","facts":{"found":367540,"expected":500000},"figures":{"elapsed_s":0.0013},"spans":[{"lane":"thread 0","label":"count","start_us":12,"end_us":410}]}]}"#;

    #[test]
    fn a_report_survives_the_trip_through_json_in_its_order() {
        let report: Report = from_str(SMALLEST).unwrap();
        assert_eq!(report.fact("race", "found"), Some(&json!(367_540)));
        assert_eq!(report.overlap("race"), 1);
        assert_eq!(report.validate(), Ok(()));
        assert_eq!(to_string(&report).unwrap(), SMALLEST);
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        let twice = SMALLEST.replace("expected", "found");
        let error = from_str::<Report>(&twice).unwrap_err().to_string();
        assert!(error.contains("found is reported twice"), "{error}");
        let error = from_str::<Entries>("[]").unwrap_err().to_string();
        assert!(error.contains("expected an object"), "{error}");
    }

    #[test]
    fn a_report_that_cannot_be_is_refused() {
        for (right, wrong, words) in [
            (r#""start_us":12"#, r#""start_us":999"#, "ends before it begins"),
            (r#""name":"race""#, r#""name":"""#, "step 1 has no name"),
            ("elapsed_s", "found", "race.found is reported twice"),
            ("367540", r#"{"a":1}"#, "race.found is no number, text, answer or list of them"),
            ("367540", "[1,[2]]", "race.found is no number"),
        ] {
            let report: Report = from_str(&SMALLEST.replace(right, wrong)).unwrap();
            let complaint = report.validate().unwrap_err();
            assert!(complaint.contains(words), "{complaint}");
        }
        let moment: Report = from_str(&SMALLEST.replace("410", "12")).unwrap();
        assert_eq!(moment.validate(), Ok(()), "a span may end when it begins");
        let mut report: Report = from_str(SMALLEST).unwrap();
        report.steps.push(report.steps[0].clone());
        assert_eq!(report.validate(), Err("the step race is reported twice".into()));
    }
}
