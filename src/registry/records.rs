//! What is told of versions and promotions, and what is asked of them.

use jiff::Timestamp;

use crate::domain::{Alias, DatasetVersionName, Digest, ModelName, RunName, VersionName};
use crate::model::{Evaluation, Scorer};
use crate::store::RequestKey;

/// A version ready to score.
#[derive(Debug)]
pub struct Loaded {
    /// Which version.
    pub name: VersionName,
    /// Its name as every answer gives it.
    pub resource: String,
    /// Its model.
    pub scorer: Scorer,
}

/// What is known of a version without opening its artifact.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionRecord {
    /// Which version.
    pub name: VersionName,
    /// The aliases that point at it, in the order of [`Alias::ALL`].
    pub aliases: Vec<Alias>,
    /// When it was published.
    pub created: Timestamp,
    /// The run that trained it.
    pub run: RunName,
    /// Digest of its artifact.
    pub artifact: Digest,
    /// Size of its artifact.
    pub artifact_bytes: u64,
    /// Digest of its attributes and encoders.
    pub schema: Digest,
    /// Digest of its training data.
    pub data: Digest,
    /// Seed of its training.
    pub seed: u64,
    /// Version of the program that trained it.
    pub trainer_version: String,
    /// How good it is.
    pub evaluation: Evaluation,
    /// Customers with a label, which it learned from; 0 where the release that trained it did not keep the number.
    pub learned_from: u64,
    /// The dataset version that it stands on; unknown where an earlier release trained it, none where it learned from no
    /// import.
    pub dataset: Option<DatasetVersionName>,
    /// The model's etag when this was read.
    pub etag: String,
}

/// The customers that a version was trained on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataUse {
    /// The version.
    pub version: VersionName,
    /// The dataset version; unknown where an earlier release trained it.
    pub dataset: Option<DatasetVersionName>,
    /// Digest of the customers.
    pub data: Digest,
}

/// One move of an alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromotionRecord {
    /// The model.
    pub model: ModelName,
    /// The alias that moved.
    pub alias: Alias,
    /// Where it pointed before.
    pub from: Option<u64>,
    /// Where it points since.
    pub to: u64,
    /// Who moved it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// When.
    pub time: Timestamp,
    /// The model's etag since.
    pub etag: String,
}

/// A wish to move an alias to a version.
#[derive(Clone, Debug)]
pub struct Promote {
    /// The version.
    pub version: VersionName,
    /// The alias.
    pub alias: Alias,
    /// The model's etag as last read.
    pub etag: String,
    /// Promote although a gate fails.
    pub override_gates: bool,
    /// Why.
    pub reason: String,
    /// Who.
    pub actor: String,
    /// For repeats.
    pub request: RequestKey,
}

/// A wish to move an alias back to where it pointed before.
#[derive(Clone, Debug)]
pub struct Rollback {
    /// The model.
    pub model: ModelName,
    /// The alias.
    pub alias: Alias,
    /// The model's etag as last read.
    pub etag: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub actor: String,
    /// For repeats.
    pub request: RequestKey,
}
