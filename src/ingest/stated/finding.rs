//! One finding of a file.

use super::gate::SECTIONS;
use super::{statement, word};
use crate::domain::{Category, Finding, Lean, PondSection, Spiced};
use crate::ingest::beliefs::fields::Fields;

/// The keys of a finding, in the order in which they are documented.
pub(super) const KEYS: [&str; 12] = [
    "id", "text", "question", "account", "segment", "section", "spiced", "category", "lean", "author", "reason",
    "expires",
];

/// Reads a finding.
pub(super) fn finding(fields: &mut Fields<'_, '_>) -> Option<Finding> {
    let id = fields.needed("id", Fields::text);
    let text = fields.needed("text", Fields::text);
    let question = fields.text("question").unwrap_or_default();
    let account_id = fields.text("account").unwrap_or_default();
    let segment_id = fields.text("segment").unwrap_or_default();
    let section = word(fields, "section", PondSection::from_key, SECTIONS);
    let parts = "situation, pain, impact, critical-event and decision";
    let spiced = word(fields, "spiced", Spiced::from_key, parts);
    let categories = "firmographics, business-problem and impact-potential";
    let category = word(fields, "category", Category::from_key, categories);
    let lean = word(fields, "lean", Lean::from_key, "neutral, positive and negative").unwrap_or_default();
    let by = statement(fields);
    Some(Finding { id: id?, text: text?, question, account_id, segment_id, section, spiced, category, lean, by })
}
