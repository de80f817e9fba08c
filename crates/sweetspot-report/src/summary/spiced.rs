//! What the best customers share of a SPICED diagnosis: what their reviews say, and what people found out.

use std::collections::BTreeMap;

use sweetspot_core::{ReviewField, Spiced};

use super::super::Evidence;
use super::{is_current, stated};

/// Most texts of one part.
const MOST: usize = 5;

/// One part of the diagnosis.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared {
    /// Which part.
    pub part: Spiced,
    /// Ideal customers of whom it is told.
    pub told: u64,
    /// The commonest texts, each with how many ideal customers say so.
    pub texts: Vec<(String, u64)>,
    /// What people found out, with who said it.
    pub findings: Vec<String>,
}

/// Every part, told or not.
pub(super) fn shared(evidence: &Evidence) -> Vec<Shared> {
    Spiced::ALL.map(|part| one(evidence, part)).into()
}

fn one(evidence: &Evidence, part: Spiced) -> Shared {
    let field = match part {
        Spiced::Situation => ReviewField::Situation,
        Spiced::Pain => ReviewField::Pain,
        Spiced::Impact => ReviewField::Impact,
        Spiced::CriticalEvent => ReviewField::CriticalEvent,
        Spiced::Decision => ReviewField::Decision,
    };
    let ideal = (0..evidence.rows()).filter(|row| evidence.ideal(*row) == Some(true));
    // Texts that differ in case alone are one; the first spelling is told.
    let mut counts: BTreeMap<String, (&str, u64)> = BTreeMap::new();
    let mut told = 0;
    for text in ideal.filter_map(|row| evidence.customers.review().text(field, row)) {
        told += 1;
        counts.entry(text.trim().to_lowercase()).or_insert((text.trim(), 0)).1 += 1;
    }
    let mut texts: Vec<(String, u64)> = counts.into_values().map(|(text, count)| (text.to_owned(), count)).collect();
    texts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    texts.truncate(MOST);
    let findings = evidence.definition.findings.iter();
    let findings = findings.filter(|one| one.spiced == Some(part) && is_current(evidence, &one.by)).take(MOST);
    Shared { part, told, texts, findings: findings.map(|one| format!("{} ({})", one.text, stated(&one.by))).collect() }
}
