//! The scorecard: a model as JSON that a person, a spreadsheet or another program can score with.

use serde::Serialize;
use serde_json::Value;
use sweetspot_core::MonotonicityConstraint;

use super::attribute_summary::kind_word;
use super::scorecard_evaluation::evaluation_json;
use super::scorecard_hypothesis::hypothesis_json;
use super::scorecard_rules::{exclusion_rule_json, segment_json, value_json};
use super::stored_label_card;
use crate::encoder::Feature;
use crate::stored::{self, StoredField as _, term};

const HOW_TO: &str = "log-odds = base_log_odds + the log_odds of one slot of every attribute + the log_odds of every hypothesis whose condition holds + the log_odds of one cell of every pair; probability = 1 / (1 + exp(-log-odds)). \
    Numbers and dates (days since 1970-01-01): the slot is how many edges are at or below the value. Categories and lists: compare \
    NFC, trimmed, lower case with the keys; the slot of keys[i] is i; a category that is not among them has the slot after the last \
    key. A list adds every item that is among the keys; an item that appears twice counts once; an empty list has the slot after \
    the last key. Flags: slot 0 is no, 1 is yes. A missing value, or one that cannot be read, has the last slot. A \
    hypothesis holds: any_of, if the text, or one item of the list (or of a text that spells one: a; b), is among the keys, compared as above; at_least and below, if the number, \
    or the day of a date, is at least the one and below the other; flag, if the flag is that; present, if the attribute is known (true) or \
    missing (false). For a missing attribute nothing else holds. Every log_odds is \
    a multiple of 2^-32, so that the sum is exact in any order. The tier is the first of a, b and c whose number the probability reaches, else d. \
    An account is OUT of the pond if a exclusion rule of severity OUT holds, asked as a hypothesis is, or if it is in tier d and c is below 1; else it is IN. \
    Its segment is the first of which every condition holds, asked of the slots that the account fills: any_of, if one is that of a key; at_least and \
    below, if the slot lies between these edges; flag. Expected value = probability * value_if_ideal (the segment's, where it is in one that has it) \
    + (1 - probability) * value_if_not.";

#[derive(Serialize)]
struct Scorecard<'a> {
    format_version: u32,
    trainer_version: &'a str,
    data_sha256: &'a str,
    seed: u64,
    how_to: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    base_rate: Option<f64>,
    base_log_odds: f64,
    attributes: Vec<ScorecardAttribute<'a>>,
    hypotheses: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    exclusion_rules: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    segments: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Value>,
    pairs: Vec<ScorecardInteraction<'a>>,
    tiers: ScorecardTiers,
    #[serde(skip_serializing_if = "Option::is_none")]
    evaluation: Option<Value>,
}

#[derive(Serialize)]
struct ScorecardAttribute<'a> {
    #[serde(rename = "attribute")]
    name: &'a str,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edges: Option<&'a [f64]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keys: Option<&'a [String]>,
    slots: Vec<ScorecardSlot>,
}

#[derive(Serialize)]
struct ScorecardInteraction<'a> {
    first: &'a str,
    second: &'a str,
    first_groups: &'a [u32],
    second_groups: &'a [u32],
    cells: Vec<ScorecardSlot>,
}

#[derive(Serialize)]
struct ScorecardSlot {
    label: String,
    log_odds: f64,
    customers: u64,
    ideal: u64,
}

/// The minimum probability of each tier.
#[derive(Serialize)]
struct ScorecardTiers {
    a: f64,
    b: f64,
    c: f64,
}

/// The scorecard of a stored model. Fields have a fixed order, so that equal models have equal text.
pub(super) fn scorecard_json(stored: &stored::ModelArtifact) -> String {
    let stored::TierCuts { a, b, c } = stored.tiers.unwrap_or_default();
    let card = stored_label_card::from_stored(stored.label_card.as_ref());
    let scorecard = Scorecard {
        format_version: stored.format_version,
        trainer_version: &stored.trainer_version,
        data_sha256: &stored.data_sha256,
        seed: stored.seed,
        how_to: HOW_TO,
        base_rate: card.base_rate,
        base_log_odds: stored.base_log_odds,
        attributes: stored.terms.iter().map(scorecard_attribute).collect(),
        hypotheses: stored.hypotheses.iter().filter_map(hypothesis_json).collect(),
        exclusion_rules: stored.exclusion_rules.iter().filter_map(exclusion_rule_json).collect(),
        segments: stored.segments.iter().filter_map(segment_json).collect(),
        values: stored.values.as_ref().map(value_json),
        pairs: stored.pairs.iter().map(scorecard_interaction).collect(),
        tiers: ScorecardTiers { a, b, c },
        evaluation: stored.evaluation.as_ref().map(|evaluation| evaluation_json(evaluation, card.row_weights())),
    };
    // Serialization cannot fail: strings and finite numbers always have a JSON text.
    serde_json::to_string_pretty(&scorecard).unwrap_or_default()
}

fn scorecard_interaction(pair: &stored::Pair) -> ScorecardInteraction<'_> {
    let width = pair.second_labels.len().max(1);
    let label = |labels: &[String], group: usize| labels.get(group).cloned().unwrap_or_default();
    let cell = |(index, cell): (usize, &stored::Slot)| ScorecardSlot {
        label: format!("{} * {}", label(&pair.first_labels, index / width), label(&pair.second_labels, index % width)),
        log_odds: cell.log_odds,
        customers: cell.customers,
        ideal: cell.ideal,
    };
    ScorecardInteraction {
        first: &pair.first,
        second: &pair.second,
        first_groups: &pair.first_groups,
        second_groups: &pair.second_groups,
        cells: pair.cells.iter().enumerate().map(cell).collect(),
    }
}

fn scorecard_attribute(term: &stored::Term) -> ScorecardAttribute<'_> {
    let feature = term.encoder.as_ref().and_then(|encoder| Feature::from_stored(&term.attribute, encoder));
    let label = |slot| feature.as_ref().map_or_else(String::new, |feature| feature.label(slot));
    let (edges, keys) = match &term.encoder {
        Some(term::Encoder::Number(bins) | term::Encoder::Date(bins)) => (Some(bins.edges.as_slice()), None),
        Some(term::Encoder::Category(levels) | term::Encoder::List(levels)) => (None, Some(levels.keys.as_slice())),
        Some(term::Encoder::Flag(_)) | None => (None, None),
    };
    let slot = |(index, slot): (usize, &stored::Slot)| ScorecardSlot {
        label: label(index),
        log_odds: slot.log_odds,
        customers: slot.customers,
        ideal: slot.ideal,
    };
    ScorecardAttribute {
        name: &term.attribute,
        kind: kind_word(term.encoder.as_ref()),
        direction: MonotonicityConstraint::from_stored(term.direction, "direction")
            .ok()
            .map(MonotonicityConstraint::as_str),
        edges,
        keys,
        slots: term.slots.iter().enumerate().map(slot).collect(),
    }
}
