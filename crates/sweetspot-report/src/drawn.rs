//! The parts of charts that are neither lines nor bars.

/// A dot with its interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Dot {
    /// Across.
    pub x: f64,
    /// Up.
    pub y: f64,
    /// The interval of [`Self::y`].
    pub interval: (f64, f64),
    /// How many it stands for: its area.
    pub weight: u64,
    /// Whether it stands on too few.
    pub faint: bool,
}

/// Where the members of a group are, in bins of equal width over the axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// The group.
    pub name: String,
    /// Members in each bin, from the axis's one end to the other.
    pub counts: Vec<u64>,
}

impl Strip {
    /// How many members there are.
    #[must_use]
    pub fn members(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// One step of a waterfall.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it is about.
    pub name: String,
    /// How far it goes, with its sign.
    pub by: f64,
    /// The step in words, with its sign.
    pub told: String,
}
