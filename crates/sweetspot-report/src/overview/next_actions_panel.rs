//! The panel on what to do next.

use super::blocks::is_little_lost;
use super::pattern::is_number;
use super::{AccountPattern, NextActions, NextCall, Overview, PatternSource};
use crate::document::{Panel, PanelLine};
use crate::format::{capitalize, format_percent, join_with_and};

/// The maximum number of lines for accounts with the same reason.
const MAX_REASONS: usize = 3;
/// The maximum number of attributes to check.
const MAX_CHECKED: usize = 6;
/// From this probability on, a chance is not shown exactly.
const MAX_SHOWN_CHANCE: f64 = 0.99;

/// What to do next.
pub(super) fn panel(overview: &Overview) -> Panel {
    let NextActions { call, stop, stop_count, questions, interviewees } = &overview.next;
    let mut lines = call_lines(call);
    let average = overview.all.weighted_rate(overview.weights).map(format_percent).unwrap_or_default();
    if !lines.is_empty() {
        let text = format!("by the chance of being ideal, from all attributes (all accounts: {average}):");
        lines.insert(0, PanelLine { lead: "Call in this order".to_owned(), text });
    }
    let mut add = |lead: &str, text: String| lines.push(PanelLine { lead: lead.to_owned(), text });
    if call.is_empty() {
        let text = if overview.usability.can_rank() {
            "a few prospects that match Call. Add a list of prospects, and this sheet names the ten best."
        } else {
            "accounts that you would choose by hand: this version cannot rank them."
        };
        add("Call", text.to_owned());
    }
    if !stop.is_empty() {
        let more = stop_count - stop.len() as u64;
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        add("Stop calling", format!("{}{more}.", named(stop)));
    } else if !overview.skip.is_empty() && is_little_lost(overview) {
        let is_rule = |pattern: &AccountPattern| matches!(pattern.source, PatternSource::ExclusionRule(_));
        let ruled_out =
            if overview.skip.iter().any(is_rule) { "prospects that are ruled out, and those" } else { "prospects" };
        add("Stop calling", format!("{ruled_out} that match Skip and not Call."));
    }
    if !questions.is_empty() {
        let texts: Vec<&str> = questions.iter().map(|question| question.text()).collect();
        let names = match interviewees.as_slice() {
            [] => "five customers that you would like to have more of".to_owned(),
            [only] => format!("the ideal customer {only}"),
            names => format!("the ideal customers {}", join_with_and(names)),
        };
        add(&format!("Interview {names}"), format!("not to sell. {}", texts.join(" ")));
    }
    Panel { title: "On Monday".to_owned(), lead: check(overview), lines }
}

/// The accounts to call: one line each, or one for each reason if they have few.
fn call_lines(call: &[NextCall]) -> Vec<PanelLine> {
    let mut groups: Vec<(Option<&str>, Vec<&NextCall>)> = Vec::new();
    for account in call {
        let reason = account.reason.as_deref();
        match groups.iter_mut().find(|(other, _)| *other == reason) {
            Some((_, accounts)) => accounts.push(account),
            None => groups.push((reason, vec![account])),
        }
    }
    if groups.len() > MAX_REASONS {
        groups = call.iter().map(|account| (account.reason.as_deref(), vec![account])).collect();
    }
    groups.into_iter().map(|(reason, accounts)| call_line(reason, &accounts)).collect()
}

/// `Acme, Globex and Initech: 81% to 86%, mainly for contract: Two year`.
fn call_line(reason: Option<&str>, accounts: &[&NextCall]) -> PanelLine {
    let names: Vec<String> = accounts.iter().map(|account| account.name.clone()).collect();
    let lead = capitalize(&named(&names));
    // The accounts are in descending order of their probability.
    let (highest, lowest) = (accounts.first().map(|one| one.probability), accounts.last().map(|one| one.probability));
    let (highest, lowest) = (highest.unwrap_or_default(), lowest.unwrap_or_default());
    let range = match (format_percent(lowest), format_percent(highest)) {
        (lowest_text, _) if highest >= MAX_SHOWN_CHANCE && lowest < MAX_SHOWN_CHANCE => {
            format!("{lowest_text} or more")
        }
        _ if highest >= MAX_SHOWN_CHANCE => "over 99%".to_owned(),
        (lowest_text, highest_text) if lowest_text == highest_text => highest_text,
        (lowest_text, highest_text) => format!("{} to {highest_text}", lowest_text.trim_end_matches('%')),
    };
    let reason = reason.map(|reason| format!(", mainly for {reason}")).unwrap_or_default();
    PanelLine { lead, text: format!("{range}{reason}") }
}

/// `Acme and Globex`, or `accounts 17 and 18` if they have only numbers.
fn named(names: &[String]) -> String {
    let joined = join_with_and(names);
    match names {
        names if !names.iter().all(|name| is_number(name)) => joined,
        [_] => format!("account {joined}"),
        _ => format!("accounts {joined}"),
    }
}

/// The attributes that people must check: what is known only after the sale cannot tell whom to call.
fn check(overview: &Overview) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    let patterns = overview.call.iter().chain(&overview.skip);
    for attribute in patterns.flat_map(|pattern| &pattern.attributes).map(ToString::to_string) {
        if !names.contains(&attribute) {
            names.push(attribute);
        }
    }
    names.truncate(MAX_CHECKED);
    let is_checked = names.is_empty() || overview.is_approved;
    let (verb, object) = if names.len() == 1 { ("is", "it") } else { ("are", "them") };
    let names = join_with_and(&names);
    (!is_checked).then(|| {
        format!(
            "Check before the first call: {verb} {names} known before the sale? If not, leave {object} out, and have this sheet \
             made again."
        )
    })
}
