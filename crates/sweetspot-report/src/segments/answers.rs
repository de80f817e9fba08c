//! The answers of a segment's customers, and the findings from conversations with them.

use std::collections::BTreeMap;

use sweetspot_core::{ReviewField, SpicedPart, ValueRef};

use super::{SegmentRows, has_segment};
use crate::ReportInput;
use crate::answers::spiced_field;
use crate::summary::is_current;

/// The maximum number of texts per part, and of characters per text.
const MAX_QUOTES: usize = 3;
const MAX_QUOTE_CHARS: usize = 200;
/// The maximum number of findings per part.
const MAX_FINDINGS: usize = 10;
/// The minimum number of customers with a distinct pain, and the minimum ratio of its frequency to that elsewhere.
const MIN_PAIN_CUSTOMERS: u64 = 3;
const MIN_PAIN_LIFT: f64 = 1.5;

/// A text with its frequency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The text, in its first spelling.
    pub text: String,
    /// The number of customers with this text.
    pub customers: u64,
}

/// One part of a SPICED diagnosis. If both lists are empty, there were no interviews yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpicedPartAnswers {
    /// The part.
    pub part: SpicedPart,
    /// The most frequent answers of ideal customers.
    pub quotes: Vec<Quote>,
    /// The findings about the segment.
    pub findings: Vec<String>,
}

/// The use cases of these rows.
pub(super) fn use_cases(input: &ReportInput, rows: &[usize]) -> Vec<Quote> {
    most_frequent(count_texts(input, ReviewField::UseCase, rows))
}

/// The most frequent text of these rows.
pub(crate) fn most_frequent_text(input: &ReportInput, field: ReviewField, rows: &[usize]) -> Option<String> {
    most_frequent(count_texts(input, field, rows)).into_iter().next().map(|quote| quote.text)
}

/// Each part of the diagnosis, in order.
pub(super) fn spiced(input: &ReportInput, segment: &str, rows: &[usize]) -> Vec<SpicedPartAnswers> {
    let about = |part: SpicedPart| {
        let findings = input.definition.findings.iter();
        let findings = findings.filter(|finding| is_current(input, &finding.attribution));
        let found = findings.filter(|finding| finding.segment_id == segment && finding.spiced == Some(part));
        found.take(MAX_FINDINGS).map(|finding| truncate(&finding.text)).collect()
    };
    let line = |part| SpicedPartAnswers {
        part,
        quotes: most_frequent(count_texts(input, spiced_field(part), rows)),
        findings: about(part),
    };
    SpicedPart::ALL.into_iter().map(line).collect()
}

/// The findings of the day of the document on segments that the version does not have, each with its segment.
pub(super) fn findings_without_segment(input: &ReportInput) -> Vec<String> {
    let findings = input.definition.findings.iter();
    let findings = findings.filter(|finding| is_current(input, &finding.attribution));
    let findings = findings.filter_map(|finding| {
        let reason = missing_segment_text(input, &finding.segment_id)?;
        Some(format!("{} ({reason})", truncate(&finding.text)))
    });
    findings.take(MAX_FINDINGS).collect()
}

/// `its segment "segment-7" is not in version 3`; `None` if the version has the segment, or there is no id.
pub(crate) fn missing_segment_text(input: &ReportInput, id: &str) -> Option<String> {
    let is_missing = !id.is_empty() && !has_segment(input, id);
    let version = input.version.rsplit('/').next().unwrap_or_default();
    is_missing.then(|| format!("its segment {id:?} is not in version {version}"))
}

/// The pain that stands out most relative to the other ideal customers.
pub(super) fn distinct_pain(input: &ReportInput, rows: &SegmentRows) -> Option<Quote> {
    let (answers, other_answers) =
        (count_texts(input, ReviewField::Pain, &rows.ideal), count_texts(input, ReviewField::Pain, &rows.others));
    let share = |count: u64, total: usize| (count as f64 + 0.5) / (total as f64 + 1.0);
    let lift = |(key, (_, count)): &(&String, &(String, u64))| {
        let other = other_answers.get(*key).map_or(0, |(_, count)| *count);
        share(*count, rows.ideal.len()) / share(other, rows.others.len())
    };
    let frequent = answers.iter().filter(|answer| answer.1.1 >= MIN_PAIN_CUSTOMERS && lift(answer) >= MIN_PAIN_LIFT);
    let (_, (text, customers)) = frequent.max_by(|a, b| lift(a).total_cmp(&lift(b)))?;
    Some(Quote { text: text.clone(), customers: *customers })
}

/// The texts, case-insensitively, each with its first spelling and the number of these rows that have it.
fn count_texts(input: &ReportInput, field: ReviewField, rows: &[usize]) -> BTreeMap<String, (String, u64)> {
    let mut counts = BTreeMap::new();
    for row in rows {
        let mut texts: Vec<(String, String)> =
            field_texts(input, field, *row).iter().filter_map(|text| normalized(text)).collect();
        texts.sort();
        texts.dedup_by(|a, b| a.0 == b.0);
        for (key, text) in texts {
            counts.entry(key).or_insert((text, 0)).1 += 1;
        }
    }
    counts
}

fn normalized(text: &str) -> Option<(String, String)> {
    let text = text.trim();
    (!text.is_empty()).then(|| (text.to_lowercase(), truncate(text)))
}

/// The texts of the review, or else of an attribute with a matching name.
fn field_texts(input: &ReportInput, field: ReviewField, row: usize) -> Vec<&str> {
    let review = input.customers.review();
    let listed = review.list(field, row);
    let answers: Vec<&str> = if listed.is_empty() { review.text(field, row).into_iter().collect() } else { listed };
    if !answers.is_empty() || review.has(field) {
        return answers;
    }
    match input.accounts().column(field.key()).and_then(|column| column.data.get(row)) {
        Some(ValueRef::Text(text)) => vec![text],
        Some(ValueRef::List(items)) => items,
        Some(ValueRef::Number(_) | ValueRef::Flag(_) | ValueRef::Date(_)) | None => Vec::new(),
    }
}

/// The most frequent texts; ties are in alphabetical order.
fn most_frequent(counts: BTreeMap<String, (String, u64)>) -> Vec<Quote> {
    let mut quotes: Vec<Quote> = counts.into_values().map(|(text, customers)| Quote { text, customers }).collect();
    quotes.sort_by_key(|quote| std::cmp::Reverse(quote.customers));
    quotes.truncate(MAX_QUOTES);
    quotes
}

fn truncate(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTE_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
