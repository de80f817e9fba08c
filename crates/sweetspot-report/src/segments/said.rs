//! What the customers of a segment say, and what was learned from them in conversations.

use std::collections::BTreeMap;

use sweetspot_core::{Date, Finding, ReviewField, Spiced, ValueRef};

use super::Rows;
use crate::Evidence;

/// Texts that are told of each part, and their letters.
const QUOTES: usize = 3;
const LETTERS: usize = 200;
/// Findings that are told of each part.
const FINDINGS: usize = 10;
/// A pain is distinct from so many customers and so often as elsewhere on.
const FEWEST: u64 = 3;
const DISTINCT: f64 = 1.5;

/// A text, and how many say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The text, in its commonest spelling.
    pub text: String,
    /// Customers who say it.
    pub customers: u64,
}

/// One part of a SPICED diagnosis. Where both lists are empty, nobody was interviewed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpicedLine {
    /// The part.
    pub part: Spiced,
    /// What most ideal customers say.
    pub quotes: Vec<Quote>,
    /// What was learned in conversations about the segment.
    pub findings: Vec<String>,
}

/// The use cases of these rows.
pub(super) fn use_cases(evidence: &Evidence, rows: &[usize]) -> Vec<Quote> {
    most(count(evidence, ReviewField::UseCase, rows))
}

/// Each part of the diagnosis, in its order.
pub(super) fn spiced(evidence: &Evidence, segment: &str, rows: &[usize]) -> Vec<SpicedLine> {
    let about = |part: Spiced| {
        let holds = |finding: &&Finding| finding.by.expires.is_none_or(|end| Date::of(end) > evidence.as_of);
        let found = evidence.definition.findings.iter().filter(holds);
        let found = found.filter(|finding| finding.segment_id == segment && finding.spiced == Some(part));
        found.take(FINDINGS).map(|finding| short(&finding.text)).collect()
    };
    let line = |part| SpicedLine { part, quotes: most(count(evidence, field(part), rows)), findings: about(part) };
    Spiced::ALL.into_iter().map(line).collect()
}

/// The pain that stands out most against the other ideal customers.
pub(super) fn distinct_pain(evidence: &Evidence, rows: &Rows) -> Option<Quote> {
    let (here, elsewhere) =
        (count(evidence, ReviewField::Pain, &rows.ideal), count(evidence, ReviewField::Pain, &rows.others));
    let share = |count: u64, of: usize| (count as f64 + 0.5) / (of as f64 + 1.0);
    let lift = |(key, (_, count)): &(&String, &(String, u64))| {
        let other = elsewhere.get(*key).map_or(0, |(_, count)| *count);
        share(*count, rows.ideal.len()) / share(other, rows.others.len())
    };
    let telling = here.iter().filter(|one| one.1.1 >= FEWEST && lift(one) >= DISTINCT);
    let (_, (text, customers)) = telling.max_by(|a, b| lift(a).total_cmp(&lift(b)))?;
    Some(Quote { text: text.clone(), customers: *customers })
}

const fn field(part: Spiced) -> ReviewField {
    match part {
        Spiced::Situation => ReviewField::Situation,
        Spiced::Pain => ReviewField::Pain,
        Spiced::Impact => ReviewField::Impact,
        Spiced::CriticalEvent => ReviewField::CriticalEvent,
        Spiced::Decision => ReviewField::Decision,
    }
}

/// Each text without case, in its first spelling, and how many of these rows have it.
fn count(evidence: &Evidence, field: ReviewField, rows: &[usize]) -> BTreeMap<String, (String, u64)> {
    let mut counts = BTreeMap::new();
    for row in rows {
        let mut said: Vec<(String, String)> =
            told(evidence, field, *row).iter().filter_map(|text| spelled(text)).collect();
        said.sort();
        said.dedup_by(|a, b| a.0 == b.0);
        for (key, text) in said {
            counts.entry(key).or_insert((text, 0)).1 += 1;
        }
    }
    counts
}

fn spelled(text: &str) -> Option<(String, String)> {
    let text = text.trim();
    (!text.is_empty()).then(|| (text.to_lowercase(), short(text)))
}

/// What the review says, or else an attribute of that name.
fn told(evidence: &Evidence, field: ReviewField, row: usize) -> Vec<&str> {
    let review = evidence.customers.review();
    let listed = review.list(field, row);
    let said: Vec<&str> = if listed.is_empty() { review.text(field, row).into_iter().collect() } else { listed };
    if !said.is_empty() || review.has(field) {
        return said;
    }
    match evidence.accounts().column(field.key()).and_then(|column| column.data.get(row)) {
        Some(ValueRef::Text(text)) => vec![text],
        Some(ValueRef::List(items)) => items,
        Some(ValueRef::Number(_) | ValueRef::Flag(_) | ValueRef::Date(_)) | None => Vec::new(),
    }
}

/// The texts that most customers say; of equally many the first in the alphabet.
fn most(counts: BTreeMap<String, (String, u64)>) -> Vec<Quote> {
    let mut quotes: Vec<Quote> = counts.into_values().map(|(text, customers)| Quote { text, customers }).collect();
    quotes.sort_by_key(|quote| std::cmp::Reverse(quote.customers));
    quotes.truncate(QUOTES);
    quotes
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
