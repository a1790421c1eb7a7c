//! Where an axis is marked.

/// The most marks between the ends of an axis of time: their words fit a phone.
const MOST: u64 = 5;

/// Round microseconds from `from` to `to`: 1, 2 or 5 and noughts apart.
pub fn of_time(from: u64, to: u64) -> Vec<u64> {
    let length = to.saturating_sub(from).max(1);
    let mut distance: u64 = 1;
    let mut factors = [2, 5, 10].into_iter().cycle();
    let mut decade: u64 = 1;
    while length / distance > MOST {
        let factor = factors.next().unwrap_or(10);
        let Some(next) = decade.checked_mul(factor) else { break };
        distance = next;
        if factor == 10 {
            decade = next;
        }
    }
    let first = from.div_ceil(distance);
    (first..=to / distance).map(|n| n * distance).collect()
}

/// Round values for an axis from nought to `most`, `most` among them or just above it.
pub fn from_nought(most: f64) -> Vec<f64> {
    let decade = 10_f64.powf(most.max(f64::MIN_POSITIVE).log10().floor());
    let distance = [0.2, 0.5, 1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * decade);
    let distance = distance.into_iter().find(|distance| most / distance <= 5.0).unwrap_or(most);
    let count = (most / distance - 1e-9).ceil().max(1.0);
    let count = std::iter::successors(Some(0.0), |n| (n + 1.0 <= count).then_some(n + 1.0));
    count.map(|n| n * distance).collect()
}

/// Powers of ten, the first at or below the `smallest`, the last at or above the `largest`; not each,
/// where there are many.
pub fn of_decades(smallest: f64, largest: f64) -> Vec<f64> {
    let first = (smallest.log10() + 1e-9).floor();
    let last = (largest.log10() - 1e-9).ceil().max(first + 1.0);
    let step = ((last - first) / 6.0).ceil();
    let next = |n: &f64| (*n < last).then_some(n + step);
    std::iter::successors(Some(first), next).map(|power| 10_f64.powf(power)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_marked_at_round_numbers() {
        assert_eq!(of_time(0, 846), [0, 200, 400, 600, 800]);
        assert_eq!(of_time(0, 1_006_052), [0, 200_000, 400_000, 600_000, 800_000, 1_000_000]);
        assert_eq!(of_time(0, 365_105), [0, 100_000, 200_000, 300_000]);
        assert_eq!(of_time(12_345, 13_000), [12_400, 12_600, 12_800, 13_000]);
        assert_eq!(of_time(0, 1), [0, 1]);
        assert_eq!(of_time(0, 0), [0]);
    }

    #[test]
    fn no_time_is_too_long_to_be_marked() {
        assert!(of_time(0, u64::MAX).len() <= 20);
        assert!(of_time(u64::MAX - 5, u64::MAX).len() <= 20);
    }

    #[test]
    fn values_are_marked_from_nought_and_decades_by_powers() {
        assert_eq!(from_nought(93.0), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(from_nought(1.0).len(), 6);
        assert_eq!(of_decades(0.0023, 0.093), [0.001, 0.01, 0.1]);
        assert_eq!(of_decades(1.0, 45.0), [1.0, 10.0, 100.0]);
        assert_eq!(of_decades(10.0, 10.0), [10.0, 100.0]);
        assert_eq!(of_decades(1.0, 1e9), [1.0, 100.0, 1e4, 1e6, 1e8, 1e10]);
    }
}
