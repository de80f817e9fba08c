//! Bad fits, the customers that cost more than they pay, as text and as a table.

use super::{missing, proportion_text};
use crate::value::{BadFit, BadFitCustomers, BadFitTotals, LossAdvice, ResourceShare};
use crate::{Block, ColumnHead, Table, TableCell, format_count, format_money, format_number, format_percent, plural};

/// The maximum number of accounts on a page.
const MAX_LISTED: usize = 50;

/// The list of bad fits, the first fifty accounts, as a section of the value report; empty if there are none.
pub(super) fn list(found: &BadFitCustomers, currency: Option<&str>) -> Vec<Block> {
    if found.accounts.is_empty() {
        return Vec::new();
    }
    let mut page = vec![Block::Heading(3, "Who they are".to_owned()), Block::Table(account_table(found, currency))];
    let more = found.accounts.len().saturating_sub(MAX_LISTED) as u64;
    if more > 0 {
        page.push(Block::Text(format!("And {} more.", format_count(more))));
    }
    page
}

/// `29 customers cost USD 12,000 more than they pay.`
pub(super) fn finding(liability: &BadFitTotals, currency: Option<&str>) -> Option<String> {
    if liability.accounts.part == 0 {
        return None;
    }
    let [cost, pay, take] = if liability.accounts.part == 1 {
        ["costs", "it pays", "accounts for"]
    } else {
        ["cost", "they pay", "account for"]
    };
    let costs = liability.costs.share.map(|share| format!(", and {take} {} of all known costs", format_percent(share)));
    Some(format!(
        "{} {cost} {} more than {pay}{}.",
        plural(liability.accounts.part, "customer", "customers"),
        format_money(liability.lost, currency),
        costs.unwrap_or_default()
    ))
}

/// The cost of these customers, and the advice for them.
pub(super) fn section(liability: &BadFitTotals, currency: Option<&str>) -> Vec<Block> {
    let mut section = vec![Block::Heading(2, "Bad-fit customers are a liability".to_owned())];
    if !liability.known.has_costs() && liability.accounts.part == 0 {
        section.push(missing(
            "Who costs more than they pay. Map the cost to serve or to acquire, or map hours and state the cost of an hour.",
        ));
    } else if liability.accounts.part == 0 {
        section.push(Block::Text("No customer is known to cost more than it pays.".to_owned()));
    }
    if liability.accounts.part == 0 {
        return section;
    }
    section.push(Block::List(losses(liability, currency)));
    section.push(Block::Text(
        "What the figures do not show: time spent on fixing these accounts is not spent on growing the best customers, working with \
         them contributes to burnout in the teams that look after them, and they dilute the roadmap with features that do not help \
         others. Replacing one with a better customer is a win."
            .to_owned(),
    ));
    section.push(Block::Table(advice_table(liability)));
    section
}

fn losses(liability: &BadFitTotals, currency: Option<&str>) -> Vec<String> {
    let mut lines = vec![
        format!("Accounts: {} of the customers with a known revenue.", proportion_text(liability.accounts)),
        format!("Money: {} lost.", format_money(liability.lost, currency)),
        format!("Costs: {}.", resource_text(liability.costs, liability, |amount| format_money(amount, currency))),
        format!("Hours of support and customer success: {}.", resource_text(liability.hours, liability, format_number)),
        format!(
            "Requested features that others do not need: {}.",
            resource_text(liability.requests, liability, format_number)
        ),
    ];
    if liability.churned.total > 0 {
        lines.push(format!("Already left: {}.", proportion_text(liability.churned)));
    }
    lines
}

/// `120, 34% of the total of all customers (known for 5 of 29)`.
fn resource_text(resource: ResourceShare, liability: &BadFitTotals, amount_text: impl Fn(f64) -> String) -> String {
    if resource.known == 0 {
        return "not yet known".to_owned();
    }
    let share = resource.share.map(|share| format!(", {} of the total of all customers", format_percent(share)));
    let known = format!(" (known for {} of {})", format_count(resource.known), format_count(liability.accounts.part));
    amount_text(resource.amount) + &share.unwrap_or_default() + &known
}

fn advice_table(liability: &BadFitTotals) -> Table {
    let row = |(advice, accounts): (LossAdvice, u64)| {
        vec![
            TableCell::from(advice.label()),
            TableCell::from(advice_reason(advice)),
            TableCell { text: format_count(accounts), is_faint: accounts < 10 },
        ]
    };
    Table {
        caption: "What to do about them".to_owned(),
        columns: vec![ColumnHead::text("Advice"), ColumnHead::text("Reason"), ColumnHead::figure("Accounts")],
        rows: LossAdvice::ALL.into_iter().zip(liability.advice_counts).map(row).collect(),
    }
}

impl BadFit {
    /// The reason why it is on the list, and the advice, in one sentence.
    #[must_use]
    pub fn reason(&self, currency: Option<&str>) -> String {
        let (lost, fit) =
            (format_money(-self.net, currency), format!("score {}, tier {}", self.score, self.tier.letter()));
        let then = match self.advice {
            LossAdvice::BreakUp => format!("fits badly ({fit}): end it, and replace it with a better one"),
            LossAdvice::SecondLook => format!("does not seem to fit badly ({fit}): find out why before anything else"),
            LossAdvice::TooYoung => format!("came too recently to have paid it back ({fit}): wait"),
            LossAdvice::Gone => format!("left already ({fit}): do not win similar accounts again"),
        };
        format!("Costs {lost} more than it pays, and {then}.")
    }
}

/// The reason of an advice.
const fn advice_reason(advice: LossAdvice) -> &'static str {
    match advice {
        LossAdvice::BreakUp => "it loses money and fits badly: replace it with a better one",
        LossAdvice::SecondLook => {
            "it loses money although it fits, or too little is known about it: find out why before anything else"
        }
        LossAdvice::TooYoung => "it loses money, but came too recently to have paid back",
        LossAdvice::Gone => "it lost money and left: do not win similar accounts again",
    }
}

fn account_table(found: &BadFitCustomers, currency: Option<&str>) -> Table {
    let figures = ["Pays", "Net value", "Hours", "Features asked for", "Score", "Tier"];
    let columns = std::iter::once(ColumnHead::text("Customer"))
        .chain(figures.map(ColumnHead::figure))
        .chain([ColumnHead::text("Advice")]);
    let known = |figure: Option<f64>| TableCell::from(figure.map_or_else(|| "not yet known".to_owned(), format_number));
    let row = |account: &BadFit| {
        let hours = account
            .support_hours
            .map_or(account.success_hours, |hours| Some(hours + account.success_hours.unwrap_or(0.0)));
        vec![
            TableCell::from(account.name.as_str()),
            TableCell::from(format_money(account.value, currency)),
            TableCell::from(format_money(account.net, currency)),
            known(hours),
            known(account.roadmap_requests),
            TableCell::from(account.score.to_string()),
            TableCell::from(account.tier.letter()),
            TableCell::from(account.advice.label()),
        ]
    };
    Table {
        caption: "Customers that cost more than they pay, the largest loss first".to_owned(),
        columns: columns.collect(),
        rows: found.accounts.iter().take(MAX_LISTED).map(row).collect(),
    }
}
