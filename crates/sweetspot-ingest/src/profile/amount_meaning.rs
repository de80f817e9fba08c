//! The type and the currency of columns with amounts.

use std::collections::BTreeMap;

use sweetspot_core::parse::{CURRENCIES, find_currency};
use sweetspot_core::{AttributeKind, OutcomeStatus, group_thousands};

use super::{ColumnRole, InspectedColumn, MappingRemarks};
use crate::mapping::{Mapping, OutcomeColumns};
use crate::word_lists::{has_all_words, has_any_word, name_words};

/// Returns whether this is a currency code (ISO 4217).
fn is_code(code: &str) -> bool {
    CURRENCIES.iter().any(|(_, known)| *known == code && known.len() == 3)
}

/// The currencies of a file's amounts.
#[derive(Debug, Default)]
pub(super) struct Currencies {
    /// The column with the currency of each row.
    column: Option<String>,
    /// The number of rows by currency in that column.
    rows: BTreeMap<String, u64>,
    /// The columns with signs of several currencies, with the number of rows by currency.
    mixed: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Currencies {
    /// Reads the currency column, and the currency signs next to amounts.
    pub(super) fn find(columns: &[InspectedColumn<'_>]) -> Self {
        let column = columns.iter().find(|column| is_currency(column));
        let rows =
            column.map(|column| column.stats.texts().map(|(text, count)| (text.to_uppercase(), count)).collect());
        let signed = columns
            .iter()
            .filter(|column| column.kind == AttributeKind::Number)
            .map(|column| (column.name.to_owned(), signs(column)));
        Self {
            column: column.map(|column| column.name.to_owned()),
            rows: rows.unwrap_or_default(),
            mixed: signed.filter(|(_, signs)| signs.len() > 1).collect(),
        }
    }

    /// Returns the number of rows by currency, if the amounts of a column are in several.
    fn mixed_currencies(&self, column: &str) -> Option<&BTreeMap<String, u64>> {
        self.mixed.get(column).or((self.rows.len() > 1).then_some(&self.rows))
    }

    /// Removes amounts in several currencies from a mapping, and sets the currency if there is one.
    pub(super) fn settle(
        &self,
        columns: &mut [InspectedColumn<'_>],
        outcome: &mut OutcomeColumns,
        remarks: &mut MappingRemarks,
    ) {
        let OutcomeColumns { value, cost_to_serve, cost_to_acquire, .. } = outcome;
        let amounts = [("value", value), ("cost_to_serve", cost_to_serve), ("cost_to_acquire", cost_to_acquire)];
        let mut mapped = Vec::new();
        for (key, amount) in amounts {
            let Some(column) = amount.clone() else { continue };
            let Some(rows) = self.mixed_currencies(&column) else {
                mapped.push(column);
                continue;
            };
            *amount = None;
            let column_note = self.column.as_ref().filter(|_| !self.mixed.contains_key(&column));
            let column_note = column_note.map(|column_note| format!(" (column {column_note:?})")).unwrap_or_default();
            let words = format!("amounts in several currencies, {}{column_note}", list_currencies(rows));
            remarks.note(format!(
                "{column:?} has {words}: they cannot be compared, so outcome.{key} is not mapped. Convert them into \
                 one currency in a separate column, and name it as {key} with its currency"
            ));
            remarks.unmapped.push((key, column.clone(), words.clone()));
            set_role(columns, &column, ColumnRole::Outcome, words);
        }
        for (column, rows) in &self.mixed {
            if !is_attribute(columns, column) {
                continue;
            }
            let words = format!("amounts in several currencies, {}", list_currencies(rows));
            remarks.note(format!("{column:?} has {words}: it is not an attribute until they are in one currency"));
            set_role(columns, column, ColumnRole::Currency, words);
        }
        if let Some(column) = &self.column {
            set_role(
                columns,
                column,
                ColumnRole::Currency,
                format!("it names the currency of amounts: {}", list_currencies(&self.rows)),
            );
        }
        outcome.currency = self.single_currency(columns, &mapped);
    }

    /// Returns the common currency of the mapped amounts.
    fn single_currency(&self, columns: &[InspectedColumn<'_>], amounts: &[String]) -> Option<String> {
        let code = |code: &String| is_code(code).then(|| code.clone());
        if let [only] = self.rows.keys().collect::<Vec<_>>()[..] {
            return code(only).filter(|_| !amounts.is_empty());
        }
        let of_amount = |amount: &String| {
            let column = columns.iter().find(|column| column.name == amount)?;
            let named = name_words(amount).last().map(|word| word.to_uppercase()).as_ref().and_then(code);
            named.or_else(|| Some(signs(column).into_keys().next()?).as_ref().and_then(code))
        };
        let mut found: Vec<String> = amounts.iter().filter_map(of_amount).collect();
        found.dedup();
        if let [only] = &found[..] { Some(only.clone()) } else { None }
    }
}

fn is_attribute(columns: &[InspectedColumn<'_>], name: &str) -> bool {
    columns.iter().any(|column| column.name == name && column.role == ColumnRole::Attribute)
}

fn set_role(columns: &mut [InspectedColumn<'_>], name: &str, verdict: ColumnRole, reason: String) {
    if let Some(column) = columns.iter_mut().find(|column| column.name == name) {
        (column.role, column.reason) = (verdict, reason);
    }
}

/// Formats a list such as `EUR (24 rows), USD (20 rows)`: at most five currencies, the most frequent first.
fn list_currencies(rows: &BTreeMap<String, u64>) -> String {
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let unlisted = rows.len().saturating_sub(5);
    let shown =
        rows.iter().take(5).map(|(code, count)| format!("{code} ({} rows)", group_thousands(&count.to_string())));
    let more = if unlisted == 0 { String::new() } else { format!(" and {unlisted} more") };
    format!("{}{more}", shown.collect::<Vec<_>>().join(", "))
}

/// Returns whether this is a column of currency codes.
fn is_currency(column: &InspectedColumn<'_>) -> bool {
    let code = |text: &str| is_code(&text.to_uppercase());
    let share = column.stats.share_of_cells(code);
    column.kind == AttributeKind::Category
        && (share >= 0.98 || (share >= 0.5 && has_any_word(column.name, &["currency"])))
}

/// Returns the number of rows by the currency sign next to their numbers.
fn signs(column: &InspectedColumn<'_>) -> BTreeMap<String, u64> {
    let mut signs = BTreeMap::new();
    for (text, count) in column.stats.texts() {
        if let Some(code) = find_currency(text) {
            *signs.entry(code.to_owned()).or_insert(0) += count;
        }
    }
    signs
}

/// The type of a column of values, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AmountKind {
    Lifetime,
    Deal,
    Year,
    Month,
    Unclear,
}

impl AmountKind {
    fn from_name(name: &str) -> Self {
        let all = |words: &[&str]| has_all_words(name, words);
        if has_any_word(name, &["cltv", "ltv", "clv", "lifetime"]) || all(&["total", "won"]) || all(&["total", "value"])
        {
            Self::Lifetime
        } else if has_any_word(name, &["mrr", "monthly"]) {
            Self::Month
        } else if has_any_word(name, &["arr", "acv", "annual", "yearly"]) {
            Self::Year
        } else if has_any_word(
            name,
            &["amount", "deal", "opportunity", "order", "close", "contract", "tcv", "won", "quote"],
        ) {
            Self::Deal
        } else {
            Self::Unclear
        }
    }

    /// Returns the comment on the key in the mapping.
    const fn comment(self) -> &'static str {
        match self {
            Self::Lifetime => "lifetime revenue",
            Self::Deal => {
                "by its name the amount of one deal, not lifetime revenue: value, tiers by value and expected values then speak of one deal"
            }
            Self::Year => "by its name what a customer pays in a year, not lifetime revenue",
            Self::Month => "by its name what a customer pays in a month, not lifetime revenue",
            Self::Unclear => "taken for lifetime revenue: name another column if it is something else",
        }
    }

    /// Returns a note on what to do about it.
    fn note(self, column: &str) -> Option<String> {
        let what = match self {
            Self::Lifetime => return None,
            Self::Deal => "by its name is the amount of one deal, not what a customer brought in over its life",
            Self::Year => "by its name is what a customer pays in a year, not what it brought in over its life",
            Self::Month => "by its name is what a customer pays in a month, not what it brought in over its life",
            Self::Unclear => "has no clear meaning by its name: it is taken for lifetime revenue",
        };
        Some(format!(
            "value = {column:?} {what}: the value of customers then means that. Name a column with lifetime revenue, \
             or remove the line"
        ))
    }
}

/// Adds remarks on the column of `outcome.value`: what kind of amount it is, and whether lost rows have one.
pub(super) fn describe(
    columns: &[InspectedColumn<'_>],
    mapping: &Mapping,
    classes: Option<&[Option<OutcomeStatus>]>,
    remarks: &mut MappingRemarks,
) {
    let Some(name) = &mapping.outcome.value else { return };
    let amount = AmountKind::from_name(name);
    remarks.comments.insert("value", amount.comment().to_owned());
    amount.note(name).into_iter().for_each(|note| remarks.note(note));
    let Some(column) = columns.iter().find(|column| column.name == name) else { return };
    let reader = column.reader();
    let positive = |text: Option<&str>| text.and_then(|text| reader.number(text)).is_some_and(|number| number > 0.0);
    let rows = column.texts.row_texts().zip(classes.unwrap_or_default());
    let lost = rows.filter(|(text, class)| **class == Some(OutcomeStatus::Lost) && positive(*text)).count();
    if lost > 0 {
        remarks.note(format!(
            "{} lost rows have an amount in {name:?}: that is the asking price, not revenue, and counts as no value",
            group_thousands(&lost.to_string())
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_by_their_names() {
        for (name, amount) in [
            ("CLTV", AmountKind::Lifetime),
            ("Total won value", AmountKind::Lifetime),
            ("Opportunity Amount USD", AmountKind::Deal),
            ("close_value", AmountKind::Deal),
            ("ARR", AmountKind::Year),
            ("MRR", AmountKind::Month),
            ("value", AmountKind::Unclear),
        ] {
            assert_eq!(AmountKind::from_name(name), amount, "{name}");
        }
    }
}
