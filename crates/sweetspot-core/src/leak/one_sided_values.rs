//! Values that nearly always have one label.

use super::tally::{CountedValues, LabelCounts, LabelTally, TallyCell};

/// Values are one-sided if the other label is at most this fraction as frequent as among all customers.
const MAX_EXCEPTION_RATIO: f64 = 0.1;
/// The number of exceptions that chance can hide, with 95% confidence: the rule of three (Hanley and Lippman-Hand 1983,
/// JAMA 249:1743).
const RULE_OF_THREE: f64 = 3.0;

/// A label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LabelSide {
    Ideal,
    Other,
}

impl LabelSide {
    /// The number of customers with this label.
    pub(super) const fn count(self, counts: LabelCounts) -> u64 {
        match self {
            Self::Ideal => counts.ideal,
            Self::Other => counts.other,
        }
    }

    /// The number of customers with the other label.
    pub(super) const fn exception_count(self, counts: LabelCounts) -> u64 {
        counts.total() - self.count(counts)
    }

    /// The label in words.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Ideal => "ideal",
            Self::Other => "not ideal",
        }
    }
}

/// The label that nearly all of these customers have, beyond chance, if any.
pub(super) fn dominant_label(part: LabelCounts, all: LabelCounts) -> Option<LabelSide> {
    [LabelSide::Ideal, LabelSide::Other].into_iter().find(|side| {
        let expected = part.total() as f64 * side.exception_count(all) as f64 / (all.total() as f64).max(1.0);
        side.exception_count(part) as f64 + RULE_OF_THREE <= MAX_EXCEPTION_RATIO * expected
    })
}

/// The one-sided values of one label.
#[derive(Clone, Copy, Debug)]
pub(super) struct OneSidedValues {
    /// The label.
    pub(super) side: LabelSide,
    /// The share of all customers with that label that have such a value.
    pub(super) share: f64,
    /// The most frequent of these values.
    pub(super) values: CountedValues,
    /// The label counts of the most frequent value.
    pub(super) counts: LabelCounts,
}

/// The one-sided values of the label that has the larger share of them.
pub(super) fn one_sided_values(tally: &LabelTally, all: LabelCounts) -> Option<OneSidedValues> {
    let found = [LabelSide::Ideal, LabelSide::Other].into_iter().filter_map(|label_side| {
        let cells = || tally.cells.iter().filter(|cell| dominant_label(cell.total(), all) == Some(label_side));
        let customers: u64 = cells().map(|cell| label_side.count(cell.total())).sum();
        let largest = cells().max_by_key(|cell| cell.total().total())?;
        let share = customers as f64 / (label_side.count(all) as f64).max(1.0);
        Some(OneSidedValues { side: label_side, share, values: largest.values, counts: largest.total() })
    });
    found.max_by(|a, b| a.share.total_cmp(&b.share))
}

/// The label counts of customers with a value, and of those without one.
pub(super) fn fill_counts(tally: &LabelTally) -> (LabelCounts, LabelCounts) {
    let total = |missing: bool| {
        let cells = tally.cells.iter().filter(|cell| (cell.values == CountedValues::Missing) == missing);
        cells.map(TallyCell::total).fold(LabelCounts::default(), LabelCounts::plus)
    };
    (total(false), total(true))
}
