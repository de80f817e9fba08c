//! The kinds of blobs, and how each is verified.

use sweetspot_core::Definition;
use sweetspot_model::{ModelArtifact, Scorer, TrainingSpec};

use crate::datasets;
use crate::stored::{self, VersionedMessage as _};

/// What a blob contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum BlobKind {
    Artifact,
    Customers,
    Definition,
    TrainingSpec,
    /// No row needs the blob.
    Unused,
}

impl BlobKind {
    /// The kinds of the blobs whose digests are in a row of a kind, in order.
    pub(super) fn in_row(row_kind: &str) -> &'static [Self] {
        match row_kind {
            "model versions" => &[Self::Artifact, Self::Customers],
            "datasets" | "dataset versions" => &[Self::Customers],
            "approved definitions" => &[Self::Definition],
            "training runs" => &[Self::TrainingSpec, Self::Customers],
            _ => &[],
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Artifact => "files of models",
            Self::Customers => "files of customers",
            Self::Definition => "files of definitions",
            Self::TrainingSpec => "files of training specs",
            Self::Unused => "files that no record needs",
        }
    }

    pub(super) const fn singular(self) -> &'static str {
        match self {
            Self::Artifact => "model",
            Self::Customers => "customers",
            Self::Definition => "definition",
            Self::TrainingSpec => "training spec",
            Self::Unused => "no record needs it",
        }
    }

    /// What to do about a blob that is damaged or missing.
    pub(super) const fn remedy(self) -> &'static str {
        match self {
            Self::Artifact => "put a backup in place of the folder, or train and promote another version",
            Self::Customers => {
                "put a backup in place of the folder, import the same file again, or delete the dataset version with \
                 sweetspot data delete"
            }
            Self::Definition | Self::TrainingSpec => "put a backup in place of the folder",
            Self::Unused => "run sweetspot store gc, which removes it",
        }
    }

    /// Reads a blob as what it is. A model is compiled, which scores its golden rows again.
    pub(super) fn check(self, bytes: &[u8]) -> Result<(), String> {
        let undecodable = |error: &dyn std::error::Error| format!("it cannot be read: {error}");
        match self {
            Self::Artifact => {
                let artifact = ModelArtifact::from_bytes(bytes).map_err(|error| undecodable(&error))?;
                Scorer::compile(&artifact).map(|_scorer| ()).map_err(|error| undecodable(&error))
            }
            Self::Customers => datasets::check_customers(bytes).map_err(|error| undecodable(&error)),
            Self::Definition => {
                let stored = stored::Definition::from_bytes(bytes).map_err(|error| undecodable(&error))?;
                Definition::try_from(stored).map(|_definition| ()).map_err(|error| undecodable(&error))
            }
            Self::TrainingSpec => {
                let stored = stored::TrainingSpec::from_bytes(bytes).map_err(|error| undecodable(&error))?;
                TrainingSpec::try_from(stored).map(|_spec| ()).map_err(|error| undecodable(&error))
            }
            Self::Unused => Ok(()),
        }
    }
}
