//! Who holds the value: the curve, in words, as a table and as a chart.

use super::{missing, ranged};
use crate::value::{TopHeld, ValueCurve, ValueReport};
use crate::{
    Axis, Block, Cell, Chart, ChartKind, Curve, Head, Line, Share, Table, Tone, count, number, percent, plural,
};

/// The rule of thumb: the best 20% hold 80% ("Mining Your Customers").
const FEW: f64 = 0.2;
/// See [`FEW`].
const MOST: f64 = 0.8;
/// Fewest customers of whom a whole number is about a fifth.
const FEWEST: u64 = 5;
/// How far a figure without an interval may be from the rule and still be called the same.
const NEAR: f64 = 0.05;

/// What the curves come to.
pub(super) fn findings(report: &ValueReport) -> Vec<Block> {
    let told = |text| Block::Told(Tone::Finding, text);
    let mut findings: Vec<Block> = report.revenue.iter().filter_map(concentration).map(told).collect();
    findings.extend(report.net.as_ref().and_then(whale).map(told));
    findings
}

/// `The top 20% of customers …`.
fn concentration(curve: &ValueCurve) -> Option<String> {
    let TopHeld { customers, held, .. } = curve.top(FEW)?;
    // Of very few customers no whole number is a fifth.
    if curve.customers < FEWEST {
        return None;
    }
    let is_rule = held.interval.map_or((held.value - MOST).abs() <= NEAR, |(low, high)| low <= MOST && MOST <= high);
    let judged = if is_rule {
        "that agrees with the 80/20 rule"
    } else if held.value < MOST {
        "that is not 80/20: value is spread more evenly than the rule says"
    } else {
        "that is more than 80/20: value depends on fewer customers than the rule says"
    };
    let holding = curve
        .holding_most
        .map(|most| format!(" It takes {} of the customers to hold 80%.", ranged(most.value, most.interval)));
    Some(format!(
        "The top 20% of customers ({} of {}) hold {} of the revenue; {judged}.{}",
        count(*customers),
        count(curve.customers),
        ranged(held.value, held.interval),
        holding.unwrap_or_default()
    ))
}

/// `The best 59 customers earn 112% of the net value; …`.
fn whale(curve: &ValueCurve) -> Option<String> {
    let peak = curve.peak?;
    let Share { part: earning, of } = peak.customers;
    Some(format!(
        "{} {} of the net value; {} more than {}.",
        if earning == 1 {
            "The best customer earns".to_owned()
        } else {
            format!("The best {} customers earn", count(earning))
        },
        percent(peak.held),
        plural(of - earning, "other costs", "others cost"),
        if of - earning == 1 { "it pays" } else { "they pay" },
    ))
}

/// The curves with their numbers.
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
    section.push(Block::Chart(chart(revenue, report.net.as_ref())));
    section.extend(gini(revenue));
    if report.net.is_some() {
        return section;
    }
    section.push(missing(if report.known.costs() && report.money.net <= 0.0 {
        "The net value of all customers together is not above zero, so no customer can hold a share of it."
    } else {
        "Who holds the net value. No cost to serve or to acquire is known, so the curve shows revenue only, and accounts that \
         cost more than they pay do not appear."
    }));
    section
}

fn gini(curve: &ValueCurve) -> Option<Block> {
    let gini = curve.gini?;
    let interval = gini.interval.map(|(low, high)| format!(" (95% {} to {})", number(low), number(high)));
    let text = format!(
        "The Gini coefficient of revenue is {}{}: 0 means the same revenue from every customer, 1 all revenue from one customer.",
        number(gini.value),
        interval.unwrap_or_default()
    );
    Some(Block::Text(text))
}

fn chart(revenue: &ValueCurve, net: Option<&ValueCurve>) -> Chart {
    let finding = net.and_then(whale).or_else(|| concentration(revenue));
    let finding = finding.unwrap_or_else(|| "What part of the customers holds what part of the revenue.".to_owned());
    let axis = |name: &str, to| Axis { name: name.to_owned(), from: 0.0, to, percent: true };
    let top = net.and_then(|net| net.peak).map_or(1.0, |peak| peak.held.max(1.0));
    let mut curves = vec![equal(), drawn("Revenue", revenue)];
    curves.extend(net.map(|net| drawn("Net value", net)));
    let line = |at, across, name: &str| Line { at, across, name: name.to_owned() };
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
            lines: vec![line(FEW, true, "20% of customers"), line(MOST, false, "80% of the value")],
        },
        table: table(revenue, net),
    }
}

fn equal() -> Curve {
    let points = vec![(0.0, 0.0), (1.0, 1.0)];
    Curve { name: "all equal".to_owned(), points, reference: true, shade_fall: false, interval: vec![], marks: vec![] }
}

fn drawn(name: &str, curve: &ValueCurve) -> Curve {
    let most = curve.holding_most.map(|most| (most.value, MOST, format!("{} hold 80%", percent(most.value))));
    let peak = curve.peak.and_then(|peak| Some((peak.customers.rate()?, peak.held, percent(peak.held))));
    Curve {
        name: name.to_owned(),
        points: curve.points.clone(),
        reference: false,
        shade_fall: curve.peak.is_some(),
        interval: Vec::new(),
        marks: peak.or(most).into_iter().collect(),
    }
}

fn table(revenue: &ValueCurve, net: Option<&ValueCurve>) -> Table {
    let mut columns = vec![Head::text("Best customers"), Head::figure("How many"), Head::figure("Share of revenue")];
    columns.extend(net.map(|_| Head::figure("Share of net value")));
    let rows = revenue.tops.iter().map(|top| {
        let mut row = vec![percent(top.share), count(top.customers), ranged(top.held.value, top.held.interval)];
        row.extend(net.and_then(|net| net.top(top.share)).map(|top| ranged(top.held.value, top.held.interval)));
        row.into_iter().map(|text| Cell { text, faint: revenue.customers < 10 }).collect()
    });
    Table { caption: "What the best customers hold".to_owned(), rows: rows.collect(), columns }
}
