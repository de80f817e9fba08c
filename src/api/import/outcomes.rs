//! Reads what happened to accounts, and folds several outcomes of one account into how it stands now.

use std::collections::HashMap;

use crate::api::convert::time::{day, moment};
use crate::api::limits::{ACCOUNT_ID_BYTES, TEXT_BYTES};
use crate::api::problems::{Problems, echo};
use crate::domain::{Outcome, Status};
use crate::generated::v1::{self, OutcomeKind};

/// Outcomes under way.
#[derive(Debug, Default)]
pub(super) struct Outcomes {
    events: Vec<Event>,
    /// The caller's key of an outcome, to where it is.
    by_id: HashMap<String, usize>,
    currency: Option<String>,
}

/// One outcome of one account.
#[derive(Clone, Debug, PartialEq)]
struct Event {
    account: String,
    kind: OutcomeKind,
    /// Unknown times come before all known ones.
    time: Option<(i64, i32)>,
    told: Outcome,
}

impl Outcomes {
    /// How many outcomes have come.
    pub(super) const fn count(&self) -> usize {
        self.events.len()
    }

    /// Takes an outcome.
    pub(super) fn add(&mut self, wire: v1::Outcome, problems: &mut Problems) {
        if problems.full() {
            return;
        }
        let path = format!(
            "outcomes[{:?}]",
            echo(if wire.outcome_id.is_empty() { &wire.account_id } else { &wire.outcome_id })
        );
        self.check_currency(&wire.currency_code, &path, problems);
        let id = wire.outcome_id.clone();
        let Some(event) = read(wire, &path, problems) else { return };
        if id.len() > ACCOUNT_ID_BYTES {
            problems.add(
                "TEXT_TOO_LONG",
                format!("{path}.outcome_id"),
                format!("an outcome id has at most {ACCOUNT_ID_BYTES} bytes"),
            );
        }
        if !id.is_empty() {
            if let Some(first) = self.by_id.get(&id).and_then(|index| self.events.get(*index)) {
                if *first != event {
                    let text = "the same outcome id came with other content: an id stands for one outcome";
                    problems.add("OUTCOME_ID_REUSED", format!("{path}.outcome_id"), text);
                }
                return;
            }
            self.by_id.insert(id, self.events.len());
        }
        self.events.push(event);
    }

    fn check_currency(&mut self, code: &str, path: &str, problems: &mut Problems) {
        if code.is_empty() {
            return;
        }
        let field = format!("{path}.currency_code");
        if code.len() != 3 || !code.bytes().all(|letter| letter.is_ascii_uppercase()) {
            problems.add("INVALID_CURRENCY", field, "a currency code is three capital letters, as in ISO 4217");
            return;
        }
        let first = self.currency.get_or_insert_with(|| code.to_owned());
        if first != code {
            let text = format!("amounts are in {first} and in {code}: convert them, a dataset has one currency");
            problems.add("CURRENCY_MIXED", field, text);
        }
    }

    /// How every account stands, in the order of the rows, and the currency.
    pub(super) fn finish(
        self,
        rows: &HashMap<String, usize>,
        problems: &mut Problems,
    ) -> (Vec<Outcome>, Option<String>) {
        let Self { mut events, by_id: _, currency } = self;
        // Stable: of equal times the one that came first counts as earlier.
        events.sort_by_key(|event| event.time);
        let mut standing = vec![Outcome::default(); rows.len()];
        for event in events {
            let Some(outcome) = rows.get(&event.account).and_then(|row| standing.get_mut(*row)) else {
                let account = echo(&event.account);
                let text =
                    format!("there is no account {account:?} in this import: send it, or leave its outcomes out");
                problems.add("UNKNOWN_ACCOUNT", "outcomes.account_id", text);
                continue;
            };
            apply(outcome, event);
        }
        (standing, currency)
    }
}

fn read(wire: v1::Outcome, path: &str, problems: &mut Problems) -> Option<Event> {
    let v1::Outcome {
        outcome_id: _,
        account_id,
        kind,
        event_time,
        value,
        cost_to_serve,
        currency_code: _,
        cost_to_acquire,
        since,
        group,
        reason,
    } = wire;
    if account_id.is_empty() {
        problems.add("EMPTY_ACCOUNT_ID", format!("{path}.account_id"), "an outcome belongs to an account: name it");
    }
    for (field, amount) in [("value", value), ("cost_to_serve", cost_to_serve), ("cost_to_acquire", cost_to_acquire)] {
        if amount.is_some_and(|amount| !amount.is_finite()) {
            let text = "an amount must be finite: leave it out where it is unknown";
            problems.add("NON_FINITE_NUMBER", format!("{path}.{field}"), text);
        }
    }
    for (field, text) in [("group", &group), ("reason", &reason)] {
        if text.len() > TEXT_BYTES {
            problems.add("TEXT_TOO_LONG", format!("{path}.{field}"), format!("a text has at most {TEXT_BYTES} bytes"));
        }
    }
    let time = event_time.as_ref().map(moment);
    let since = since.as_ref().map(day);
    for (field, unusable) in [("event_time", time == Some(None)), ("since", since == Some(None))] {
        if unusable {
            problems.add("INVALID_TIME", format!("{path}.{field}"), "a time lies within the years 1 to 9999");
        }
    }
    let kind = problems.known(&format!("{path}.kind"), kind)?;
    let text = |text: String| Some(text).filter(|text| !text.is_empty());
    let told = Outcome {
        status: None,
        value,
        cost_to_serve,
        cost_to_acquire,
        since: since.flatten(),
        group: text(group),
        reason: text(reason),
    };
    Some(Event { account: account_id, kind, time: time.flatten(), told })
}

/// Brings an account up to date. What the event does not tell stays.
fn apply(outcome: &mut Outcome, event: Event) {
    let Outcome { status: _, value, cost_to_serve, cost_to_acquire, since, group, reason } = event.told;
    *outcome = Outcome {
        status: status_after(outcome.status, event.kind),
        value: value.or(outcome.value),
        cost_to_serve: cost_to_serve.or(outcome.cost_to_serve),
        cost_to_acquire: cost_to_acquire.or(outcome.cost_to_acquire),
        since: since.or(outcome.since),
        group: group.or_else(|| outcome.group.take()),
        reason: reason.or_else(|| outcome.reason.take()),
    };
}

/// How an account stands after an event.
const fn status_after(before: Option<Status>, kind: OutcomeKind) -> Option<Status> {
    match (kind, before) {
        // Who renews is a customer, also one who had left. Only customers expand.
        (OutcomeKind::Won | OutcomeKind::Renewed, _) | (OutcomeKind::Expanded, None) => Some(Status::Won),
        (OutcomeKind::Churned, _) => Some(Status::Churned),
        (OutcomeKind::Lost, None) => Some(Status::Lost),
        // An expansion adds nothing to a known standing, and a deal lost with somebody who once bought does not make that
        // account one that never bought.
        (OutcomeKind::Expanded | OutcomeKind::Lost, Some(_)) | (OutcomeKind::Unspecified, _) => before,
    }
}
