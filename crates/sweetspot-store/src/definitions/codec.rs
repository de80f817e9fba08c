//! The stored form of an approved definition, in a blob.

use sweetspot_core::Definition;

use super::DefinitionError;
use crate::stored::{self, ReadError, VersionedMessage as _};

/// The maximum size of a stored definition in bytes.
pub const MAX_DEFINITION_BYTES: usize = 4 << 20;

/// Fails if a definition of this size is too large to store.
pub(super) const fn check_size(bytes: usize) -> Result<(), DefinitionError> {
    if bytes > MAX_DEFINITION_BYTES { Err(DefinitionError::TooLarge { bytes }) } else { Ok(()) }
}

/// Encodes a definition.
pub(super) fn encode(definition: &Definition) -> Result<Vec<u8>, DefinitionError> {
    let bytes = stored::Definition::from(definition.clone()).to_bytes();
    check_size(bytes.len())?;
    Ok(bytes)
}

/// Decodes a definition.
pub(super) fn decode(bytes: &[u8]) -> Result<Definition, ReadError> {
    Ok(stored::Definition::from_bytes(bytes)?.try_into()?)
}

#[cfg(test)]
mod tests {
    use sweetspot_core::Finding;

    use super::*;

    #[test]
    fn a_stored_definition_has_a_maximum_size() {
        let finding = |id: usize| Finding { id: id.to_string(), text: "x".repeat(5000), ..Finding::default() };
        let large = Definition { findings: (0..1000).map(finding).collect(), ..Definition::default() };
        assert!(matches!(encode(&large), Err(DefinitionError::TooLarge { .. })));
    }
}
