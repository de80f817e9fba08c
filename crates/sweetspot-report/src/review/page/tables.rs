//! Cells and tables that several answers share.

use super::super::{
    Amounts, AnswerRanking, Block, CalloutKind, ColumnHead, Proportion, Table, TableCell, format_count, format_money,
    format_number, format_percent,
};
use crate::format::to_sentence;

/// Adds the heading of a question.
pub(super) fn question(page: &mut Vec<Block>, text: &str) {
    page.push(Block::Heading(2, text.to_owned()));
}

/// Adds the finding of an answer.
pub(super) fn finding(page: &mut Vec<Block>, text: String) {
    page.push(Block::Callout(CalloutKind::Finding, text));
}

/// Adds a note on unknown data, and how to learn it.
pub(super) fn missing(page: &mut Vec<Block>, text: &str) {
    page.push(Block::Callout(CalloutKind::Missing, to_sentence(text)));
}

/// Adds a table, unless it has no rows.
pub(super) fn table(page: &mut Vec<Block>, caption: String, columns: Vec<ColumnHead>, rows: Vec<Vec<TableCell>>) {
    if !rows.is_empty() {
        page.push(Block::Table(Table { caption, columns, rows }));
    }
}

/// A count of a total: `34 of 85`; empty if the total is zero.
pub(super) fn count_cell(share: Proportion) -> TableCell {
    let text = if share.total == 0 {
        String::new()
    } else {
        format!("{} of {}", format_count(share.part), format_count(share.total))
    };
    TableCell { text, is_faint: share.is_faint() }
}

/// A rate with its interval: `34% (25% to 45%)`.
pub(super) fn rate_cell(share: Proportion) -> TableCell {
    let (low, high) = share.interval();
    let text = share
        .rate()
        .map(|rate| format!("{} ({} to {})", format_percent(rate), format_percent(low), format_percent(high)));
    TableCell { text: text.unwrap_or_default(), is_faint: share.is_faint() }
}

/// A share without an interval, because it covers the whole population.
pub(super) fn share_cell(share: Proportion) -> TableCell {
    TableCell { text: share.rate().map(format_percent).unwrap_or_default(), is_faint: share.is_faint() }
}

/// Adds a line with the number of omitted rows, if any.
pub(super) fn omitted_line(page: &mut Vec<Block>, others: u64) {
    if others > 0 {
        page.push(Block::Text(format!("And {} more.", format_count(others))));
    }
}

/// Adds a ranking as a table.
pub(super) fn ranking(page: &mut Vec<Block>, what: &str, ranking: &AnswerRanking) {
    let answered = ranking.answered;
    let caption =
        format!("{what} (known for {} of {} customers)", format_count(answered.part), format_count(answered.total));
    let rows = ranking
        .entries
        .iter()
        .map(|entry| vec![entry.name.as_str().into(), count_cell(entry.share), rate_cell(entry.share)]);
    let columns =
        vec![ColumnHead::text(what), ColumnHead::figure("customers"), ColumnHead::figure("share (95% interval)")];
    table(page, caption, columns, rows.collect());
    omitted_line(page, ranking.omitted);
}

/// Adds amounts as a table with one row.
pub(super) fn amounts(page: &mut Vec<Block>, what: &str, amounts: Amounts, currency: Option<&str>) {
    let tell = |amount: f64| match currency {
        Some(currency) => format_money(amount, Some(currency)),
        None => format_number(amount),
    };
    let Amounts { customers, total: _, average, minimum: least, lower_quartile, median, upper_quartile, maximum: most } =
        amounts;
    let figures = [average, least, lower_quartile, median, upper_quartile, most];
    let faint = customers < super::super::super::proportion::MIN_SAMPLE;
    let mut row: Vec<TableCell> = vec![what.into(), format_count(customers).into()];
    row.extend(figures.map(|figure| TableCell { text: tell(figure), is_faint: faint }));
    let heads =
        ["n", "average", "minimum", "lower quartile", "median", "upper quartile", "maximum"].map(ColumnHead::figure);
    let columns = [ColumnHead::text("measure")].into_iter().chain(heads).collect();
    table(page, format!("{what} (n = {})", format_count(customers)), columns, vec![row]);
}
