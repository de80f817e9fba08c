//! Which way an attribute may move a fit.

/// Which way the fit may go as an attribute grows, or, for a date, gets later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// More never lowers the fit.
    Increasing,
    /// More never raises the fit.
    Decreasing,
}

impl Direction {
    /// The word for it in files, messages and documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Increasing => "increasing",
            Self::Decreasing => "decreasing",
        }
    }

    /// 1 where more may raise the fit, −1 where it may lower it: what effects are multiplied by to make them ascend.
    #[must_use]
    pub const fn sign(self) -> f64 {
        match self {
            Self::Increasing => 1.0,
            Self::Decreasing => -1.0,
        }
    }

    /// Whether these effects, of ascending values, never go against the direction. Equal neighbours are allowed.
    #[must_use]
    pub fn is_kept(self, effects: impl IntoIterator<Item = f64>) -> bool {
        effects.into_iter().map(|effect| self.sign() * effect).is_sorted()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_neighbours_go_either_way() {
        let kept = |effects: &[f64]| {
            [Direction::Increasing, Direction::Decreasing].map(|direction| direction.is_kept(effects.iter().copied()))
        };
        assert_eq!(kept(&[-0.5, 0.1, 0.1]), [true, false]);
        assert_eq!(kept(&[0.5, 0.5, 0.5_f64.next_down()]), [false, true]);
        assert_eq!(kept(&[0.0, 1.0, 0.5]), [false, false]);
        for both in [&[][..], &[3.0], &[2.0, 2.0], &[0.0, -0.0, 0.0]] {
            assert_eq!(kept(both), [true, true], "{both:?}");
        }
        assert_eq!(kept(&[0.0, f64::NAN]), [false, false], "what is no number keeps nothing");
    }

    #[test]
    fn words_are_those_of_the_documents() {
        assert_eq!([Direction::Increasing, Direction::Decreasing].map(Direction::word), ["increasing", "decreasing"]);
    }
}
