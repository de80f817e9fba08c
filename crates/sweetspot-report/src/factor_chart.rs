//! Factors as a chart with its table.

use sweetspot_core::Lean;

use super::factor::short;
use super::{Axis, Bar, Cell, Chart, ChartKind, Factor, Head, Table, count, percent, plain};

/// What stands in a caption where a rate says the opposite of the odds beside it.
const RAW_RATE: &str = ". * The rate of all customers with the value, who differ from others in other attributes, too; the odds count the \
                        value alone";

/// Effects as dots with intervals, and as a table.
pub(super) fn effects(factors: &[Factor], more: usize, caption: &str) -> Chart {
    let sure = factors.iter().filter(|factor| factor.lean != Lean::Neutral).count();
    let strongest = factors.first().map(|f| format!("{} stands out most: {}", f.name(), f.told())).unwrap_or_default();
    let finding = match factors.first() {
        _ if sure > 0 => format!("{strongest}."),
        Some(first) if first.moves() => format!("No effect is certain yet; the strongest so far: {}.", first.name()),
        Some(_) | None => "No value moves the odds of being ideal.".to_owned(),
    };
    let more = if more > 0 { format!(" ({more} more are not shown)") } else { String::new() };
    Chart {
        finding,
        description:
            "One dot per value with its 95% interval, in log-odds. The line in the middle is the average customer; to its \
                      right, the odds of being ideal are better."
                .to_owned(),
        kind: chart_of(factors),
        table: table_of(factors, &format!("{caption}{more}")),
    }
}

/// Effects as dots with their intervals.
pub(super) fn chart_of(factors: &[Factor]) -> ChartKind {
    // Beyond a factor of e⁴ an interval says nothing but that it is wide.
    let reach = |factor: &Factor| factor.low.ln().abs().max(factor.high.ln().abs());
    let reach = factors.iter().map(reach).filter(|reach| reach.is_finite()).fold(0.5, f64::max).min(4.0);
    let bar = |factor: &Factor| Bar {
        name: factor.name(),
        value: factor.odds_ratio.ln(),
        interval: Some((factor.low.ln().clamp(-reach, reach), factor.high.ln().clamp(-reach, reach))),
        told: format!("{} the odds", factor.times()),
        faint: factor.customers.is_faint(),
    };
    ChartKind::Bars {
        axis: Axis { name: "log-odds of being ideal".to_owned(), from: -reach, to: reach, percent: false },
        bars: factors.iter().map(bar).collect(),
        origin: 0.0,
        reference: "average customer".to_owned(),
        dots: true,
    }
}

/// Effects with their intervals and what they stand on.
pub(super) fn table_of(factors: &[Factor], caption: &str) -> Table {
    let row = |factor: &Factor| {
        let (low, high) = factor.customers.interval();
        let faint = factor.customers.is_faint();
        let mark = if factor.raw_rate_differs { " *" } else { "" };
        let rate = factor.customers.rate().map(|rate| percent(rate) + mark).unwrap_or_default();
        [
            plain(&factor.attribute),
            factor.value.clone(),
            factor.times(),
            format!("{} to {}", short(factor.low), short(factor.high)),
            count(factor.customers.of),
            rate,
            format!("{} to {}", percent(low), percent(high)),
        ]
        .map(|text| Cell { text, faint })
        .into()
    };
    let differs = factors.iter().any(|factor| factor.raw_rate_differs);
    Table {
        caption: format!("{caption}{}", if differs { RAW_RATE } else { "" }),
        columns: vec![
            Head::text("attribute"),
            Head::text("value"),
            Head::figure("odds"),
            Head::figure("95% interval"),
            Head::figure("customers"),
            Head::figure("ideal"),
            Head::figure("95% interval of the rate"),
        ],
        rows: factors.iter().map(row).collect(),
    }
}
