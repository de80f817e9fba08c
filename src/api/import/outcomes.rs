//! Reads what happened to accounts, and folds several outcomes of one account into how it stands now.

use std::hash::RandomState;

use sweetspot_core::{Cells, Interner, Outcome, OutcomeRef, Outcomes as Standing, Status};
use sweetspot_proto::v1::{self, OutcomeKind};

use super::columns::Columns;
use crate::api::convert::time::{day, moment};
use crate::api::limits::{ACCOUNT_ID_BYTES, TEXT_BYTES};
use crate::api::problems::{Problems, echo};

/// Outcomes under way, in columns: one entry an outcome.
#[derive(Debug, Default)]
pub(super) struct Outcomes {
    /// Ids of accounts, and the caller's keys of outcomes, which often are the same.
    names: Interner<RandomState>,
    /// By name: the outcome with this key, or [`NONE`].
    by_key: Vec<u32>,
    /// The name of the account.
    accounts: Vec<u32>,
    kinds: Vec<OutcomeKind>,
    /// Unknown times come before all known ones.
    times: Cells<(i64, i32)>,
    told: Standing,
    currency: Option<String>,
}

/// Stands for no outcome: an import has fewer.
const NONE: u32 = u32::MAX;

/// One outcome of one account.
struct Event {
    account: String,
    kind: OutcomeKind,
    time: Option<(i64, i32)>,
    told: Outcome,
}

impl Outcomes {
    /// How many outcomes have come.
    pub(super) const fn count(&self) -> usize {
        self.accounts.len()
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
                format!("an outcome id must have at most {ACCOUNT_ID_BYTES} bytes"),
            );
        }
        match self.first_with_key(&id) {
            Some(first) if self.is(first, &event) => {}
            Some(_) => {
                let text = "the same outcome id was sent with different content: use one id for each outcome";
                problems.add("OUTCOME_ID_REUSED", format!("{path}.outcome_id"), text);
            }
            None => self.push(&event),
        }
    }

    /// The outcome that came with this key; where there is none, the next one is it.
    fn first_with_key(&mut self, key: &str) -> Option<usize> {
        if key.is_empty() {
            return None;
        }
        let next = self.count() as u32;
        let name = self.names.intern(key) as usize;
        self.by_key.resize(self.by_key.len().max(name + 1), NONE);
        let known = self.by_key.get_mut(name)?;
        if *known == NONE {
            *known = next;
            return None;
        }
        Some(*known as usize)
    }

    /// Whether an outcome is the same as one that has come.
    fn is(&self, first: usize, event: &Event) -> bool {
        let account = self.accounts.get(first).and_then(|name| self.names.get(*name));
        account == Some(&event.account)
            && self.kinds.get(first) == Some(&event.kind)
            && self.times.get(first) == event.time
            && self.told.get(first) == event.told.as_ref()
    }

    fn push(&mut self, event: &Event) {
        let Event { account, kind, time, told } = event;
        self.accounts.push(self.names.intern(account));
        self.kinds.push(*kind);
        self.times.push(*time);
        self.told.push(told.as_ref());
    }

    fn check_currency(&mut self, code: &str, path: &str, problems: &mut Problems) {
        if code.is_empty() {
            return;
        }
        let field = format!("{path}.currency_code");
        if code.len() != 3 || !code.bytes().all(|letter| letter.is_ascii_uppercase()) {
            problems.add("INVALID_CURRENCY", field, "a currency code must be three capital letters, as in ISO 4217");
            return;
        }
        let first = self.currency.get_or_insert_with(|| code.to_owned());
        if first != code {
            let text =
                format!("amounts are in {first} and in {code}: convert them, because a dataset has one currency");
            problems.add("CURRENCY_MIXED", field, text);
        }
    }

    /// How every account stands, in the order of the rows, and the currency.
    pub(super) fn finish(self, columns: &Columns, problems: &mut Problems) -> (Standing, Option<String>) {
        let rows: Vec<_> = self.names.texts().iter().map(|name| columns.row(name)).collect();
        let mut known = Vec::with_capacity(self.count());
        for (event, name) in self.accounts.iter().enumerate() {
            match rows.get(*name as usize).copied().flatten() {
                Some(row) => known.push((row, event)),
                None => unknown_account(self.names.get(*name).unwrap_or_default(), problems),
            }
        }
        // Stable: of equal times the one that came first counts as earlier.
        known.sort_by_key(|(row, event)| (*row, self.times.get(*event)));
        let mut standing = Standing::default();
        let mut known = known.into_iter().peekable();
        for row in 0..columns.rows() {
            let mut outcome = OutcomeRef::default();
            while let Some((_, event)) = known.next_if(|(of, _)| *of == row) {
                let kind = self.kinds.get(event).copied().unwrap_or_default();
                outcome = after(outcome, kind, self.told.get(event));
            }
            standing.push(outcome);
        }
        (standing, self.currency)
    }
}

fn unknown_account(account: &str, problems: &mut Problems) {
    let account = echo(account);
    let text = format!("account {account:?} is not in this import: send it, or omit its outcomes");
    problems.add("UNKNOWN_ACCOUNT", "outcomes.account_id", text);
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
        problems.add("EMPTY_ACCOUNT_ID", format!("{path}.account_id"), "an outcome must have an account_id");
    }
    for (field, amount) in [("value", value), ("cost_to_serve", cost_to_serve), ("cost_to_acquire", cost_to_acquire)] {
        if amount.is_some_and(|amount| !amount.is_finite()) {
            let text = "an amount must be finite: omit it if it is unknown";
            problems.add("NON_FINITE_NUMBER", format!("{path}.{field}"), text);
        }
    }
    for (field, text) in [("group", &group), ("reason", &reason)] {
        if text.len() > TEXT_BYTES {
            problems.add(
                "TEXT_TOO_LONG",
                format!("{path}.{field}"),
                format!("a text must have at most {TEXT_BYTES} bytes"),
            );
        }
    }
    let time = event_time.as_ref().map(moment);
    let since = since.as_ref().map(day);
    for (field, unusable) in [("event_time", time == Some(None)), ("since", since == Some(None))] {
        if unusable {
            problems.add("INVALID_TIME", format!("{path}.{field}"), "a time must be within the years 1 to 9999");
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

/// An account brought up to date. What the event does not tell stays.
fn after<'a>(before: OutcomeRef<'a>, kind: OutcomeKind, told: OutcomeRef<'a>) -> OutcomeRef<'a> {
    let OutcomeRef { status: _, value, cost_to_serve, cost_to_acquire, since, group, reason } = told;
    OutcomeRef {
        status: status_after(before.status, kind),
        value: value.or(before.value),
        cost_to_serve: cost_to_serve.or(before.cost_to_serve),
        cost_to_acquire: cost_to_acquire.or(before.cost_to_acquire),
        since: since.or(before.since),
        group: group.or(before.group),
        reason: reason.or(before.reason),
    }
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
