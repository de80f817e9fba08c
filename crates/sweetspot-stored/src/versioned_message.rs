//! Messages that are stored on their own, not within another message; each has the number of its format.

use prost::Message;
use thiserror::Error;

use crate::{
    ApprovedVersion, Definition, DefinitionChange, DefinitionEntry, DefinitionHead, FieldError, JournalChange,
    JournalCheckpoint, JournalPosition, TrainingRun, TrainingSpec,
};

/// An error of reading a stored message.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ReadError {
    /// The bytes are not a message.
    #[error("the bytes of the {name} cannot be decoded")]
    Decode {
        /// The name of the message.
        name: &'static str,
    },
    /// The message has a format that this program does not know. Development versions stored JSON, which has format 0.
    #[error(
        "the {name} has format {found}, and this program reads format {known}: use the version of the program that \
         wrote it, or recreate the store"
    )]
    UnknownFormat {
        /// The name of the message.
        name: &'static str,
        /// Its format.
        found: u32,
        /// The format that this program reads.
        known: u32,
    },
    /// A field is missing or has an unknown value.
    #[error("a stored message has {0}")]
    Field(#[from] FieldError),
}

/// A message that is stored on its own, not within another message.
pub trait VersionedMessage: Message + Default {
    /// The name of the message in errors.
    const NAME: &'static str;
    /// The number of the format that this program reads and writes.
    const FORMAT: u32;

    /// The number of the message's format.
    fn format_version(&mut self) -> &mut u32;

    /// Encodes the message, with the number of the format that this program writes.
    #[must_use]
    fn to_bytes(mut self) -> Vec<u8> {
        *self.format_version() = Self::FORMAT;
        self.encode_to_vec()
    }

    /// Decodes a message.
    ///
    /// # Errors
    /// If the bytes are damaged, or have a format that this program does not know.
    fn from_bytes(bytes: &[u8]) -> Result<Self, ReadError> {
        if bytes.starts_with(b"{") {
            return Err(ReadError::UnknownFormat { name: Self::NAME, found: 0, known: Self::FORMAT });
        }
        let mut message = Self::decode(bytes).map_err(|_| ReadError::Decode { name: Self::NAME })?;
        match *message.format_version() {
            0 => Err(ReadError::Decode { name: Self::NAME }),
            found if found == Self::FORMAT => Ok(message),
            found => Err(ReadError::UnknownFormat { name: Self::NAME, found, known: Self::FORMAT }),
        }
    }
}

macro_rules! stored_messages {
    ($($message:ident: $name:literal, $format:literal;)+) => {$(
        impl VersionedMessage for $message {
            const NAME: &'static str = $name;
            const FORMAT: u32 = $format;

            fn format_version(&mut self) -> &mut u32 {
                &mut self.format_version
            }
        }
    )+};
}

stored_messages!(
    ApprovedVersion: "approved version of a definition", 1;
    Definition: "definition", 1;
    DefinitionChange: "change of a definition", 1;
    DefinitionEntry: "entry of a definition", 1;
    DefinitionHead: "state of a definition", 2;
    JournalChange: "change in the journal", 1;
    JournalCheckpoint: "checkpoint of the journal", 1;
    JournalPosition: "position of the rows in the journal", 1;
    TrainingRun: "training run", 1;
    TrainingSpec: "training spec", 1;
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_another_format_is_refused_by_name() {
        let bytes = TrainingSpec { seed: 7, ..TrainingSpec::default() }.to_bytes();
        assert_eq!(TrainingSpec::from_bytes(&bytes).unwrap().seed, 7);
        let newer = TrainingSpec { format_version: 2, ..TrainingSpec::default() }.encode_to_vec();
        for (bytes, found) in [(newer.as_slice(), 2), (b"{\"seed\":7}", 0)] {
            let error = TrainingSpec::from_bytes(bytes).unwrap_err();
            assert_eq!(error, ReadError::UnknownFormat { name: "training spec", found, known: 1 });
            let text = error.to_string();
            assert!(text.starts_with(&format!("the training spec has format {found},")), "{text}");
        }
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let bytes = TrainingSpec { seed: 7, ..TrainingSpec::default() }.to_bytes();
        for damaged in [&bytes[..bytes.len() - 1], &bytes[1..], b"", b"\xFF"] {
            assert_eq!(TrainingSpec::from_bytes(damaged), Err(ReadError::Decode { name: "training spec" }));
        }
    }
}
