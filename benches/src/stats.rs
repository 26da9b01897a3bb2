//! Percentiles.

use std::time::Duration;

/// The value that `percent` of all are not above (nearest rank); nothing of nothing. Sorts.
#[must_use]
pub fn percentile(values: &mut [Duration], percent: usize) -> Option<Duration> {
    values.sort_unstable();
    let rank = (values.len() * percent).div_ceil(100);
    values.get(rank.saturating_sub(1)).copied()
}

/// The value in the middle.
#[must_use]
pub fn median(values: &mut [Duration]) -> Option<Duration> {
    percentile(values, 50)
}

/// The median of the ratios of what was measured side by side: what disturbed both of a pair alike drops out. Zeros of `to`
/// tell nothing.
#[must_use]
pub fn paired_ratio(of: &[Duration], to: &[Duration]) -> Option<f64> {
    let pairs = of.iter().zip(to).filter(|(_, to)| !to.is_zero());
    middle(pairs.map(|(of, &to)| of.div_duration_f64(to)))
}

/// The number in the middle: one that occurred.
pub fn middle(numbers: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_unstable_by(f64::total_cmp);
    numbers.get(numbers.len().saturating_sub(1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = u64>) -> Vec<Duration> {
        values.into_iter().map(Duration::from_nanos).collect()
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        let mut hundred = of((1..=100).rev());
        for (percent, value) in [(0, 1), (1, 1), (50, 50), (99, 99), (100, 100)] {
            assert_eq!(percentile(&mut hundred, percent), Some(Duration::from_nanos(value)), "{percent}");
        }
        assert_eq!(median(&mut of([3, 1, 2])), Some(Duration::from_nanos(2)));
        assert_eq!(percentile(&mut of([7]), 99), Some(Duration::from_nanos(7)));
        assert_eq!(median(&mut []), None);
    }

    #[test]
    fn what_disturbs_both_of_a_pair_drops_out() {
        let ratio = paired_ratio(&of([90, 900, 9_000, 1, 7]), &of([100, 1_000, 10_000, 100, 0])).unwrap();
        assert!((ratio - 0.9).abs() < 1e-9, "{ratio}");
        assert_eq!(paired_ratio(&[], &[]), None);
        assert_eq!(middle([4.0, -1.0, 2.0, 3.0]), Some(2.0));
    }
}
