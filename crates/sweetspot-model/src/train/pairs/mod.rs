//! Pairs of attributes that say more together than each alone.

mod screen;

pub(super) use screen::screen;
use sweetspot_solver::{Codes, Design, Groups, TermCodes};

/// Two attributes in groups: one cell for every group of the first with every group of the second.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    /// Index of the first attribute.
    pub first: usize,
    /// Index of the second attribute.
    pub second: usize,
    /// Groups of the first attribute's slots.
    pub first_groups: Groups,
    /// Groups of the second attribute's slots.
    pub second_groups: Groups,
    /// The strength that the screening found best.
    pub strength: f64,
}

/// The same cells of the same attributes.
impl PartialEq for Pair {
    fn eq(&self, other: &Self) -> bool {
        (self.first, self.second, self.cells()) == (other.first, other.second, other.cells())
    }
}

impl Pair {
    /// How many cells.
    pub(crate) fn cells(&self) -> usize {
        self.first_groups.count * self.second_groups.count
    }

    /// The cell of every row.
    pub(crate) fn encode(&self, design: &Design) -> Option<TermCodes> {
        // The base is the first term of a design.
        let (first, second) = (design.terms.get(self.first + 1)?, design.terms.get(self.second + 1)?);
        let (Codes::One(first), Codes::One(second)) = (&first.codes, &second.codes) else { return None };
        let (first, second) = (group_codes(&self.first_groups, first), group_codes(&self.second_groups, second));
        let width = self.second_groups.count as u16;
        let cells = first.zip(second).map(|(i, j)| u16::from(i) * width + u16::from(j));
        Some(TermCodes { slots: self.cells(), codes: Codes::One(cells.collect()) })
    }
}

/// The group of every row, from the slot of every row.
fn group_codes(groups: &Groups, slots: &[u16]) -> impl Iterator<Item = u8> {
    let of_slot: Vec<u8> = (0..groups.share.len()).map(|slot| groups.of(slot).unwrap_or(0) as u8).collect();
    slots.iter().map(move |slot| of_slot.get(usize::from(*slot)).copied().unwrap_or(0))
}
