//! Percentiles.

use std::time::Duration;

/// The value that `percent` of all are not above (nearest rank); nothing of nothing. Sorts.
pub(crate) fn percentile(values: &mut [Duration], percent: usize) -> Option<Duration> {
    values.sort_unstable();
    let rank = (values.len() * percent).div_ceil(100);
    values.get(rank.saturating_sub(1)).copied()
}

pub(crate) fn median(values: &mut [Duration]) -> Option<Duration> {
    percentile(values, 50)
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
}
