//! Customer groups and their use cases.

use super::super::{
    AccountReview, Block, ColumnHead, GroupedBy, RankedAnswer, TableCell, format_count, format_number, format_percent,
    plural,
};
use super::tables::{finding, missing, omitted_line, question, ranking, table};

/// Question 12: groups and use cases.
pub(super) fn add(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "12. Which groups of customers are there, and do they use the product in the same way?");
    let groups = &review.groups;
    let grouping = match groups.grouped_by {
        GroupedBy::Industry => "industry",
        GroupedBy::UseCase => "use case",
        GroupedBy::Nothing => {
            return missing(
                page,
                "which groups of customers there are. Map columns to review.industry and review.use_case.",
            );
        }
    };
    let count = plural(groups.count, "group of customers", "groups of customers");
    let are = if groups.count == 1 { "is" } else { "are" };
    finding(page, format!("There {are} {count} by {grouping}. {}", use_case_overlap(review)));
    let text = "The segments of ideal customers, which have rules, are in the document Segments.";
    page.push(Block::Text(text.to_owned()));
    let row = |group: &super::super::CustomerGroup| {
        let faint = group.customers < 10;
        let cell = |text: String| TableCell { text, is_faint: faint };
        let concentration = group.concentration.map(format_number).unwrap_or_default();
        vec![
            group.name.as_str().into(),
            cell(format_count(group.customers)),
            cell(common_answer(group.use_case.as_ref())),
            cell(concentration),
            cell(common_answer(group.feature.as_ref())),
        ]
    };
    let columns = vec![
        ColumnHead::text(grouping),
        ColumnHead::figure("customers"),
        ColumnHead::text("most common use case"),
        ColumnHead::figure("concentration (Herfindahl, 1 = one use case only)"),
        ColumnHead::text("most common feature"),
    ];
    table(page, format!("Customers by {grouping}"), columns, groups.groups.iter().map(row).collect());
    omitted_line(page, groups.count - groups.groups.len() as u64);
    if groups.features.entries.is_empty() {
        return missing(page, "which features they use. Map a column to review.features.");
    }
    ranking(page, "feature", &groups.features);
}

/// Whether the groups share their use cases.
fn use_case_overlap(review: &AccountReview) -> String {
    let groups = &review.groups;
    let known = groups.use_cases.top().zip(groups.use_cases.top_with_ties());
    match (known, groups.grouped_by, groups.differing_count) {
        (None, ..) => "Their use cases are not known yet.".to_owned(),
        (Some((_, name)), GroupedBy::UseCase | GroupedBy::Nothing, _) => format!("The largest is {name}."),
        (Some((first, _)), GroupedBy::Industry, 0) => {
            format!("The most common use case of every group of customers with a known use case is {}.", first.name)
        }
        (Some((first, _)), GroupedBy::Industry, some) => {
            format!("In {} of them, the most common use case is not {}.", format_count(some), first.name)
        }
    }
}

fn common_answer(ranked: Option<&RankedAnswer>) -> String {
    let answer_text = |ranked: &RankedAnswer| {
        let share = ranked.share.rate().map(format_percent).unwrap_or_default();
        format!("{} ({share} of {})", ranked.name, format_count(ranked.share.total))
    };
    ranked.map(answer_text).unwrap_or_default()
}
