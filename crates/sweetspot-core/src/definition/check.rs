//! What an entry of a definition must be like.

use super::{Comment, Finding, Gate, GateFault, HeldHypothesis, Statement, check_gates};
use crate::{HypothesisFault, check_hypotheses};

/// Longest reason, in bytes.
pub const MOST_REASON_BYTES: usize = 500;
/// Longest statement, in bytes.
pub const MOST_STATEMENT_BYTES: usize = 500;
const ID_BYTES: usize = 64;
const TEXT_BYTES: usize = 2000;
const PERSON_BYTES: usize = 128;
const ACCOUNT_BYTES: usize = 128;

/// What is wrong with an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryFault {
    /// The field, such as `text`.
    pub field: String,
    /// What is wrong, and what to do.
    pub text: String,
}

/// What is wrong with the name of a person who decides, if anything: it must be there.
#[must_use]
pub fn check_person(name: &str) -> Option<String> {
    let wrong = name.trim().is_empty() || name.len() > PERSON_BYTES;
    wrong.then(|| format!("a name of 1 to {PERSON_BYTES} bytes is required"))
}

/// Everything that is wrong with a hypothesis by itself.
pub(super) fn hypothesis(held: &HeldHypothesis) -> Vec<EntryFault> {
    let HeldHypothesis { hypothesis, stated: _, reason } = held;
    let own = check_hypotheses(std::slice::from_ref(hypothesis)).into_iter();
    let own =
        own.map(|HypothesisFault { index: _, field, text }| EntryFault { field: format!("hypothesis.{field}"), text });
    let mut faults: Vec<_> = own.collect();
    at_most("reason", reason, MOST_REASON_BYTES, &mut faults);
    faults
}

/// Everything that is wrong with a gate.
pub(super) fn gate(gate: &Gate) -> Vec<EntryFault> {
    let faults = check_gates(std::slice::from_ref(gate)).into_iter();
    faults.map(|GateFault { index: _, field, text }| EntryFault { field: field.to_owned(), text }).collect()
}

/// Everything that is wrong with a finding.
pub(super) fn finding(finding: &Finding) -> Vec<EntryFault> {
    let Finding { id, text, question, account_id, segment_id, section: _, spiced: _, category: _, lean: _, by } =
        finding;
    let mut faults = Vec::new();
    between("id", id, ID_BYTES, &mut faults);
    between("text", text, TEXT_BYTES, &mut faults);
    at_most("question", question, TEXT_BYTES, &mut faults);
    at_most("account_id", account_id, ACCOUNT_BYTES, &mut faults);
    at_most("segment_id", segment_id, ID_BYTES, &mut faults);
    said(by, &mut faults);
    faults
}

/// Everything that is wrong with a comment. Its id is given to it.
pub(super) fn comment(comment: &Comment) -> Vec<EntryFault> {
    let Comment { id: _, about, text, author, time: _ } = comment;
    let mut faults = Vec::new();
    at_most("about", about, ACCOUNT_BYTES, &mut faults);
    between("text", text, TEXT_BYTES, &mut faults);
    faults.extend(check_person(author).map(|text| EntryFault { field: "author".to_owned(), text }));
    faults
}

fn said(by: &Statement, faults: &mut Vec<EntryFault>) {
    let Statement { author, stated: _, reason, expires: _ } = by;
    at_most("author", author, PERSON_BYTES, faults);
    at_most("reason", reason, MOST_REASON_BYTES, faults);
}

fn at_most(field: &str, text: &str, most: usize, faults: &mut Vec<EntryFault>) {
    if text.len() > most {
        faults.push(EntryFault { field: field.to_owned(), text: format!("it must have at most {most} bytes") });
    }
}

fn between(field: &str, text: &str, most: usize, faults: &mut Vec<EntryFault>) {
    if text.trim().is_empty() || text.len() > most {
        faults.push(EntryFault { field: field.to_owned(), text: format!("it must have 1 to {most} bytes") });
    }
}
