//! The value curve, as text, as a table and as a chart.

use super::{interval_text, missing};
use crate::value::{TopShare, ValueCurve, ValueReport};
use crate::{
    Axis, Block, CalloutKind, Chart, ChartKind, ColumnHead, Curve, Proportion, ReferenceLine, Table, TableCell,
    format_count, format_number, format_percent, plural,
};

/// The rule of thumb: the best 20% hold 80% ("Mining Your Customers").
const PARETO_CUSTOMER_SHARE: f64 = 0.2;
/// See [`PARETO_CUSTOMER_SHARE`].
const PARETO_VALUE_SHARE: f64 = 0.8;
/// The minimum number of customers of which a fifth is about a whole number.
const MIN_CUSTOMERS: u64 = 5;
/// The maximum deviation from the rule, without an interval, that still counts as agreement.
const RULE_TOLERANCE: f64 = 0.05;

/// The findings of the curves.
pub(super) fn findings(report: &ValueReport) -> Vec<Block> {
    let finding = |text| Block::Callout(CalloutKind::Finding, text);
    let mut findings: Vec<Block> = report.revenue.iter().filter_map(concentration).map(finding).collect();
    findings.extend(report.net.as_ref().and_then(whale).map(finding));
    findings
}

/// `The top 20% of customers …`.
fn concentration(curve: &ValueCurve) -> Option<String> {
    let TopShare { customers, value_share: held, .. } = curve.top(PARETO_CUSTOMER_SHARE)?;
    // With very few customers, no whole number is close to a fifth.
    if curve.customers < MIN_CUSTOMERS {
        return None;
    }
    let is_rule = held.interval.map_or((held.value - PARETO_VALUE_SHARE).abs() <= RULE_TOLERANCE, |(low, high)| {
        low <= PARETO_VALUE_SHARE && PARETO_VALUE_SHARE <= high
    });
    let verdict = if is_rule {
        "that agrees with the 80/20 rule"
    } else if held.value < PARETO_VALUE_SHARE {
        "that is not 80/20: value is spread more evenly than the rule says"
    } else {
        "that is more than 80/20: value depends on fewer customers than the rule says"
    };
    let holding = curve
        .major_value_holders
        .map(|peak| format!(" It takes {} of the customers to hold 80%.", interval_text(peak.value, peak.interval)));
    Some(format!(
        "The top 20% of customers ({} of {}) hold {} of the revenue; {verdict}.{}",
        format_count(*customers),
        format_count(curve.customers),
        interval_text(held.value, held.interval),
        holding.unwrap_or_default()
    ))
}

/// `The best 59 customers earn 112% of the net value; …`.
fn whale(curve: &ValueCurve) -> Option<String> {
    let peak = curve.peak?;
    let Proportion { part: earning, total: of } = peak.customers;
    Some(format!(
        "{} {} of the net value; {} more than {}.",
        if earning == 1 {
            "The best customer earns".to_owned()
        } else {
            format!("The best {} customers earn", format_count(earning))
        },
        format_percent(peak.value_share),
        plural(of - earning, "other costs", "others cost"),
        if of - earning == 1 { "it pays" } else { "they pay" },
    ))
}

/// The curves and their tables.
pub(super) fn section(report: &ValueReport) -> Vec<Block> {
    let mut section = vec![Block::Heading(2, "Who holds the value".to_owned())];
    let Some(revenue) = &report.revenue else {
        section.push(missing(if report.known.value > 0 {
            "The revenue of all customers together is not above zero, so no customer can hold a share of it."
        } else {
            "No customer has revenue. Map the column that holds it as `value`, and train again."
        }));
        return section;
    };
    section.push(Block::Chart(Box::new(chart(revenue, report.net.as_ref()))));
    section.extend(gini(revenue));
    if report.net.is_some() {
        return section;
    }
    section.push(missing(if report.known.has_costs() && report.money.net <= 0.0 {
        "The net value of all customers together is not above zero, so no customer can hold a share of it."
    } else {
        "Who holds the net value. No cost to serve or to acquire is known, so the curve shows revenue only, and accounts that \
         cost more than they pay do not appear."
    }));
    section
}

fn gini(curve: &ValueCurve) -> Option<Block> {
    let gini = curve.gini?;
    let interval = gini.interval.map(|(low, high)| format!(" (95% {} to {})", format_number(low), format_number(high)));
    let text = format!(
        "The Gini coefficient of revenue is {}{}: 0 means the same revenue from every customer, 1 all revenue from one customer.",
        format_number(gini.value),
        interval.unwrap_or_default()
    );
    Some(Block::Text(text))
}

fn chart(revenue: &ValueCurve, net: Option<&ValueCurve>) -> Chart {
    let finding = net.and_then(whale).or_else(|| concentration(revenue));
    let finding = finding.unwrap_or_else(|| "What part of the customers holds what part of the revenue.".to_owned());
    let axis = |name: &str, to| Axis { name: name.to_owned(), min: 0.0, max: to, is_percent: true, labels: Vec::new() };
    let top = net.and_then(|net| net.peak).map_or(1.0, |peak| peak.value_share.max(1.0));
    let mut curves = vec![equality_line(), curve_line("Revenue", revenue)];
    curves.extend(net.map(|net| curve_line("Net value", net)));
    let line =
        |position, across, name: &str| ReferenceLine { value: position, is_vertical: across, name: name.to_owned() };
    Chart {
        finding,
        description: "Horizontal: customers, the most valuable first. Vertical: the share of the value that they hold together. The \
                      diagonal shows customers that are all worth the same; the two lines mark 20% of customers and 80% of the \
                      value. Where a line falls, each customer costs more than it pays."
            .to_owned(),
        kind: ChartKind::Curves {
            x: axis("share of customers, most valuable first", 1.0),
            y: axis("share of the value", top),
            curves,
            lines: vec![line(PARETO_CUSTOMER_SHARE, true, "20% of customers"), line(PARETO_VALUE_SHARE, false, "80% of the value")],
        },
        table: table(revenue, net),
    }
}

fn equality_line() -> Curve {
    let points = vec![(0.0, 0.0), (1.0, 1.0)];
    Curve {
        name: "all equal".to_owned(),
        points,
        is_reference: true,
        is_fall_shaded: false,
        interval: vec![],
        marks: vec![],
    }
}

fn curve_line(name: &str, curve: &ValueCurve) -> Curve {
    let pareto = curve
        .major_value_holders
        .map(|pareto| (pareto.value, PARETO_VALUE_SHARE, format!("{} hold 80%", format_percent(pareto.value))));
    let peak =
        curve.peak.and_then(|peak| Some((peak.customers.rate()?, peak.value_share, format_percent(peak.value_share))));
    Curve {
        name: name.to_owned(),
        points: curve.points.clone(),
        is_reference: false,
        is_fall_shaded: curve.peak.is_some(),
        interval: Vec::new(),
        marks: peak.or(pareto).into_iter().collect(),
    }
}

fn table(revenue: &ValueCurve, net: Option<&ValueCurve>) -> Table {
    let mut columns = vec![
        ColumnHead::text("Best customers"),
        ColumnHead::figure("How many"),
        ColumnHead::figure("Share of revenue"),
    ];
    columns.extend(net.map(|_| ColumnHead::figure("Share of net value")));
    let rows = revenue.tops.iter().map(|top| {
        let mut row = vec![
            format_percent(top.share),
            format_count(top.customers),
            interval_text(top.value_share.value, top.value_share.interval),
        ];
        row.extend(
            net.and_then(|net| net.top(top.share))
                .map(|top| interval_text(top.value_share.value, top.value_share.interval)),
        );
        row.into_iter().map(|text| TableCell { text, is_faint: revenue.customers < 10 }).collect()
    });
    Table { caption: "What the best customers hold".to_owned(), rows: rows.collect(), columns }
}
