//! What is told of versions and promotions, and what is asked of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sweetspot_core::{Alias, DatasetVersionName, Digest, ModelName, RunName, VersionName};
use sweetspot_model::{Evaluation, Scorer};

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
    /// Where its tiers begin, if its promotion kept them as they were; else where its training put them.
    pub kept_tiers: Option<[f64; 3]>,
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

/// What became of a wish to move an alias.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PromotionKind {
    /// It points at the version that was asked for.
    #[default]
    Promoted,
    /// It points at the version before.
    RolledBack,
    /// It points where it did: a promotion check failed.
    Refused,
}

/// A promotion check that does not stop a promotion though it fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckOverride {
    /// The check's name.
    pub check: String,
    /// Why; empty: the promotion's own reason.
    pub reason: String,
}

/// Where the tiers of a version begin once it is live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TierCuts {
    /// Where its own training put them.
    #[default]
    Reset,
    /// Where those of the version that was live begin.
    Keep,
}

/// One entry of the promotion history: a move of an alias, or a refused one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromotionRecord {
    /// The model.
    pub model: ModelName,
    /// What became of it.
    pub kind: PromotionKind,
    /// The alias that moved.
    pub alias: Alias,
    /// Where it pointed before.
    pub from: Option<u64>,
    /// Where it points since; of a refusal, the version that was refused.
    pub to: u64,
    /// Who moved it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// Checks that failed and were overridden, each with its reason.
    pub overrides: Vec<CheckOverride>,
    /// Of a refusal: the checks that failed.
    pub failed: Vec<String>,
    /// Whether the version's tiers begin where those of the version before do; nothing where they were not touched.
    pub tiers_kept: Option<bool>,
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
    /// Checks that may fail.
    pub overrides: Vec<CheckOverride>,
    /// Where its tiers begin, should the alias be live.
    pub tiers: TierCuts,
    /// Why.
    pub reason: String,
    /// Who.
    pub actor: String,
    /// For repeats.
    pub request: RequestKey,
}

/// A wish to set the thresholds of a model's promotion checks.
#[derive(Clone, Debug)]
pub struct SetThresholds {
    /// The model.
    pub model: ModelName,
    /// The model's etag as last read.
    pub etag: String,
    /// New values, by the thresholds' names.
    pub set: BTreeMap<String, f64>,
    /// Thresholds that have their defaults again.
    pub reset: Vec<String>,
    /// Why.
    pub reason: String,
    /// Who.
    pub actor: String,
    /// For repeats.
    pub request: RequestKey,
}

/// The thresholds that were set for a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ThresholdsRecord {
    /// The model.
    pub model: ModelName,
    /// By name; what is not there has its default.
    pub set: BTreeMap<String, f64>,
    /// The model's etag when this was read.
    pub etag: String,
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
