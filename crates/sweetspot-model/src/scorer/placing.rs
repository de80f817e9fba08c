//! From values to the slots that they stand for.

use sweetspot_core::reading::{category, taken_as};
use sweetspot_core::{Account, AccountTable, Fit, Kind, Matcher, TextFormat, ValueRef};

use super::Scorer;
use super::placed::{Placed, Spot};
use crate::encoder::Reading;

impl Scorer {
    /// An account of which nothing is known.
    #[must_use]
    pub fn blank<'a>(&self) -> Placed<'a> {
        let Self { blank, .. } = self;
        blank.clone()
    }

    /// Forgets the account, but not the spots that were to be kept.
    pub fn clear(&self, placed: &mut Placed<'_>) {
        self.begin(placed, &self.blank.spots);
    }

    /// Forgets the account, and begins with another one whose spots are known, one a term.
    pub fn begin(&self, placed: &mut Placed<'_>, spots: &[Spot]) {
        placed.spots.clear();
        placed.spots.extend_from_slice(spots);
        placed.holds.copy_from_slice(&self.blank.holds);
        placed.beyond.fill(false);
        placed.unknown.clear();
        placed.items.truncate(placed.kept.items);
        placed.texts.truncate(placed.kept.texts);
    }

    /// The number of an attribute by which it is placed, if the model has it.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<usize> {
        self.attribute_of(name.as_bytes())
    }

    /// The same, of a name that nobody has read yet.
    #[inline]
    #[must_use]
    pub fn attribute_of(&self, name: &[u8]) -> Option<usize> {
        self.names.find_bytes(name).map(|number| number as usize)
    }

    /// Whether this is the name of an attribute.
    #[inline]
    #[must_use]
    pub fn is_named(&self, attribute: usize, name: &[u8]) -> bool {
        self.names.texts().get_bytes(attribute) == Some(name)
    }

    /// Places the value of an attribute. The last value of several counts.
    #[inline]
    pub fn place<'a>(&self, placed: &mut Placed<'a>, attribute: usize, value: &ValueRef<'a>) {
        if attribute < self.terms.len() {
            let spot = self.spot(placed, attribute, value);
            if let Some(place) = placed.spots.get_mut(attribute) {
                *place = spot;
            }
        }
        self.believe(placed, attribute, value);
    }

    /// Where a value of an attribute belongs, without placing it.
    #[inline]
    pub fn spot<'a>(&self, placed: &mut Placed<'a>, attribute: usize, value: &ValueRef<'a>) -> Spot {
        let Some(term) = self.terms.get(attribute) else { return Spot::of(0, Reading::Missing) };
        let mut spot = if term.feature.is_list() {
            placed.gather(|visit| term.feature.place(Some(value), visit))
        } else {
            let (slot, reading) = term.feature.place_one(value);
            Spot::of(slot, reading)
        };
        if spot.reading == Reading::Unseen
            && let Some(text) = category(value)
        {
            spot.text = placed.texts.len() as u32;
            placed.texts.push(text);
        }
        if let ValueRef::Text(text) = value
            && term.feature.parses_texts()
        {
            note_taken(placed, &mut spot, text, term.feature.kind(), term.feature.format);
        }
        spot
    }

    /// Whether an attribute is one of lists.
    #[must_use]
    pub fn is_list(&self, attribute: usize) -> bool {
        self.terms.get(attribute).is_some_and(|term| term.feature.is_list())
    }

    /// The slot of one item of an attribute of lists, if the model knows it.
    #[must_use]
    pub fn item(&self, attribute: usize, item: &str) -> Option<usize> {
        self.terms.get(attribute)?.feature.find_item(item)
    }

    /// Where a list of items belongs that were found before.
    pub fn items_spot(
        &self,
        placed: &mut Placed<'_>,
        attribute: usize,
        items: impl Iterator<Item = Option<usize>>,
    ) -> Option<Spot> {
        let feature = &self.terms.get(attribute)?.feature;
        Some(placed.gather(|visit| feature.place_found(items, visit)))
    }

    /// Where finite numbers belong that an attribute of numbers has; nothing for attributes of other kinds.
    #[must_use]
    pub fn number_spots(&self, attribute: usize) -> Option<impl Fn(f64) -> Spot> {
        let bins = self.terms.get(attribute)?.feature.bins_of_numbers()?;
        Some(|number| {
            let (slot, reading) = bins.place(number);
            Spot::of(slot, reading)
        })
    }

    /// How many attributes have slots: so many spots has an account. Their numbers come before those of the others.
    #[must_use]
    pub const fn terms(&self) -> usize {
        self.terms.len()
    }

    /// The spots of so many accounts of which nothing is known, one account after the other.
    #[must_use]
    pub fn blank_spots(&self, accounts: usize) -> Vec<Spot> {
        self.blank.spots.repeat(accounts)
    }

    /// Asks the hypotheses and gates about the value of an attribute.
    pub fn believe(&self, placed: &mut Placed<'_>, attribute: usize, value: &ValueRef<'_>) {
        let asked_by = self.asked_by(attribute);
        if let Some(known) = attribute.checked_sub(self.terms.len()).and_then(|beyond| placed.beyond.get_mut(beyond)) {
            *known = asked_by.iter().filter_map(|number| self.asked(*number)).any(|asked| asked.is_present(value));
        }
        for number in asked_by {
            if let (Some(asked), Some(holds)) = (self.asked(*number), placed.holds.get_mut(*number)) {
                *holds = asked.holds(Some(value));
            }
        }
    }

    /// Whether placing a spot is all that a value of this attribute needs.
    #[must_use]
    pub fn is_term_alone(&self, attribute: usize) -> bool {
        attribute < self.terms.len() && self.asked_by(attribute).is_empty()
    }

    /// What is asked, by number: the hypotheses, and behind them the gates.
    fn asked(&self, number: usize) -> Option<&Matcher> {
        let hypothesis = self.hypotheses.get(number).map(|hypothesis| &hypothesis.when);
        hypothesis.or_else(|| self.gates.get(number.checked_sub(self.hypotheses.len())?).map(|gate| &gate.when))
    }

    /// The hypotheses and gates that ask for an attribute.
    pub(super) fn asked_by(&self, attribute: usize) -> &[usize] {
        self.asked_by.get(attribute).map(Vec::as_slice).unwrap_or_default()
    }

    /// The account of one row of a table.
    #[must_use]
    pub fn placed_row<'a>(&self, accounts: &'a AccountTable, row: usize) -> Placed<'a> {
        let mut placed = self.blank();
        for column in accounts.columns() {
            if let Some(attribute) = self.attribute(&column.name)
                && let Some(value) = column.data.get(row)
            {
                self.place(&mut placed, attribute, &value);
            }
        }
        placed
    }

    /// Scores the account of one row of a table.
    #[must_use]
    pub fn score_row(&self, accounts: &AccountTable, row: usize) -> Fit {
        self.fit(&self.placed_row(accounts, row))
    }

    /// Places a whole account.
    #[must_use]
    pub fn placed<'a>(&self, account: &'a Account) -> Placed<'a> {
        let mut placed = self.blank();
        for (name, value) in &account.attributes {
            match self.attribute(name) {
                Some(attribute) => self.place(&mut placed, attribute, &value.as_ref()),
                None => {
                    placed.add_unknown(name);
                }
            }
        }
        placed
    }
}

/// Keeps what was taken of a text that could mean two things, for the remark about it.
#[cold]
fn note_taken(placed: &mut Placed<'_>, spot: &mut Spot, text: &str, kind: Kind, format: TextFormat) {
    if let Some(taken) = taken_as(text, kind, format) {
        spot.text = placed.texts.len() as u32;
        placed.texts.push(taken.into());
    }
}
