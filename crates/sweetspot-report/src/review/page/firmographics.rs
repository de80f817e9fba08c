//! Industries, locations and sizes.

use super::super::{
    AccountReview, Block, Breakdown, ColumnHead, SizeSummary, TableCell, format_count, format_money, format_number,
    format_percent,
};
use super::tables::{amounts, count_cell, finding, missing, omitted_line, question, rate_cell, share_cell, table};
use crate::format::part_of_whole;

/// Question 2: industries.
pub(super) fn industries(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "2. Which industries do they belong to?");
    let none = "the customers' industries. Map a column to review.industry.";
    breakdown_section(page, "industry", &review.industries, review, none);
}

/// Question 3: locations.
pub(super) fn places(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "3. Where are they?");
    breakdown_section(
        page,
        "location",
        &review.places,
        review,
        "the customers' locations. Map a column to review.location.",
    );
}

/// The measure that is a count rather than an amount.
const EMPLOYEES: &str = "employees";

/// Question 4: sizes.
pub(super) fn sizes(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "4. How large are they?");
    let none = "how many employees the customers have. Map a column to review.employees.";
    size_section(page, EMPLOYEES, &review.employees, review, none);
    let none = "the customers' revenue. Map a column to review.revenue.";
    size_section(page, "revenue", &review.revenue, review, none);
}

fn breakdown_section(page: &mut Vec<Block>, what: &str, split: &Breakdown, review: &AccountReview, none: &str) {
    let largest = split.levels.iter().max_by(|a, b| a.customers.part.cmp(&b.customers.part).then(b.name.cmp(&a.name)));
    let Some(largest) = largest else { return missing(page, none) };
    let all = split.levels.len() as u64 + split.omitted;
    let ties = split.levels.iter().filter(|level| level.customers.part == largest.customers.part).count();
    let place = match (all, ties) {
        (1, _) => "the only one".to_owned(),
        (_, 1) => format!("the most frequent of {}", format_count(all)),
        _ => format!("one of the most frequent of {}", format_count(all)),
    };
    let customers = part_of_whole(largest.customers.part, largest.customers.total, "customer", "customers");
    finding(page, format!("{} is {place}: {customers} with a known {what}.", largest.name));
    level_table(page, what, split, review);
}

fn size_section(page: &mut Vec<Block>, what: &str, sizes: &SizeSummary, review: &AccountReview, none: &str) {
    let Some(known) = sizes.amounts else { return missing(page, none) };
    let (median, n) = (format_number(known.median), format_count(known.customers));
    let size = if what == EMPLOYEES { format!("{median} employees") } else { format!("a {what} of {median}") };
    finding(page, format!("The median customer has {size} (n = {n})."));
    amounts(page, what, known, None);
    level_table(page, what, &sizes.bands, review);
}

fn level_table(page: &mut Vec<Block>, what: &str, split: &Breakdown, review: &AccountReview) {
    let caption = format!(
        "Customers by {what} (known for {} of {})",
        format_count(split.answered.part),
        format_count(split.answered.total)
    );
    let currency = review.currency.as_deref();
    let row = |level: &super::super::BreakdownLevel| {
        let value = level.value.map(|value| format_money(value, currency)).unwrap_or_default();
        let share = level.value_share.map(format_percent).unwrap_or_default();
        let faint = level.customers.part < 10;
        let cell = |text: String| TableCell { text, is_faint: faint };
        let customers = TableCell { is_faint: faint, ..count_cell(level.customers) };
        let name = level.name.as_str().into();
        vec![
            name,
            customers,
            share_cell(level.customers),
            rate_cell(level.ideal),
            count_cell(level.ideal),
            cell(value),
            cell(share),
        ]
    };
    let figures = ["customers", "share", "ideal rate (95% interval)", "ideal accounts", "net value", "share of value"];
    let columns = [ColumnHead::text(what)].into_iter().chain(figures.map(ColumnHead::figure)).collect();
    table(page, caption, columns, split.levels.iter().map(row).collect());
    omitted_line(page, split.omitted);
}
