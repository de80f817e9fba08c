//! Monotonicity constraints on attributes.

/// The direction in which the fit can change as an attribute grows or, for a date, gets later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MonotonicityConstraint {
    /// A larger value never lowers the fit.
    Increasing,
    /// A larger value never raises the fit.
    Decreasing,
}

impl MonotonicityConstraint {
    /// The value in files, messages and documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Increasing => "increasing",
            Self::Decreasing => "decreasing",
        }
    }

    /// The factor that makes allowed effects ascend: 1 if more can raise the fit, −1 if it can lower it.
    #[must_use]
    pub const fn sign(self) -> f64 {
        match self {
            Self::Increasing => 1.0,
            Self::Decreasing => -1.0,
        }
    }

    /// Whether these effects, in ascending order of their values, satisfy the constraint. Equal neighbors satisfy it.
    #[must_use]
    pub fn holds(self, effects: impl IntoIterator<Item = f64>) -> bool {
        effects.into_iter().map(|effect| self.sign() * effect).is_sorted()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_neighbors_satisfy_either_constraint() {
        let kept = |effects: &[f64]| {
            [MonotonicityConstraint::Increasing, MonotonicityConstraint::Decreasing]
                .map(|direction| direction.holds(effects.iter().copied()))
        };
        assert_eq!(kept(&[-0.5, 0.1, 0.1]), [true, false]);
        assert_eq!(kept(&[0.5, 0.5, 0.5_f64.next_down()]), [false, true]);
        assert_eq!(kept(&[0.0, 1.0, 0.5]), [false, false]);
        for both in [&[][..], &[3.0], &[2.0, 2.0], &[0.0, -0.0, 0.0]] {
            assert_eq!(kept(both), [true, true], "{both:?}");
        }
        assert_eq!(kept(&[0.0, f64::NAN]), [false, false], "a NaN satisfies neither");
    }

    #[test]
    fn monotonicity_words_match_the_documents() {
        assert_eq!(
            [MonotonicityConstraint::Increasing, MonotonicityConstraint::Decreasing]
                .map(MonotonicityConstraint::as_str),
            ["increasing", "decreasing"]
        );
    }
}
