//! The stored form of the registry's rows: JSON that rejects unknown fields, separate from the public types.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use sweetspot_core::{DatasetVersionName, Digest, ModelName, ModelVersionAlias, ModelVersionName, RunName};
use sweetspot_model::{Evaluation, LeaveValuesOut, ModelArtifact};

use super::model_state::{AliasMove, ModelState};
use super::records::{CheckOverride, PromotionKind};
use super::{PromotionRecord, VersionRecord};
use crate::annotations::Annotations;
use crate::store::{StoreError, json_format};

/// The row of a version.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelVersionRow {
    created: String,
    /// Empty if the version comes from another store.
    run: String,
    artifact: String,
    artifact_bytes: u64,
    schema: String,
    data: String,
    seed: u64,
    trainer_version: String,
    #[serde(with = "EvaluationRow")]
    evaluation: Evaluation,
    /// Missing in rows of earlier releases.
    #[serde(default)]
    learned_from: u64,
    /// The dataset version of the training data. Earlier releases only recorded the digest of the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dataset: Option<String>,
}

/// The stored form of an evaluation. NaN, which JSON does not have, is stored as null.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Evaluation", deny_unknown_fields)]
struct EvaluationRow {
    rows: u64,
    positives: u64,
    #[serde(deserialize_with = "figure")]
    auc: f64,
    #[serde(deserialize_with = "figure")]
    auc_low: f64,
    #[serde(deserialize_with = "figure")]
    auc_high: f64,
    #[serde(deserialize_with = "figure")]
    log_loss: f64,
    #[serde(deserialize_with = "figure")]
    brier: f64,
    #[serde(deserialize_with = "figure")]
    calibration_error: f64,
    #[serde(deserialize_with = "figure")]
    lift_at_top_decile: f64,
    value_captured_at_top_quintile: Option<f64>,
    #[serde(default)]
    accounts: u64,
    #[serde(default, with = "leave_values_out", skip_serializing_if = "Option::is_none")]
    leave_values_out: Option<LeaveValuesOut>,
}

/// The stored form of the leave-values-out check.
mod leave_values_out {
    use serde::Serializer;

    use super::{Deserialize, Deserializer, LeaveValuesOut, Serialize};

    #[derive(Serialize, Deserialize)]
    #[serde(remote = "LeaveValuesOut", deny_unknown_fields)]
    struct Fields {
        attribute: String,
        rows: u64,
        auc: f64,
        auc_low: f64,
        auc_high: f64,
        auc_with_values: f64,
        disagrees: bool,
    }

    #[derive(Serialize, Deserialize)]
    struct LeaveValuesOutRow(#[serde(with = "Fields")] LeaveValuesOut);

    #[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
    pub(super) fn serialize<S: Serializer>(check: &Option<LeaveValuesOut>, serializer: S) -> Result<S::Ok, S::Error> {
        check.clone().map(LeaveValuesOutRow).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<LeaveValuesOut>, D::Error> {
        Ok(Option::<LeaveValuesOutRow>::deserialize(deserializer)?.map(|LeaveValuesOutRow(check)| check))
    }
}

/// An entry of the promotion history.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AliasMoveRow {
    alias: String,
    from: Option<u64>,
    to: u64,
    actor: String,
    reason: String,
    time: String,
    revision: u64,
    /// `rollback` or `refusal`; missing for a promotion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// The names of the overridden checks, each with its reason; an empty one stands for the reason of the entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    overrides: Vec<(String, String)>,
    /// For a refusal, the names of the failed checks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    failed: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tiers_kept: Option<bool>,
}

/// The parts of a history entry besides the move itself.
#[derive(Debug, Default)]
pub(super) struct PromotionDetails {
    /// The kind of the entry.
    pub(super) kind: PromotionKind,
    /// The failed checks that were overridden.
    pub(super) overrides: Vec<CheckOverride>,
    /// For a refusal, the names of the failed checks.
    pub(super) failed: Vec<String>,
    /// Whether the tier cuts of the previous live version were kept. `None` if the tiers were not affected.
    pub(super) tiers_kept: Option<bool>,
}

/// The tier cuts of a version whose promotion kept those of the previous live version.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TiersRow {
    /// The minimum probabilities of tiers A, B and C.
    pub(super) cuts: [f64; 3],
}

fn figure<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Option::deserialize(deserializer).map(|figure| figure.unwrap_or(f64::NAN))
}

/// Encodes a row.
pub(super) fn encode(row: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(row).map_err(|source| backend_error("encode a row of the registry", source))
}

/// Decodes a row.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| match json_format::unknown("row of the registry", bytes) {
        Some(unknown) => unknown.into(),
        None => damaged_row(error),
    })
}

fn damaged_row(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    backend_error("read a row of the registry", source)
}

fn backend_error(action: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Backend { action, source: source.into() }
}

/// The etag of a model at a revision: unique to the model and revision.
pub(super) fn etag(model: &ModelName, revision: u64) -> String {
    let mut digest = Digest::new(format!("{model} {revision}").as_bytes()).to_string();
    digest.truncate(16);
    digest
}

impl ModelVersionRow {
    /// Creates the row of a version.
    pub(super) fn new(
        run: Option<&RunName>,
        artifact: &ModelArtifact,
        digest: Digest,
        bytes: usize,
        created: Timestamp,
        dataset: Option<&DatasetVersionName>,
    ) -> Self {
        let card = artifact.label_card();
        Self {
            created: created.to_string(),
            run: run.map(ToString::to_string).unwrap_or_default(),
            artifact: digest.to_string(),
            artifact_bytes: bytes as u64,
            schema: artifact.schema_digest().to_string(),
            data: artifact.data_sha256().to_owned(),
            seed: artifact.seed(),
            trainer_version: artifact.trainer_version().to_owned(),
            evaluation: artifact.evaluation(),
            learned_from: card.ideal + card.not_ideal,
            dataset: dataset.map(ToString::to_string),
        }
    }

    /// The time of publication.
    pub(super) fn created(&self) -> Result<Timestamp, StoreError> {
        self.created.parse().map_err(damaged_row)
    }

    /// The digest of the artifact.
    pub(super) fn artifact(&self) -> Result<Digest, StoreError> {
        self.artifact.parse().map_err(damaged_row)
    }

    /// The digest of the training data.
    pub(super) fn data(&self) -> Result<Digest, StoreError> {
        self.data.parse().map_err(damaged_row)
    }

    /// The digest of the schema, which is not stored as a blob.
    pub(super) fn schema(&self) -> Result<Digest, StoreError> {
        self.schema.parse().map_err(damaged_row)
    }

    /// The dataset version, if it was recorded.
    pub(super) fn dataset(&self) -> Result<Option<DatasetVersionName>, StoreError> {
        self.dataset.as_deref().map(str::parse).transpose().map_err(damaged_row)
    }

    /// Decodes the public record of a version, given the state of the model.
    pub(super) fn record(
        self,
        name: &ModelVersionName,
        state: &ModelState,
        kept_tiers: Option<[f64; 3]>,
        annotations: Annotations,
    ) -> Result<VersionRecord, StoreError> {
        let artifact = self.artifact()?;
        let dataset = self.dataset()?;
        let Self {
            created,
            run,
            artifact: _,
            artifact_bytes,
            schema,
            data,
            seed,
            trainer_version,
            evaluation,
            learned_from,
            dataset: _,
        } = self;
        Ok(VersionRecord {
            name: name.clone(),
            aliases: state.aliases(name.number),
            created: created.parse().map_err(damaged_row)?,
            run: if run.is_empty() { None } else { Some(run.parse().map_err(damaged_row)?) },
            artifact,
            artifact_bytes,
            schema: schema.parse().map_err(damaged_row)?,
            data: data.parse().map_err(damaged_row)?,
            seed,
            trainer_version,
            evaluation,
            training_customers: learned_from,
            dataset,
            annotations,
            tier_cuts_override: kept_tiers,
            etag: etag(&name.model, state.revision),
        })
    }
}

impl AliasMoveRow {
    /// Creates the row of a history entry.
    pub(super) fn new(
        entry: &AliasMove,
        revision: u64,
        (actor, reason): (&str, &str),
        details: PromotionDetails,
        time: Timestamp,
    ) -> Self {
        let AliasMove { number: _, alias, from_version: from, to_version: to } = *entry;
        let PromotionDetails { kind, overrides, failed, tiers_kept } = details;
        let (actor, reason, time) = (actor.to_owned(), reason.to_owned(), time.to_string());
        let kind = match kind {
            PromotionKind::Promoted => None,
            PromotionKind::RolledBack => Some("rollback".to_owned()),
            PromotionKind::Refused => Some("refusal".to_owned()),
        };
        let overrides = overrides.into_iter().map(|one| (one.check, one.reason)).collect();
        let alias = alias.as_str().to_owned();
        Self { alias, from, to, actor, reason, time, revision, kind, overrides, failed, tiers_kept }
    }

    /// Decodes the public record of a history entry.
    pub(super) fn record(self, model: &ModelName, number: u64) -> Result<PromotionRecord, StoreError> {
        let Self { alias, from, to, actor, reason, time, revision, kind, overrides, failed, tiers_kept } = self;
        let kind = match kind.as_deref() {
            None => PromotionKind::Promoted,
            Some("rollback") => PromotionKind::RolledBack,
            Some("refusal") => PromotionKind::Refused,
            Some(_) => return Err(damaged_row("it names an unknown kind of move")),
        };
        let with_reason = |(check, own): (String, String)| {
            let reason = if own.trim().is_empty() { reason.clone() } else { own };
            CheckOverride { check, reason }
        };
        let overrides = overrides.into_iter().map(with_reason).collect();
        let alias = ModelVersionAlias::parse(&alias).ok_or_else(|| damaged_row("it names an unknown alias"))?;
        let time = time.parse().map_err(damaged_row)?;
        let (model, etag) = (model.clone(), etag(model, revision));
        Ok(PromotionRecord {
            model,
            number,
            kind,
            alias,
            from_version: from,
            to_version: to,
            actor,
            reason,
            overrides,
            failed,
            tiers_kept,
            time,
            etag,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> ModelVersionName {
        ModelVersionName { model: "workspaces/w/models/m".parse().unwrap(), number: 3 }
    }

    fn version_row(evaluation: Evaluation) -> ModelVersionRow {
        let digest = || Digest::new(b"").to_string();
        ModelVersionRow {
            created: Timestamp::UNIX_EPOCH.to_string(),
            run: format!("{}/trainingRuns/r", name().model),
            artifact: digest(),
            artifact_bytes: u64::MAX,
            schema: digest(),
            data: digest(),
            seed: u64::MAX,
            trainer_version: "0.1.0".to_owned(),
            evaluation,
            learned_from: u64::MAX,
            dataset: Some("workspaces/w/datasets/d/versions/7".to_owned()),
        }
    }

    #[test]
    fn every_metric_round_trips_even_nan() {
        let evaluation =
            Evaluation { auc: 0.1 + 0.2, auc_low: f64::NAN, brier: f64::MIN_POSITIVE, ..Evaluation::default() };
        let bytes = encode(&version_row(evaluation.clone())).unwrap();
        assert!(bytes.len() < crate::store::MAX_ROW_BYTES / 2, "{}", bytes.len());
        let read = decode::<ModelVersionRow>(&bytes)
            .unwrap()
            .record(&name(), &ModelState::default(), None, Annotations::default())
            .unwrap()
            .evaluation;
        assert!(read.auc_low.is_nan() && !read.has_signal());
        assert_eq!(Evaluation { auc_low: 0.0, ..read }, Evaluation { auc_low: 0.0, ..evaluation });
    }

    #[test]
    fn a_version_row_of_an_earlier_release_has_no_training_count() {
        let whole = String::from_utf8(encode(&version_row(Evaluation::default())).unwrap()).unwrap();
        let earlier = whole.replace(&format!(",\"learned_from\":{}", u64::MAX), "");
        assert!(earlier.len() < whole.len());
        let read = |text: &str| {
            decode::<ModelVersionRow>(text.as_bytes())
                .unwrap()
                .record(&name(), &ModelState::default(), None, Annotations::default())
                .unwrap()
        };
        assert_eq!((read(&whole).training_customers, read(&earlier).training_customers), (u64::MAX, 0));
    }

    #[test]
    fn damaged_registry_rows_are_errors() {
        let whole = String::from_utf8(encode(&version_row(Evaluation::default())).unwrap()).unwrap();
        for damaged in
            [whole.replacen('{', "{\"new\":1,", 1), whole.replace("\"seed\"", "\"sead\""), whole[1..].to_owned()]
        {
            assert!(decode::<ModelVersionRow>(damaged.as_bytes()).is_err(), "{damaged}");
        }
        let newer = whole.replacen('{', "{\"format\":2,", 1);
        let error = decode::<ModelVersionRow>(newer.as_bytes()).unwrap_err();
        assert!(error.to_string().starts_with("the row of the registry has format 2,"), "{error}");
        for (part, other) in [("1970", "197O"), ("/r\"", "/R\""), ("e3b0c44298", "")] {
            let row = decode::<ModelVersionRow>(whole.replace(part, other).as_bytes()).unwrap();
            assert!(row.record(&name(), &ModelState::default(), None, Annotations::default()).is_err(), "{part}");
        }
        let entry = AliasMove { number: 1, alias: ModelVersionAlias::Live, from_version: None, to_version: 3 };
        let row =
            encode(&AliasMoveRow::new(&entry, 1, ("ann", ""), PromotionDetails::default(), Timestamp::UNIX_EPOCH))
                .unwrap();
        assert_eq!(decode::<AliasMoveRow>(&row).unwrap().record(&name().model, 1).unwrap().to_version, 3);
        let unknown = String::from_utf8(row).unwrap().replace("live", "dead");
        assert!(decode::<AliasMoveRow>(unknown.as_bytes()).unwrap().record(&name().model, 1).is_err());
    }

    #[test]
    fn etags_differ_by_model_and_revision() {
        let other = "workspaces/w/models/n".parse().unwrap();
        let etags = [etag(&name().model, 1), etag(&name().model, 2), etag(&other, 1)];
        assert!(etags.iter().all(|etag| etag.len() == 16));
        assert!(etags[0] != etags[1] && etags[0] != etags[2]);
        assert_eq!(etags[0], etag(&name().model, 1));
    }
}
