//! Validates the entries of a definition.

use super::{Attribution, Comment, ExclusionRule, ExclusionRuleFault, Finding, HypothesisEntry, check_exclusion_rules};
use crate::{HypothesisFault, check_hypotheses};

/// The maximum length of a reason, in bytes.
pub const MAX_ENTRY_REASON_BYTES: usize = 500;
/// The maximum length of a statement, in bytes.
pub const MAX_STATEMENT_BYTES: usize = 500;
const MAX_ID_BYTES: usize = 64;
const MAX_TEXT_BYTES: usize = 2000;
const MAX_PERSON_BYTES: usize = 128;
const MAX_ACCOUNT_BYTES: usize = 128;

/// A problem of an entry: the field, and how to fix it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryFault {
    /// The field, such as `text`.
    pub field: String,
    /// The error, and how to fix it.
    pub text: String,
}

/// Checks the name of a person, which is required. `None` if it is valid.
#[must_use]
pub fn check_person(name: &str) -> Option<String> {
    let wrong = name.trim().is_empty() || name.len() > MAX_PERSON_BYTES;
    wrong.then(|| format!("a name of 1 to {MAX_PERSON_BYTES} bytes is required"))
}

/// All errors of a hypothesis by itself.
pub(super) fn check_hypothesis(entry: &HypothesisEntry) -> Vec<EntryFault> {
    let HypothesisEntry { hypothesis, stated_at: _, reason } = entry;
    let own = check_hypotheses(std::slice::from_ref(hypothesis)).into_iter();
    let own =
        own.map(|HypothesisFault { index: _, field, text }| EntryFault { field: format!("hypothesis.{field}"), text });
    let mut faults: Vec<_> = own.collect();
    check_max_bytes("reason", reason, MAX_ENTRY_REASON_BYTES, &mut faults);
    faults
}

/// All errors of an exclusion rule.
pub(super) fn check_exclusion_rule(exclusion_rule: &ExclusionRule) -> Vec<EntryFault> {
    let faults = check_exclusion_rules(std::slice::from_ref(exclusion_rule)).into_iter();
    faults.map(|ExclusionRuleFault { index: _, field, text }| EntryFault { field: field.to_owned(), text }).collect()
}

/// All errors of a finding.
pub(super) fn check_finding(finding: &Finding) -> Vec<EntryFault> {
    let Finding {
        id,
        text,
        question,
        account_id,
        segment_id,
        section: _,
        spiced: _,
        category: _,
        stance: _,
        attribution: by,
    } = finding;
    let mut faults = Vec::new();
    check_required_text("id", id, MAX_ID_BYTES, &mut faults);
    check_required_text("text", text, MAX_TEXT_BYTES, &mut faults);
    check_max_bytes("question", question, MAX_TEXT_BYTES, &mut faults);
    check_max_bytes("account_id", account_id, MAX_ACCOUNT_BYTES, &mut faults);
    check_max_bytes("segment_id", segment_id, MAX_ID_BYTES, &mut faults);
    check_attribution(by, &mut faults);
    faults
}

/// All errors of a comment. The id is assigned by the server, and is not checked.
pub(super) fn check_comment(comment: &Comment) -> Vec<EntryFault> {
    let Comment { id: _, about, text, author, time: _, is_removal: _, resolution: _ } = comment;
    let mut faults = Vec::new();
    check_max_bytes("about", about, MAX_ACCOUNT_BYTES, &mut faults);
    check_required_text("text", text, MAX_TEXT_BYTES, &mut faults);
    faults.extend(check_person(author).map(|text| EntryFault { field: "author".to_owned(), text }));
    faults
}

fn check_attribution(attribution: &Attribution, faults: &mut Vec<EntryFault>) {
    let Attribution { author, stated_at: _, reason, expires: _ } = attribution;
    check_max_bytes("author", author, MAX_PERSON_BYTES, faults);
    check_max_bytes("reason", reason, MAX_ENTRY_REASON_BYTES, faults);
}

fn check_max_bytes(field: &str, text: &str, max_bytes: usize, faults: &mut Vec<EntryFault>) {
    if text.len() > max_bytes {
        faults.push(EntryFault { field: field.to_owned(), text: format!("it must have at most {max_bytes} bytes") });
    }
}

fn check_required_text(field: &str, text: &str, max_bytes: usize, faults: &mut Vec<EntryFault>) {
    if text.trim().is_empty() || text.len() > max_bytes {
        faults.push(EntryFault { field: field.to_owned(), text: format!("it must have 1 to {max_bytes} bytes") });
    }
}
