//! The Pond Map as blocks.

use sweetspot_core::PondMapSectionKind;

use super::super::{
    Axis, Block, CalloutKind, Chart, ChartKind, ColumnHead, Curve, PondMapColumn, PondMapEntry, Proportion, Table,
    TableCell, format_count, format_percent, plural,
};
use super::{PeriodCounts, PondAdherence, PondFactor, PondMap};
use crate::format::capitalize;

/// The map as blocks.
#[must_use]
pub fn blocks(map: &PondMap) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(1, "Pond Map".to_owned())];
    blocks.push(Block::Callout(CalloutKind::Finding, finding(map)));
    blocks.push(Block::Text(
        "Factors above the waterline count against an account, factors below it for one. OUT puts an account out of the pond, \
         whatever its other values; CAUTION asks for a second look. Learned factors come from customers; stated ones from the \
         people named."
            .to_owned(),
    ));
    blocks.push(Block::Pond(map.sections.iter().map(band).collect()));
    blocks.push(Block::Heading(2, "Adherence to the pond".to_owned()));
    blocks.extend(adherence(&map.adherence));
    blocks
}

fn finding(map: &PondMap) -> String {
    let all = map.inside.total + map.outside.total;
    if all == 0 {
        return "No customer is known to be ideal or not: the map shows what people stated.".to_owned();
    }
    let rate = |share: Proportion| {
        let (low, high) = share.interval();
        let rate = share.rate().map(format_percent);
        rate.map(|rate| format!("{rate} (95% {} to {})", format_percent(low), format_percent(high)))
    };
    let inside = Proportion { part: map.inside.total, total: all }.rate().map(format_percent).unwrap_or_default();
    let are = plural(all, "customer is", "customers are");
    match (rate(map.inside), rate(map.outside)) {
        (Some(rate), Some(others)) => format!(
            "{inside} of {} are in the pond: {rate} of them are ideal; of the {} outside, {others}.",
            plural(all, "customer", "customers"),
            format_count(map.outside.total)
        ),
        (Some(rate), None) => format!("{are} in the pond and none outside it; ideal: {rate}."),
        (None, others) => format!("{are} outside the pond and none in it; ideal: {}.", others.unwrap_or_default()),
    }
}

/// The name of a section.
pub(crate) const fn section_name(section: PondMapSectionKind) -> &'static str {
    match section {
        PondMapSectionKind::AccountProfile => "Account profile",
        PondMapSectionKind::Needs => "Needs",
        PondMapSectionKind::UrgencyDrivers => "Urgency drivers",
        PondMapSectionKind::Beliefs => "Beliefs",
        PondMapSectionKind::TippingPoint => "Tipping point",
    }
}

fn band(section: &super::MapSection) -> PondMapColumn {
    let mark = |factor: &PondFactor| PondMapEntry {
        text: factor.text.clone(),
        source: factor.source.description(),
        severity: factor.severity.map(|severity| severity.as_str().to_owned()).unwrap_or_default(),
    };
    PondMapColumn {
        name: section_name(section.section).to_owned(),
        negatives: section.negatives.iter().map(mark).collect(),
        positives: section.positives.iter().map(mark).collect(),
    }
}

fn adherence(adherence: &PondAdherence) -> Vec<Block> {
    if adherence.periods.is_empty() {
        let text = "No account has a date on which it became a customer or its deal was decided.";
        return vec![Block::Callout(CalloutKind::Missing, text.to_owned())];
    }
    let mut blocks = vec![Block::Chart(adherence_chart(adherence))];
    if adherence.undated > 0 {
        let accounts = plural(adherence.undated, "account has", "accounts have");
        blocks.push(Block::Callout(
            CalloutKind::Caution,
            format!("{accounts} no date: counted in the total, but in no {} of the chart.", unit(adherence)),
        ));
    }
    blocks.push(Block::Callout(
        CalloutKind::Caution,
        "The pond was learned from these same accounts, so accounts inside it look better here than future ones will."
            .to_owned(),
    ));
    blocks
}

fn adherence_chart(adherence: &PondAdherence) -> Chart {
    let (periods, total) = (&adherence.periods, &adherence.total);
    let wins = adherence.has_win_counts();
    let line = |name: &str, share_of: fn(&PeriodCounts) -> Proportion| {
        let point = |(index, period): (usize, &PeriodCounts)| Some((index as f64 + 1.0, share_of(period).rate()?));
        Curve {
            name: name.to_owned(),
            points: periods.iter().enumerate().filter_map(point).collect(),
            is_reference: false,
            is_fall_shaded: false,
            interval: Vec::new(),
            marks: Vec::new(),
        }
    };
    let first = periods.first().map(|period| period.name.clone()).unwrap_or_default();
    let last = periods.last().map(|period| period.name.clone()).unwrap_or_default();
    let unit = unit(adherence);
    Chart {
        finding: adherence_summary(total),
        description: format!(
            "From {first} to {last}, one point a {unit}: the share of new customers inside the pond, and how many were won inside \
             and outside; how many have left, where lost accounts have no date."
        ),
        kind: ChartKind::Curves {
            x: Axis {
                name: format!("{unit}, {first} to {last}"),
                min: 1.0,
                max: periods.len() as f64,
                is_percent: false,
            },
            y: Axis { name: "share".to_owned(), min: 0.0, max: 1.0, is_percent: true },
            curves: vec![
                line("new customers inside", |p| p.new_wins),
                if wins { line("won, inside", |p| p.won_inside) } else { line("left, inside", |p| p.churned_inside) },
                if wins {
                    line("won, outside", |p| p.won_outside)
                } else {
                    line("left, outside", |p| p.churned_outside)
                },
            ],
            lines: Vec::new(),
        },
        table: table(adherence),
    }
}

const fn unit(adherence: &PondAdherence) -> &'static str {
    if adherence.is_yearly { "year" } else { "quarter" }
}

/// The adherence over all accounts with a status. Shares without accounts are left out.
fn adherence_summary(total: &PeriodCounts) -> String {
    let against = |inside: Proportion, outside: Proportion, what: &str| {
        let rates = match (inside.rate(), outside.rate()) {
            (Some(inside), Some(outside)) => {
                format!("{} inside and {} outside", format_percent(inside), format_percent(outside))
            }
            (Some(inside), None) => format!("{} inside; none was outside", format_percent(inside)),
            (None, Some(outside)) => format!("{} outside; none was inside", format_percent(outside)),
            (None, None) => return None,
        };
        Some(format!("{what}: {rates}"))
    };
    let new = total.new_wins.rate().map(|rate| format!("{} of new customers were in the pond", format_percent(rate)));
    let new = new.unwrap_or_else(|| "no account was won".to_owned());
    let won = against(total.won_inside, total.won_outside, "share of accounts won");
    let left = against(total.churned_inside, total.churned_outside, "share of customers that have left");
    let rates: Vec<String> = std::iter::once(new).chain(won).chain(left).collect();
    format!("{}.", capitalize(&rates.join("; ")))
}

fn table(adherence: &PondAdherence) -> Table {
    let cell = |share: Proportion| TableCell {
        text: share
            .rate()
            .map_or_else(String::new, |rate| format!("{} of {}", format_percent(rate), format_count(share.total))),
        is_faint: share.is_faint(),
    };
    let row = |period: &PeriodCounts| {
        vec![
            period.name.as_str().into(),
            cell(period.new_wins),
            cell(period.won_inside),
            cell(period.won_outside),
            cell(period.churned_inside),
            cell(period.churned_outside),
        ]
    };
    Table {
        caption: "Adherence to the pond over time".to_owned(),
        columns: vec![
            ColumnHead::text(unit(adherence)),
            ColumnHead::figure("new customers inside"),
            ColumnHead::figure("won inside"),
            ColumnHead::figure("won outside"),
            ColumnHead::figure("left, inside"),
            ColumnHead::figure("left, outside"),
        ],
        rows: adherence.periods.iter().map(row).collect(),
    }
}
