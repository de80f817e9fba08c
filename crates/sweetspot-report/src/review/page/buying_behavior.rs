//! What customers buy, who decides, the reasons for buying, and usage.

use super::super::{AccountReview, AnswerRanking, Block, format_count, format_money, format_percent};
use super::tables::{amounts, count_cell, finding, missing, question, ranking, rate_cell};

/// Question 5: deal sizes.
pub(super) fn deals(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "5. How large is a deal?");
    let Some(deals) = review.deals else {
        return missing(page, "the size of the deals. Map a column to review.deal_size.");
    };
    let currency = review.currency.as_deref();
    let tell = |amount| format_money(amount, currency);
    let (average, median, total, n) =
        (tell(deals.average), tell(deals.median), tell(deals.total), format_count(deals.customers));
    finding(
        page,
        format!("The average deal is {average}; the median is {median}. All deals together are {total} (n = {n})."),
    );
    amounts(page, "deal size", deals, currency);
}

/// Question 6: kinds of purchase.
pub(super) fn kinds(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "6. One time or recurring?");
    let none = "whether they buy once or on a recurring basis. Map a column to review.recurring.";
    ranking_section(page, "kind", &review.kinds, none);
}

/// Question 9: the buying committee.
pub(super) fn committee(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "9. Who decides, and who influences the decision?");
    let committee = &review.committee;
    match committee.decision_makers {
        None => missing(page, "how many people decide. Map a column to review.decision_makers."),
        Some(numbers) => {
            let (several, n) =
                (rate_cell(committee.several_decision_makers).text, count_cell(committee.several_decision_makers).text);
            finding(
                page,
                format!(
                    "At {several} of the customers with a known number of decision makers, more than one person \
                     decides: {n}."
                ),
            );
            amounts(page, "decision makers", numbers, None);
        }
    }
    for (what, titles, none) in [
        (
            "title of decision makers",
            &committee.decision_maker_titles,
            "who decides. Map a column to review.decision_maker_titles.",
        ),
        (
            "title of influencers",
            &committee.influencer_titles,
            "who influences the decision. Map a column to review.influencer_titles.",
        ),
    ] {
        ranking_section(page, what, titles, none);
    }
}

/// Question 10: reasons for buying.
pub(super) fn win_reasons(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "10. Why were the deals won?");
    ranking_section(page, "win reason", &review.win_reasons, "why deals were won. Map a column to review.win_reason.");
}

/// Question 11: usage.
pub(super) fn usage(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "11. How, how much and how often do they use the product?");
    ranking_section(page, "usage", &review.usage, "how much the product is used. Map a column to review.usage.");
}

fn ranking_section(page: &mut Vec<Block>, what: &str, answers: &AnswerRanking, none: &str) {
    let Some((first, name)) = answers.top().zip(answers.top_with_ties()) else { return missing(page, none) };
    let share = first.share.rate().map(format_percent).unwrap_or_default();
    finding(
        page,
        format!(
            "The most common {what} is {name}: {share} of the customers with a known {what} (n = {}).",
            format_count(first.share.total)
        ),
    );
    ranking(page, what, answers);
}
