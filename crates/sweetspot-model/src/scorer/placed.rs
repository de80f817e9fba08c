//! An account as a model sees it: which slots its attributes fill.

use std::borrow::Cow;

use crate::encoder::Reading;

/// The slots that one account fills. Made by one scorer and for it alone; used again from account to account.
#[derive(Clone, Debug)]
pub struct Placed<'a> {
    /// One a term, in the model's order.
    pub(super) spots: Vec<Spot>,
    /// Whether each hypothesis holds, and then each gate.
    pub(super) holds: Vec<bool>,
    /// Whether each attribute that only hypotheses ask for is there.
    pub(super) beyond: Vec<bool>,
    /// Names that the model does not know, each once, in order.
    pub(super) unknown: Vec<&'a str>,
    pub(super) items: Vec<u32>,
    pub(super) texts: Vec<Cow<'a, str>>,
    /// What outlives the account.
    pub(super) kept: Mark,
}

/// How much of what spots point at is there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mark {
    pub(super) items: usize,
    pub(super) texts: usize,
}

/// Where the value of one attribute belongs.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    /// The slot; of none or several, where they begin among the items.
    first: u32,
    count: u32,
    /// What became of the value.
    pub(super) reading: Reading,
    /// The text that stands in a pooled slot, or what was taken of one that could mean two things, by number; beyond the texts
    /// where there is none.
    pub(super) text: u32,
}

impl Spot {
    /// One slot, without a text.
    pub(super) const fn of(slot: usize, reading: Reading) -> Self {
        // Slots are bounded by the customers that filled them.
        Self { first: slot as u32, count: 1, reading, text: u32::MAX }
    }

    /// Whether a text is kept for it.
    pub(super) const fn has_text(self) -> bool {
        self.text != u32::MAX
    }

    /// The slot of an attribute that fills just one.
    pub(super) const fn slot(self) -> usize {
        self.first as usize
    }
}

impl<'a> Placed<'a> {
    /// The slots of a spot.
    pub(super) fn slots<'s>(&'s self, spot: &'s Spot) -> &'s [u32] {
        if spot.count == 1 {
            return std::slice::from_ref(&spot.first);
        }
        let first = spot.first as usize;
        self.items.get(first..first + spot.count as usize).unwrap_or_default()
    }

    /// The text that stands in a spot's pooled slot.
    pub(super) fn text(&self, spot: &Spot) -> Option<&str> {
        self.texts.get(spot.text as usize).map(AsRef::as_ref)
    }

    /// The spot of the slots that are visited.
    pub(super) fn gather(&mut self, place: impl FnOnce(&mut dyn FnMut(usize)) -> Reading) -> Spot {
        let (mut first, mut count, begin) = (0, 0, self.items.len());
        let reading = place(&mut |slot| {
            match count {
                0 => first = slot as u32,
                1 => self.items.extend([first, slot as u32]),
                _ => self.items.push(slot as u32),
            }
            count += 1;
        });
        Spot { first: if count < 2 { first } else { begin as u32 }, count, reading, text: u32::MAX }
    }

    /// Notes an attribute that the model does not have; whether it comes for the first time.
    pub fn add_unknown(&mut self, name: &'a str) -> bool {
        let place = self.unknown.binary_search(&name);
        if let Err(place) = place {
            self.unknown.insert(place, name);
        }
        place.is_err()
    }

    /// The names of attributes that the model does not have, each once, in order.
    #[must_use]
    pub fn unknown(&self) -> &[&'a str] {
        &self.unknown
    }

    /// What is needed by the spots found so far.
    #[must_use]
    pub const fn mark(&self) -> Mark {
        Mark { items: self.items.len(), texts: self.texts.len() }
    }

    /// From now on, whatever accounts come and go, spots found up to this mark stay usable, and those found after it do not.
    pub fn keep(&mut self, mark: Mark) {
        self.items.truncate(mark.items);
        self.texts.truncate(mark.texts);
        self.kept = mark;
    }
}

/// An account of which nothing is known, before there is a scorer.
pub(super) fn blank(missing: impl Iterator<Item = usize>, holds: Vec<bool>, beyond: usize) -> Placed<'static> {
    Placed {
        spots: missing.map(|slot| Spot::of(slot, Reading::Missing)).collect(),
        holds,
        beyond: vec![false; beyond],
        unknown: Vec::new(),
        items: Vec::new(),
        texts: Vec::new(),
        kept: Mark::default(),
    }
}
