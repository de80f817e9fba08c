//! Industries, places and sizes.

use super::super::{AccountReview, Block, Cell, Head, Sizes, Split, count, money, number, percent};
use super::tables::{amounts, finding, missing, of, others, part, question, rate, table};
use crate::words::part_of;

/// Question 2.
pub(super) fn industries(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "2. Which industries do they belong to?");
    let none = "the customers' industries. Map a column to review.industry.";
    told(page, "industry", &review.industries, review, none);
}

/// Question 3.
pub(super) fn places(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "3. Where are they?");
    told(page, "location", &review.places, review, "the customers' locations. Map a column to review.location.");
}

/// What is counted and not measured.
const EMPLOYEES: &str = "employees";

/// Question 4.
pub(super) fn sizes(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "4. How large are they?");
    let none = "how many employees the customers have. Map a column to review.employees.";
    size(page, EMPLOYEES, &review.employees, review, none);
    let none = "the customers' revenue. Map a column to review.revenue.";
    size(page, "revenue", &review.revenue, review, none);
}

fn told(page: &mut Vec<Block>, what: &str, split: &Split, review: &AccountReview, none: &str) {
    let largest = split
        .levels
        .iter()
        .max_by(|one, other| one.customers.part.cmp(&other.customers.part).then(other.name.cmp(&one.name)));
    let Some(largest) = largest else { return missing(page, none) };
    let all = split.levels.len() as u64 + split.others;
    let ties = split.levels.iter().filter(|level| level.customers.part == largest.customers.part).count();
    let place = match (all, ties) {
        (1, _) => "the only one".to_owned(),
        (_, 1) => format!("the most frequent of {}", count(all)),
        _ => format!("one of the most frequent of {}", count(all)),
    };
    let customers = part_of(largest.customers.part, largest.customers.of, "customer", "customers");
    finding(page, format!("{} is {place}: {customers} with a known {what}.", largest.name));
    levels(page, what, split, review);
}

fn size(page: &mut Vec<Block>, what: &str, sizes: &Sizes, review: &AccountReview, none: &str) {
    let Some(known) = sizes.amounts else { return missing(page, none) };
    let (median, n) = (number(known.median), count(known.customers));
    let size = if what == EMPLOYEES { format!("{median} employees") } else { format!("a {what} of {median}") };
    finding(page, format!("The median customer has {size} (n = {n})."));
    amounts(page, what, known, None);
    levels(page, what, &sizes.bands, review);
}

fn levels(page: &mut Vec<Block>, what: &str, split: &Split, review: &AccountReview) {
    let caption = format!("Customers by {what} (known for {} of {})", count(split.told.part), count(split.told.of));
    let currency = review.currency.as_deref();
    let row = |level: &super::super::Level| {
        let value = level.value.map(|value| money(value, currency)).unwrap_or_default();
        let share = level.value_share.map(percent).unwrap_or_default();
        let faint = level.customers.part < 10;
        let cell = |text: String| Cell { text, faint };
        let customers = Cell { faint, ..of(level.customers) };
        let name = level.name.as_str().into();
        vec![name, customers, part(level.customers), rate(level.ideal), of(level.ideal), cell(value), cell(share)]
    };
    let figures = ["customers", "share", "ideal rate (95% interval)", "ideal accounts", "net value", "share of value"];
    let columns = [Head::text(what)].into_iter().chain(figures.map(Head::figure)).collect();
    table(page, caption, columns, split.levels.iter().map(row).collect());
    others(page, split.others);
}
