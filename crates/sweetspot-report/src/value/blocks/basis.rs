//! The basis of a value report: what is known, stated and missing.

use crate::value::{KnownCounts, MoneyAssumptions, ValueReport};
use crate::{Block, ColumnHead, Table, TableCell, format_count, format_money, format_percent};

/// The appendix: which figures are known, stated or missing.
pub(super) fn section(report: &ValueReport) -> Vec<Block> {
    let text = "Net value is revenue over the lifetime, less cost to serve, cost to acquire and, where a rate is stated, the cost of \
                waiting for payment. Unknown costs are not counted, so net value is too high where many of them are missing.";
    vec![
        Block::Heading(2, "What these figures are based on".to_owned()),
        Block::Text(text.to_owned()),
        Block::Table(amounts(report)),
        Block::List(assumption_texts(&report.assumptions, report.currency.as_deref())),
    ]
}

fn amounts(report: &ValueReport) -> Table {
    let (known, sums, currency) = (report.known, report.money, report.currency.as_deref());
    let row = |name: &str, count: u64, amount: Option<f64>| {
        let amount =
            amount.filter(|_| count > 0).map_or_else(|| "not yet known".to_owned(), |sum| format_money(sum, currency));
        let total_text = match known_count(name, &known) {
            0 => TableCell::from("no customer"),
            all => {
                TableCell { text: format!("{} of {}", format_count(count), format_count(all)), is_faint: count < 10 }
            }
        };
        vec![TableCell::from(name), total_text, TableCell::from(amount)]
    };
    let served = known.cost_to_serve + known.serve_from_hours;
    Table {
        caption: "Known amounts and their sums".to_owned(),
        columns: vec![ColumnHead::text("Part"), ColumnHead::figure("Known for customers"), ColumnHead::figure("Sum")],
        rows: vec![
            row(REVENUE, known.value, Some(sums.revenue)),
            row("Cost to serve", served, Some(sums.cost_to_serve)),
            row("Cost to acquire", known.cost_to_acquire, Some(sums.cost_to_acquire)),
            row("Waiting for payment", known.payment_days, sums.financing),
            row("Advocacy and reputation, as market value", known.market_value, sums.market_value),
            row("Net value", known.value, Some(sums.net)),
        ],
    }
}

const REVENUE: &str = "Revenue";

/// The reference total: all customers for revenue, the customers with revenue for everything else.
fn known_count(name: &str, known: &KnownCounts) -> u64 {
    if name == REVENUE { known.customers } else { known.value }
}

fn assumption_texts(stated: &MoneyAssumptions, currency: Option<&str>) -> Vec<String> {
    let MoneyAssumptions {
        annual_rate,
        hourly_cost,
        advocacy_point,
        reputation_point,
        counts_market_value: count_market_value,
    } = *stated;
    let amount = |name: &str, amount: Option<f64>| {
        amount.map_or_else(
            || format!("{name}: not stated, not counted."),
            |stated_amount| format!("{name}: {}, as stated.", format_money(stated_amount, currency)),
        )
    };
    let rate = annual_rate.map_or_else(
        || "Waiting for payment: no annual rate stated, not counted.".to_owned(),
        |rate| format!("Waiting for payment: {} a year, as stated.", format_percent(rate)),
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
