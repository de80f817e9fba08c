//! The stored form of a definition, in a blob.

use sweetspot_core::{Definition, ModelName};

use super::DefinitionError;
use crate::store::StoreError;
use crate::stored::{self, ReadError, StoredMessage as _};

/// The maximum size of a stored definition in bytes: each change writes the whole definition.
pub const MAX_DEFINITION_BYTES: usize = 4 << 20;

/// Encodes a definition.
pub(super) fn encode(definition: &Definition) -> Result<Vec<u8>, DefinitionError> {
    let bytes = stored::Definition::from(definition.clone()).to_bytes();
    if bytes.len() > MAX_DEFINITION_BYTES {
        return Err(DefinitionError::TooLarge { bytes: bytes.len() });
    }
    Ok(bytes)
}

/// Decodes the definition of a model.
pub(super) fn decode(model: &ModelName, bytes: &[u8]) -> Result<Definition, DefinitionError> {
    let definition = stored::Definition::from_bytes(bytes).and_then(|stored| Ok(stored.try_into()?));
    definition.map_err(|error| match error {
        ReadError::UnknownFormat { .. } => StoreError::from(error).into(),
        ReadError::Decode { .. } | ReadError::Field(_) => DefinitionError::Corrupt { model: model.clone() },
    })
}

#[cfg(test)]
mod tests {
    use sweetspot_core::Finding;
    use sweetspot_core::fault::{Fault as _, FaultKind};

    use super::*;

    #[test]
    fn stored_definitions_that_cannot_be_read_are_data_loss() {
        let model: ModelName = "workspaces/w/models/m".parse().unwrap();
        let unknown_section = stored::Definition { sections: [("a".to_owned(), 9)].into(), ..Default::default() };
        for (bytes, reason) in [
            (unknown_section.to_bytes(), "DEFINITION_CORRUPT"),
            (b"\xFFdamage".to_vec(), "DEFINITION_CORRUPT"),
            (Vec::new(), "DEFINITION_CORRUPT"),
            (b"{\"hypotheses\":[]}".to_vec(), "STORED_FORMAT_UNKNOWN"),
            (vec![8, 2], "STORED_FORMAT_UNKNOWN"),
        ] {
            let error = decode(&model, &bytes).unwrap_err();
            assert_eq!((error.kind(), error.reason()), (FaultKind::DataLoss, reason), "{error}");
        }
    }

    #[test]
    fn a_stored_definition_has_a_maximum_size() {
        let finding = |id: usize| Finding { id: id.to_string(), text: "x".repeat(5000), ..Finding::default() };
        let large = Definition { findings: (0..1000).map(finding).collect(), ..Definition::default() };
        assert!(matches!(encode(&large), Err(DefinitionError::TooLarge { .. })));
    }
}
