//! The units of what is reported. The ending of a name says in which unit its value is: `elapsed_s`.

use std::time::Duration;

use serde_json::Value;

use crate::timing::{Human, three_digits};

/// A unit, all that depends on it in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// `_s`
    Seconds,
    /// `_ns`
    Nanoseconds,
    /// `_bytes` and `_bytes_each`
    Bytes,
    /// `_per_second`
    PerSecond,
    /// None of these: a count, a ratio, a text.
    Plain,
}

/// The endings, and how much of each belongs to the unit and not to what a person reads.
const ENDINGS: [(&str, &str, Unit); 5] = [
    ("_s", "_s", Unit::Seconds),
    ("_ns", "_ns", Unit::Nanoseconds),
    ("_bytes", "_bytes", Unit::Bytes),
    ("_bytes_each", "", Unit::Bytes),
    ("_per_second", "", Unit::PerSecond),
];

impl Unit {
    /// The unit of the value that is reported under `name`.
    pub fn of(name: &str) -> Self {
        let known = ENDINGS.into_iter().find(|(ending, ..)| name.ends_with(ending));
        known.map_or(Self::Plain, |(.., unit)| unit)
    }

    /// How a person reads a number in this unit: times in a fitting one, fractions with three
    /// significant digits.
    fn show(self, number: f64, is_whole: bool) -> String {
        match self {
            Self::Seconds => Human::from_nanoseconds(number * 1e9).to_string(),
            Self::Nanoseconds => Human::from_nanoseconds(number).to_string(),
            Self::Bytes => format!("{} bytes", three_digits_or_whole(number, is_whole)),
            Self::PerSecond => separated(&format!("{}", number.round())),
            Self::Plain => three_digits_or_whole(number, is_whole),
        }
    }

    /// Whether it is a time.
    pub fn is_time(self) -> bool {
        matches!(self, Self::Seconds | Self::Nanoseconds)
    }

    /// Of several measurements, whether the least is the best.
    pub fn less_is_better(self) -> bool {
        self.is_time() || self == Self::Bytes
    }

    /// How many times `ours` is `theirs`, as a person says it: nine times as much is `× 9.0`, a ninth
    /// `÷ 9.0`. Counts and ratios speak for themselves: they have none.
    ///
    /// ```
    /// use common::unit::Unit;
    ///
    /// assert_eq!(Unit::Seconds.ratio(0.9, 0.1).as_deref(), Some("× 9.0"));
    /// assert_eq!(Unit::Seconds.ratio(0.1, 2.4).as_deref(), Some("÷ 24"));
    /// assert_eq!(Unit::Plain.ratio(9.0, 1.0), None);
    /// ```
    pub fn ratio(self, theirs: f64, ours: f64) -> Option<String> {
        let ratio = self.times(theirs, ours)?;
        let (sign, ratio) = if ratio < 0.5 { ('÷', 1.0 / ratio) } else { ('×', ratio) };
        Some(if ratio < 9.95 { format!("{sign} {ratio:.1}") } else { format!("{sign} {ratio:.0}") })
    }

    /// The same as a number.
    pub fn times(self, theirs: f64, ours: f64) -> Option<f64> {
        (self != Self::Plain && ours > 0.0).then_some(theirs / ours)
    }
}

fn three_digits_or_whole(number: f64, is_whole: bool) -> String {
    separated(&if is_whole { format!("{number}") } else { three_digits(number) })
}

/// A decimal number, grouped where five or more digits stand before its point.
fn separated(number: &str) -> String {
    let (whole, fraction) = number.split_at(number.find('.').unwrap_or(number.len()));
    let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
    if digits.len() < 5 {
        number.to_owned()
    } else {
        format!("{sign}{}{fraction}", grouped(digits))
    }
}

/// Digits with a comma before each three of them.
///
/// ```
/// assert_eq!(common::unit::grouped("1000000"), "1,000,000");
/// ```
pub fn grouped(digits: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// How a person reads the value of `name`: in its unit, a list with commas, from 10,000 on in thousands.
///
/// ```
/// use common::unit::show;
///
/// assert_eq!(show("elapsed_s", &0.0125.into()), "12.5 ms");
/// assert_eq!(show("lock_ns", &24.2381.into()), "24.2 ns");
/// assert_eq!(show("written_bytes", &1_048_576.into()), "1,048,576 bytes");
/// assert_eq!(show("speed_up", &1.7349.into()), "1.73");
/// assert_eq!(show("statuses", &vec![0, 0].into()), "0, 0");
/// ```
pub fn show(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::Null => "nothing".into(),
        Value::Array(values) => {
            values.iter().map(|value| show(name, value)).collect::<Vec<_>>().join(", ")
        }
        Value::Object(_) => value.to_string(),
        // A float would lose digits of a count that is above 2^53.
        Value::Number(count) if !count.is_f64() && Unit::of(name) == Unit::Plain => {
            separated(&count.to_string())
        }
        Value::Number(number) => {
            Unit::of(name).show(number.as_f64().unwrap_or(f64::NAN), !number.is_f64())
        }
    }
}

/// The same for a time that has no name.
pub fn show_time(time: Duration) -> String {
    Human::from(time).to_string()
}

/// The name of a fact or figure as a person reads it, without the unit that stands beside its value.
pub fn spoken(name: &str) -> String {
    let unit = ENDINGS.into_iter().find(|(ending, ..)| name.ends_with(ending));
    let stem = unit.and_then(|(_, unit, _)| name.strip_suffix(unit));
    stem.unwrap_or(name).replace('_', " ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_shown_without_quotes_and_brackets() {
        assert_eq!(show("mixed", &json!(["a", 1, true, 0.126, null])), "a, 1, yes, 0.126, nothing");
    }

    #[test]
    fn a_value_is_shown_in_the_unit_in_which_its_name_ends() {
        for (name, value, shown) in [
            ("elapsed_s", json!(0.0125), "12.5 ms"),
            ("lock_ns", json!(24.2381), "24.2 ns"),
            ("written_bytes", json!(1_048_576), "1,048,576 bytes"),
            ("resident_bytes_each", json!(738), "738 bytes"),
            ("games_per_second", json!(1234.567), "1235"),
            ("speed_up", json!(1.7349), "1.73"),
            ("found", json!(9999), "9999"),
            ("found", json!(-10_000), "-10,000"),
            ("per_core", json!(123_456.5), "123,456"),
            ("found", json!(u64::MAX), "18,446,744,073,709,551,615"),
        ] {
            assert_eq!(show(name, &value), shown, "{name}");
        }
    }

    #[test]
    fn a_name_is_read_without_underscores_and_unit() {
        assert_eq!(spoken("longest_gap_s"), "longest gap");
        assert_eq!(spoken("resident_bytes_each"), "resident bytes each");
        assert_eq!(spoken("calls"), "calls");
    }

    #[test]
    fn ratios_are_told_of_what_is_measured_and_none_with_nought() {
        for (unit, theirs, ours, said) in [
            (Unit::Seconds, 3.0, 2.0, Some("× 1.5")),
            (Unit::Nanoseconds, 700.0, 2.0, Some("× 350")),
            (Unit::PerSecond, 1.0, 4.0, Some("÷ 4.0")),
            (Unit::Bytes, 1.0, 0.0, None),
            (Unit::Plain, 3.0, 2.0, None),
        ] {
            assert_eq!(unit.ratio(theirs, ours).as_deref(), said, "{unit:?}");
        }
    }
}
