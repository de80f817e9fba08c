//! Customers on either side of a threshold, as text, as a table and as a chart.

use super::{interval_text, missing, proportion_text};
use crate::value::{Cohort, Cohorts, Estimate, SplitBasis, ValueReport};
use crate::{
    Axis, Block, CalloutKind, Chart, ChartKind, ColumnHead, Curve, Table, TableCell, format_count, format_money,
    format_number, format_percent, plural,
};

/// Groups with fewer customers are shown faintly.
const MIN_SAMPLE: u64 = 10;

/// The two cohorts.
pub(super) fn section(report: &ValueReport) -> Vec<Block> {
    let mut section = vec![Block::Heading(2, "Two kinds of customers".to_owned())];
    let Some(cohorts) = &report.cohorts else {
        section.push(missing(
            "Too few customers have an amount for ten on either side of a threshold, or all amounts are the same.",
        ));
        return section;
    };
    let currency = report.currency.as_deref();
    section.extend(finding(cohorts, currency).map(|text| Block::Callout(CalloutKind::Finding, text)));
    section.push(Block::Text(method_text(cohorts, currency)));
    section.extend(caution(cohorts));
    section.push(Block::Table(cohort_table(cohorts, currency)));
    if cohorts.quarters > 1 {
        section.push(Block::Chart(Box::new(chart(cohorts, currency))));
    } else {
        section.push(missing("How the two grew. Map what customers spent in their first quarters as `spend`."));
    }
    section
}

/// `Customers from USD 50,000 on began at … and grew 125% over their first six quarters; …`.
fn finding(cohorts: &Cohorts, currency: Option<&str>) -> Option<String> {
    let [upper, lower] = [&cohorts.upper, &cohorts.lower].map(|cohort| growth_text(cohort, cohorts.quarters, currency));
    let from = format_money(cohorts.threshold, currency);
    Some(format!("Customers with {} of {from} or more {}; those below {}.", cohorts.basis.label(), upper?, lower?))
}

fn growth_text(cohort: &Cohort, quarters: u8, currency: Option<&str>) -> Option<String> {
    let (growth, first, last) = (cohort.growth?, cohort.quarters.first()?, cohort.quarters.last()?);
    let [first, last] = [first, last].map(|quarter| quarter.mean_of_complete.map(|mean| format_money(mean, currency)));
    let verb = if growth.value > 0.0 { "grew by" } else { "changed by" };
    Some(format!(
        "began at {} a quarter and {verb} {} to {} by quarter {quarters} ({})",
        first?,
        change(growth),
        last?,
        plural(cohort.complete, "customer", "customers")
    ))
}

/// The absolute change, with its interval.
fn change(growth: Estimate) -> String {
    let interval =
        growth.interval.map(|(low, high)| format!(" (95% {} to {})", format_percent(low), format_percent(high)));
    format!("{}{}", format_percent(growth.value), interval.unwrap_or_default())
}

fn method_text(cohorts: &Cohorts, currency: Option<&str>) -> String {
    let threshold = format!("{} of {}", cohorts.basis.label(), format_money(cohorts.threshold, currency));
    let target = if cohorts.is_by_growth { "growth" } else { "revenue" };
    let chosen = cohorts.threshold_count.map_or_else(
        || format!("The threshold was given: {threshold}."),
        |candidates| {
            format!(
                "The threshold was chosen from the data: of {}, {threshold} separates the customers best by {target}. Other customers \
                 would give another threshold.",
                plural(candidates, "candidate", "candidates")
            )
        },
    );
    let difference = cohorts.difference.map(|difference| {
        format!(" The two kinds differ in {target} by {} standard deviations within a kind.", format_number(difference))
    });
    let without = (cohorts.excluded_count > 0)
        .then(|| format!(" The amount is not known for {}.", plural(cohorts.excluded_count, "customer", "customers")));
    chosen + &difference.unwrap_or_default() + &without.unwrap_or_default()
}

/// The caution about the effect of the split itself.
fn caution(cohorts: &Cohorts) -> Option<Block> {
    let text = match cohorts.basis {
        SplitBasis::YearlySpend if cohorts.quarters > 1 => {
            "Customers that grew have spent more on average, so a part of the difference in growth comes from the split itself. A split \
             by the first quarter avoids this."
        }
        SplitBasis::Value => {
            "The two kinds are split by revenue, so a difference in revenue means nothing; other differences do."
        }
        SplitBasis::YearlySpend | SplitBasis::FirstQuarter => return None,
    };
    Some(Block::Callout(CalloutKind::Caution, text.to_owned()))
}

fn cohort_table(cohorts: &Cohorts, currency: Option<&str>) -> Table {
    let from = format_money(cohorts.threshold, currency);
    let columns = ["", &format!("Below {from}"), &format!("{from} or more")];
    let mut heads = columns.map(ColumnHead::figure).to_vec();
    heads.first_mut().into_iter().for_each(|head| *head = ColumnHead::text("Figure"));
    let row = |name: &str, figure_text: &dyn Fn(&Cohort) -> Option<String>| {
        let cell = |cohort: &Cohort| match figure_text(cohort) {
            Some(text) => TableCell { text, is_faint: cohort.customers < MIN_SAMPLE },
            None => TableCell { text: "not yet known".to_owned(), is_faint: true },
        };
        vec![TableCell::from(name), cell(&cohorts.lower), cell(&cohorts.upper)]
    };
    let known = |share: crate::Proportion| (share.total > 0).then(|| proportion_text(share));
    let rows = vec![
        row("Customers", &|cohort| Some(format_count(cohort.customers))),
        row("Share of the revenue of both", &|cohort| cohort.share_of_value.map(format_percent)),
        row("Average revenue of a customer", &|cohort| cohort.mean_value.map(|mean| amount(mean, currency))),
        row("Average spend in the first quarter", &|cohort| {
            cohort.quarters.first().and_then(|first| first.mean).map(|mean| amount(mean, currency))
        }),
        row("Growth", &|cohort| cohort.growth.map(|growth| interval_text(growth.value, growth.interval))),
        row("Customers behind the growth", &|cohort| Some(format_count(cohort.complete))),
        row("Left", &|cohort| known(cohort.churned)),
        row("Ideal", &|cohort| known(cohort.ideal)),
    ];
    Table { caption: "The two kinds side by side".to_owned(), columns: heads, rows }
}

fn amount(mean: Estimate, currency: Option<&str>) -> String {
    let interval =
        mean.interval.map(|(low, high)| format!(" (95% {} to {})", format_money(low, None), format_money(high, None)));
    format_money(mean.value, currency) + &interval.unwrap_or_default()
}

fn chart(cohorts: &Cohorts, currency: Option<&str>) -> Chart {
    let from = format_money(cohorts.threshold, currency);
    let names = [format!("below {from}"), format!("{from} or more")];
    let sides = [&cohorts.lower, &cohorts.upper];
    let curves: Vec<Curve> = names.into_iter().zip(sides).map(|(name, cohort)| line(name, cohort)).collect();
    let tops = curves.iter().flat_map(|curve| &curve.interval).map(|(_, high)| *high);
    let top = tops.fold(0.0, f64::max);
    let x = Axis {
        name: "quarter as a customer".to_owned(),
        min: 1.0,
        max: f64::from(cohorts.quarters),
        is_percent: false,
        labels: Vec::new(),
    };
    let unit = currency.map_or(String::new(), |currency| format!(", {currency}"));
    let y = Axis {
        name: format!("spend in the quarter, on average{unit}"),
        min: 0.0,
        max: top,
        is_percent: false,
        labels: Vec::new(),
    };
    Chart {
        finding: finding(cohorts, currency).unwrap_or_else(|| "What the two kinds spend, quarter by quarter.".to_owned()),
        description: "Quarters from left to right, the average spend of a customer up; one line for each kind, with its 95% interval."
            .to_owned(),
        kind: ChartKind::Curves { x, y, curves, lines: Vec::new() },
        table: quarter_table(cohorts, currency),
    }
}

fn line(name: String, cohort: &Cohort) -> Curve {
    let known = || cohort.quarters.iter().filter_map(|quarter| Some((f64::from(quarter.quarter), quarter.mean?)));
    let points = known().map(|(quarter, mean)| (quarter, mean.value)).collect();
    let interval = known().map(|(_, mean)| mean.interval.unwrap_or((mean.value, mean.value))).collect();
    Curve { name, points, is_reference: false, is_fall_shaded: false, interval, marks: Vec::new() }
}

fn quarter_table(cohorts: &Cohorts, currency: Option<&str>) -> Table {
    let columns = ["Quarter", "Customers below", "Spend below", "Customers at or above", "Spend at or above"];
    let columns = columns.into_iter().enumerate();
    let columns = columns
        .map(|(index, name)| if index == 0 { ColumnHead::text(name) } else { ColumnHead::figure(name) })
        .collect();
    let rows = cohorts.lower.quarters.iter().zip(&cohorts.upper.quarters).map(|(lower, upper)| {
        let mut row = vec![TableCell::from(lower.quarter.to_string())];
        for quarter in [lower, upper] {
            let faint = quarter.customers < MIN_SAMPLE;
            let mean = quarter.mean.map_or_else(|| "not yet known".to_owned(), |mean| amount(mean, currency));
            row.extend([format_count(quarter.customers), mean].map(|text| TableCell { text, is_faint: faint }));
        }
        row
    });
    Table { caption: "Average spend of a customer, quarter by quarter".to_owned(), rows: rows.collect(), columns }
}
