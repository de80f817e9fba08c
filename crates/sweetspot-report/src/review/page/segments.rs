//! Segments and their use cases.

use super::super::{
    AccountReview, Block, ColumnHead, RankedAnswer, SegmentedBy, TableCell, format_count, format_number,
    format_percent, plural,
};
use super::tables::{finding, missing, omitted_line, question, ranking, table};

/// Question 12: segments and use cases.
pub(super) fn add(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "12. Which segments are there, and do they use the product in the same way?");
    let segments = &review.segments;
    let grouping = match segments.grouped_by {
        SegmentedBy::Industry => "industry",
        SegmentedBy::UseCase => "use case",
        SegmentedBy::Nothing => {
            return missing(page, "which segments there are. Map columns to review.industry and review.use_case.");
        }
    };
    let count = plural(segments.count, "segment", "segments");
    let are = if segments.count == 1 { "is" } else { "are" };
    finding(page, format!("There {are} {count} by {grouping}. {}", use_case_overlap(review)));
    let row = |segment: &super::super::CustomerSegment| {
        let faint = segment.customers < 10;
        let cell = |text: String| TableCell { text, is_faint: faint };
        let concentration = segment.concentration.map(format_number).unwrap_or_default();
        vec![
            segment.name.as_str().into(),
            cell(format_count(segment.customers)),
            cell(common_answer(segment.use_case.as_ref())),
            cell(concentration),
            cell(common_answer(segment.feature.as_ref())),
        ]
    };
    let columns = vec![
        ColumnHead::text(grouping),
        ColumnHead::figure("customers"),
        ColumnHead::text("most common use case"),
        ColumnHead::figure("concentration (Herfindahl, 1 = one use case only)"),
        ColumnHead::text("most common feature"),
    ];
    table(page, format!("Customers by {grouping}"), columns, segments.segments.iter().map(row).collect());
    omitted_line(page, segments.count - segments.segments.len() as u64);
    if segments.features.entries.is_empty() {
        return missing(page, "which features they use. Map a column to review.features.");
    }
    ranking(page, "feature", &segments.features);
}

/// Whether the segments share their use cases.
fn use_case_overlap(review: &AccountReview) -> String {
    let segments = &review.segments;
    let known = segments.use_cases.top().zip(segments.use_cases.top_with_ties());
    match (known, segments.grouped_by, segments.differing_count) {
        (None, ..) => "Their use cases are not known yet.".to_owned(),
        (Some((_, name)), SegmentedBy::UseCase | SegmentedBy::Nothing, _) => format!("The largest is {name}."),
        (Some((first, _)), SegmentedBy::Industry, 0) => {
            format!("The most common use case of every segment with a known use case is {}.", first.name)
        }
        (Some((first, _)), SegmentedBy::Industry, some) => {
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
