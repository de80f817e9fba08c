//! The kinds of notes on an account, for statistics.

use sweetspot_core::AttributeNoteKind;

use super::EncodedAccount;
use crate::encoder::ValueStatus;

/// The bit of unknown attributes. The others are those of the statuses of values.
const UNKNOWN_ATTRIBUTE: u8 = 1 << 7;

/// A set of kinds of notes, without those on ambiguous texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoteKinds(u8);

impl NoteKinds {
    /// Whether there is a note of this kind.
    #[must_use]
    pub const fn contains(self, kind: AttributeNoteKind) -> bool {
        let bit = match kind {
            AttributeNoteKind::Missing => status_bit(ValueStatus::Missing),
            AttributeNoteKind::UnseenCategory => status_bit(ValueStatus::Unseen),
            AttributeNoteKind::OutOfRange => status_bit(ValueStatus::OutOfRange),
            AttributeNoteKind::TypeMismatch => status_bit(ValueStatus::Mismatch),
            AttributeNoteKind::UnknownAttribute => UNKNOWN_ATTRIBUTE,
            AttributeNoteKind::Ambiguous => 0,
        };
        self.0 & bit != 0
    }
}

const fn status_bit(status: ValueStatus) -> u8 {
    1 << status as u8
}

impl EncodedAccount<'_> {
    /// The kinds of the notes on the account. Takes about a nanosecond for each attribute: every scored account is
    /// counted by them.
    #[must_use]
    pub fn note_kinds(&self) -> NoteKinds {
        let statuses = self.values.iter().fold(0, |kinds, value| kinds | status_bit(value.status));
        let missing = if self.extra_present.contains(&false) { status_bit(ValueStatus::Missing) } else { 0 };
        let unknown = if self.unknown_names.is_empty() { 0 } else { UNKNOWN_ATTRIBUTE };
        NoteKinds(statuses | missing | unknown)
    }
}
