//! The SPICED diagnosis of ideal customers: the answers of their reviews, and the findings.

use std::collections::BTreeMap;

use sweetspot_core::{ReviewField, SpicedPart};

use super::super::ReportInput;
use super::{attribution, is_current};

/// The maximum number of texts per part.
const MAX_TEXTS: usize = 5;

/// One part of the diagnosis.
#[derive(Clone, Debug, PartialEq)]
pub struct SpicedPartSummary {
    /// The part.
    pub part: SpicedPart,
    /// The number of ideal customers with an answer.
    pub answered_customers: u64,
    /// The most frequent texts, each with the number of ideal customers.
    pub texts: Vec<(String, u64)>,
    /// The findings, with their authors.
    pub findings: Vec<String>,
}

/// All parts, with or without answers.
pub(crate) fn spiced_summaries(input: &ReportInput) -> Vec<SpicedPartSummary> {
    SpicedPart::ALL.map(|part| summarize_part(input, part)).into()
}

fn summarize_part(input: &ReportInput, part: SpicedPart) -> SpicedPartSummary {
    let field = match part {
        SpicedPart::Situation => ReviewField::Situation,
        SpicedPart::Pain => ReviewField::Pain,
        SpicedPart::Impact => ReviewField::Impact,
        SpicedPart::CriticalEvent => ReviewField::CriticalEvent,
        SpicedPart::Decision => ReviewField::Decision,
    };
    let ideal = (0..input.rows()).filter(|row| input.ideal(*row) == Some(true));
    // Texts are case-insensitive; the first spelling is shown.
    let mut counts: BTreeMap<String, (&str, u64)> = BTreeMap::new();
    let mut answered = 0;
    for text in ideal.filter_map(|row| input.customers.review().text(field, row)) {
        answered += 1;
        counts.entry(text.trim().to_lowercase()).or_insert((text.trim(), 0)).1 += 1;
    }
    let mut texts: Vec<(String, u64)> = counts.into_values().map(|(text, count)| (text.to_owned(), count)).collect();
    texts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    texts.truncate(MAX_TEXTS);
    let findings = input.definition.findings.iter();
    let findings = findings
        .filter(|finding| finding.spiced == Some(part) && is_current(input, &finding.attribution))
        .take(MAX_TEXTS);
    SpicedPartSummary {
        part,
        answered_customers: answered,
        texts,
        findings: findings.map(|finding| format!("{} ({})", finding.text, attribution(&finding.attribution))).collect(),
    }
}
