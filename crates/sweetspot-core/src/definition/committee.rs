//! The committee of a definition: who may approve it, and how many people have to.

use super::check_entries::{EntryFault, check_person};
use crate::level_key;

/// The maximum number of approvers that a definition names.
pub const MAX_APPROVERS: usize = 20;
/// The maximum number of approvals that a definition requires.
pub const MAX_REQUIRED_APPROVALS: u64 = 10;
/// The maximum number of approvers that an error names.
const MAX_NAMED: usize = 5;

/// Who may approve a definition, and how many people have to. Names are compared without case and surrounding spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalCommittee {
    /// The people who may approve, by name; empty if any person may.
    pub approvers: Vec<String>,
    /// The number of people who must approve.
    pub required_approvals: u64,
}

impl Default for ApprovalCommittee {
    fn default() -> Self {
        Self { approvers: Vec::new(), required_approvals: 1 }
    }
}

impl ApprovalCommittee {
    /// A committee, with its approvers by name. The caller checks [`Self::faults`].
    #[must_use]
    pub fn new(mut approvers: Vec<String>, required_approvals: u64) -> Self {
        approvers.sort_by(|one, other| level_key(one).cmp(&level_key(other)).then_with(|| one.cmp(other)));
        Self { approvers, required_approvals }
    }

    /// All errors of the committee. The field of an approver has its place in the list, such as `approvers[2]`.
    #[must_use]
    pub fn faults(&self) -> Vec<EntryFault> {
        let Self { approvers, required_approvals } = self;
        let mut faults = Vec::new();
        let mut add = |field: String, text: String| faults.push(EntryFault { field, text });
        if approvers.len() > MAX_APPROVERS {
            let text = format!("{} approvers exceed the limit of {MAX_APPROVERS}", approvers.len());
            add("approvers".to_owned(), text);
        }
        for (index, name) in approvers.iter().enumerate().take(MAX_APPROVERS) {
            let field = format!("approvers[{index}]");
            let is_same = |other: &String| level_key(other) == level_key(name);
            if let Some(text) = check_person(name) {
                add(field, text);
            } else if approvers.iter().take(index).any(is_same) {
                let text = format!("{name:?} is in the list already: list each person once, whatever the case");
                add(field, text);
            }
        }
        if !(1..=MAX_REQUIRED_APPROVALS).contains(required_approvals) {
            let text = format!("the number of required approvals must be from 1 to {MAX_REQUIRED_APPROVALS}");
            add("required_approvals".to_owned(), text);
        } else if !approvers.is_empty() && *required_approvals > approvers.len() as u64 {
            let count = approvers.len();
            let text = format!(
                "{required_approvals} approvals cannot be reached with {count} approvers: name more approvers, or \
                 require fewer approvals"
            );
            add("required_approvals".to_owned(), text);
        }
        faults
    }

    /// Whether a person may approve.
    #[must_use]
    pub fn may_approve(&self, person: &str) -> bool {
        self.approvers.is_empty() || self.approvers.iter().any(|name| level_key(name) == level_key(person))
    }

    /// Whether the required approvals can be reached without a person, who may be an approver.
    pub(super) fn can_approve_without(&self, person: &str) -> bool {
        let others = self.approvers.iter().filter(|name| level_key(name) != level_key(person)).count();
        self.approvers.is_empty() || others as u64 >= self.required_approvals
    }

    /// The first approvers in an error, such as `Ann, Ben and 3 more`.
    pub(super) fn names(&self) -> String {
        let (named, more) = (self.approvers.iter().take(MAX_NAMED), self.approvers.len().saturating_sub(MAX_NAMED));
        let named = named.map(|name| name.trim()).collect::<Vec<_>>().join(", ");
        if more == 0 { named } else { format!("{named} and {more} more") }
    }
}
