//! Who the customers are, how long they stay, and why they leave.

use super::super::{AccountReview, Block, Cell, Head, count, number, percent, plural};
use super::tables::{amounts, finding, missing, of, question, ranking, rate, table};
use crate::Tone;

/// Question 1.
pub(super) fn customers(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "1. Who are our customers, and what do they use the product for?");
    let customers = plural(review.customers, "customer is", "customers are");
    let Some((first, name)) = review.use_cases.first().zip(review.use_cases.first_with_ties()) else {
        finding(page, format!("{customers} in the review."));
        return missing(page, "what they use the product for. Map a column to review.use_case.");
    };
    let share = first.share.rate().map(percent).unwrap_or_default();
    let n = count(first.share.of);
    finding(
        page,
        format!(
            "{customers} in the review. The most common use case is {name}: {share} of the customers with a known \
             use case (n = {n})."
        ),
    );
    ranking(page, "use case", &review.use_cases);
}

/// Question 7.
pub(super) fn tenure(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "7. How long have they been customers?");
    let tenure = &review.tenure;
    if tenure.by_year.is_empty() {
        return missing(page, "when they became customers. Map a column to outcome.since.");
    }
    if let Some(years) = tenure.years {
        let n = count(years.customers);
        finding(
            page,
            format!(
                "The median tenure of the customers who have not left is {} years (n = {n}).",
                number(years.median)
            ),
        );
        amounts(page, "years as a customer", years, None);
    }
    let rows = tenure.by_year.iter().map(|year| {
        let customers = Cell { text: count(year.customers), faint: year.customers < 10 };
        vec![year.year.to_string().into(), customers, of(year.churn), rate(year.churn)]
    });
    let columns = vec![
        Head::text("since"),
        Head::figure("customers"),
        Head::figure("left"),
        Head::figure("churn rate (95% interval)"),
    ];
    let (known, all) = (count(tenure.told.part), count(tenure.told.of));
    let caption = format!("Customers by the year they joined (known for {known} of {all})");
    table(page, caption, columns, rows.collect());
    if tenure.later > 0 {
        let later = plural(tenure.later, "customer has", "customers have");
        let text = format!("{later} a start date after the date of this document.");
        page.push(Block::Told(Tone::Caution, text));
    }
}

/// Question 8.
pub(super) fn standing(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "8. What is their current status, and why did they leave?");
    let standing = &review.standing;
    let kinds = [
        ("active", standing.active),
        ("churned", standing.churned),
        ("never bought", standing.lost),
        ("not known", standing.unknown),
    ];
    let rows = kinds.into_iter().filter(|(_, accounts)| *accounts > 0);
    let rows: Vec<Vec<Cell>> = rows.map(|(name, accounts)| vec![name.into(), count(accounts).into()]).collect();
    if standing.churn.of == 0 {
        missing(page, "who stayed and who left. Map a column to outcome.status.");
    } else {
        let told = rate(standing.churn).text;
        let text = format!("Of the customers whose status is known, {told} left: {}.", of(standing.churn).text);
        finding(page, text);
    }
    table(
        page,
        format!("Accounts by status (n = {})", count(review.accounts)),
        vec![Head::text("status"), Head::figure("accounts")],
        rows,
    );
    if standing.churned > 0 && standing.churn_reasons.entries.is_empty() {
        missing(page, "why they left. Map a column to review.churn_reason.");
    }
    ranking(page, "churn reason", &standing.churn_reasons);
}
