//! What moves scores most: values with their effects, and attributes.

use sweetspot_model::AttributeSummary;

use crate::document::{Cell, Chart, ChartKind, Head, Table};
use crate::factor::Factor;
use crate::factor_chart::{chart_of, table_of};
use crate::words::{number, percent};

/// Attributes that are told.
const MOST: usize = 20;
/// Values that are told.
const MOST_EFFECTS: usize = 24;
/// Values that are named each way in the chart's description.
const NAMED: usize = 5;

/// The attributes that move scores most, with their pairs, and how many others there are.
pub(super) fn attributes(mut all: Vec<AttributeSummary>) -> (Vec<AttributeSummary>, usize) {
    all.sort_by(|a, b| b.whole_spread.total_cmp(&a.whole_spread).then_with(|| a.attribute.cmp(&b.attribute)));
    let beyond = all.len().saturating_sub(MOST);
    all.truncate(MOST);
    (all, beyond)
}

/// The values that move most customers most, first what raises the odds most, and how many others there are. They come in with what
/// weighs most first.
pub(super) fn effects(mut all: Vec<Factor>) -> (Vec<Factor>, usize) {
    let beyond = all.len().saturating_sub(MOST_EFFECTS);
    all.truncate(MOST_EFFECTS);
    all.sort_by(|a, b| b.odds_ratio.total_cmp(&a.odds_ratio));
    (all, beyond)
}

/// The chart of the values' effects.
pub(super) fn chart(effects: &[Factor]) -> Chart {
    let speaks = |factor: &&Factor| factor.odds_ratio > 1.0 && factor.moves();
    let warns = |factor: &&Factor| factor.odds_ratio < 1.0 && factor.moves();
    let named = |factor: &Factor| format!("{} ({} the odds)", factor.name(), factor.times());
    let list = |factors: &mut dyn Iterator<Item = &Factor>| factors.take(NAMED).map(named).collect::<Vec<_>>();
    let up = list(&mut effects.iter().filter(speaks));
    let down = list(&mut effects.iter().rev().filter(warns));
    let finding = match (up.first(), down.first()) {
        (Some(up), Some(down)) => format!("What raises a score most is {up}; what lowers it most is {down}."),
        (Some(up), None) => format!("What raises a score most is {up}."),
        (None, Some(down)) => format!("What lowers a score most is {down}."),
        (None, None) => "No value moves a score.".to_owned(),
    };
    let told = |way: &str, names: &[String]| {
        if names.is_empty() { String::new() } else { format!(" {way}: {}.", names.join("; ")) }
    };
    let description = format!(
        "One dot per value with its 95% interval, on the scale of log-odds, what raises the odds most first; the line at 0 is the average \
         customer.{}{}",
        told("Up", &up),
        told("Down", &down)
    );
    let kind: ChartKind = chart_of(effects);
    let caption = "What each value multiplies the odds of being ideal by, all else equal, interactions included";
    let mut table = table_of(effects, caption);
    table.columns.insert(2, Head::text("about"));
    for (row, factor) in table.rows.iter_mut().zip(effects) {
        row.insert(2, Cell { text: factor.about().to_owned(), faint: factor.customers.is_faint() });
    }
    Chart { finding, description, kind, table }
}

/// The table of the attributes.
pub(super) fn table(attributes: &[AttributeSummary]) -> Table {
    let row = |one: &AttributeSummary| -> Vec<Cell> {
        let odds = |spread: f64| Cell::from(format!("{} ×", number(spread.exp())));
        vec![
            one.attribute.clone().into(),
            one.kind.into(),
            odds(one.whole_spread),
            odds(one.spread),
            percent(one.missing_share).into(),
        ]
    };
    Table {
        caption: "By how much the odds typically differ between accounts because of an attribute".to_owned(),
        columns: vec![
            Head::text("Attribute"),
            Head::text("Kind"),
            Head::figure("With interactions"),
            Head::figure("Alone"),
            Head::figure("Missing"),
        ],
        rows: attributes.iter().map(row).collect(),
    }
}
