//! Interactions: pairs of attributes with an effect beyond what each has alone.

mod screen;

pub(super) use screen::screen_interactions;
use sweetspot_solver::{Design, EncodedTerm, SlotGroups, TermSlots};

/// Two grouped attributes: one cell for each combination of a group of the first and a group of the second.
#[derive(Clone, Debug)]
pub(super) struct Interaction {
    /// Index of the first attribute.
    pub first: usize,
    /// Index of the second attribute.
    pub second: usize,
    /// Groups of the first attribute's slots.
    pub first_groups: SlotGroups,
    /// Groups of the second attribute's slots.
    pub second_groups: SlotGroups,
    /// The smoothing parameter that the screening found best.
    pub smoothing: f64,
}

/// Equal if they have the same cells of the same attributes.
impl PartialEq for Interaction {
    fn eq(&self, other: &Self) -> bool {
        (self.first, self.second, self.cell_count()) == (other.first, other.second, other.cell_count())
    }
}

impl Interaction {
    /// The number of cells.
    pub(crate) fn cell_count(&self) -> usize {
        self.first_groups.count * self.second_groups.count
    }

    /// The cell of each row.
    pub(crate) fn encode_rows(&self, design: &Design) -> Option<EncodedTerm> {
        // The base is the first term of a design.
        let (first, second) = (design.terms.get(self.first + 1)?, design.terms.get(self.second + 1)?);
        let (TermSlots::One(first), TermSlots::One(second)) = (&first.codes, &second.codes) else { return None };
        let (first, second) = (group_codes(&self.first_groups, first), group_codes(&self.second_groups, second));
        let width = self.second_groups.count as u16;
        let cells = first.zip(second).map(|(i, j)| u16::from(i) * width + u16::from(j));
        Some(EncodedTerm { slots: self.cell_count(), codes: TermSlots::One(cells.collect()) })
    }
}

/// The group of each row, from the slot of each row.
fn group_codes(groups: &SlotGroups, slots: &[u16]) -> impl Iterator<Item = u8> {
    let of_slot: Vec<u8> = (0..groups.slot_shares.len()).map(|slot| groups.group(slot).unwrap_or(0) as u8).collect();
    slots.iter().map(move |slot| of_slot.get(usize::from(*slot)).copied().unwrap_or(0))
}
