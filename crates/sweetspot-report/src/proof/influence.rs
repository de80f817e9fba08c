//! The values and attributes with the largest influence on scores.

use sweetspot_model::AttributeSummary;

use crate::document::{Chart, ChartKind, ColumnHead, Table, TableCell};
use crate::factor_chart::{effect_chart_kind, effect_table};
use crate::format::{format_number, format_percent};
use crate::odds_factor::Factor;
use crate::{AttributeName, ReportInput};

/// The maximum number of attributes to show.
const MAX_ATTRIBUTES: usize = 12;
/// The maximum number of values to show.
const MAX_EFFECTS: usize = 16;
/// The maximum number of values to name per direction in the chart's description.
const MAX_NAMES: usize = 5;

/// The influence of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeInfluence {
    /// The attribute.
    pub attribute: AttributeName,
    /// The figures.
    pub summary: AttributeSummary,
}

/// The attributes with the largest influence, interactions included, and the number of others.
pub(super) fn attributes(input: &ReportInput) -> (Vec<AttributeInfluence>, usize) {
    let mut all = input.model.attributes();
    all.sort_by(|a, b| b.total_spread.total_cmp(&a.total_spread).then_with(|| a.attribute.cmp(&b.attribute)));
    let unlisted_attributes = all.len().saturating_sub(MAX_ATTRIBUTES);
    all.truncate(MAX_ATTRIBUTES);
    let influence =
        |summary: AttributeSummary| AttributeInfluence { attribute: input.attribute(&summary.attribute), summary };
    (all.into_iter().map(influence).collect(), unlisted_attributes)
}

/// The values with the largest weights, in descending order of odds ratios, and the number of others. The input is in
/// descending order of weights.
pub(super) fn effects(mut all: Vec<Factor>) -> (Vec<Factor>, usize) {
    let unlisted_effects = all.len().saturating_sub(MAX_EFFECTS);
    all.truncate(MAX_EFFECTS);
    all.sort_by(|a, b| b.odds_ratio.total_cmp(&a.odds_ratio));
    (all, unlisted_effects)
}

/// The chart of the values' effects.
pub(super) fn chart(effects: &[Factor]) -> Chart {
    let speaks = |factor: &&Factor| factor.odds_ratio > 1.0 && factor.changes_odds();
    let warns = |factor: &&Factor| factor.odds_ratio < 1.0 && factor.changes_odds();
    let named = |factor: &Factor| format!("{} ({} the odds)", factor.name(), factor.odds_ratio_text());
    let list = |factors: &mut dyn Iterator<Item = &Factor>| factors.take(MAX_NAMES).map(named).collect::<Vec<_>>();
    let up = list(&mut effects.iter().filter(speaks));
    let down = list(&mut effects.iter().rev().filter(warns));
    let finding = match (up.first(), down.first()) {
        (Some(up), Some(down)) => format!("What raises a score most is {up}; what lowers it most is {down}."),
        (Some(up), None) => format!("What raises a score most is {up}."),
        (None, Some(down)) => format!("What lowers a score most is {down}."),
        (None, None) => "No value moves a score.".to_owned(),
    };
    let sentence = |way: &str, names: &[String]| {
        if names.is_empty() { String::new() } else { format!(" {way}: {}.", names.join("; ")) }
    };
    let description = format!(
        "One dot per value with its 95% interval, on the scale of log-odds, what raises the odds most first; the line at 0 is the average \
         customer.{}{}",
        sentence("Up", &up),
        sentence("Down", &down)
    );
    let kind: ChartKind = effect_chart_kind(effects);
    let caption = "What each value multiplies the odds of being ideal by, all else equal, interactions included";
    let mut table = effect_table(effects, caption);
    table.columns.insert(2, ColumnHead::text("about"));
    for (row, factor) in table.rows.iter_mut().zip(effects) {
        row.insert(2, TableCell { text: factor.category_phrase().to_owned(), is_faint: factor.customers.is_faint() });
    }
    Chart { finding, description, kind, table }
}

/// The table of the attributes.
pub(super) fn table(attributes: &[AttributeInfluence]) -> Table {
    let row = |AttributeInfluence { attribute, summary }: &AttributeInfluence| -> Vec<TableCell> {
        let odds = |spread: f64| TableCell::from(format!("{} ×", format_number(spread.exp())));
        vec![
            attribute.to_string().into(),
            summary.kind.into(),
            odds(summary.total_spread),
            odds(summary.spread),
            format_percent(summary.missing_share).into(),
        ]
    };
    Table {
        caption: "By how much the odds typically differ between accounts because of an attribute".to_owned(),
        columns: vec![
            ColumnHead::text("Attribute"),
            ColumnHead::text("Kind"),
            ColumnHead::figure("With interactions"),
            ColumnHead::figure("Alone"),
            ColumnHead::figure("Missing"),
        ],
        rows: attributes.iter().map(row).collect(),
    }
}
