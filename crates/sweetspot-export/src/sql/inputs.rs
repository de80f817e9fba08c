//! The values of an account as they are read.

use super::QueryContext;
use super::dialect::{Spellings, fill};
use super::literal::ITEM_MARK;
use super::subqueries::{ColumnSql, Subqueries};
use crate::{CardCondition, CardKind, ParsedScorecard};

/// The values that a query reads.
pub(super) struct Inputs<'c> {
    /// In the order of their columns: those of attributes first.
    values: Vec<Input<'c>>,
    /// Whether a key has the letter sigma, whose lower case depends on its place in a word.
    has_sigma: bool,
}

/// A value that the query reads.
#[derive(Clone, Copy, PartialEq)]
struct Input<'c> {
    attribute: &'c str,
    read_as: Reading,
}

/// How a value is read.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Reading {
    /// As this kind.
    As(CardKind),
    /// As it is: a number, a day or a flag, by its text.
    Amount,
    /// As it is: only whether it is known.
    Unread,
}

impl Reading {
    /// How a condition reads a value. Without a kind, what it tests decides.
    pub(super) fn for_condition(condition: &CardCondition) -> Self {
        match condition {
            CardCondition { kind: Some(kind), .. } => Self::As(*kind),
            CardCondition { any_of: Some(_), .. } => Self::As(CardKind::Category),
            CardCondition { flag: Some(_), .. } => Self::As(CardKind::Flag),
            CardCondition { present: Some(_), .. } => Self::Unread,
            CardCondition { .. } => Self::Amount,
        }
    }
}

impl<'c> Inputs<'c> {
    pub(super) fn new(card: &'c ParsedScorecard) -> Self {
        let of_attributes = card.attributes.iter().map(|attribute| (&attribute.attribute, Reading::As(attribute.kind)));
        let conditions = card.hypotheses.iter().map(|hypothesis| &hypothesis.when);
        let conditions = conditions.chain(card.exclusion_rules.iter().map(|rule| &rule.when));
        let of_conditions = conditions.map(|when| (&when.attribute, Reading::for_condition(when)));
        let mut inputs: Vec<Input<'c>> = Vec::new();
        for (attribute, read_as) in of_attributes.chain(of_conditions) {
            let input = Input { attribute, read_as };
            if !inputs.contains(&input) {
                inputs.push(input);
            }
        }
        let keys = card.attributes.iter().flat_map(|attribute| &attribute.keys);
        let keys = keys.chain(
            card.hypotheses.iter().map(|hypothesis| &hypothesis.when).flat_map(|when| when.any_of.iter().flatten()),
        );
        let mut keys = keys
            .chain(card.exclusion_rules.iter().map(|rule| &rule.when).flat_map(|when| when.any_of.iter().flatten()));
        let has_sigma = keys.any(|key| key.contains(['σ', 'ς']));
        Self { values: inputs, has_sigma }
    }

    /// The attributes that the query reads; one can be there several times.
    pub(super) fn attributes(&self) -> impl Iterator<Item = &'c str> {
        self.values.iter().map(|input| input.attribute)
    }

    /// The column with the value that a condition tests.
    pub(super) fn column_of(&self, condition: &CardCondition) -> String {
        let input = Input { attribute: &condition.attribute, read_as: Reading::for_condition(condition) };
        column(self.values.iter().position(|known| *known == input).unwrap_or(self.values.len()))
    }
}

/// The column with the value of an attribute, or of a condition after these.
pub(super) fn column(index: usize) -> String {
    format!("value_{}", index + 1)
}

/// Writes the first subquery.
pub(super) fn write(context: &QueryContext<'_>, query: &mut Subqueries, table: &str) {
    let QueryContext { spellings, options, .. } = context;
    let id = format!("CAST({} AS {})", spellings.name(&options.id_column), spellings.text_type);
    let mut columns = vec![ColumnSql::new(id, "account_id")];
    for (index, input) in context.inputs.values.iter().enumerate() {
        let name = spellings.name(input.attribute);
        columns.push(ColumnSql::new(value(context, &name, input.read_as), column(index)));
    }
    query.start("inputs", table, &columns);
}

/// A value as it is read; NULL if it is missing. A text is its key; a list is the keys of its items with marks between.
fn value(context: &QueryContext<'_>, name: &str, read_as: Reading) -> String {
    let spellings = context.spellings;
    let text = || format!("CAST({name} AS {})", spellings.text_type);
    match read_as {
        Reading::As(CardKind::Number) => spellings.read_as(name, spellings.double_type),
        Reading::As(CardKind::Date) => spellings.read_as(name, "DATE"),
        Reading::As(CardKind::Category | CardKind::Flag) => {
            format!("NULLIF({}, '')", key(context, &trimmed(spellings, &text())))
        }
        Reading::As(CardKind::List) if context.options.lists_as_text => {
            let items = items(context, &split_text(spellings, &text()));
            format!("CASE WHEN {} = '' THEN NULL ELSE {items} END", trimmed(spellings, &text()))
        }
        Reading::As(CardKind::List) => {
            items(context, &fill(spellings.join, &[name, &spellings.text(&ITEM_MARK.to_string())]))
        }
        Reading::Amount | Reading::Unread => format!("NULLIF({}, '')", trimmed(spellings, &text())),
    }
}

fn trimmed(spellings: &Spellings, text: &str) -> String {
    fill(spellings.trim, &[text, &spellings.white_space()])
}

/// A text in NFC and lower case.
fn key(context: &QueryContext<'_>, text: &str) -> String {
    let spellings = context.spellings;
    let final_sigma = spellings.final_sigma.filter(|_| context.inputs.has_sigma);
    let composed = |text: String| spellings.nfc.map_or(text.clone(), |nfc| fill(nfc, &[&text]));
    let text = composed(text.to_owned());
    let text = final_sigma.map_or(text.clone(), |template| fill(template, &[&text]));
    composed(fill(spellings.lower, &[&text]))
}

/// The items of a text with item marks in place of its separators.
fn split_text(spellings: &Spellings, text: &str) -> String {
    let mark = spellings.text(&ITEM_MARK.to_string());
    let has = |separator: &str| fill(spellings.contains, &[text, separator]);
    format!(
        "CASE WHEN {} OR {} THEN replace(replace({text}, ';', {mark}), '|', {mark}) ELSE replace({text}, ', ', {mark}) END",
        has("';'"),
        has("'|'"),
    )
}

/// The keys of marked items, without white space around them and without marks at the ends.
fn items(context: &QueryContext<'_>, marked: &str) -> String {
    let spellings = context.spellings;
    let mark = spellings.text(&ITEM_MARK.to_string());
    let tight = fill(spellings.replace_pattern, &[&key(context, marked), &spellings.item_mark_pattern(), &mark]);
    let ends = format!("{} || {mark}", spellings.white_space());
    fill(spellings.trim, &[&tight, &ends])
}
