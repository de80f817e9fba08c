//! The order of a list.

use std::cmp::Ordering;

use clap::ValueEnum;
use sweetspot_proto::v1::{FitScore, TargetOrder};

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Order {
    /// The most probable
    #[default]
    Probability,
    /// The highest expected value; if no value is known, the most probable
    ExpectedValue,
}

/// The values that determine the rank of an account, together with its id.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RankKey {
    log_odds: f64,
    expected_value: Option<f64>,
}

impl From<&FitScore> for RankKey {
    fn from(score: &FitScore) -> Self {
        Self { log_odds: score.log_odds, expected_value: score.expected_value }
    }
}

impl Order {
    pub(super) const fn wire(self) -> TargetOrder {
        match self {
            Self::Probability => TargetOrder::Probability,
            Self::ExpectedValue => TargetOrder::ExpectedValue,
        }
    }

    /// Compares two accounts in the order of the server.
    pub(super) fn compare(self, first: RankKey, second: RankKey) -> Ordering {
        let by_value = match (self, first.expected_value, second.expected_value) {
            (Self::Probability, _, _) | (Self::ExpectedValue, None, None) => Ordering::Equal,
            (Self::ExpectedValue, Some(value), Some(others)) => others.total_cmp(&value),
            (Self::ExpectedValue, Some(_), None) => Ordering::Less,
            (Self::ExpectedValue, None, Some(_)) => Ordering::Greater,
        };
        by_value.then(second.log_odds.total_cmp(&first.log_odds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expected_value_ranks_before_the_probability_if_requested_and_known() {
        let standing = |log_odds, expected_value| RankKey { log_odds, expected_value };
        let mut all = [standing(0.5, None), standing(-1.0, Some(9.0)), standing(2.0, Some(3.0)), standing(1.0, None)];
        all.sort_by(|a, b| Order::ExpectedValue.compare(*a, *b));
        assert_eq!(all.map(|one| one.log_odds), [-1.0, 2.0, 1.0, 0.5]);
        all.sort_by(|a, b| Order::Probability.compare(*a, *b));
        assert_eq!(all.map(|one| one.log_odds), [2.0, 1.0, 0.5, -1.0]);
        assert_eq!(Order::ExpectedValue.compare(standing(1.0, Some(2.0)), standing(2.0, Some(2.0))), Ordering::Greater);
    }
}
