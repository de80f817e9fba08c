//! Monotonicity constraints on the effects of a chain of slots.

/// A monotonicity constraint on the effects of slots with ascending values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Monotonicity {
    /// A greater value never lowers the effect.
    Increasing,
    /// A greater value never raises the effect.
    Decreasing,
}

impl Monotonicity {
    /// The factor that makes allowed effects ascend: 1 or −1.
    #[must_use]
    pub const fn sign(self) -> f64 {
        match self {
            Self::Increasing => 1.0,
            Self::Decreasing => -1.0,
        }
    }

    /// Whether these effects, in the order of their values, satisfy the constraint. Equal neighbors satisfy it; a NaN
    /// does not.
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
        let holds = |effects: &[f64]| {
            [Monotonicity::Increasing, Monotonicity::Decreasing].map(|one| one.holds(effects.iter().copied()))
        };
        assert_eq!(holds(&[-0.5, 0.1, 0.1]), [true, false]);
        assert_eq!(holds(&[0.5, 0.5, 0.5_f64.next_down()]), [false, true]);
        assert_eq!(holds(&[0.0, 1.0, 0.5]), [false, false]);
        for both in [&[][..], &[3.0], &[2.0, 2.0], &[0.0, -0.0, 0.0]] {
            assert_eq!(holds(both), [true, true], "{both:?}");
        }
        assert_eq!(holds(&[0.0, f64::NAN]), [false, false], "a NaN satisfies neither");
    }
}
