//! The tables of the list. Columns without content are omitted.

use sweetspot_core::{PondSide, customers_phrase, known_values_phrase, share_of_customers};
use sweetspot_model::{Counterfactual, ValueOfInformation};

use super::value_formatter::AttributeValueFormatter;
use super::{LookAlike, Target, TargetList, TierSize};
use crate::format::is_visible_change;
use crate::{ColumnHead, Table, TableCell, format_count, format_money, format_percent};

/// The number of accounts in each tier.
pub(super) fn tier_table(tiers: &[TierSize]) -> Table {
    let row = |size: &TierSize| -> Vec<TableCell> {
        vec![
            size.tier.letter().into(),
            format_count(size.accounts).into(),
            size.min_probability.map(format_percent).unwrap_or_default().into(),
            format!("{:.1}", size.expected_ideal).into(),
        ]
    };
    Table {
        caption: "Tiers of the whole list".to_owned(),
        columns: vec![
            ColumnHead::text("Tier"),
            ColumnHead::figure("Accounts"),
            ColumnHead::figure("From a fit of"),
            ColumnHead::figure("Expected ideal accounts"),
        ],
        rows: tiers.iter().map(row).collect(),
    }
}

/// The best accounts.
pub(super) fn account_table(list: &TargetList, words: &AttributeValueFormatter) -> Table {
    let columns = [
        (ColumnHead::text("Account"), cells(list, account)),
        // A letter is as narrow as a figure.
        (ColumnHead::figure("Tier"), cells(list, |target| target.tier.letter().to_owned())),
        (ColumnHead::figure("Fit"), cells(list, |target| format_percent(target.fit.probability))),
        (ColumnHead::figure("90% interval"), cells(list, interval)),
        (ColumnHead::figure("Expected value"), cells(list, |target| value(target, list.currency.as_deref()))),
        (ColumnHead::text("Pond"), cells(list, pond)),
        (ColumnHead::text("Segment"), cells(list, |target| segment(target, words))),
    ];
    table("The best accounts", columns)
}

/// The reasons of the best accounts.
pub(super) fn reason_table(list: &TargetList, words: &AttributeValueFormatter) -> Table {
    let columns = [
        (ColumnHead::text("Account"), cells(list, account)),
        (ColumnHead::text("What speaks for it"), cells(list, |target| reasons_text(target, words, 1.0))),
        (ColumnHead::text("What speaks against it"), cells(list, |target| reasons_text(target, words, -1.0))),
    ];
    table("Why they come first", columns)
}

/// The look-alikes and next steps of the best accounts.
pub(super) fn next_step_table(list: &TargetList, words: &AttributeValueFormatter) -> Table {
    let step = |target: &Target| {
        let step = target.next_step.as_ref().filter(|_| list.has_changeable_attributes);
        step.map(|step| next_step(step, target, words))
    };
    let learning_text =
        |target: &Target| target.worth_learning.as_ref().map(|learning| worth_learning(learning, target, words));
    let columns = [
        (ColumnHead::text("Account"), cells(list, account)),
        (ColumnHead::text("Look-alike"), cells(list, |target| look_alike_text(target.look_alikes.first(), words))),
        (ColumnHead::text("Next step"), cells(list, |target| step(target).unwrap_or_default())),
        (ColumnHead::text("Worth learning"), cells(list, |target| learning_text(target).unwrap_or_default())),
    ];
    table("What to do about the best accounts", columns)
}

fn cells(list: &TargetList, text: impl Fn(&Target) -> String) -> Vec<String> {
    list.targets.iter().map(text).collect()
}

fn table<const N: usize>(caption: &str, columns: [(ColumnHead, Vec<String>); N]) -> Table {
    let (columns, cells): (Vec<ColumnHead>, Vec<Vec<String>>) =
        columns.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty())).unzip();
    let rows = cells.first().map_or(0, Vec::len);
    let row = |row: usize| cells.iter().map(|column| column.get(row).cloned().unwrap_or_default().into()).collect();
    Table { caption: caption.to_owned(), columns, rows: (0..rows).map(row).collect() }
}

/// `1. Umber AG (P00004)`, or `1. P00004` without a name.
fn account(target: &Target) -> String {
    let Target { rank, id, name, .. } = target;
    name.as_ref().map_or_else(|| format!("{rank}. {id}"), |name| format!("{rank}. {name} ({id})"))
}

fn interval(target: &Target) -> String {
    format!("{} to {}", format_percent(target.fit.low), format_percent(target.fit.high))
}

/// `In`, `Out`, and the exclusion rules that apply.
fn pond(target: &Target) -> String {
    let side = match target.fit.pond_side {
        PondSide::In => "In",
        PondSide::Out => "Out",
    };
    if target.exclusion_rules.is_empty() {
        side.to_owned()
    } else {
        format!("{side} ({})", target.exclusion_rules.join(", "))
    }
}

fn segment(target: &Target, words: &AttributeValueFormatter) -> String {
    target.segment.as_deref().map(|id| words.segment(id).to_owned()).unwrap_or_default()
}

fn value(target: &Target, currency: Option<&str>) -> String {
    target.fit.expected_value.map(|value| format_money(value, currency)).unwrap_or_default()
}

/// The reasons with this sign: `tools: SAP (71% of 204 customers ideal); industry: Retail, all else equal`.
fn reasons_text(target: &Target, words: &AttributeValueFormatter, sign: f64) -> String {
    let visible = |log_odds: f64| is_visible_change(log_odds) && log_odds * sign > 0.0;
    let reasons = target.reasons.iter().filter(|reason| visible(reason.log_odds));
    reasons.map(|reason| words.reason_with_rate(reason)).collect::<Vec<_>>().join("; ")
}

/// `Umber AG (both have pain: Tool sprawl; country: France)`.
fn look_alike_text(look_alike: Option<&LookAlike>, words: &AttributeValueFormatter) -> String {
    let Some(LookAlike { name, shared_values: shares, .. }) = look_alike else { return String::new() };
    if shares.is_empty() {
        return name.clone();
    }
    let shares: Vec<String> = shares.iter().map(|shared| words.shared_value(shared)).collect();
    format!("{name} (both have {})", shares.join("; "))
}

/// `employees: 50 or more instead of 10 to 49, for tier A`.
fn next_step(step: &Counterfactual, target: &Target, words: &AttributeValueFormatter) -> String {
    let changes = step.changes.iter().map(|change| words.change(change)).collect::<Vec<_>>().join(" and ");
    let tier = target.goal.map(|(tier, _)| format!(", for tier {}", tier.letter())).unwrap_or_default();
    format!("{changes}{tier}")
}

/// `industry: could lift it to tier A (31% of the 312 customers with Country: France)`.
fn worth_learning(learning: &ValueOfInformation, target: &Target, words: &AttributeValueFormatter) -> String {
    let attribute = words.attribute(&learning.attribute);
    let condition =
        learning.similar_by.as_ref().map(|(attribute, value)| (words.attribute(attribute).to_string(), value.as_str()));
    let condition = condition.as_ref().map(|(attribute, value)| (attribute.as_ref(), *value));
    let any_value = known_values_phrase(learning.mean_gain);
    match target.goal {
        Some((tier, _)) if learning.goal_share > 0.0 => {
            let share = share_of_customers(learning.goal_share, learning.customers, condition);
            format!("{attribute}: could lift it to tier {} ({share}{any_value})", tier.letter())
        }
        Some(_) | None => {
            let (change, phrase) =
                (format_percent(learning.expected_change), customers_phrase(learning.customers, condition));
            format!("{attribute}: moves the fit by {change} on average over {phrase}{any_value}")
        }
    }
}
