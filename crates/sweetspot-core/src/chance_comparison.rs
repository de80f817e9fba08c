//! Compares the interval of an AUC with chance: better, not distinguishable, or worse.

/// The result of comparing the interval of an AUC with one half, which is chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChanceComparison {
    /// The whole interval is above one half.
    Better,
    /// The interval includes one half, or is invalid.
    Chance,
    /// The whole interval is below one half.
    Worse,
}

impl ChanceComparison {
    /// Classifies an interval from `low` to `high`, each in `[0, 1]`.
    #[must_use]
    pub fn new(low: f64, high: f64) -> Self {
        if low > 0.5 {
            Self::Better
        } else if high < 0.5 {
            Self::Worse
        } else {
            Self::Chance
        }
    }

    /// The result in words, such as `better than chance`.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Better => "better than chance",
            Self::Chance => "not distinguishable from chance",
            Self::Worse => "worse than chance",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_on_one_side_of_one_half_decides() {
        let cases = [
            ((0.51, 0.9), ChanceComparison::Better),
            ((0.5, 0.9), ChanceComparison::Chance),
            ((0.4, 0.6), ChanceComparison::Chance),
            ((0.4, 0.5), ChanceComparison::Chance),
            ((0.076, 0.32), ChanceComparison::Worse),
            ((f64::NAN, f64::NAN), ChanceComparison::Chance),
        ];
        for ((low, high), expected) in cases {
            assert_eq!(ChanceComparison::new(low, high), expected, "{low} to {high}");
        }
        assert_eq!(ChanceComparison::Worse.description(), "worse than chance");
    }
}
