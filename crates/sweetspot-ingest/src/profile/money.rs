//! What a column of amounts seems to be, and in which currency.

use std::collections::BTreeMap;

use sweetspot_core::parse::{CURRENCIES, currency_of};
use sweetspot_core::{Kind, Status, grouped};

use super::words::{has_all, has_any, words};
use super::{Look, Remarks, Verdict};
use crate::mapping::{Mapping, OutcomeColumns};

/// Whether this is the code of a currency (ISO 4217).
fn is_code(code: &str) -> bool {
    CURRENCIES.iter().any(|(_, known)| *known == code && known.len() == 3)
}

/// The currencies of a file's amounts.
#[derive(Debug, Default)]
pub(super) struct Currencies {
    /// The column that says each row's currency.
    column: Option<String>,
    /// Rows by currency, in that column.
    rows: BTreeMap<String, u64>,
    /// Columns with signs of several currencies: rows by currency.
    mixed: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Currencies {
    /// Reads the column of currencies, and the signs beside amounts.
    pub(super) fn find(looks: &[Look<'_>]) -> Self {
        let column = looks.iter().find(|look| is_currency(look));
        let rows = column.map(|look| look.facts.texts().map(|(text, count)| (text.to_uppercase(), count)).collect());
        let signed =
            looks.iter().filter(|look| look.kind == Kind::Number).map(|look| (look.name.to_owned(), signs(look)));
        Self {
            column: column.map(|look| look.name.to_owned()),
            rows: rows.unwrap_or_default(),
            mixed: signed.filter(|(_, signs)| signs.len() > 1).collect(),
        }
    }

    /// The rows by currency, where a column's amounts are in several.
    fn several(&self, column: &str) -> Option<&BTreeMap<String, u64>> {
        self.mixed.get(column).or((self.rows.len() > 1).then_some(&self.rows))
    }

    /// Takes amounts in several currencies out of a mapping, and names the currency where there is one.
    pub(super) fn settle(&self, looks: &mut [Look<'_>], outcome: &mut OutcomeColumns, remarks: &mut Remarks) {
        let OutcomeColumns { value, cost_to_serve, cost_to_acquire, .. } = outcome;
        let amounts = [("value", value), ("cost_to_serve", cost_to_serve), ("cost_to_acquire", cost_to_acquire)];
        let mut mapped = Vec::new();
        for (key, amount) in amounts {
            let Some(column) = amount.clone() else { continue };
            let Some(rows) = self.several(&column) else {
                mapped.push(column);
                continue;
            };
            *amount = None;
            let beside = self.column.as_ref().filter(|_| !self.mixed.contains_key(&column));
            let beside = beside.map(|beside| format!(" (column {beside:?})")).unwrap_or_default();
            let words = format!("amounts in several currencies, {}{beside}", listed(rows));
            remarks.note(format!(
                "{column:?} has {words}: they cannot be compared, so outcome.{key} is not mapped. Convert them into \
                 one currency in a separate column, and name it as {key} with its currency"
            ));
            remarks.unmapped.push((key, column.clone(), words.clone()));
            mark(looks, &column, Verdict::Outcome, words);
        }
        for (column, rows) in &self.mixed {
            if !is_attribute(looks, column) {
                continue;
            }
            let words = format!("amounts in several currencies, {}", listed(rows));
            remarks.note(format!("{column:?} has {words}: it is not an attribute until they are in one currency"));
            mark(looks, column, Verdict::Currency, words);
        }
        if let Some(column) = &self.column {
            mark(looks, column, Verdict::Currency, format!("it names the currency of amounts: {}", listed(&self.rows)));
        }
        outcome.currency = self.only(looks, &mapped);
    }

    /// The one currency of the mapped amounts.
    fn only(&self, looks: &[Look<'_>], amounts: &[String]) -> Option<String> {
        let code = |code: &String| is_code(code).then(|| code.clone());
        if let [only] = self.rows.keys().collect::<Vec<_>>()[..] {
            return code(only).filter(|_| !amounts.is_empty());
        }
        let of_amount = |amount: &String| {
            let look = looks.iter().find(|look| look.name == amount)?;
            let named = words(amount).last().map(|word| word.to_uppercase()).as_ref().and_then(code);
            named.or_else(|| Some(signs(look).into_keys().next()?).as_ref().and_then(code))
        };
        let mut found: Vec<String> = amounts.iter().filter_map(of_amount).collect();
        found.dedup();
        if let [only] = &found[..] { Some(only.clone()) } else { None }
    }
}

fn is_attribute(looks: &[Look<'_>], column: &str) -> bool {
    looks.iter().any(|look| look.name == column && look.verdict == Verdict::Attribute)
}

fn mark(looks: &mut [Look<'_>], column: &str, verdict: Verdict, reason: String) {
    if let Some(look) = looks.iter_mut().find(|look| look.name == column) {
        (look.verdict, look.reason) = (verdict, reason);
    }
}

/// `EUR (24 rows), USD (20 rows)`, the most frequent first, at most five.
fn listed(rows: &BTreeMap<String, u64>) -> String {
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let beyond = rows.len().saturating_sub(5);
    let shown = rows.iter().take(5).map(|(code, count)| format!("{code} ({} rows)", grouped(&count.to_string())));
    let more = if beyond == 0 { String::new() } else { format!(" and {beyond} more") };
    format!("{}{more}", shown.collect::<Vec<_>>().join(", "))
}

/// A column of currency codes.
fn is_currency(look: &Look<'_>) -> bool {
    let code = |text: &str| is_code(&text.to_uppercase());
    let share = look.facts.share(code);
    look.kind == Kind::Category && (share >= 0.98 || (share >= 0.5 && has_any(look.name, &["currency"])))
}

/// Rows by the currency that stands beside their numbers.
fn signs(look: &Look<'_>) -> BTreeMap<String, u64> {
    let mut signs = BTreeMap::new();
    for (text, count) in look.facts.texts() {
        if let Some(code) = currency_of(text) {
            *signs.entry(code.to_owned()).or_insert(0) += count;
        }
    }
    signs
}

/// What a column of values seems to be, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Amount {
    Lifetime,
    Deal,
    Year,
    Month,
    Unclear,
}

impl Amount {
    fn named(name: &str) -> Self {
        let all = |wanted: &[&str]| has_all(name, wanted);
        if has_any(name, &["cltv", "ltv", "clv", "lifetime"]) || all(&["total", "won"]) || all(&["total", "value"]) {
            Self::Lifetime
        } else if has_any(name, &["mrr", "monthly"]) {
            Self::Month
        } else if has_any(name, &["arr", "acv", "annual", "yearly"]) {
            Self::Year
        } else if has_any(name, &["amount", "deal", "opportunity", "order", "close", "contract", "tcv", "won", "quote"])
        {
            Self::Deal
        } else {
            Self::Unclear
        }
    }

    /// Beside the key in the mapping.
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

    /// What to do about it.
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

/// Says what the value of a proposed mapping is, and what follows.
pub(super) fn describe(
    looks: &[Look<'_>],
    mapping: &Mapping,
    classes: Option<&[Option<Status>]>,
    remarks: &mut Remarks,
) {
    let Some(column) = &mapping.outcome.value else { return };
    let amount = Amount::named(column);
    remarks.comments.insert("value", amount.comment().to_owned());
    amount.note(column).into_iter().for_each(|note| remarks.note(note));
    let Some(look) = looks.iter().find(|look| look.name == column) else { return };
    let reader = look.reader();
    let positive = |text: Option<&str>| text.and_then(|text| reader.number(text)).is_some_and(|number| number > 0.0);
    let rows = look.texts.rows().zip(classes.unwrap_or_default());
    let lost = rows.filter(|(text, class)| **class == Some(Status::Lost) && positive(*text)).count();
    if lost > 0 {
        remarks.note(format!(
            "{} lost rows have an amount in {column:?}: that is the asking price, not revenue, and counts as no value",
            grouped(&lost.to_string())
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_by_their_names() {
        for (name, amount) in [
            ("CLTV", Amount::Lifetime),
            ("Total won value", Amount::Lifetime),
            ("Opportunity Amount USD", Amount::Deal),
            ("close_value", Amount::Deal),
            ("ARR", Amount::Year),
            ("MRR", Amount::Month),
            ("value", Amount::Unclear),
        ] {
            assert_eq!(Amount::named(name), amount, "{name}");
        }
    }
}
