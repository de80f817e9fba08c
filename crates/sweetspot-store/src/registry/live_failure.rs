//! Why the live version of a model does not answer.

use std::fmt;

use sweetspot_core::reportable_error::ErrorKind;
use sweetspot_core::{Digest, ModelName, ModelVersionName};

/// The live version of a model cannot be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveFailure {
    /// The model.
    pub model: ModelName,
    /// The versions that cannot be loaded, at least one: the live version, then the one before it.
    pub damaged: Vec<DamagedVersion>,
    /// The stand-in: the version that answers in place of the live one. `None` if no version can.
    pub stand_in: Option<ModelVersionName>,
}

impl LiveFailure {
    /// The kind of the error of a call that needs the live version, if there is no stand-in: that of the live version.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.damaged.first().map_or(ErrorKind::DataLoss, |live| live.kind)
    }
}

/// A version that cannot be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedVersion {
    /// The version.
    pub version: ModelVersionName,
    /// The digest of its artifact, which is the name of the blob. `None` if the row of the version cannot be read.
    pub artifact: Option<Digest>,
    /// The kind of the error.
    pub kind: ErrorKind,
    /// The public message of the error.
    pub cause: String,
}

impl fmt::Display for DamagedVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.artifact {
            Some(digest) => write!(f, "{} (blob {digest})", self.version),
            None => self.version.fmt(f),
        }
    }
}

impl fmt::Display for LiveFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model, damaged, stand_in } = self;
        let named: Vec<String> = damaged.iter().map(ToString::to_string).collect();
        let named = named.join(", ");
        match stand_in {
            Some(version) => write!(
                f,
                "the live version of {model} cannot be loaded: {named}; version {} answers in its place: restore a \
                 backup of the folder, or promote a version that can be loaded",
                version.number
            ),
            None => write!(
                f,
                "the live version of {model} cannot be loaded, nor another in its place: {named}; restore a backup of \
                 the folder and restart, or promote a version that can be loaded, or train and promote a new one"
            ),
        }
    }
}
