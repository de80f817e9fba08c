//! The hypotheses of a version that has not learned from customers, as blocks.

use sweetspot_core::{IcpCategory, Verdict};

use super::{ProfileHypothesis, Summary};
use crate::format::{capitalize, join_with_and};
use crate::{Block, ColumnHead, Proportion, Table, TableCell, format_count, format_number, format_percent, plural};

/// The maximum number of hypotheses of a category to show.
const MAX_HYPOTHESES: usize = 12;

/// What a profile of hypotheses alone is, and how to read it; `None` without hypotheses.
pub(super) fn introduction(summary: &Summary) -> Option<Block> {
    let first = summary.hypotheses.first()?;
    let mut authors: Vec<String> = Vec::new();
    for hypothesis in &summary.hypotheses {
        let author = hypothesis.author.split(", ").next().unwrap_or_default().to_owned();
        if !authors.contains(&author) {
            authors.push(author);
        }
    }
    Some(Block::Text(format!(
        "The profile states {} of {}; target accounts are ranked by them. The figures assume that {} of accounts without the trait are \
         ideal. The last columns are how many customers with the trait, and as many without it, give a verdict in four of five cases: \
         they support the hypothesis if it is true, or refute it if the trait makes no difference.",
        plural(summary.hypotheses.len() as u64, "hypothesis", "hypotheses"),
        join_with_and(&authors),
        format_percent(first.rate_without)
    )))
}

/// The hypotheses of one category; empty if there are none.
pub(super) fn hypothesis_table(summary: &Summary, category: IcpCategory) -> Vec<Block> {
    let of_category: Vec<&ProfileHypothesis> =
        summary.hypotheses.iter().filter(|hypothesis| hypothesis.category == category).collect();
    if of_category.is_empty() {
        return Vec::new();
    }
    let is_tested = of_category.iter().any(|hypothesis| hypothesis.customers.total > 0);
    let mut columns = ["hypothesis", "how strongly", "stated by, and why"].map(ColumnHead::text).to_vec();
    columns.extend(is_tested.then(|| ColumnHead::text("until now")));
    columns.extend(["to support it", "to refute it"].map(ColumnHead::figure));
    let row = |hypothesis: &&ProfileHypothesis| {
        let mut cells: Vec<TableCell> =
            vec![text(hypothesis).into(), strength(hypothesis).into(), statement(hypothesis).into()];
        cells.extend(is_tested.then(|| until_now(hypothesis)));
        let needed = |number: Option<u64>| TableCell::from(number.map_or_else(String::new, format_count));
        cells.extend([needed(hypothesis.needed_to_support), needed(hypothesis.needed_to_refute)]);
        cells
    };
    let rows = of_category.iter().take(MAX_HYPOTHESES).map(row).collect();
    let mut blocks = vec![Block::Table(Table { caption: "Hypotheses, the strongest first".to_owned(), columns, rows })];
    let more = of_category.len().saturating_sub(MAX_HYPOTHESES) as u64;
    if more > 0 {
        blocks.push(Block::Text(format!("And {} more.", format_count(more))));
    }
    blocks
}

/// The hypotheses of a category for ideal accounts, or against them, in a few words each.
pub(super) fn stated_traits(summary: &Summary, category: Option<IcpCategory>, is_for: bool, max: usize) -> Vec<String> {
    let hypotheses = summary.hypotheses.iter();
    let of_side = hypotheses.filter(|hypothesis| {
        category.is_none_or(|category| hypothesis.category == category)
            && if is_for { hypothesis.odds_ratio > 1.0 } else { hypothesis.odds_ratio < 1.0 }
    });
    of_side.take(max).map(|hypothesis| format!("{} (hypothesis)", hypothesis.condition)).collect()
}

fn text(hypothesis: &ProfileHypothesis) -> String {
    let ProfileHypothesis { text, condition, .. } = hypothesis;
    if text == condition { capitalize(text) } else { format!("{} ({condition})", capitalize(text)) }
}

/// `3 × the odds: 43 in 100 instead of 20`
fn strength(hypothesis: &ProfileHypothesis) -> String {
    let in_hundred = |rate: f64| format_percent(rate).trim_end_matches('%').to_owned();
    let ProfileHypothesis { odds_ratio, rate_with, rate_without, .. } = hypothesis;
    let (with, without) = (in_hundred(*rate_with), in_hundred(*rate_without));
    format!("{} × the odds: {with} in 100 ideal instead of {without}", format_number(*odds_ratio))
}

fn statement(hypothesis: &ProfileHypothesis) -> String {
    let ProfileHypothesis { author, reason, .. } = hypothesis;
    if reason.is_empty() { author.clone() } else { format!("{author}: {reason}") }
}

/// The customers until now, with the verdict.
fn until_now(hypothesis: &ProfileHypothesis) -> TableCell {
    let Proportion { part, total } = hypothesis.customers;
    let verdict = match hypothesis.verdict {
        Verdict::Supported | Verdict::Refuted => format!(", {}", hypothesis.verdict.as_str()),
        Verdict::NotEnoughData => String::new(),
    };
    let text = if total == 0 { "no customer".to_owned() } else { format!("{part} of {total} ideal{verdict}") };
    TableCell { text, is_faint: hypothesis.customers.is_faint() }
}
