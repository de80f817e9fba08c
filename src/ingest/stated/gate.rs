//! One gate of a file.

use super::{statement, word};
use crate::domain::{Gate, PondSection, Severity};
use crate::ingest::beliefs::fields::Fields;
use crate::ingest::beliefs::when::condition;

/// The keys of a gate, in the order in which they are documented.
pub(super) const KEYS: [&str; 8] = ["id", "statement", "when", "severity", "section", "author", "reason", "expires"];

/// Reads a gate.
pub(super) fn gate(fields: &mut Fields<'_, '_>) -> Option<Gate> {
    let id = fields.needed("id", Fields::text);
    let words = fields.text("statement").unwrap_or_default();
    let when = fields.needed("when", Fields::table);
    let when = when.and_then(|when| condition(when, fields.place, fields.problems));
    if !fields.table.contains_key("severity") {
        fields.problems.push(format!("{} has no severity: out or caution", fields.place));
    }
    let severity = word(fields, "severity", severity, "out and caution");
    let section = word(fields, "section", PondSection::from_key, SECTIONS);
    let by = statement(fields);
    let section = section.unwrap_or(PondSection::AccountProfile);
    Some(Gate { id: id?, statement: words, when: when?, severity: severity?, section, by })
}

/// The words for sections.
pub(super) const SECTIONS: &str = "account-profile, needs, urgency-drivers, beliefs and tipping-point";

fn severity(word: &str) -> Option<Severity> {
    [Severity::Out, Severity::Caution].into_iter().find(|one| one.word().eq_ignore_ascii_case(word))
}
