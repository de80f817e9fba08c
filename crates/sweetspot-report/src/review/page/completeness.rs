//! The completeness of the review.

use super::super::{AccountReview, Block, ColumnHead, FieldCompleteness, format_count, format_percent};
use super::tables::{count_cell, finding, question, share_cell, table};
use crate::format::part_of_whole;

/// The maximum number of gaps that are described.
const MAX_GAPS: usize = 5;

/// Adds the section.
pub(super) fn add(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "How complete the review is");
    let answerable: Vec<&FieldCompleteness> = review.gaps.iter().filter(|gap| gap.answered.total > 0).collect();
    let mut open: Vec<&FieldCompleteness> =
        answerable.iter().copied().filter(|gap| gap.answered.part < gap.answered.total).collect();
    open.sort_by(|a, b| rate(a).total_cmp(&rate(b)));
    let complete_count = answerable.len() - open.len();
    if !answerable.is_empty() {
        let are = if complete_count == 1 { "is" } else { "are" };
        let fields = part_of_whole(complete_count as u64, answerable.len() as u64, "field", "fields");
        finding(page, format!("{fields} {are} known for every customer."));
    }
    let row = |gap: &FieldCompleteness| {
        vec![
            gap.field.into(),
            count_cell(gap.answered),
            share_cell(gap.answered),
            gap.question_number.to_string().into(),
        ]
    };
    let columns = vec![
        ColumnHead::text("field"),
        ColumnHead::figure("known"),
        ColumnHead::figure("share"),
        ColumnHead::figure("question"),
    ];
    let (known, unknown): (Vec<_>, Vec<_>) = answerable.iter().partition(|gap| gap.answered.part > 0);
    table(page, "Completeness by field".to_owned(), columns, known.into_iter().map(row).collect());
    if !unknown.is_empty() {
        let names: Vec<&str> = unknown.into_iter().map(|gap| gap.field).collect();
        page.push(Block::Text(format!("Not known for any customer: {}.", names.join(", "))));
    }
    open.retain(|gap| gap.answered.part > 0);
    open.truncate(MAX_GAPS);
    if !open.is_empty() {
        page.push(Block::Heading(3, "Largest gaps".to_owned()));
        page.push(Block::List(open.into_iter().map(line).collect()));
    }
}

fn rate(gap: &FieldCompleteness) -> f64 {
    gap.answered.rate().unwrap_or_default()
}

fn line(gap: &FieldCompleteness) -> String {
    let missing = gap.answered.total - gap.answered.part;
    let (field, question, open) = (gap.field, gap.question_number, gap.question_text);
    let share = format_percent(1.0 - rate(gap));
    format!(
        "{field}: missing for {} of {} ({share}). Question {question} is answered in part: {open}.",
        format_count(missing),
        format_count(gap.answered.total)
    )
}
