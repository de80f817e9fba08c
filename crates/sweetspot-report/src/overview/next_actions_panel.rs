//! The panel on what to do next.

use super::blocks::is_little_lost;
use super::{NextActions, NextCall, Overview};
use crate::document::{Panel, PanelLine};
use crate::format::{format_percent, join_with_and};

/// The maximum number of attributes to check.
const MAX_CHECKED: usize = 3;
/// From this probability on, a chance is shown as `over 99%`.
const MAX_SHOWN_CHANCE: f64 = 0.99;

/// What to do next.
pub(super) fn panel(overview: &Overview) -> Panel {
    let NextActions { call, stop, stop_count, questions, interviewees } = &overview.next;
    let shared = shared_reason(call);
    let mut lines: Vec<PanelLine> = call.iter().map(|account| call_line(account, shared.is_none())).collect();
    let lead = (!lines.is_empty()).then(|| match &shared {
        Some(reason) => format!("Call, with the chance of being ideal, all because of {reason}:"),
        None => "Call, with the chance of being ideal:".to_owned(),
    });
    let mut add = |lead: &str, text: String| lines.push(PanelLine { lead: lead.to_owned(), text });
    if call.is_empty() {
        let text = if overview.usability.can_rank() {
            "prospects that match Call. Add a list of prospects, and this sheet names the ten best."
        } else {
            "accounts that you would choose by hand: this version cannot rank them."
        };
        add("Call", text.to_owned());
    }
    if !stop.is_empty() {
        let more = stop_count - stop.len() as u64;
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        add("Stop calling", format!("{}{more}.", stop.join(", ")));
    } else if !overview.skip.is_empty() && is_little_lost(overview) {
        add("Stop calling", "the accounts under Skip.".to_owned());
    }
    if !questions.is_empty() {
        let texts: Vec<&str> = questions.iter().map(|question| question.text()).collect();
        let names = if interviewees.is_empty() {
            "five customers that you would like to have more of".to_owned()
        } else {
            format!(
                "the ideal {} {}",
                if interviewees.len() == 1 { "customer" } else { "customers" },
                join_with_and(interviewees)
            )
        };
        add(&format!("Ask {names}"), texts.join(" "));
    }
    lines.extend(check(overview));
    Panel { title: "On Monday".to_owned(), lead, lines }
}

/// The reason that all accounts have, if there are several.
fn shared_reason(call: &[NextCall]) -> Option<String> {
    let (first, others) = call.split_first().filter(|(_, others)| !others.is_empty())?;
    first.reason.clone().filter(|_| others.iter().all(|other| other.reason == first.reason))
}

/// The attributes that people must check: what is known only after the sale cannot tell whom to call.
fn check(overview: &Overview) -> Option<PanelLine> {
    let mut names: Vec<String> = Vec::new();
    for attribute in overview.call.iter().flat_map(|pattern| &pattern.attributes).map(ToString::to_string) {
        if !names.contains(&attribute) {
            names.push(attribute);
        }
    }
    names.truncate(MAX_CHECKED);
    let (verb, object) = if names.len() == 1 { ("Is", "it") } else { ("Are", "them") };
    let names = join_with_and(&names);
    let text = format!("{verb} {names} known before the sale? If not, leave {object} out, and train again.");
    (!names.is_empty() && !overview.is_approved).then(|| PanelLine { lead: "Check".to_owned(), text })
}

/// `Acme: 86%, because of contract: Two year`.
fn call_line(account: &NextCall, has_reason: bool) -> PanelLine {
    let NextCall { name, probability, reason, .. } = account;
    let reason = reason.as_ref().filter(|_| has_reason);
    let reason = reason.map(|reason| format!(", because of {reason}")).unwrap_or_default();
    let chance = if *probability >= MAX_SHOWN_CHANCE { "over 99%".to_owned() } else { format_percent(*probability) };
    PanelLine { lead: name.clone(), text: format!("{chance}{reason}") }
}
