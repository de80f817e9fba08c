//! Segments and their use cases.

use super::super::{AccountReview, Block, Cell, Head, Ranked, SegmentedBy, count, number, percent, plural};
use super::tables::{finding, missing, others, question, ranking, table};

/// Question 12.
pub(super) fn add(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "12. Which segments are there, and do they use the product in the same way?");
    let segments = &review.segments;
    let by = match segments.by {
        SegmentedBy::Industry => "industry",
        SegmentedBy::UseCase => "use case",
        SegmentedBy::Nothing => {
            return missing(page, "which segments there are. Map columns to review.industry and review.use_case.");
        }
    };
    let told = plural(segments.count, "segment", "segments");
    let are = if segments.count == 1 { "is" } else { "are" };
    finding(page, format!("There {are} {told} by {by}. {}", alike(review)));
    let row = |segment: &super::super::Segment| {
        let faint = segment.customers < 10;
        let cell = |text: String| Cell { text, faint };
        let concentration = segment.concentration.map(number).unwrap_or_default();
        vec![
            segment.name.as_str().into(),
            cell(count(segment.customers)),
            cell(common(segment.use_case.as_ref())),
            cell(concentration),
            cell(common(segment.feature.as_ref())),
        ]
    };
    let columns = vec![
        Head::text(by),
        Head::figure("customers"),
        Head::text("most common use case"),
        Head::figure("concentration (Herfindahl, 1 = one use case only)"),
        Head::text("most common feature"),
    ];
    table(page, format!("Customers by {by}"), columns, segments.segments.iter().map(row).collect());
    others(page, segments.count - segments.segments.len() as u64);
    if segments.features.entries.is_empty() {
        return missing(page, "which features they use. Map a column to review.features.");
    }
    ranking(page, "feature", &segments.features);
}

/// Whether the segments use the product for the same.
fn alike(review: &AccountReview) -> String {
    let segments = &review.segments;
    let known = segments.use_cases.first().zip(segments.use_cases.first_with_ties());
    match (known, segments.by, segments.different) {
        (None, ..) => "Their use cases are not known yet.".to_owned(),
        (Some((_, name)), SegmentedBy::UseCase | SegmentedBy::Nothing, _) => format!("The largest is {name}."),
        (Some((first, _)), SegmentedBy::Industry, 0) => {
            format!("The most common use case of every segment with a known use case is {}.", first.name)
        }
        (Some((first, _)), SegmentedBy::Industry, some) => {
            format!("In {} of them, the most common use case is not {}.", count(some), first.name)
        }
    }
}

fn common(ranked: Option<&Ranked>) -> String {
    let told = |ranked: &Ranked| {
        let share = ranked.share.rate().map(percent).unwrap_or_default();
        format!("{} ({share} of {})", ranked.name, count(ranked.share.of))
    };
    ranked.map(told).unwrap_or_default()
}
