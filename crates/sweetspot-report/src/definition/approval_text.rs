//! The approval of a definition in sentences.

use jiff::Timestamp;
use sweetspot_core::{Approval, ApprovalCommittee, ApprovedDefinitionVersion, Date, PersonApproval};

use super::DefinitionView;
use crate::format::join_with_and;
use crate::{format_count, format_date, plural};

/// The state of the approval, and the version of the verdicts.
pub(super) fn state(view: &DefinitionView) -> String {
    let state = match &view.approval {
        Approval::Draft => "This definition is a draft.".to_owned(),
        Approval::InReview { actor, time } => {
            let submitted = format!("This definition is in review: {actor} submitted it on {}.", day(*time));
            format!("{submitted}{}", progress(view))
        }
        Approval::Approved { actor, time, number } if view.approvals.len() < 2 => {
            format!("This definition was approved by {actor} on {}, as version {number}.", day(*time))
        }
        Approval::Approved { number, .. } => {
            format!("This definition was approved by {}, as version {number}.", with_days(&view.approvals))
        }
    };
    format!("{state} Verdicts are those of {}.", view.version)
}

/// The approvals of the review, if several are required.
fn progress(view: &DefinitionView) -> String {
    let required = view.committee.required_approvals;
    if required < 2 {
        return String::new();
    }
    let reached = view.approvals.len() as u64;
    let people = if reached == 0 { String::new() } else { format!(", by {}", with_days(&view.approvals)) };
    format!(" It has {} of {}{people}.", format_count(reached), plural(required, "approval", "approvals"))
}

/// Who may approve the definition, and how many people have to; `None` if any person may, alone.
pub(super) fn committee(committee: &ApprovalCommittee) -> Option<String> {
    let ApprovalCommittee { approvers, required_approvals } = committee;
    let required = plural(*required_approvals, "approval is", "approvals are");
    match (approvers.as_slice(), required_approvals) {
        ([], 1) => None,
        ([], _) => Some(format!("Any person may approve it; {required} required.")),
        (names, _) => Some(format!("Its approvers are {}; {required} required.", join_with_and(names))),
    }
}

/// Who approved a version, each with the day if there are several.
pub(super) fn approvers(version: &ApprovedDefinitionVersion) -> String {
    if version.approvals.len() < 2 { version.actor.clone() } else { with_days(&version.approvals) }
}

/// `Ann on 2026-11-24 and Ben on 2026-11-25`.
fn with_days(approvals: &[PersonApproval]) -> String {
    let person = |approval: &PersonApproval| format!("{} on {}", approval.actor, day(approval.time));
    join_with_and(&approvals.iter().map(person).collect::<Vec<_>>())
}

fn day(time: Timestamp) -> String {
    format_date(Date::from_timestamp(time))
}
