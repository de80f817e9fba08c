//! The registry's rows as they are kept: JSON, closed to unknown fields, apart from what the rest of the program sees.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use sweetspot_core::{Alias, DatasetVersionName, Digest, ModelName, RunName, VersionName};
use sweetspot_model::{Evaluation, LeaveValuesOut, ModelArtifact};

use super::head::{Head, Move};
use super::records::{CheckOverride, PromotionKind};
use super::{PromotionRecord, VersionRecord};
use crate::store::StoreError;

/// One version.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VersionRow {
    created: String,
    run: String,
    artifact: String,
    artifact_bytes: u64,
    schema: String,
    data: String,
    seed: u64,
    trainer_version: String,
    #[serde(with = "EvaluationRow")]
    evaluation: Evaluation,
    /// Rows of earlier releases do not have it.
    #[serde(default)]
    learned_from: u64,
    /// The dataset version that it stands on; earlier releases recorded the digest of the data alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dataset: Option<String>,
}

/// How an evaluation is kept. JSON has no NaN: it stands there as null.
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

/// How the check that leaves values out is kept.
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
    struct Row(#[serde(with = "Fields")] LeaveValuesOut);

    #[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
    pub(super) fn serialize<S: Serializer>(check: &Option<LeaveValuesOut>, serializer: S) -> Result<S::Ok, S::Error> {
        check.clone().map(Row).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<LeaveValuesOut>, D::Error> {
        Ok(Option::<Row>::deserialize(deserializer)?.map(|Row(check)| check))
    }
}

/// One entry of the promotion history.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MoveRow {
    alias: String,
    from: Option<u64>,
    to: u64,
    actor: String,
    reason: String,
    time: String,
    revision: u64,
    /// Nothing of a promotion, `rollback`, `refusal`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// Names of overridden checks, each with the reason; empty: the entry's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    overrides: Vec<(String, String)>,
    /// Of a refusal: the names of the checks that failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    failed: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tiers_kept: Option<bool>,
}

/// What an entry of the history says besides the move itself.
#[derive(Debug, Default)]
pub(super) struct MoveNotes {
    /// What became of it.
    pub(super) kind: PromotionKind,
    /// Checks that failed and were overridden.
    pub(super) overrides: Vec<CheckOverride>,
    /// Of a refusal: the checks that failed.
    pub(super) failed: Vec<String>,
    /// Whether tiers were kept or reset; nothing where they were not touched.
    pub(super) tiers_kept: Option<bool>,
}

/// Where the tiers of a version begin that was promoted with those of the version before it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TiersRow {
    /// The least probability of tier A, of B, and of C.
    pub(super) cuts: [f64; 3],
}

fn figure<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Option::deserialize(deserializer).map(|figure| figure.unwrap_or(f64::NAN))
}

/// The bytes of a row.
pub(super) fn encode(row: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(row).map_err(|source| backend("encode a row of the registry", source))
}

/// A row from its bytes.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(damaged)
}

fn damaged(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    backend("read a row of the registry", source)
}

fn backend(action: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Backend { action, source: source.into() }
}

/// The etag of a model at a revision: equal only for the same model and the same revision.
pub(super) fn etag(model: &ModelName, revision: u64) -> String {
    let mut digest = Digest::of(format!("{model} {revision}").as_bytes()).to_string();
    digest.truncate(16);
    digest
}

impl VersionRow {
    /// What is kept of a version.
    pub(super) fn new(
        run: &RunName,
        artifact: &ModelArtifact,
        digest: Digest,
        bytes: usize,
        created: Timestamp,
        dataset: Option<&DatasetVersionName>,
    ) -> Self {
        let card = artifact.label_card();
        Self {
            created: created.to_string(),
            run: run.to_string(),
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

    /// The name of the artifact's bytes.
    pub(super) fn artifact(&self) -> Result<Digest, StoreError> {
        self.artifact.parse().map_err(damaged)
    }

    /// The digest of the data.
    pub(super) fn data(&self) -> Result<Digest, StoreError> {
        self.data.parse().map_err(damaged)
    }

    /// The dataset version that it stands on, where that is recorded.
    pub(super) fn dataset(&self) -> Result<Option<DatasetVersionName>, StoreError> {
        self.dataset.as_deref().map(str::parse).transpose().map_err(damaged)
    }

    /// What is told of a version, as the model stands.
    pub(super) fn record(
        self,
        name: &VersionName,
        head: &Head,
        kept_tiers: Option<[f64; 3]>,
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
            aliases: head.aliases(name.number),
            created: created.parse().map_err(damaged)?,
            run: run.parse().map_err(damaged)?,
            artifact,
            artifact_bytes,
            schema: schema.parse().map_err(damaged)?,
            data: data.parse().map_err(damaged)?,
            seed,
            trainer_version,
            evaluation,
            learned_from,
            dataset,
            kept_tiers,
            etag: etag(&name.model, head.revision),
        })
    }
}

impl MoveRow {
    /// What is kept of a move.
    pub(super) fn new(
        entry: &Move,
        revision: u64,
        (actor, reason): (&str, &str),
        notes: MoveNotes,
        time: Timestamp,
    ) -> Self {
        let Move { number: _, alias, from, to } = *entry;
        let MoveNotes { kind, overrides, failed, tiers_kept } = notes;
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

    /// What is told of a move.
    pub(super) fn record(self, model: &ModelName) -> Result<PromotionRecord, StoreError> {
        let Self { alias, from, to, actor, reason, time, revision, kind, overrides, failed, tiers_kept } = self;
        let kind = match kind.as_deref() {
            None => PromotionKind::Promoted,
            Some("rollback") => PromotionKind::RolledBack,
            Some("refusal") => PromotionKind::Refused,
            Some(_) => return Err(damaged("it names an unknown kind of move")),
        };
        let with_reason = |(check, own): (String, String)| {
            let reason = if own.trim().is_empty() { reason.clone() } else { own };
            CheckOverride { check, reason }
        };
        let overrides = overrides.into_iter().map(with_reason).collect();
        let alias = Alias::parse(&alias).ok_or_else(|| damaged("it names an unknown alias"))?;
        let time = time.parse().map_err(damaged)?;
        let (model, etag) = (model.clone(), etag(model, revision));
        Ok(PromotionRecord { model, kind, alias, from, to, actor, reason, overrides, failed, tiers_kept, time, etag })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> VersionName {
        VersionName { model: "workspaces/w/models/m".parse().unwrap(), number: 3 }
    }

    fn version_row(evaluation: Evaluation) -> VersionRow {
        let digest = || Digest::of(b"").to_string();
        VersionRow {
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
    fn every_figure_survives_its_row_even_what_is_no_number() {
        let evaluation =
            Evaluation { auc: 0.1 + 0.2, auc_low: f64::NAN, brier: f64::MIN_POSITIVE, ..Evaluation::default() };
        let bytes = encode(&version_row(evaluation.clone())).unwrap();
        assert!(bytes.len() < crate::store::MAX_ROW_BYTES / 2, "{}", bytes.len());
        let read = decode::<VersionRow>(&bytes).unwrap().record(&name(), &Head::default(), None).unwrap().evaluation;
        assert!(read.auc_low.is_nan() && !read.has_signal());
        assert_eq!(Evaluation { auc_low: 0.0, ..read }, Evaluation { auc_low: 0.0, ..evaluation });
    }

    #[test]
    fn a_row_of_an_earlier_release_does_not_know_what_was_learned_from() {
        let whole = String::from_utf8(encode(&version_row(Evaluation::default())).unwrap()).unwrap();
        let earlier = whole.replace(&format!(",\"learned_from\":{}", u64::MAX), "");
        assert!(earlier.len() < whole.len());
        let read = |text: &str| {
            decode::<VersionRow>(text.as_bytes()).unwrap().record(&name(), &Head::default(), None).unwrap()
        };
        assert_eq!((read(&whole).learned_from, read(&earlier).learned_from), (u64::MAX, 0));
    }

    #[test]
    fn damaged_rows_are_errors() {
        let whole = String::from_utf8(encode(&version_row(Evaluation::default())).unwrap()).unwrap();
        for damaged in
            [whole.replacen('{', "{\"new\":1,", 1), whole.replace("\"seed\"", "\"sead\""), whole[1..].to_owned()]
        {
            assert!(decode::<VersionRow>(damaged.as_bytes()).is_err(), "{damaged}");
        }
        for (part, other) in [("1970", "197O"), ("/r\"", "/R\""), ("e3b0c44298", "")] {
            let row = decode::<VersionRow>(whole.replace(part, other).as_bytes()).unwrap();
            assert!(row.record(&name(), &Head::default(), None).is_err(), "{part}");
        }
        let entry = Move { number: 1, alias: Alias::Live, from: None, to: 3 };
        let row = encode(&MoveRow::new(&entry, 1, ("ann", ""), MoveNotes::default(), Timestamp::UNIX_EPOCH)).unwrap();
        assert_eq!(decode::<MoveRow>(&row).unwrap().record(&name().model).unwrap().to, 3);
        let unknown = String::from_utf8(row).unwrap().replace("live", "dead");
        assert!(decode::<MoveRow>(unknown.as_bytes()).unwrap().record(&name().model).is_err());
    }

    #[test]
    fn etags_tell_models_and_revisions_apart() {
        let other = "workspaces/w/models/n".parse().unwrap();
        let etags = [etag(&name().model, 1), etag(&name().model, 2), etag(&other, 1)];
        assert!(etags.iter().all(|etag| etag.len() == 16));
        assert!(etags[0] != etags[1] && etags[0] != etags[2]);
        assert_eq!(etags[0], etag(&name().model, 1));
    }
}
