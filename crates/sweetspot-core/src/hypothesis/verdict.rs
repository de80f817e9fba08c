//! What the customers say of a belief.

use crate::normal::NINETY_PERCENT;

/// Odds ratios between 4/5 and 5/4 make no difference worth the name: the bounds of bioequivalence, in log-odds.
const NO_DIFFERENCE: f64 = 0.223_143_551_314_209_76;

/// An effect as it was found, in log-odds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// The estimate.
    pub log_odds: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// What became of a belief.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The customers' whole interval lies on the believed side of zero.
    Supported,
    /// The customers' interval excludes even half of what is believed, and does not lie on the believed side of zero.
    Refuted,
    /// Neither.
    NotEnoughData,
}

impl Effect {
    /// The 90% interval, in log-odds.
    #[must_use]
    pub fn interval(self) -> (f64, f64) {
        let reach = NINETY_PERCENT * self.standard_error;
        (self.log_odds - reach, self.log_odds + reach)
    }
}

impl Verdict {
    /// The verdict on a believed effect, in log-odds, from what the customers say.
    ///
    /// A larger effect than believed supports a belief, and so does a smaller one as long as its sign is sure: the figures tell
    /// the size. To refute it, even half of it, in log-odds, must be excluded: while an effect of that size is possible, more
    /// customers may still confirm the belief. The belief that something makes no difference is supported by an interval within
    /// odds ratios of 4/5 to 5/4, and refuted by one that excludes one.
    #[must_use]
    pub fn of(believed: f64, found: Option<Effect>) -> Self {
        let Some((low, high)) = found.map(Effect::interval) else { return Self::NotEnoughData };
        if believed == 0.0 {
            return match (low > 0.0 || high < 0.0, low >= -NO_DIFFERENCE && high <= NO_DIFFERENCE) {
                (_, true) => Self::Supported,
                (true, false) => Self::Refuted,
                (false, false) => Self::NotEnoughData,
            };
        }
        // Seen from the believed side.
        let (low, high) = if believed > 0.0 { (low, high) } else { (-high, -low) };
        if low > 0.0 {
            Self::Supported
        } else if high < believed.abs() / 2.0 {
            Self::Refuted
        } else {
            Self::NotEnoughData
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
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

    fn found(low: f64, high: f64) -> Effect {
        Effect { log_odds: f64::midpoint(low, high), standard_error: (high - low) / 2.0 / NINETY_PERCENT }
    }

    #[test]
    fn each_case_by_hand() {
        for (believed, (low, high), verdict) in [
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
            assert_eq!(Verdict::of(believed, Some(found(low, high))), verdict, "{believed} {low} {high}");
            assert_eq!(Verdict::of(-believed, Some(found(-high, -low))), verdict, "the same seen from the other side");
        }
        assert_eq!(Verdict::of(1.0, None), Verdict::NotEnoughData);
    }

    proptest! {
        #[test]
        fn what_is_decided_stays_decided_with_less_doubt(believed in -3.0..3.0_f64, log_odds in -4.0..4.0_f64, error in 0.01..2.0_f64) {
            let verdict = |standard_error| Verdict::of(believed, Some(Effect { log_odds, standard_error }));
            prop_assert!(verdict(error) == Verdict::NotEnoughData || verdict(error / 2.0) != Verdict::NotEnoughData);
        }
    }
}
