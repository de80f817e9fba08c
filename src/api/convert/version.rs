//! Converts versions and promotions to messages.

use sweetspot_core::{LabelCard, ModelName, ModelVersionName};
use sweetspot_model::{AttributeSummary, InteractionSummary, ModelArtifact};
use sweetspot_proto::v1::model_version::State;
use sweetspot_proto::v1::{self};
use sweetspot_store::annotations::Annotations;
use sweetspot_store::registry::{CheckOverride, PromotionRecord, VersionRecord};

use super::evaluation::{evaluation, evaluation_with_details};
use super::exclusion_rule::exclusion_rule_summary;
use super::hypothesis;
use super::segment::{segment_summary, value_summary};
use crate::messages::entries::wire_timestamp;
use crate::messages::enums::WireEnum;

/// Converts a version without the content of its artifact.
pub(in crate::api) fn version(record: VersionRecord) -> v1::ModelVersion {
    let VersionRecord {
        name,
        aliases,
        created,
        run,
        artifact,
        artifact_bytes,
        schema,
        data,
        seed,
        trainer_version,
        evaluation: measured,
        training_customers: learned_from,
        dataset,
        annotations: Annotations { labels, description, owner },
        tier_cuts_override: _,
        etag,
    } = record;
    v1::ModelVersion {
        name: name.to_string(),
        state: State::Ready.into(),
        aliases: aliases.iter().map(ToString::to_string).collect(),
        create_time: Some(wire_timestamp(created)),
        training_run: run.map(|run| run.to_string()).unwrap_or_default(),
        schema_sha256: schema.to_string(),
        artifact_sha256: artifact.to_string(),
        artifact_bytes,
        data_sha256: data.to_string(),
        seed,
        trainer_version,
        evaluation: Some(evaluation(&measured)),
        etag,
        learned_from,
        label_card: None,
        attributes: Vec::new(),
        warnings: Vec::new(),
        pairs: Vec::new(),
        hypotheses: Vec::new(),
        exclusion_rules: Vec::new(),
        segments: Vec::new(),
        values: None,
        dataset_version: dataset.map(|version| version.to_string()).unwrap_or_default(),
        entries_left_out: false,
        labels: labels.into_iter().collect(),
        description,
        owner,
        segment_note: String::new(),
    }
}

/// Converts a version with the details of its artifact.
pub(in crate::api) fn version_with_details(record: VersionRecord, artifact: &ModelArtifact) -> v1::ModelVersion {
    v1::ModelVersion {
        evaluation: Some(evaluation_with_details(&artifact.evaluation(), artifact.evaluation_details())),
        label_card: Some(label_card(artifact.label_card())),
        attributes: artifact.attributes().into_iter().map(attribute).collect(),
        warnings: artifact.warnings().to_vec(),
        pairs: artifact.interactions().into_iter().map(interaction).collect(),
        hypotheses: artifact.hypotheses().into_iter().map(hypothesis::summary).collect(),
        exclusion_rules: artifact.exclusion_rules().into_iter().map(exclusion_rule_summary).collect(),
        segments: artifact.segments().into_iter().map(segment_summary).collect(),
        segment_note: artifact.segment_note().to_owned(),
        values: artifact.value_summary().map(|values| value_summary(values, artifact.no_value_order_reason())),
        ..version(record)
    }
}

pub(super) fn label_card(card: LabelCard) -> v1::LabelCard {
    let LabelCard { policy, rule, ideal, not_ideal, excluded, value_threshold, currency, notes, base_rate } = card;
    let currency_code = currency.unwrap_or_default();
    v1::LabelCard { policy, rule, ideal, not_ideal, excluded, value_threshold, currency_code, notes, base_rate }
}

pub(super) fn attribute(summary: AttributeSummary) -> v1::AttributeSummary {
    let AttributeSummary {
        attribute,
        kind,
        slots,
        missing_share,
        spread,
        total_spread: whole_spread,
        effective_parameters,
        direction,
        format,
    } = summary;
    let (decimal, date_order) = format.keys();
    v1::AttributeSummary {
        attribute,
        kind: kind.to_owned(),
        slots,
        missing_share,
        spread,
        effective_parameters,
        direction: direction.map(WireEnum::wire).unwrap_or_default().into(),
        whole_spread,
        decimal,
        date_order,
    }
}

fn interaction(summary: InteractionSummary) -> v1::PairSummary {
    let InteractionSummary { first, second, spread, effective_parameters, log_bayes_factor, second_look } = summary;
    v1::PairSummary { first, second, spread, effective_parameters, log_bayes_factor, second_look }
}

/// Converts an entry of the promotion history of a model.
pub(in crate::api) fn promotion(record: PromotionRecord) -> v1::Promotion {
    let PromotionRecord {
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
    } = record;
    let overridden = |CheckOverride { check, reason }| v1::CheckOverride { check, reason };
    let tiers = match tiers_kept {
        None => v1::PromotionTiers::Unspecified,
        Some(false) => v1::PromotionTiers::Reset,
        Some(true) => v1::PromotionTiers::Kept,
    };
    v1::Promotion {
        name: format!("{model}/promotions/{number}"),
        alias: alias.to_string(),
        from_version: from.map(|number| numbered_version_name(&model, number)).unwrap_or_default(),
        to_version: numbered_version_name(&model, to),
        model: model.to_string(),
        actor,
        reason,
        time: Some(wire_timestamp(time)),
        etag,
        kind: kind.wire().into(),
        overrides: overrides.into_iter().map(overridden).collect(),
        failed_checks: failed,
        tiers: tiers.into(),
    }
}

fn numbered_version_name(model: &ModelName, number: u64) -> String {
    ModelVersionName { model: model.clone(), number }.to_string()
}
