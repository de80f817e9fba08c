//! The kinds of notes on an account, for statistics.

use sweetspot_core::AttributeNoteKind;

use super::EncodedAccount;
use super::reasons::note_kind;

/// A set of kinds of notes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoteKinds(u8);

impl NoteKinds {
    /// Whether there is a note of this kind.
    #[must_use]
    pub const fn contains(self, kind: AttributeNoteKind) -> bool {
        self.0 & Self::bit(kind) != 0
    }

    const fn bit(kind: AttributeNoteKind) -> u8 {
        1 << kind as u8
    }
}

impl EncodedAccount<'_> {
    /// The kinds of all notes on the account, except on ambiguous texts, at less cost than the notes.
    #[must_use]
    pub fn note_kinds(&self) -> NoteKinds {
        let statuses = self.values.iter().filter_map(|value| note_kind(value.status));
        let missing = self.extra_present.contains(&false).then_some(AttributeNoteKind::Missing);
        let unknown = (!self.unknown_names.is_empty()).then_some(AttributeNoteKind::UnknownAttribute);
        NoteKinds(statuses.chain(missing).chain(unknown).fold(0, |kinds, kind| kinds | NoteKinds::bit(kind)))
    }
}
