//! The reasons for a score: what adds most to it, or takes most from it.
//!
//! Each part of a score has a key: its absolute units, then its place among the parts, then its sign, as one integer.
//! The largest keys are those of the largest parts, and a key contains everything but the label.

use std::fmt::Write as _;

use super::QueryContext;
use super::dialect::fill;
use super::literal::double;
use super::lookup::constant;
use super::slots::{item_column, slot_column};
use super::subqueries::{ColumnSql, Subqueries, concat};
use crate::scorecard::signed;
use crate::{CardAttribute, CardKind, CardSlot};

/// The number of reasons.
pub(super) const REASONS: usize = 3;

/// One part of a score: a column with its key, and its label.
struct Part {
    key: String,
    label: String,
}

pub(super) fn write(context: &QueryContext<'_>, query: &mut Subqueries) {
    let parts = parts(context);
    let keys: Vec<_> =
        parts.iter().enumerate().map(|(place, part)| ColumnSql::new(&part.key, key_column(place))).collect();
    query.add("with_keys", "a number for each part of the score: the larger the part, the larger the number", &keys);
    for rank in 1..=REASONS {
        let keys = (0..parts.len()).map(|place| match rank {
            1 => key_column(place),
            _ => format!("CASE WHEN {0} < largest_{1} THEN {0} ELSE -1 END", key_column(place), rank - 1),
        });
        let none = format!("CAST(-1 AS {})", context.spellings.integer_type);
        let largest = std::iter::once(none).chain(keys).collect::<Vec<_>>().join(", ");
        let name = format!("largest_{rank}");
        query.add(&format!("with_{name}"), "", &[ColumnSql::new(format!("GREATEST({largest})"), name)]);
    }
    let columns: Vec<_> = (1..=REASONS).flat_map(|rank| reason_columns(context, &parts, rank)).collect();
    query.add("with_reasons", "", &columns);
}

fn key_column(place: usize) -> String {
    format!("key_{}", place + 1)
}

/// The key of a part that adds these units.
fn key(units: i64, place: usize, places: i64) -> i64 {
    let rank = places - 1 - signed(place);
    (units.abs().saturating_mul(places).saturating_add(rank)).saturating_mul(2) + i64::from(units < 0)
}

/// The number of parts, which a key is a multiple of.
fn place_count(context: &QueryContext<'_>) -> i64 {
    let card = context.card;
    let of_attributes: usize = card
        .attributes
        .iter()
        .map(|attribute| match attribute.kind {
            CardKind::List => attribute.keys.len() + 1,
            CardKind::Number | CardKind::Date | CardKind::Category | CardKind::Flag => 1,
        })
        .sum();
    signed((of_attributes + card.hypotheses.len() + card.pairs.len()).max(1))
}

fn parts(context: &QueryContext<'_>) -> Vec<Part> {
    let (card, places) = (context.card, place_count(context));
    let mut parts = Vec::new();
    for (index, attribute) in card.attributes.iter().enumerate() {
        if attribute.kind == CardKind::List {
            add_list_parts(context, &mut parts, attribute, index);
        } else {
            let part = slot_part(context, &slot_column(index), &attribute.attribute, &attribute.slots, parts.len());
            parts.push(part);
        }
    }
    for (index, hypothesis) in card.hypotheses.iter().enumerate() {
        let key = key(hypothesis.slot.units, parts.len(), places);
        let label = label(context, &hypothesis.when.attribute, &hypothesis.slot);
        parts.push(Part { key: format!("CASE WHEN hypothesis_{} = 1 THEN {key} ELSE -1 END", index + 1), label });
    }
    for (index, pair) in card.pairs.iter().enumerate() {
        let name = format!("{} * {}", pair.first, pair.second);
        let part = slot_part(context, &format!("cell_{}", index + 1), &name, &pair.cells, parts.len());
        parts.push(part);
    }
    parts
}

/// A part that has exactly one of several slots.
fn slot_part(context: &QueryContext<'_>, column: &str, name: &str, slots: &[CardSlot], place: usize) -> Part {
    let (spellings, places) = (context.spellings, place_count(context));
    let constant_sql = |constants: Vec<String>, of_type| {
        constant(spellings, column, &constants, of_type, "").unwrap_or_else(|| "NULL".to_owned())
    };
    let keys = slots.iter().map(|slot| key(slot.units, place, places).to_string()).collect();
    let labels = slots.iter().map(|slot| label(context, name, slot)).collect();
    Part { key: constant_sql(keys, spellings.integer_type), label: constant_sql(labels, spellings.text_type) }
}

/// The parts of a list: one for each item, and one for an empty list and missing values.
fn add_list_parts(context: &QueryContext<'_>, parts: &mut Vec<Part>, attribute: &CardAttribute, index: usize) {
    let places = place_count(context);
    let (items, others) = attribute.slots.split_at(attribute.keys.len().min(attribute.slots.len()));
    for (item, slot) in items.iter().enumerate() {
        let key = key(slot.units, parts.len(), places);
        let key = format!("CASE WHEN {} = 1 THEN {key} ELSE -1 END", item_column(index, item));
        parts.push(Part { key, label: label(context, &attribute.attribute, slot) });
    }
    let (slot, place) = (slot_column(index), parts.len());
    let (mut keys, mut labels) = (String::new(), String::new());
    for (other, of_other) in others.iter().enumerate() {
        let number = items.len() + other;
        _ = write!(keys, " WHEN {number} THEN {}", key(of_other.units, place, places));
        _ = write!(labels, " WHEN {number} THEN {}", label(context, &attribute.attribute, of_other));
    }
    parts.push(Part { key: format!("CASE {slot}{keys} ELSE -1 END"), label: format!("CASE {slot}{labels} END") });
}

fn label(context: &QueryContext<'_>, name: &str, slot: &CardSlot) -> String {
    context.spellings.text(&format!("{name}: {}", slot.label))
}

/// The columns of a reason: its label, and what it adds to the log-odds. NULL if there are fewer reasons.
fn reason_columns(context: &QueryContext<'_>, parts: &[Part], rank: usize) -> [ColumnSql; 2] {
    let (places, largest) = (place_count(context), format!("largest_{rank}"));
    let modulo = |of: i64| fill(context.spellings.modulo, &[&largest, &of.to_string()]);
    let place = format!("{} - {}", modulo(2 * places), modulo(2));
    let labels = parts.iter().enumerate();
    let when = |(index, part): (usize, &Part)| {
        format!("\n      WHEN {} THEN {}", 2 * (places - 1 - signed(index)), part.label)
    };
    let labels = concat(labels.map(when));
    let label = if labels.is_empty() {
        format!("CAST(NULL AS {})", context.spellings.text_type)
    } else {
        format!("CASE WHEN {largest} >= 0 THEN CASE {place}{labels} END END")
    };
    let units = double(2.0 * places as f64 * context.card.units_per_log_odds as f64);
    let size = format!("CAST({largest} - {} AS {}) / {units}", modulo(2 * places), context.spellings.double_type);
    let sign = format!("CASE WHEN {} = 1 THEN -1 ELSE 1 END", modulo(2));
    let log_odds = format!("CASE WHEN {largest} >= 0 THEN ({sign}) * ({size}) END");
    [ColumnSql::new(label, format!("reason_{rank}")), ColumnSql::new(log_odds, format!("reason_{rank}_log_odds"))]
}
