//! Cells and tables that several answers use.

use super::super::{Amounts, Block, Cell, Head, Ranking, Share, Table, Tone, count, money, number, percent};
use crate::words::sentence;

/// A heading of a question.
pub(super) fn question(page: &mut Vec<Block>, text: &str) {
    page.push(Block::Heading(2, text.to_owned()));
}

/// The finding of an answer.
pub(super) fn finding(page: &mut Vec<Block>, text: String) {
    page.push(Block::Told(Tone::Finding, text));
}

/// What is not known yet, and how to learn it.
pub(super) fn missing(page: &mut Vec<Block>, text: &str) {
    page.push(Block::Told(Tone::Missing, sentence(text)));
}

/// A table, where it has rows.
pub(super) fn table(page: &mut Vec<Block>, caption: String, columns: Vec<Head>, rows: Vec<Vec<Cell>>) {
    if !rows.is_empty() {
        page.push(Block::Table(Table { caption, columns, rows }));
    }
}

/// So many of so many: `34 of 85`; nothing where there are none to count.
pub(super) fn of(share: Share) -> Cell {
    let text = if share.of == 0 { String::new() } else { format!("{} of {}", count(share.part), count(share.of)) };
    Cell { text, faint: share.is_faint() }
}

/// A rate with its interval: `34% (25% to 45%)`.
pub(super) fn rate(share: Share) -> Cell {
    let (low, high) = share.interval();
    let text = share.rate().map(|rate| format!("{} ({} to {})", percent(rate), percent(low), percent(high)));
    Cell { text: text.unwrap_or_default(), faint: share.is_faint() }
}

/// A share without an interval: it is of all that there are.
pub(super) fn part(share: Share) -> Cell {
    Cell { text: share.rate().map(percent).unwrap_or_default(), faint: share.is_faint() }
}

/// How many further ones there are, where there are any.
pub(super) fn others(page: &mut Vec<Block>, others: u64) {
    if others > 0 {
        page.push(Block::Text(format!("And {} more.", count(others))));
    }
}

/// A ranking as a table.
pub(super) fn ranking(page: &mut Vec<Block>, what: &str, ranking: &Ranking) {
    let told = ranking.told;
    let caption = format!("{what} (known for {} of {} customers)", count(told.part), count(told.of));
    let rows = ranking.entries.iter().map(|entry| vec![entry.name.as_str().into(), of(entry.share), rate(entry.share)]);
    let columns = vec![Head::text(what), Head::figure("customers"), Head::figure("share (95% interval)")];
    table(page, caption, columns, rows.collect());
    others(page, ranking.others);
}

/// Amounts as a table of one row.
pub(super) fn amounts(page: &mut Vec<Block>, what: &str, amounts: Amounts, currency: Option<&str>) {
    let tell = |amount: f64| match currency {
        Some(currency) => money(amount, Some(currency)),
        None => number(amount),
    };
    let Amounts { customers, total: _, average, least, lower_quartile, median, upper_quartile, most } = amounts;
    let figures = [average, least, lower_quartile, median, upper_quartile, most];
    let faint = customers < super::super::super::figure::FEW;
    let mut row: Vec<Cell> = vec![what.into(), count(customers).into()];
    row.extend(figures.map(|figure| Cell { text: tell(figure), faint }));
    let heads = ["n", "average", "minimum", "lower quartile", "median", "upper quartile", "maximum"].map(Head::figure);
    let columns = [Head::text("measure")].into_iter().chain(heads).collect();
    table(page, format!("{what} (n = {})", count(customers)), columns, vec![row]);
}
