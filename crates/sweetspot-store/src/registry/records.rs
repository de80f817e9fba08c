//! Records of versions and promotions, and requests to change them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use sweetspot_core::{DatasetVersionName, Digest, ModelName, ModelVersionAlias, ModelVersionName, RunName};
use sweetspot_model::{Evaluation, ModelArtifact, Scorer};

use super::LiveFailure;
use crate::annotations::Annotations;
use crate::store::RequestKey;

/// A version that is ready to score.
#[derive(Debug)]
pub struct LoadedVersion {
    /// The name of the version.
    pub name: ModelVersionName,
    /// The resource name of the version, as in responses.
    pub resource: String,
    /// The compiled model.
    pub scorer: Scorer,
}

/// The metadata of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelRecord {
    /// The name of the model.
    pub name: ModelName,
    /// The numbers of the versions that the aliases point at, in the order of [`ModelVersionAlias::ALL`].
    pub alias_targets: [Option<u64>; 3],
    /// The number of versions.
    pub version_count: u64,
    /// The time of the first version.
    pub created: Timestamp,
    /// The time of the last change: of a new version, an alias, or a threshold.
    pub updated: Timestamp,
    /// The etag of the model when this was read.
    pub etag: String,
    /// The reason why the live version does not answer. `None` if it does, or if the model has none.
    pub live_failure: Option<Arc<LiveFailure>>,
}

/// The metadata of a version, which is available without its artifact.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionRecord {
    /// The name of the version.
    pub name: ModelVersionName,
    /// The aliases that point at it, in the order of [`ModelVersionAlias::ALL`].
    pub aliases: Vec<ModelVersionAlias>,
    /// The time of publication.
    pub created: Timestamp,
    /// The run that trained it. `None` if it comes from another store.
    pub run: Option<RunName>,
    /// The digest of the artifact.
    pub artifact: Digest,
    /// The size of the artifact in bytes.
    pub artifact_bytes: u64,
    /// The digest of the attributes and encoders.
    pub schema: Digest,
    /// The digest of the training data.
    pub data: Digest,
    /// The seed of the training.
    pub seed: u64,
    /// The release of Sweetspot that trained it.
    pub trainer_version: String,
    /// The evaluation of the model.
    pub evaluation: Evaluation,
    /// The number of labelled customers in the training data; 0 if the release that trained it did not store the
    /// number.
    pub training_customers: u64,
    /// The dataset version of the training data. `None` if an earlier release trained it, or if the customers were not
    /// imported.
    pub dataset: Option<DatasetVersionName>,
    /// What people wrote on it.
    pub annotations: Annotations,
    /// The tier cuts, if its promotion kept those of the previous live version. `None` for those of its own training.
    pub tier_cuts_override: Option<[f64; 3]>,
    /// The etag of the model when this was read.
    pub etag: String,
}

/// The training data of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingDataRef {
    /// The version.
    pub version: ModelVersionName,
    /// The dataset version. `None` if an earlier release trained the version.
    pub dataset: Option<DatasetVersionName>,
    /// The digest of the customers.
    pub data: Digest,
}

/// The kind of an entry of the promotion history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PromotionKind {
    /// The alias points at the requested version.
    #[default]
    Promoted,
    /// The alias points at the version before.
    RolledBack,
    /// The alias is unchanged because a promotion check failed.
    Refused,
}

/// An override: the promotion check may fail without preventing the promotion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckOverride {
    /// The name of the check.
    pub check: String,
    /// The reason. If it is empty, the reason of the promotion applies.
    pub reason: String,
}

/// Which tier cuts a version gets that goes live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TierCutsChoice {
    /// The tier cuts of its own training.
    #[default]
    Reset,
    /// The tier cuts of the previous live version.
    Keep,
}

/// An entry of the promotion history: a move of an alias, or a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromotionRecord {
    /// The model.
    pub model: ModelName,
    /// The number of the entry, from 1.
    pub number: u64,
    /// The kind of the entry.
    pub kind: PromotionKind,
    /// The alias that was or would have been moved.
    pub alias: ModelVersionAlias,
    /// The version that the alias pointed at before.
    pub from_version: Option<u64>,
    /// The version that the alias points at now; for a refusal, the version that was refused.
    pub to_version: u64,
    /// The user who requested it.
    pub actor: String,
    /// The reason.
    pub reason: String,
    /// The failed checks that were overridden, each with its reason.
    pub overrides: Vec<CheckOverride>,
    /// For a refusal, the names of the failed checks.
    pub failed: Vec<String>,
    /// Whether the tier cuts of the previous live version were kept. `None` if the tiers were not affected.
    pub tiers_kept: Option<bool>,
    /// The time.
    pub time: Timestamp,
    /// The etag of the model after the entry.
    pub etag: String,
}

/// A request to move an alias to a version.
#[derive(Clone, Debug)]
pub struct PromoteRequest {
    /// The version.
    pub version: ModelVersionName,
    /// The alias.
    pub alias: ModelVersionAlias,
    /// The etag of the model as last read.
    pub etag: String,
    /// The checks that may fail.
    pub overrides: Vec<CheckOverride>,
    /// The tier cuts, if the alias is `live`.
    pub tiers: TierCutsChoice,
    /// The reason.
    pub reason: String,
    /// The user who requests it.
    pub actor: String,
    /// The key that identifies repeated requests.
    pub request: RequestKey,
}

/// A request to change what is written on a version. Fields that are `None` keep their value.
#[derive(Clone, Debug)]
pub struct UpdateVersionRequest {
    /// The version.
    pub version: ModelVersionName,
    /// The etag of the model as last read. If it is empty, the current state is changed.
    pub etag: String,
    /// The new labels, which replace all others.
    pub labels: Option<BTreeMap<String, String>>,
    /// The new description.
    pub description: Option<String>,
    /// The new owner.
    pub owner: Option<String>,
    /// The key that identifies repeated requests.
    pub request: RequestKey,
}

/// A request to add the version of another store.
#[derive(Clone, Debug)]
pub struct ImportVersionRequest {
    /// The model that gets a new version.
    pub model: ModelName,
    /// The version.
    pub artifact: ModelArtifact,
    /// What is written on it.
    pub annotations: Annotations,
    /// The key that identifies repeated requests.
    pub request: RequestKey,
}

/// A request to delete a version.
#[derive(Clone, Debug)]
pub struct DeleteVersionRequest {
    /// The version.
    pub version: ModelVersionName,
    /// The etag of the model as last read. If it is empty, the current state is changed.
    pub etag: String,
    /// The reason.
    pub reason: String,
    /// The user who requests it.
    pub actor: String,
    /// The key that identifies repeated requests.
    pub request: RequestKey,
}

/// A request to delete a model.
#[derive(Clone, Debug)]
pub struct DeleteModelRequest {
    /// The model.
    pub model: ModelName,
    /// The etag of the model as last read.
    pub etag: String,
    /// Whether to delete its versions and everything else that belongs to it.
    pub force: bool,
    /// The reason.
    pub reason: String,
    /// The user who requests it.
    pub actor: String,
    /// The key that identifies repeated requests.
    pub request: RequestKey,
}

/// A request to set the thresholds of a model's promotion checks.
#[derive(Clone, Debug)]
pub struct SetThresholdsRequest {
    /// The model.
    pub model: ModelName,
    /// The etag of the model as last read.
    pub etag: String,
    /// The new values, by the names of the thresholds.
    pub new_values: BTreeMap<String, f64>,
    /// The names of the thresholds to reset to their defaults.
    pub reset_names: Vec<String>,
    /// The reason.
    pub reason: String,
    /// The user who requests it.
    pub actor: String,
    /// The key that identifies repeated requests.
    pub request: RequestKey,
}

/// The thresholds that are set for a model.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckThresholds {
    /// The model.
    pub model: ModelName,
    /// The values by name. Thresholds that are not included have their defaults.
    pub values: BTreeMap<String, f64>,
    /// The etag of the model when this was read.
    pub etag: String,
}

/// A request to roll an alias back to the version before the current one.
#[derive(Clone, Debug)]
pub struct RollbackRequest {
    /// The model.
    pub model: ModelName,
    /// The alias.
    pub alias: ModelVersionAlias,
    /// The etag of the model as last read.
    pub etag: String,
    /// The reason.
    pub reason: String,
    /// The user who requests it.
    pub actor: String,
    /// The key that identifies repeated requests.
    pub request: RequestKey,
}
