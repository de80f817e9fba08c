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
    ///
    /// ```
    /// use sweetspot::domain::Direction;
    ///
    /// assert!(Direction::Increasing.is_kept([-0.5, 0.1, 0.1]));
    /// assert!(!Direction::Decreasing.is_kept([-0.5, 0.1, 0.1]));
    /// ```
    #[must_use]
    pub fn is_kept(self, effects: impl IntoIterator<Item = f64>) -> bool {
        effects.into_iter().map(|effect| self.sign() * effect).is_sorted()
    }
}
