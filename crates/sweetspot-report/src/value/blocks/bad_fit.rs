//! The customers that cost more than they pay, in words and as a table.

use super::{missing, part};
use crate::value::{Advice, BadFit, BadFits, Liability, Taken};
use crate::{Block, Cell, Head, Table, count, money, number, percent, plural};

/// Most accounts on a page.
const LISTED: usize = 50;

/// The list of bad fits, the first fifty accounts, as a part of the value report; nothing where there are none.
pub(super) fn list(found: &BadFits, currency: Option<&str>) -> Vec<Block> {
    if found.accounts.is_empty() {
        return Vec::new();
    }
    let mut page = vec![Block::Heading(3, "Who they are".to_owned()), Block::Table(accounts(found, currency))];
    let more = found.accounts.len().saturating_sub(LISTED) as u64;
    if more > 0 {
        page.push(Block::Text(format!("And {} more.", count(more))));
    }
    page
}

/// `29 customers cost USD 12,000 more than they pay.`
pub(super) fn finding(liability: &Liability, currency: Option<&str>) -> Option<String> {
    if liability.accounts.part == 0 {
        return None;
    }
    let [cost, pay, take] = if liability.accounts.part == 1 {
        ["costs", "it pays", "accounts for"]
    } else {
        ["cost", "they pay", "account for"]
    };
    let costs = liability.costs.share.map(|share| format!(", and {take} {} of all known costs", percent(share)));
    Some(format!(
        "{} {cost} {} more than {pay}{}.",
        plural(liability.accounts.part, "customer", "customers"),
        money(liability.lost, currency),
        costs.unwrap_or_default()
    ))
}

/// What they cost, and what to do.
pub(super) fn section(liability: &Liability, currency: Option<&str>) -> Vec<Block> {
    let mut section = vec![Block::Heading(2, "Bad-fit customers are a liability".to_owned())];
    if !liability.known.costs() && liability.accounts.part == 0 {
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
    section.push(Block::Table(advised(liability)));
    section
}

fn losses(liability: &Liability, currency: Option<&str>) -> Vec<String> {
    let mut told = vec![
        format!("Accounts: {} of the customers with a known revenue.", part(liability.accounts)),
        format!("Money: {} lost.", money(liability.lost, currency)),
        format!("Costs: {}.", taken(liability.costs, liability, |amount| money(amount, currency))),
        format!("Hours of support and customer success: {}.", taken(liability.hours, liability, number)),
        format!("Requested features that others do not need: {}.", taken(liability.requests, liability, number)),
    ];
    if liability.churned.of > 0 {
        told.push(format!("Already left: {}.", part(liability.churned)));
    }
    told
}

/// `120, 34% of the total of all customers (known for 5 of 29)`.
fn taken(taken: Taken, liability: &Liability, told: impl Fn(f64) -> String) -> String {
    if taken.known == 0 {
        return "not yet known".to_owned();
    }
    let share = taken.share.map(|share| format!(", {} of the total of all customers", percent(share)));
    let known = format!(" (known for {} of {})", count(taken.known), count(liability.accounts.part));
    told(taken.amount) + &share.unwrap_or_default() + &known
}

fn advised(liability: &Liability) -> Table {
    let row = |(advice, accounts): (Advice, u64)| {
        vec![Cell::from(advice.words()), Cell::from(why(advice)), Cell { text: count(accounts), faint: accounts < 10 }]
    };
    Table {
        caption: "What to do about them".to_owned(),
        columns: vec![Head::text("Advice"), Head::text("Reason"), Head::figure("Accounts")],
        rows: Advice::ALL.into_iter().zip(liability.advised).map(row).collect(),
    }
}

impl BadFit {
    /// Why it is in the list, and what to do, in one sentence.
    #[must_use]
    pub fn reason(&self, currency: Option<&str>) -> String {
        let (lost, fit) = (money(-self.net, currency), format!("score {}, tier {}", self.score, self.tier.letter()));
        let then = match self.advice {
            Advice::BreakUp => format!("fits badly ({fit}): end it, and replace it with a better one"),
            Advice::SecondLook => format!("does not seem to fit badly ({fit}): find out why before anything else"),
            Advice::TooYoung => format!("came too recently to have paid it back ({fit}): wait"),
            Advice::Gone => format!("left already ({fit}): do not win similar accounts again"),
        };
        format!("Costs {lost} more than it pays, and {then}.")
    }
}

/// The reason for an advice.
const fn why(advice: Advice) -> &'static str {
    match advice {
        Advice::BreakUp => "it loses money and fits badly: replace it with a better one",
        Advice::SecondLook => {
            "it loses money although it fits, or too little is known about it: find out why before anything else"
        }
        Advice::TooYoung => "it loses money, but came too recently to have paid back",
        Advice::Gone => "it lost money and left: do not win similar accounts again",
    }
}

fn accounts(found: &BadFits, currency: Option<&str>) -> Table {
    let figures = ["Pays", "Net value", "Hours", "Features asked for", "Score", "Tier"];
    let columns =
        std::iter::once(Head::text("Customer")).chain(figures.map(Head::figure)).chain([Head::text("Advice")]);
    let known = |figure: Option<f64>| Cell::from(figure.map_or_else(|| "not yet known".to_owned(), number));
    let row = |one: &BadFit| {
        let hours = one.support_hours.map_or(one.success_hours, |hours| Some(hours + one.success_hours.unwrap_or(0.0)));
        vec![
            Cell::from(one.name.as_str()),
            Cell::from(money(one.value, currency)),
            Cell::from(money(one.net, currency)),
            known(hours),
            known(one.roadmap_requests),
            Cell::from(one.score.to_string()),
            Cell::from(one.tier.letter()),
            Cell::from(one.advice.words()),
        ]
    };
    Table {
        caption: "Customers that cost more than they pay, the largest loss first".to_owned(),
        columns: columns.collect(),
        rows: found.accounts.iter().take(LISTED).map(row).collect(),
    }
}
