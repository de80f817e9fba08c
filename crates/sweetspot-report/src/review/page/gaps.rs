//! How complete the review is.

use super::super::{AccountReview, Block, Gap, Head, count, percent};
use super::tables::{finding, of, part, question, table};
use crate::words::part_of;

/// Adds the section.
pub(super) fn add(page: &mut Vec<Block>, review: &AccountReview) {
    question(page, "How complete the review is");
    let asked: Vec<&Gap> = review.gaps.iter().filter(|gap| gap.told.of > 0).collect();
    let mut open: Vec<&Gap> = asked.iter().copied().filter(|gap| gap.told.part < gap.told.of).collect();
    open.sort_by(|one, other| rate(one).total_cmp(&rate(other)));
    let whole = asked.len() - open.len();
    if !asked.is_empty() {
        let are = if whole == 1 { "is" } else { "are" };
        let fields = part_of(whole as u64, asked.len() as u64, "field", "fields");
        finding(page, format!("{fields} {are} known for every customer."));
    }
    let row = |gap: &Gap| vec![gap.field.into(), of(gap.told), part(gap.told), gap.question.to_string().into()];
    let columns = vec![Head::text("field"), Head::figure("known"), Head::figure("share"), Head::figure("question")];
    table(page, "Completeness by field".to_owned(), columns, asked.iter().map(|gap| row(gap)).collect());
    if !open.is_empty() {
        page.push(Block::Heading(3, "Data gaps".to_owned()));
        page.push(Block::List(open.into_iter().map(line).collect()));
    }
}

fn rate(gap: &Gap) -> f64 {
    gap.told.rate().unwrap_or_default()
}

fn line(gap: &Gap) -> String {
    let missing = gap.told.of - gap.told.part;
    let (field, question, open) = (gap.field, gap.question, gap.open);
    if gap.told.part == 0 {
        return format!("{field}: not known for any customer. Question {question} remains open: {open}.");
    }
    let share = percent(1.0 - rate(gap));
    format!(
        "{field}: missing for {} of {} ({share}). Question {question} is answered in part: {open}.",
        count(missing),
        count(gap.told.of)
    )
}
