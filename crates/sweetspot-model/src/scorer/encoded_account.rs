//! Accounts encoded as the slots that their attributes fill.

use std::borrow::Cow;

use crate::encoder::ValueStatus;

/// The slots that one account fills. Valid only for the scorer that created it; reused from account to account.
#[derive(Clone, Debug)]
pub struct EncodedAccount<'a> {
    /// One value per term, in the model's order.
    pub(super) values: Vec<EncodedValue>,
    /// Whether the condition of each hypothesis, and then of each exclusion rule, holds.
    pub(super) conditions_met: Vec<bool>,
    /// Whether each attribute that only hypotheses use has a value.
    pub(super) extra_present: Vec<bool>,
    /// The names that the model does not have, sorted, without repetitions.
    pub(super) unknown_names: Vec<&'a str>,
    pub(super) items: Vec<u32>,
    pub(super) texts: Vec<Cow<'a, str>>,
    /// The part of `items` and `texts` that is retained when the account is cleared.
    pub(super) checkpoint: Checkpoint,
}

/// The lengths of the storage that encoded values refer to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Checkpoint {
    pub(super) items: usize,
    pub(super) texts: usize,
}

/// The encoded value of one attribute.
#[derive(Clone, Copy, Debug)]
pub struct EncodedValue {
    /// The slot if there is exactly one; otherwise the start of the slots in the account's items.
    first: u32,
    count: u32,
    /// The status of the value.
    pub(super) status: ValueStatus,
    /// The index of the text in a pooled slot, or of how an ambiguous text was read; `u32::MAX` if there is none.
    pub(super) text_index: u32,
}

impl EncodedValue {
    /// A single slot, without a text.
    pub(super) const fn single_slot(slot: usize, reading: ValueStatus) -> Self {
        // The number of slots is limited by the number of customers that fill them.
        Self { first: slot as u32, count: 1, status: reading, text_index: u32::MAX }
    }

    /// Whether a text is stored for it.
    pub(super) const fn has_text(self) -> bool {
        self.text_index != u32::MAX
    }

    /// The slot of an attribute that fills exactly one.
    pub(super) const fn first_slot(self) -> usize {
        self.first as usize
    }
}

impl<'a> EncodedAccount<'a> {
    /// The slots of an encoded value.
    pub(super) fn slots<'s>(&'s self, encoded_value: &'s EncodedValue) -> &'s [u32] {
        if encoded_value.count == 1 {
            return std::slice::from_ref(&encoded_value.first);
        }
        let first = encoded_value.first as usize;
        self.items.get(first..first + encoded_value.count as usize).unwrap_or_default()
    }

    /// The text in the pooled slot of an encoded value.
    pub(super) fn pooled_text(&self, encoded_value: &EncodedValue) -> Option<&str> {
        self.texts.get(encoded_value.text_index as usize).map(AsRef::as_ref)
    }

    /// Collects the visited slots into an encoded value.
    pub(super) fn collect_slots(&mut self, place: impl FnOnce(&mut dyn FnMut(usize)) -> ValueStatus) -> EncodedValue {
        let (mut first, mut count, begin) = (0, 0, self.items.len());
        let reading = place(&mut |slot| {
            match count {
                0 => first = slot as u32,
                1 => self.items.extend([first, slot as u32]),
                _ => self.items.push(slot as u32),
            }
            count += 1;
        });
        EncodedValue {
            first: if count < 2 { first } else { begin as u32 },
            count,
            status: reading,
            text_index: u32::MAX,
        }
    }

    /// Records an attribute that the model does not have. Returns whether its name is new.
    pub fn add_unknown_name(&mut self, name: &'a str) -> bool {
        let place = self.unknown_names.binary_search(&name);
        if let Err(place) = place {
            self.unknown_names.insert(place, name);
        }
        place.is_err()
    }

    /// The names of attributes that the model does not have, sorted, without repetitions.
    #[must_use]
    pub fn unknown_names(&self) -> &[&'a str] {
        &self.unknown_names
    }

    /// A checkpoint that covers the values encoded so far.
    #[must_use]
    pub const fn checkpoint(&self) -> Checkpoint {
        Checkpoint { items: self.items.len(), texts: self.texts.len() }
    }

    /// Retains the values encoded before this checkpoint when the account is cleared, and discards later ones.
    pub fn retain_checkpoint(&mut self, mark: Checkpoint) {
        self.items.truncate(mark.items);
        self.texts.truncate(mark.texts);
        self.checkpoint = mark;
    }
}

/// An account without any values, for a scorer under construction.
pub(super) fn blank_account(
    missing: impl Iterator<Item = usize>,
    holds: Vec<bool>,
    beyond: usize,
) -> EncodedAccount<'static> {
    EncodedAccount {
        values: missing.map(|slot| EncodedValue::single_slot(slot, ValueStatus::Missing)).collect(),
        conditions_met: holds,
        extra_present: vec![false; beyond],
        unknown_names: Vec::new(),
        items: Vec::new(),
        texts: Vec::new(),
        checkpoint: Checkpoint::default(),
    }
}
