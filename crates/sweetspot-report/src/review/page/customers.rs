//! The customers, their tenure, and their reasons for leaving.

use super::super::{AccountReview, Block, ColumnHead, TableCell, format_count, format_number, format_percent, plural};
use super::tables::{amounts, count_cell, finding, missing, question, ranking, rate_cell, table};
use crate::CalloutKind;

/// Question 1: who the customers are.
pub(super) fn customers(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "1. Who are our customers, and what do they use the product for?");
    let customers = plural(review.customers, "customer is", "customers are");
    let Some((first, name)) = review.use_cases.top().zip(review.use_cases.top_with_ties()) else {
        finding(page, format!("{customers} in the review."));
        return missing(page, "what they use the product for. Map a column to review.use_case.");
    };
    let share = first.share.rate().map(format_percent).unwrap_or_default();
    let n = format_count(first.share.total);
    finding(
        page,
        format!(
            "{customers} in the review. The most common use case is {name}: {share} of the customers with a known \
             use case (n = {n})."
        ),
    );
    ranking(page, "use case", &review.use_cases);
}

/// Question 7: how long they have been customers.
pub(super) fn tenure(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "7. How long have they been customers?");
    let tenure = &review.tenure;
    if tenure.by_year.is_empty() {
        return missing(page, "when they became customers. Map a column to outcome.since.");
    }
    if let Some(years) = tenure.years {
        let n = format_count(years.customers);
        finding(
            page,
            format!(
                "The median tenure of the customers who have not left is {} years (n = {n}).",
                format_number(years.median)
            ),
        );
        amounts(page, "years as a customer", years, None);
    }
    let rows = tenure.by_year.iter().map(|year| {
        let customers = TableCell { text: format_count(year.customers), is_faint: year.customers < 10 };
        vec![year.year.to_string().into(), customers, count_cell(year.churn), rate_cell(year.churn)]
    });
    let columns = vec![
        ColumnHead::text("since"),
        ColumnHead::figure("customers"),
        ColumnHead::figure("left"),
        ColumnHead::figure("churn rate (95% interval)"),
    ];
    let (known, all) = (format_count(tenure.with_start_day.part), format_count(tenure.with_start_day.total));
    let caption = format!("Customers by the year they joined (known for {known} of {all})");
    table(page, caption, columns, rows.collect());
    if tenure.future_count > 0 {
        let later = plural(tenure.future_count, "customer has", "customers have");
        let text = format!("{later} a start date after the date of this document.");
        page.push(Block::Callout(CalloutKind::Caution, text));
    }
}

/// Question 8: who left, and why.
pub(super) fn status_section(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "8. What is their current status, and why did they leave?");
    let standing = &review.status_counts;
    let kinds = [
        ("active", standing.active),
        ("churned", standing.churned),
        ("never bought", standing.lost),
        ("not known", standing.unknown),
    ];
    let rows = kinds.into_iter().filter(|(_, accounts)| *accounts > 0);
    let rows: Vec<Vec<TableCell>> =
        rows.map(|(name, accounts)| vec![name.into(), format_count(accounts).into()]).collect();
    if standing.churn.total == 0 {
        missing(page, "who stayed and who left. Map a column to outcome.status.");
    } else {
        let churn = rate_cell(standing.churn).text;
        let text =
            format!("Of the customers whose status is known, {churn} left: {}.", count_cell(standing.churn).text);
        finding(page, text);
    }
    table(
        page,
        format!("Accounts by status (n = {})", format_count(review.accounts)),
        vec![ColumnHead::text("status"), ColumnHead::figure("accounts")],
        rows,
    );
    if standing.churned > 0 && standing.churn_reasons.entries.is_empty() {
        missing(page, "why they left. Map a column to review.churn_reason.");
    }
    ranking(page, "churn reason", &standing.churn_reasons);
}
