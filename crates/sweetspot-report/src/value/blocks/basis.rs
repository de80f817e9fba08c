//! What the figures of a value report stand on: what is known, what was stated, what is missing.

use crate::value::{Known, Stated, ValueReport};
use crate::{Block, Cell, Head, Table, count, money, percent};

/// The appendix.
pub(super) fn section(report: &ValueReport) -> Vec<Block> {
    let text = "Net value is revenue over the lifetime, less cost to serve, cost to acquire and, where a rate is stated, the cost of \
                waiting for payment. Unknown costs are not counted, so net value is too high where many of them are missing.";
    vec![
        Block::Heading(2, "What these figures are based on".to_owned()),
        Block::Text(text.to_owned()),
        Block::Table(amounts(report)),
        Block::List(stated(&report.stated, report.currency.as_deref())),
    ]
}

fn amounts(report: &ValueReport) -> Table {
    let (known, sums, currency) = (report.known, report.money, report.currency.as_deref());
    let row = |name: &str, told: u64, amount: Option<f64>| {
        let amount = amount.filter(|_| told > 0).map_or_else(|| "not yet known".to_owned(), |sum| money(sum, currency));
        let of = match of(name, &known) {
            0 => Cell::from("no customer"),
            all => Cell { text: format!("{} of {}", count(told), count(all)), faint: told < 10 },
        };
        vec![Cell::from(name), of, Cell::from(amount)]
    };
    let served = known.cost_to_serve + known.serve_from_hours;
    Table {
        caption: "Known amounts and their sums".to_owned(),
        columns: vec![Head::text("Part"), Head::figure("Known for customers"), Head::figure("Sum")],
        rows: vec![
            row(REVENUE, known.value, Some(sums.revenue)),
            row("Cost to serve", served, Some(sums.cost_to_serve)),
            row("Cost to acquire", known.cost_to_acquire, Some(sums.cost_to_acquire)),
            row("Waiting for payment", known.payment_days, sums.financing),
            row("Advocacy and reputation, as market value", known.market, sums.market),
            row("Net value", known.value, Some(sums.net)),
        ],
    }
}

const REVENUE: &str = "Revenue";

/// Revenue is known of so many of all customers, everything else of so many of those with revenue.
fn of(name: &str, known: &Known) -> u64 {
    if name == REVENUE { known.customers } else { known.value }
}

fn stated(stated: &Stated, currency: Option<&str>) -> Vec<String> {
    let Stated { annual_rate, hourly_cost, advocacy_point, reputation_point, count_market_value } = *stated;
    let amount = |name: &str, amount: Option<f64>| {
        amount.map_or_else(
            || format!("{name}: not stated, not counted."),
            |one| format!("{name}: {}, as stated.", money(one, currency)),
        )
    };
    let rate = annual_rate.map_or_else(
        || "Waiting for payment: no annual rate stated, not counted.".to_owned(),
        |rate| format!("Waiting for payment: {} a year, as stated.", percent(rate)),
    );
    let market = if count_market_value {
        "Market value counts as money, as stated."
    } else {
        "Market value is reported beside money, not included in it."
    };
    vec![
        rate,
        amount("An hour of support or customer success", hourly_cost),
        amount("A point of advocacy", advocacy_point),
        amount("A point of reputation", reputation_point),
        market.to_owned(),
    ]
}
