//! The account review as blocks: fourteen questions, each with its answer.

mod buying_behavior;
mod completeness;
mod correlations;
mod customers;
mod firmographics;
mod groups;
mod over_time;
mod tables;

use super::{AccountReview, Block, CalloutKind, format_count, format_date, plural};
use crate::unanswered_sections::list_unknown_sections;

/// The document as blocks.
#[must_use]
pub fn blocks(review: &AccountReview) -> Vec<Block> {
    let mut page = vec![Block::Heading(1, "Account review".to_owned()), opening(review)];
    completeness::add(&mut page, review);
    customers::customers(&mut page, review);
    firmographics::industries(&mut page, review);
    firmographics::places(&mut page, review);
    firmographics::sizes(&mut page, review);
    buying_behavior::deals(&mut page, review);
    buying_behavior::kinds(&mut page, review);
    customers::tenure(&mut page, review);
    customers::status_section(&mut page, review);
    buying_behavior::committee(&mut page, review);
    buying_behavior::win_reasons(&mut page, review);
    buying_behavior::usage(&mut page, review);
    groups::add(&mut page, review);
    correlations::add(&mut page, review);
    over_time::add(&mut page, review);
    correlations::hypotheses(&mut page, review);
    list_unknown_sections(&page, "Questions without an answer")
}

fn opening(review: &AccountReview) -> Block {
    let AccountReview { version, as_of, accounts, customers, status_counts: standing, .. } = review;
    if *accounts == 0 {
        return Block::Callout(
            CalloutKind::Missing,
            "There are no accounts yet: import the customers to answer these questions.".into(),
        );
    }
    let lost = match standing.lost {
        0 => String::new(),
        1 => " 1 account was lost; it counts only where ideal customers are compared with others.".to_owned(),
        lost => format!(
            " {} were lost; they count only where ideal customers are compared with others.",
            format_count(lost)
        ),
    };
    let unknown = match standing.unknown {
        0 => String::new(),
        unknown => format!(" ({} with an unknown status)", format_count(unknown)),
    };
    Block::Text(format!(
        "Generated on {} from {version}: {}, of which {} customers, past or present{unknown}.{lost}",
        format_date(*as_of),
        plural(*accounts, "account", "accounts"),
        plural(*customers, "is counted among the", "are counted among the"),
    ))
}
