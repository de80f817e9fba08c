//! The scorecard: a model as JSON that a person, a spreadsheet or another program can score with.

use prost::Message as _;
use serde::Serialize;
use serde_json::Value;
use sweetspot_core::parse::flag_words;
use sweetspot_core::{Digest, MonotonicityConstraint};
use sweetspot_solver::probability;

use super::attribute_summary::kind_word;
use super::scorecard_evaluation::evaluation_json;
use super::scorecard_formatter::ScorecardFormatter;
use super::scorecard_hypothesis::hypothesis_json;
use super::scorecard_rules::{exclusion_rule_json, segment_json, value_json};
use super::stored_label_card;
use crate::encoder::Feature;
use crate::score_uncertainty::INTERVAL_STANDARD_ERRORS;
use crate::stored::{self, StoredField as _, term};

/// The version of this document's format: it increases if a member changes its meaning or disappears.
const SCORECARD_VERSION: u32 = 1;

/// The number of units in a log-odds of 1: every coefficient is a whole number of units.
const UNITS: f64 = 4_294_967_296.0;

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
    #[serde(rename = "scorecard_version")]
    json_version: u32,
    format_version: u32,
    artifact_sha256: String,
    trainer_version: &'a str,
    data_sha256: &'a str,
    seed: u64,
    how_to: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    base_rate: Option<f64>,
    base_log_odds: f64,
    units_per_log_odds: u64,
    base_units: i64,
    base_variance: f32,
    base_factors: &'a [f32],
    interval_standard_errors: f64,
    flag_words: FlagWords,
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
    tier_units: TierUnits,
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
    decimal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_order: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    least: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    greatest: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edges: Option<&'a [f64]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keys: Option<&'a [String]>,
    slots: Vec<ScorecardSlot<'a>>,
}

#[derive(Serialize)]
struct ScorecardInteraction<'a> {
    first: &'a str,
    second: &'a str,
    first_groups: &'a [u32],
    second_groups: &'a [u32],
    cells: Vec<ScorecardSlot<'a>>,
}

#[derive(Serialize)]
struct ScorecardSlot<'a> {
    label: String,
    log_odds: f64,
    customers: u64,
    ideal: u64,
    units: i64,
    variance: f32,
    factors: &'a [f32],
}

impl<'a> ScorecardSlot<'a> {
    fn new(label: String, slot: &'a stored::Slot) -> Self {
        let stored::Slot { log_odds, customers, ideal, variance, ref factors } = *slot;
        Self { label, log_odds, customers, ideal, units: units(log_odds), variance, factors }
    }
}

/// The least number of units with which a score reaches each tier; absent if none does.
#[derive(Serialize)]
struct TierUnits {
    a: Option<i64>,
    b: Option<i64>,
    c: Option<i64>,
}

/// The texts that are read as flags, as keys.
#[derive(Serialize)]
struct FlagWords {
    yes: Vec<&'static str>,
    no: Vec<&'static str>,
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
        json_version: SCORECARD_VERSION,
        format_version: stored.format_version,
        artifact_sha256: Digest::new(&stored.encode_to_vec()).to_string(),
        trainer_version: &stored.trainer_version,
        data_sha256: &stored.data_sha256,
        seed: stored.seed,
        how_to: HOW_TO,
        base_rate: card.base_rate,
        base_log_odds: stored.base_log_odds,
        units_per_log_odds: UNITS as u64,
        base_units: units(stored.base_log_odds),
        base_variance: stored.base_variance,
        base_factors: &stored.base_factors,
        interval_standard_errors: INTERVAL_STANDARD_ERRORS,
        flag_words: FlagWords { yes: flag_words(true), no: flag_words(false) },
        attributes: stored.terms.iter().map(scorecard_attribute).collect(),
        hypotheses: stored.hypotheses.iter().filter_map(hypothesis_json).collect(),
        exclusion_rules: stored
            .exclusion_rules
            .iter()
            .filter_map(|rule| exclusion_rule_json(rule, &stored.terms))
            .collect(),
        segments: stored.segments.iter().filter_map(segment_json).collect(),
        values: stored.values.as_ref().map(value_json),
        pairs: stored.pairs.iter().map(scorecard_interaction).collect(),
        tiers: ScorecardTiers { a, b, c },
        tier_units: TierUnits { a: least_units(a), b: least_units(b), c: least_units(c) },
        evaluation: stored.evaluation.as_ref().map(|evaluation| evaluation_json(evaluation, card.row_weights())),
    };
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, ScorecardFormatter::default());
    // Serialization cannot fail: strings and finite numbers always have a JSON text.
    if scorecard.serialize(&mut serializer).is_err() {
        return String::new();
    }
    String::from_utf8(text).unwrap_or_default()
}

/// A coefficient as a whole number of units.
pub(super) fn units(log_odds: f64) -> i64 {
    (log_odds * UNITS).round() as i64
}

/// The least number of units whose probability is at least this one; `None` if there is none. Tiers can then be found
/// without a probability, which programs compute with different rounding.
fn least_units(min_probability: f64) -> Option<i64> {
    // All sums of coefficients lie within these bounds, and so do all whole numbers that f64 can count.
    let (mut below, mut reached) = (-(1_i64 << 53), 1_i64 << 53);
    let is_enough = |units: i64| probability(units as f64 / UNITS) >= min_probability;
    if is_enough(below) {
        return Some(below);
    }
    if !is_enough(reached) {
        return None;
    }
    while reached - below > 1 {
        let middle = i64::midpoint(below, reached);
        if is_enough(middle) { reached = middle } else { below = middle }
    }
    Some(reached)
}

fn scorecard_interaction(pair: &stored::Pair) -> ScorecardInteraction<'_> {
    let width = pair.second_labels.len().max(1);
    let label = |labels: &[String], group: usize| labels.get(group).cloned().unwrap_or_default();
    let cell = |(index, cell)| {
        let labels = (label(&pair.first_labels, index / width), label(&pair.second_labels, index % width));
        ScorecardSlot::new(format!("{} * {}", labels.0, labels.1), cell)
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
    let (least, greatest) = match &term.encoder {
        Some(term::Encoder::Number(bins) | term::Encoder::Date(bins)) => (Some(bins.least), Some(bins.greatest)),
        Some(term::Encoder::Category(_) | term::Encoder::List(_) | term::Encoder::Flag(_)) | None => (None, None),
    };
    let known: fn(&String) -> Option<&str> = |key| (!key.is_empty()).then_some(key.as_str());
    ScorecardAttribute {
        name: &term.attribute,
        kind: kind_word(term.encoder.as_ref()),
        direction: MonotonicityConstraint::from_stored(term.direction, "direction")
            .ok()
            .map(MonotonicityConstraint::as_str),
        decimal: known(&term.decimal),
        date_order: known(&term.date_order),
        least,
        greatest,
        edges,
        keys,
        slots: term.slots.iter().enumerate().map(|(index, slot)| ScorecardSlot::new(label(index), slot)).collect(),
    }
}
