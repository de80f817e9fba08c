//! Reads outcomes, and combines several outcomes of an account into its current standing.

use std::hash::RandomState;

use sweetspot_core::{Interner, NullableVec, Outcome, OutcomeRef, OutcomeStatus, Outcomes as Standing};
use sweetspot_proto::v1::{self, OutcomeKind};

use super::table_merger::AccountTableMerger;
use crate::api::convert::time::{timestamp_parts, utc_date};
use crate::api::limits::{MAX_ACCOUNT_ID_BYTES, MAX_TEXT_BYTES};
use crate::api::violations::{Violations, truncate_for_message};

/// The outcomes so far, in columns with one item per outcome.
#[derive(Debug, Default)]
pub(super) struct ImportOutcomes {
    /// Interned account ids and outcome ids, which are often the same.
    ids: Interner<RandomState>,
    /// By index in `ids`: the outcome with this id, or [`NO_OUTCOME`].
    outcome_by_id: Vec<u32>,
    /// The index of the account in `ids`.
    accounts: Vec<u32>,
    kinds: Vec<OutcomeKind>,
    /// Unknown times sort before all known ones.
    times: NullableVec<(i64, i32)>,
    outcomes: Standing,
    currency: Option<String>,
}

/// Represents no outcome. An import has fewer outcomes than this.
const NO_OUTCOME: u32 = u32::MAX;

/// One outcome of one account.
struct OutcomeEvent {
    account: String,
    kind: OutcomeKind,
    time: Option<(i64, i32)>,
    outcome: Outcome,
}

impl ImportOutcomes {
    /// The number of outcomes so far.
    pub(super) const fn count(&self) -> usize {
        self.accounts.len()
    }

    /// Adds an outcome.
    pub(super) fn add(&mut self, wire: v1::Outcome, problems: &mut Violations) {
        if problems.is_full() {
            return;
        }
        let path = format!(
            "outcomes[{:?}]",
            truncate_for_message(if wire.outcome_id.is_empty() { &wire.account_id } else { &wire.outcome_id })
        );
        self.check_currency(&wire.currency_code, &path, problems);
        let id = wire.outcome_id.clone();
        let Some(event) = parse_event(wire, &path, problems) else { return };
        if id.len() > MAX_ACCOUNT_ID_BYTES {
            problems.add(
                "TEXT_TOO_LONG",
                format!("{path}.outcome_id"),
                format!("an outcome id must have at most {MAX_ACCOUNT_ID_BYTES} bytes"),
            );
        }
        match self.register_key(&id) {
            Some(first) if self.is_repeat(first, &event) => {}
            Some(_) => {
                let text = "the same outcome id was sent with different content: use one id for each outcome";
                problems.add("OUTCOME_ID_REUSED", format!("{path}.outcome_id"), text);
            }
            None => self.push(&event),
        }
    }

    /// Returns the outcome with this id. If there is none, registers the next outcome under it and returns `None`.
    fn register_key(&mut self, key: &str) -> Option<usize> {
        if key.is_empty() {
            return None;
        }
        let next = self.count() as u32;
        let name = self.ids.intern(key) as usize;
        self.outcome_by_id.resize(self.outcome_by_id.len().max(name + 1), NO_OUTCOME);
        let known = self.outcome_by_id.get_mut(name)?;
        if *known == NO_OUTCOME {
            *known = next;
            return None;
        }
        Some(*known as usize)
    }

    /// Whether an outcome equals an earlier one.
    fn is_repeat(&self, first: usize, event: &OutcomeEvent) -> bool {
        let account = self.accounts.get(first).and_then(|name| self.ids.get(*name));
        account == Some(&event.account)
            && self.kinds.get(first) == Some(&event.kind)
            && self.times.get(first) == event.time
            && self.outcomes.get(first) == event.outcome.as_ref()
    }

    fn push(&mut self, event: &OutcomeEvent) {
        let OutcomeEvent { account, kind, time, outcome: told } = event;
        self.accounts.push(self.ids.intern(account));
        self.kinds.push(*kind);
        self.times.push(*time);
        self.outcomes.push(told.as_ref());
    }

    fn check_currency(&mut self, code: &str, path: &str, problems: &mut Violations) {
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

    /// Returns the current standing of every account, in row order, and the currency.
    pub(super) fn finish(self, columns: &AccountTableMerger, problems: &mut Violations) -> (Standing, Option<String>) {
        let rows: Vec<_> = self.ids.texts().iter().map(|name| columns.row(name)).collect();
        let mut known = Vec::with_capacity(self.count());
        for (event, name) in self.accounts.iter().enumerate() {
            match rows.get(*name as usize).copied().flatten() {
                Some(row) => known.push((row, event)),
                None => unknown_account(self.ids.get(*name).unwrap_or_default(), problems),
            }
        }
        // A stable sort: at equal times, the outcome that arrived first counts as earlier.
        known.sort_by_key(|(row, event)| (*row, self.times.get(*event)));
        let mut standing = Standing::default();
        let mut known = known.into_iter().peekable();
        for row in 0..columns.rows() {
            let mut outcome = OutcomeRef::default();
            while let Some((_, event)) = known.next_if(|(event_row, _)| *event_row == row) {
                let kind = self.kinds.get(event).copied().unwrap_or_default();
                outcome = apply_event(outcome, kind, self.outcomes.get(event));
            }
            standing.push(outcome);
        }
        (standing, self.currency)
    }
}

fn unknown_account(account: &str, problems: &mut Violations) {
    let account = truncate_for_message(account);
    let text = format!("account {account:?} is not in this import: send it, or omit its outcomes");
    problems.add("UNKNOWN_ACCOUNT", "outcomes.account_id", text);
}

fn parse_event(wire: v1::Outcome, path: &str, problems: &mut Violations) -> Option<OutcomeEvent> {
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
        if text.len() > MAX_TEXT_BYTES {
            problems.add(
                "TEXT_TOO_LONG",
                format!("{path}.{field}"),
                format!("a text must have at most {MAX_TEXT_BYTES} bytes"),
            );
        }
    }
    let time = event_time.as_ref().map(timestamp_parts);
    let since = since.as_ref().map(utc_date);
    for (field, unusable) in [("event_time", time == Some(None)), ("since", since == Some(None))] {
        if unusable {
            problems.add("INVALID_TIME", format!("{path}.{field}"), "a time must be within the years 1 to 9999");
        }
    }
    let kind = problems.parse_enum(&format!("{path}.kind"), kind)?;
    let text = |text: String| Some(text).filter(|text| !text.is_empty());
    let parsed = Outcome {
        status: None,
        value,
        cost_to_serve,
        cost_to_acquire,
        since: since.flatten(),
        group: text(group),
        reason: text(reason),
    };
    Some(OutcomeEvent { account: account_id, kind, time: time.flatten(), outcome: parsed })
}

/// Applies an event to an account. Fields that the event does not set are unchanged.
fn apply_event<'a>(before: OutcomeRef<'a>, kind: OutcomeKind, outcome: OutcomeRef<'a>) -> OutcomeRef<'a> {
    let OutcomeRef { status: _, value, cost_to_serve, cost_to_acquire, since, group, reason } = outcome;
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

/// The status of an account after an event.
const fn status_after(before: Option<OutcomeStatus>, kind: OutcomeKind) -> Option<OutcomeStatus> {
    match (kind, before) {
        // An account that renews is a customer, even if it had churned. Only customers expand.
        (OutcomeKind::Won | OutcomeKind::Renewed, _) | (OutcomeKind::Expanded, None) => Some(OutcomeStatus::Won),
        (OutcomeKind::Churned, _) => Some(OutcomeStatus::Churned),
        (OutcomeKind::Lost, None) => Some(OutcomeStatus::Lost),
        // An expansion does not change a known status, and a lost deal does not change the status of a former or
        // current customer.
        (OutcomeKind::Expanded | OutcomeKind::Lost, Some(_)) | (OutcomeKind::Unspecified, _) => before,
    }
}
