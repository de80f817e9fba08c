//! The result of testing a hypothesis against the customers.

use crate::normal_quantiles::NINETY_PERCENT;

/// Odds ratios between 4/5 and 5/4 are negligible: the bounds of bioequivalence, in log-odds.
const NEGLIGIBLE_LOG_ODDS: f64 = 0.223_143_551_314_209_76;

/// An estimated effect, in log-odds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// The estimate.
    pub log_odds: f64,
    /// The standard error of the estimate.
    pub standard_error: f64,
}

/// The result of testing a hypothesis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The whole interval is on the stated side of zero or, for a hypothesis of no effect, is negligible.
    Supported,
    /// The interval excludes even half of the stated effect, and is not on the stated side of zero; or, for a
    /// hypothesis of no effect, it excludes zero and is not negligible.
    Refuted,
    /// The data neither support nor refute the hypothesis.
    NotEnoughData,
}

impl Effect {
    /// The 90% interval, in log-odds.
    #[must_use]
    pub fn interval(self) -> (f64, f64) {
        let margin = NINETY_PERCENT * self.standard_error;
        (self.log_odds - margin, self.log_odds + margin)
    }
}

impl Verdict {
    /// The verdict on a stated effect, in log-odds, from the estimated effect.
    ///
    /// A hypothesis is supported by a larger effect than stated, and by a smaller one if its sign is certain. It is
    /// refuted only if even half of the stated log-odds is excluded: while an effect of that size is possible, more
    /// customers can still confirm it. The hypothesis of no effect is supported by an interval within odds ratios of
    /// 4/5 to 5/4, and refuted by any other interval that excludes one.
    #[must_use]
    pub fn new(log_odds: f64, found: Option<Effect>) -> Self {
        let Some((low, high)) = found.map(Effect::interval) else { return Self::NotEnoughData };
        if log_odds == 0.0 {
            return match (low > 0.0 || high < 0.0, low >= -NEGLIGIBLE_LOG_ODDS && high <= NEGLIGIBLE_LOG_ODDS) {
                (_, true) => Self::Supported,
                (true, false) => Self::Refuted,
                (false, false) => Self::NotEnoughData,
            };
        }
        // The interval relative to the stated sign.
        let (low, high) = if log_odds > 0.0 { (low, high) } else { (-high, -low) };
        if low > 0.0 {
            Self::Supported
        } else if high < log_odds.abs() / 2.0 {
            Self::Refuted
        } else {
            Self::NotEnoughData
        }
    }

    /// The verdict in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Refuted => "refuted",
            Self::NotEnoughData => "not enough data",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn effect(low: f64, high: f64) -> Effect {
        Effect { log_odds: f64::midpoint(low, high), standard_error: (high - low) / 2.0 / NINETY_PERCENT }
    }

    #[test]
    fn verdicts_match_hand_calculation() {
        for (stated, (low, high), verdict) in [
            (1.0, (0.5, 1.5), Verdict::Supported),
            (1.0, (0.1, 0.4), Verdict::Supported),
            (1.0, (2.0, 3.0), Verdict::Supported),
            (1.0, (-0.5, 0.4), Verdict::Refuted),
            (1.0, (-0.1, 0.9), Verdict::NotEnoughData),
            (1.0, (-2.0, -1.0), Verdict::Refuted),
            (1.0, (-0.5, 1.1), Verdict::NotEnoughData),
            (1.0, (-9.0, 9.0), Verdict::NotEnoughData),
            (0.0, (-0.2, 0.2), Verdict::Supported),
            (0.0, (0.1, 0.2), Verdict::Supported),
            (0.0, (0.1, 0.9), Verdict::Refuted),
            (0.0, (-0.1, 0.9), Verdict::NotEnoughData),
        ] {
            assert_eq!(Verdict::new(stated, Some(effect(low, high))), verdict, "{stated} {low} {high}");
            assert_eq!(
                Verdict::new(-stated, Some(effect(-high, -low))),
                verdict,
                "a mirrored effect has the same verdict"
            );
        }
        assert_eq!(Verdict::new(1.0, None), Verdict::NotEnoughData);
    }

    proptest! {
        #[test]
        fn a_decided_verdict_stays_with_a_smaller_standard_error(stated in -3.0..3.0_f64, log_odds in -4.0..4.0_f64, error in 0.01..2.0_f64) {
            let verdict = |standard_error| Verdict::new(stated, Some(Effect { log_odds, standard_error }));
            prop_assert!(verdict(error) == Verdict::NotEnoughData || verdict(error / 2.0) != Verdict::NotEnoughData);
        }
    }
}
