//! The parts of charts other than curves and bars.

use super::document::Axis;

/// A dot with its interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Dot {
    /// The horizontal value.
    pub x: f64,
    /// The vertical value.
    pub y: f64,
    /// The interval of [`Self::y`].
    pub interval: (f64, f64),
    /// The number of accounts that it represents; determines its area.
    pub weight: u64,
    /// Whether its sample is small.
    pub is_faint: bool,
}

/// The distribution of a group, in bins of equal width over the axis.
#[derive(Clone, Debug, PartialEq)]
pub struct DistributionStrip {
    /// The group's name.
    pub name: String,
    /// The number of members in each bin, from the minimum of the axis to its maximum.
    pub counts: Vec<u64>,
}

impl DistributionStrip {
    /// The number of members.
    #[must_use]
    pub fn members(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// One step of a waterfall.
#[derive(Clone, Debug, PartialEq)]
pub struct WaterfallStep {
    /// The step's name.
    pub name: String,
    /// The change, with its sign.
    pub change: f64,
    /// The change as text, with its sign.
    pub value_label: String,
}

/// The effect of a number over its range, with the distribution of the customers.
#[derive(Clone, Debug, PartialEq)]
pub struct ShapePanel {
    /// The number's name.
    pub name: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The steps, from left to right.
    pub steps: Vec<EffectStep>,
    /// The number of customers in each bin of equal width, from the minimum of the axis to its maximum.
    pub counts: Vec<u64>,
}

/// A constant effect between two values of the horizontal axis, with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EffectStep {
    /// The lower end.
    pub from: f64,
    /// The upper end.
    pub to: f64,
    /// The effect.
    pub value: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}
