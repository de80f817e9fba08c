//! Values that nearly all go with one label, and cells that are filled for one label rather than the other.

use super::tally::{Cell, Counts, Tally, What};

/// Values are one-sided where the other label is at most this share as frequent as among all customers.
const EXCEPTIONS: f64 = 0.1;
/// Exceptions that may have been missed by chance, with 95% confidence: the rule of three (Hanley and Lippman-Hand 1983,
/// JAMA 249:1743).
const UNSEEN: f64 = 3.0;

/// A label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Ideal,
    Other,
}

impl Side {
    /// Customers of this label.
    pub(super) const fn of(self, counts: Counts) -> u64 {
        match self {
            Self::Ideal => counts.ideal,
            Self::Other => counts.other,
        }
    }

    /// Customers of the other label.
    pub(super) const fn exceptions(self, counts: Counts) -> u64 {
        counts.all() - self.of(counts)
    }

    /// The label in words.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Ideal => "ideal",
            Self::Other => "not ideal",
        }
    }
}

/// The label that nearly all of these customers have, where that cannot be chance.
pub(super) fn side(part: Counts, all: Counts) -> Option<Side> {
    [Side::Ideal, Side::Other].into_iter().find(|side| {
        let expected = part.all() as f64 * side.exceptions(all) as f64 / (all.all() as f64).max(1.0);
        side.exceptions(part) as f64 + UNSEEN <= EXCEPTIONS * expected
    })
}

/// One-sided values of one label.
#[derive(Clone, Copy, Debug)]
pub(super) struct OneSided {
    /// The label.
    pub(super) side: Side,
    /// The share of all customers of that label who have such a value.
    pub(super) share: f64,
    /// Which of these values most customers have.
    pub(super) what: What,
    /// Who has it.
    pub(super) counts: Counts,
}

/// The label of which the larger share has one-sided values.
pub(super) fn one_sided(tally: &Tally, all: Counts) -> Option<OneSided> {
    let found = [Side::Ideal, Side::Other].into_iter().filter_map(|wanted| {
        let cells = || tally.cells.iter().filter(|cell| side(cell.total(), all) == Some(wanted));
        let held: u64 = cells().map(|cell| wanted.of(cell.total())).sum();
        let largest = cells().max_by_key(|cell| cell.total().all())?;
        let share = held as f64 / (wanted.of(all) as f64).max(1.0);
        Some(OneSided { side: wanted, share, what: largest.what, counts: largest.total() })
    });
    found.max_by(|one, other| one.share.total_cmp(&other.share))
}

/// Customers with a value, and those without one.
pub(super) fn filled(tally: &Tally) -> (Counts, Counts) {
    let total = |missing: bool| {
        let cells = tally.cells.iter().filter(|cell| (cell.what == What::Missing) == missing);
        cells.map(Cell::total).fold(Counts::default(), Counts::plus)
    };
    (total(false), total(true))
}
