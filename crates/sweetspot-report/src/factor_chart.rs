//! Factors as a chart with its table.

use sweetspot_core::Stance;

use super::odds_factor::format_ratio;
use super::{Axis, Bar, Chart, ChartKind, ColumnHead, Factor, Table, TableCell, format_count, format_percent};

/// The caption's note on rates that contradict the odds next to them.
const RAW_RATE_NOTE: &str = ". * The rate of all customers with the value, who differ from others in other attributes, too; the odds count the \
                        value alone";

/// Effects as dots with intervals, and as a table.
pub(super) fn effects(factors: &[Factor], more: usize, caption: &str) -> Chart {
    let certain = factors.iter().filter(|factor| factor.stance != Stance::Neutral).count();
    let strongest =
        factors.first().map(|f| format!("{} stands out most: {}", f.name(), f.description())).unwrap_or_default();
    let finding = match factors.first() {
        _ if certain > 0 => format!("{strongest}."),
        Some(first) if first.changes_odds() => {
            format!("No effect is certain yet; the strongest so far: {}.", first.name())
        }
        Some(_) | None => "No value moves the odds of being ideal.".to_owned(),
    };
    let more = if more > 0 { format!(" ({more} more are not shown)") } else { String::new() };
    Chart {
        finding,
        description:
            "One dot per value with its 95% interval, in log-odds. The line in the middle is the average customer; to its \
                      right, the odds of being ideal are better."
                .to_owned(),
        kind: effect_chart_kind(factors),
        table: effect_table(factors, &format!("{caption}{more}")),
    }
}

/// Effects as dots with intervals.
pub(super) fn effect_chart_kind(factors: &[Factor]) -> ChartKind {
    // Beyond a factor of e⁴, the exact width of an interval does not matter.
    let extent = |factor: &Factor| factor.low.ln().abs().max(factor.high.ln().abs());
    let extent = factors.iter().map(extent).filter(|extent| extent.is_finite()).fold(0.5, f64::max).min(4.0);
    let bar = |factor: &Factor| Bar {
        name: factor.name(),
        value: factor.odds_ratio.ln(),
        interval: Some((factor.low.ln().clamp(-extent, extent), factor.high.ln().clamp(-extent, extent))),
        value_label: format!("{} the odds", factor.odds_ratio_text()),
        is_faint: factor.customers.is_faint(),
    };
    ChartKind::Bars {
        axis: Axis {
            name: "log-odds of being ideal".to_owned(),
            min: -extent,
            max: extent,
            is_percent: false,
            labels: Vec::new(),
        },
        bars: factors.iter().map(bar).collect(),
        origin: 0.0,
        reference: "average customer".to_owned(),
        is_dot_plot: true,
    }
}

/// Effects with their intervals and samples.
pub(super) fn effect_table(factors: &[Factor], caption: &str) -> Table {
    let row = |factor: &Factor| {
        let (low, high) = factor.customers.interval();
        let faint = factor.customers.is_faint();
        let mark = if factor.is_rate_contradicted { " *" } else { "" };
        let rate = factor.customers.rate().map(|rate| format_percent(rate) + mark).unwrap_or_default();
        [
            factor.attribute.to_string(),
            factor.value.clone(),
            factor.odds_ratio_text(),
            format!("{} to {}", format_ratio(factor.low), format_ratio(factor.high)),
            format_count(factor.customers.total),
            rate,
            format!("{} to {}", format_percent(low), format_percent(high)),
        ]
        .map(|text| TableCell { text, is_faint: faint })
        .into()
    };
    let differs = factors.iter().any(|factor| factor.is_rate_contradicted);
    Table {
        caption: format!("{caption}{}", if differs { RAW_RATE_NOTE } else { "" }),
        columns: vec![
            ColumnHead::text("attribute"),
            ColumnHead::text("value"),
            ColumnHead::figure("odds"),
            ColumnHead::figure("95% interval"),
            ColumnHead::figure("customers"),
            ColumnHead::figure("ideal"),
            ColumnHead::figure("95% interval of the rate"),
        ],
        rows: factors.iter().map(row).collect(),
    }
}
