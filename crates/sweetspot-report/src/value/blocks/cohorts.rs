//! Customers either side of a threshold, in words, as a table and as a chart.

use super::{missing, part, ranged};
use crate::value::{Basis, Cohort, Cohorts, Estimate, ValueReport};
use crate::{Axis, Block, Cell, Chart, ChartKind, Curve, Head, Table, Tone, count, money, number, percent, plural};

/// Groups of fewer are told faintly.
const FEW: u64 = 10;

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
    section.extend(finding(cohorts, currency).map(|text| Block::Told(Tone::Finding, text)));
    section.push(Block::Text(how(cohorts, currency)));
    section.extend(caution(cohorts));
    section.push(Block::Table(sides(cohorts, currency)));
    if cohorts.quarters > 1 {
        section.push(Block::Chart(chart(cohorts, currency)));
    } else {
        section.push(missing("How the two grew. Map what customers spent in their first quarters as `spend`."));
    }
    section
}

/// `Customers from USD 50,000 on began at … and grew 125% over their first six quarters; …`.
fn finding(cohorts: &Cohorts, currency: Option<&str>) -> Option<String> {
    let [upper, lower] = [&cohorts.upper, &cohorts.lower].map(|cohort| grown(cohort, cohorts.quarters, currency));
    let from = money(cohorts.threshold, currency);
    Some(format!("Customers with {} of {from} or more {}; those below {}.", cohorts.basis.words(), upper?, lower?))
}

fn grown(cohort: &Cohort, quarters: u8, currency: Option<&str>) -> Option<String> {
    let (growth, first, last) = (cohort.growth?, cohort.quarters.first()?, cohort.quarters.last()?);
    let [first, last] = [first, last].map(|quarter| quarter.mean_of_complete.map(|mean| money(mean, currency)));
    let verb = if growth.value > 0.0 { "grew by" } else { "changed by" };
    Some(format!(
        "began at {} a quarter and {verb} {} to {} by quarter {quarters} ({})",
        first?,
        change(growth),
        last?,
        plural(cohort.complete, "customer", "customers")
    ))
}

/// How much without a sign, with the interval as it is.
fn change(growth: Estimate) -> String {
    let interval = growth.interval.map(|(low, high)| format!(" (95% {} to {})", percent(low), percent(high)));
    format!("{}{}", percent(growth.value), interval.unwrap_or_default())
}

fn how(cohorts: &Cohorts, currency: Option<&str>) -> String {
    let threshold = format!("{} of {}", cohorts.basis.words(), money(cohorts.threshold, currency));
    let target = if cohorts.by_growth { "growth" } else { "revenue" };
    let chosen = cohorts.tried.map_or_else(
        || format!("The threshold was given: {threshold}."),
        |tried| {
            format!(
                "The threshold was chosen from the data: of {}, {threshold} separates the customers best by {target}. Other customers \
                 would give another threshold.",
                plural(tried, "candidate", "candidates")
            )
        },
    );
    let difference = cohorts.difference.map(|difference| {
        format!(" The two kinds differ in {target} by {} standard deviations within a kind.", number(difference))
    });
    let without = (cohorts.without > 0)
        .then(|| format!(" The amount is not known for {}.", plural(cohorts.without, "customer", "customers")));
    chosen + &difference.unwrap_or_default() + &without.unwrap_or_default()
}

/// What the split itself does to the figures.
fn caution(cohorts: &Cohorts) -> Option<Block> {
    let text = match cohorts.basis {
        Basis::YearlySpend if cohorts.quarters > 1 => {
            "Customers that grew have spent more on average, so a part of the difference in growth comes from the split itself. A split \
             by the first quarter avoids this."
        }
        Basis::Value => {
            "The two kinds are split by revenue, so a difference in revenue means nothing; other differences do."
        }
        Basis::YearlySpend | Basis::FirstQuarter => return None,
    };
    Some(Block::Told(Tone::Caution, text.to_owned()))
}

fn sides(cohorts: &Cohorts, currency: Option<&str>) -> Table {
    let from = money(cohorts.threshold, currency);
    let columns = ["", &format!("Below {from}"), &format!("{from} or more")];
    let mut heads = columns.map(Head::figure).to_vec();
    heads.first_mut().into_iter().for_each(|head| *head = Head::text("Figure"));
    let row = |name: &str, told: &dyn Fn(&Cohort) -> Option<String>| {
        let cell = |cohort: &Cohort| match told(cohort) {
            Some(text) => Cell { text, faint: cohort.customers < FEW },
            None => Cell { text: "not yet known".to_owned(), faint: true },
        };
        vec![Cell::from(name), cell(&cohorts.lower), cell(&cohorts.upper)]
    };
    let known = |share: crate::Share| (share.of > 0).then(|| part(share));
    let rows = vec![
        row("Customers", &|cohort| Some(count(cohort.customers))),
        row("Share of the revenue of both", &|cohort| cohort.share_of_value.map(percent)),
        row("Average revenue of a customer", &|cohort| cohort.mean_value.map(|mean| amount(mean, currency))),
        row("Average spend in the first quarter", &|cohort| {
            cohort.quarters.first().and_then(|first| first.mean).map(|mean| amount(mean, currency))
        }),
        row("Growth", &|cohort| cohort.growth.map(|growth| ranged(growth.value, growth.interval))),
        row("Customers behind the growth", &|cohort| Some(count(cohort.complete))),
        row("Left", &|cohort| known(cohort.churned)),
        row("Ideal", &|cohort| known(cohort.ideal)),
    ];
    Table { caption: "The two kinds side by side".to_owned(), columns: heads, rows }
}

fn amount(mean: Estimate, currency: Option<&str>) -> String {
    let interval = mean.interval.map(|(low, high)| format!(" (95% {} to {})", money(low, None), money(high, None)));
    money(mean.value, currency) + &interval.unwrap_or_default()
}

fn chart(cohorts: &Cohorts, currency: Option<&str>) -> Chart {
    let from = money(cohorts.threshold, currency);
    let names = [format!("below {from}"), format!("{from} or more")];
    let sides = [&cohorts.lower, &cohorts.upper];
    let curves: Vec<Curve> = names.into_iter().zip(sides).map(|(name, cohort)| line(name, cohort)).collect();
    let tops = curves.iter().flat_map(|curve| &curve.interval).map(|(_, high)| *high);
    let top = tops.fold(0.0, f64::max);
    let x =
        Axis { name: "quarter as a customer".to_owned(), from: 1.0, to: f64::from(cohorts.quarters), percent: false };
    let unit = currency.map_or(String::new(), |currency| format!(", {currency}"));
    let y = Axis { name: format!("spend in the quarter, on average{unit}"), from: 0.0, to: top, percent: false };
    Chart {
        finding: finding(cohorts, currency).unwrap_or_else(|| "What the two kinds spend, quarter by quarter.".to_owned()),
        description: "Quarters from left to right, the average spend of a customer up; one line for each kind, with its 95% interval."
            .to_owned(),
        kind: ChartKind::Curves { x, y, curves, lines: Vec::new() },
        table: quarters(cohorts, currency),
    }
}

fn line(name: String, cohort: &Cohort) -> Curve {
    let known = || cohort.quarters.iter().filter_map(|quarter| Some((f64::from(quarter.quarter), quarter.mean?)));
    let points = known().map(|(quarter, mean)| (quarter, mean.value)).collect();
    let interval = known().map(|(_, mean)| mean.interval.unwrap_or((mean.value, mean.value))).collect();
    Curve { name, points, reference: false, shade_fall: false, interval, marks: Vec::new() }
}

fn quarters(cohorts: &Cohorts, currency: Option<&str>) -> Table {
    let columns = ["Quarter", "Customers below", "Spend below", "Customers at or above", "Spend at or above"];
    let columns = columns.into_iter().enumerate();
    let columns = columns.map(|(index, name)| if index == 0 { Head::text(name) } else { Head::figure(name) }).collect();
    let rows = cohorts.lower.quarters.iter().zip(&cohorts.upper.quarters).map(|(lower, upper)| {
        let mut row = vec![Cell::from(lower.quarter.to_string())];
        for quarter in [lower, upper] {
            let faint = quarter.customers < FEW;
            let mean = quarter.mean.map_or_else(|| "not yet known".to_owned(), |mean| amount(mean, currency));
            row.extend([count(quarter.customers), mean].map(|text| Cell { text, faint }));
        }
        row
    });
    Table { caption: "Average spend of a customer, quarter by quarter".to_owned(), rows: rows.collect(), columns }
}
