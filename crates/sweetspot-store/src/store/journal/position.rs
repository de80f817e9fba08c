//! How far rows and a journal have come.

use std::fmt;

use sweetspot_core::Digest;

use crate::stored::{FieldError, JournalPosition, ReadError, StoredField as _, VersionedMessage as _};

/// The last change that rows contain.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ChangePosition {
    /// The number of changes until then; zero before the first.
    pub sequence: u64,
    /// The chain value: the SHA-256 of the change's payload. Before the first change, the SHA-256 of nothing.
    pub chain: Digest,
}

impl ChangePosition {
    /// The position before the first change.
    #[must_use]
    pub fn start() -> Self {
        Self { sequence: 0, chain: Digest::new(b"") }
    }

    /// The stored form.
    pub(super) fn into_stored(self) -> JournalPosition {
        JournalPosition { format_version: 0, sequence: self.sequence, chain: self.chain.into_stored() }
    }

    /// Reads the stored form.
    pub(super) fn from_stored(stored: JournalPosition) -> Result<Self, FieldError> {
        let JournalPosition { format_version: _, sequence, chain } = stored;
        Ok(Self { sequence, chain: Digest::from_stored(chain, "chain")? })
    }

    /// Encodes the position for a row.
    pub(in crate::store) fn to_bytes(self) -> Vec<u8> {
        self.into_stored().to_bytes()
    }

    /// Decodes the position from a row.
    pub(in crate::store) fn from_bytes(bytes: &[u8]) -> Result<Self, ReadError> {
        Ok(Self::from_stored(JournalPosition::from_bytes(bytes)?)?)
    }
}

impl fmt::Debug for ChangePosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChangePosition({}, {})", self.sequence, self.chain)
    }
}
