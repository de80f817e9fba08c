//! The scorecard: a model as JSON that a person, a spreadsheet or another program can score with.

use serde::Serialize;
use serde_json::Value;
use sweetspot_core::Direction;

use super::believed::hypothesis_json;
use super::judged::evaluation_json;
use super::ruled::{gate_json, segment_json, value_json};
use super::summary::kind;
use super::{card, direction_of};
use crate::encoder::Feature;
use crate::stored::{self, term};

const HOW_TO: &str = "log-odds = base_log_odds + the log_odds of one slot of every attribute + the log_odds of every hypothesis whose condition holds + the log_odds of one cell of every pair; probability = 1 / (1 + exp(-log-odds)). \
    Numbers and dates (days since 1970-01-01): the slot is how many edges are at or below the value. Categories and lists: compare \
    NFC, trimmed, lower case with the keys; the slot of keys[i] is i; a category that is not among them has the slot after the last \
    key. A list adds every item that is among the keys; an item that appears twice counts once; an empty list has the slot after \
    the last key. Flags: slot 0 is no, 1 is yes. A missing value, or one that cannot be read, has the last slot. A \
    hypothesis holds: any_of, if the text, or one item of the list (or of a text that spells one: a; b), is among the keys, compared as above; at_least and below, if the number, \
    or the day of a date, is at least the one and below the other; flag, if the flag is that; present, if the attribute is known (true) or \
    missing (false). For a missing attribute nothing else holds. Every log_odds is \
    a multiple of 2^-32, so that the sum is exact in any order. The tier is the first of a, b and c whose number the probability reaches, else d. \
    An account is OUT of the pond if a gate of severity OUT holds, asked as a hypothesis is, or if it is in tier d and c is below 1; else it is IN. \
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
    attributes: Vec<Attribute<'a>>,
    hypotheses: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gates: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    segments: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Value>,
    pairs: Vec<Pair<'a>>,
    tiers: Tiers,
    #[serde(skip_serializing_if = "Option::is_none")]
    evaluation: Option<Value>,
}

#[derive(Serialize)]
struct Attribute<'a> {
    #[serde(rename = "attribute")]
    name: &'a str,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edges: Option<&'a [f64]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keys: Option<&'a [String]>,
    slots: Vec<Slot>,
}

#[derive(Serialize)]
struct Pair<'a> {
    first: &'a str,
    second: &'a str,
    first_groups: &'a [u32],
    second_groups: &'a [u32],
    cells: Vec<Slot>,
}

#[derive(Serialize)]
struct Slot {
    label: String,
    log_odds: f64,
    customers: u64,
    ideal: u64,
}

/// Probability from which on an account is in the tier.
#[derive(Serialize)]
struct Tiers {
    a: f64,
    b: f64,
    c: f64,
}

/// The scorecard of a kept model. Fields stand in a fixed order, so that equal models have equal text.
pub(super) fn json(stored: &stored::ModelArtifact) -> String {
    let stored::TierCuts { a, b, c } = stored.tiers.unwrap_or_default();
    let card = card::from_stored(stored.label_card.as_ref());
    let scorecard = Scorecard {
        format_version: stored.format_version,
        trainer_version: &stored.trainer_version,
        data_sha256: &stored.data_sha256,
        seed: stored.seed,
        how_to: HOW_TO,
        base_rate: card.base_rate,
        base_log_odds: stored.base_log_odds,
        attributes: stored.terms.iter().map(attribute).collect(),
        hypotheses: stored.hypotheses.iter().filter_map(hypothesis_json).collect(),
        gates: stored.gates.iter().filter_map(gate_json).collect(),
        segments: stored.segments.iter().filter_map(segment_json).collect(),
        values: stored.values.as_ref().map(value_json),
        pairs: stored.pairs.iter().map(pair).collect(),
        tiers: Tiers { a, b, c },
        evaluation: stored.evaluation.as_ref().map(|evaluation| evaluation_json(evaluation, card.row_weights())),
    };
    // Strings and finite numbers always have a JSON text.
    serde_json::to_string_pretty(&scorecard).unwrap_or_default()
}

fn pair(pair: &stored::Pair) -> Pair<'_> {
    let width = pair.second_labels.len().max(1);
    let label = |labels: &[String], group: usize| labels.get(group).cloned().unwrap_or_default();
    let cell = |(index, cell): (usize, &stored::Slot)| Slot {
        label: format!("{} * {}", label(&pair.first_labels, index / width), label(&pair.second_labels, index % width)),
        log_odds: cell.log_odds,
        customers: cell.customers,
        ideal: cell.ideal,
    };
    Pair {
        first: &pair.first,
        second: &pair.second,
        first_groups: &pair.first_groups,
        second_groups: &pair.second_groups,
        cells: pair.cells.iter().enumerate().map(cell).collect(),
    }
}

fn attribute(term: &stored::Term) -> Attribute<'_> {
    let feature = term.encoder.as_ref().and_then(|encoder| Feature::from_stored(&term.attribute, encoder));
    let label = |slot| feature.as_ref().map_or_else(String::new, |feature| feature.label(slot));
    let (edges, keys) = match &term.encoder {
        Some(term::Encoder::Number(bins) | term::Encoder::Date(bins)) => (Some(bins.edges.as_slice()), None),
        Some(term::Encoder::Category(levels) | term::Encoder::List(levels)) => (None, Some(levels.keys.as_slice())),
        Some(term::Encoder::Flag(_)) | None => (None, None),
    };
    let slot = |(index, slot): (usize, &stored::Slot)| Slot {
        label: label(index),
        log_odds: slot.log_odds,
        customers: slot.customers,
        ideal: slot.ideal,
    };
    Attribute {
        name: &term.attribute,
        kind: kind(term.encoder.as_ref()),
        direction: direction_of(term).map(Direction::word),
        edges,
        keys,
        slots: term.slots.iter().enumerate().map(slot).collect(),
    }
}
