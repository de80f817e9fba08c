//! The slot of each attribute: one subquery each.

use super::dialect::{Spellings, fill};
use super::literal::{ITEM_MARK, comment, number};
use super::lookup::{count_edges, find_key};
use super::subqueries::{ColumnSql, Subqueries};
use super::{QueryContext, inputs};
use crate::{CardAttribute, CardKind};

/// The numbers 1 and 0 as databases write them: `1.00`, `-0.0`, `0e-18`.
const ONE: &str = "^[+]?0*1([.]0*)?$";
const ZERO: &str = "^[+-]?(0+([.]0*)?|[.]0+)(e[+-]?[0-9]+)?$";

/// The column with the slot of an attribute. For a list with items, it is -1.
pub(super) fn slot_column(attribute: usize) -> String {
    format!("slot_{}", attribute + 1)
}

/// The column with whether a list has an item, as 1 or 0.
pub(super) fn item_column(attribute: usize, item: usize) -> String {
    format!("item_{}_{}", attribute + 1, item + 1)
}

pub(super) fn write(context: &QueryContext<'_>, query: &mut Subqueries) {
    for (index, attribute) in context.card.attributes.iter().enumerate() {
        let title = format!("{} ({})", comment(&attribute.attribute), attribute.kind.as_str());
        let columns = match attribute.kind {
            CardKind::List => list_columns(context, attribute, index),
            CardKind::Number | CardKind::Date | CardKind::Category | CardKind::Flag => {
                vec![ColumnSql::new(single_slot(context, attribute, index), slot_column(index))]
            }
        };
        query.add(&format!("attribute_{}", index + 1), &title, &columns);
    }
}

/// Whether a number is finite. NULL and NaN are not: NaN is either greater than all numbers, or not comparable.
pub(super) fn is_finite(value: &str) -> String {
    format!("{value} >= {:e} AND {value} <= {:e}", f64::MIN, f64::MAX)
}

fn single_slot(context: &QueryContext<'_>, attribute: &CardAttribute, index: usize) -> String {
    let (spellings, value) = (context.spellings, inputs::column(index));
    let missing = attribute.missing_slot();
    let edges = |sql: fn(f64) -> String| attribute.edges.iter().map(|edge| sql(*edge)).collect::<Vec<_>>();
    match attribute.kind {
        CardKind::Number => {
            let slot = count_edges(spellings, &value, &edges(number), true);
            format!("CASE WHEN {} THEN\n      {slot}\n      ELSE {missing} END", is_finite(&value))
        }
        CardKind::Date => {
            let slot = count_edges(spellings, &value, &edges(Spellings::day), false);
            format!("CASE WHEN {value} IS NULL THEN {missing} ELSE\n      {slot} END")
        }
        CardKind::Flag => format!(
            "CASE WHEN {} THEN 1 WHEN {} THEN 0 ELSE {missing} END",
            is_flag(context, &value, true),
            is_flag(context, &value, false)
        ),
        CardKind::Category | CardKind::List => {
            let slot = find_key(spellings, &value, &attribute.keys, attribute.keys.len());
            format!("CASE WHEN {value} IS NULL THEN {missing} ELSE\n      {slot} END")
        }
    }
}

/// Whether a key is a word for this flag, or a number equal to 1 or 0.
pub(super) fn is_flag(context: &QueryContext<'_>, value: &str, flag: bool) -> String {
    let pattern = context.spellings.text(if flag { ONE } else { ZERO });
    let is_number = fill(context.spellings.matches, &[value, &pattern]);
    format!("({} OR {is_number})", is_flag_word(context, value, flag))
}

/// Whether a key is a word for this flag.
pub(super) fn is_flag_word(context: &QueryContext<'_>, value: &str, flag: bool) -> String {
    let words = &context.card.flag_words;
    let words = if flag { &words.yes } else { &words.no };
    format!("{value} IN ({})", words.iter().map(|word| context.spellings.text(word)).collect::<Vec<_>>().join(", "))
}

/// Whether a list, as keys with marks between, contains a key.
pub(super) fn has_item(spellings: &Spellings, value: &str, key: &str) -> String {
    let mark = spellings.text(&ITEM_MARK.to_string());
    let marked = spellings.text(&format!("{ITEM_MARK}{key}{ITEM_MARK}"));
    fill(spellings.contains, &[&format!("{mark} || {value} || {mark}"), &marked])
}

fn list_columns(context: &QueryContext<'_>, attribute: &CardAttribute, index: usize) -> Vec<ColumnSql> {
    let (value, empty) = (inputs::column(index), attribute.keys.len());
    let slot = format!(
        "CASE WHEN {value} IS NULL THEN {} WHEN {value} = '' THEN {empty} ELSE -1 END",
        attribute.missing_slot()
    );
    let items = attribute.keys.iter().enumerate().map(|(item, key)| {
        let has = has_item(context.spellings, &value, key);
        ColumnSql::new(format!("CASE WHEN {has} THEN 1 ELSE 0 END"), item_column(index, item))
    });
    std::iter::once(ColumnSql::new(slot, slot_column(index))).chain(items).collect()
}
