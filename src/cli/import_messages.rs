//! Converts domain values to requests, in messages small enough for any server.

use std::ops::Range;
use std::sync::Arc;

use prost::Message as _;
use prost_types::Timestamp;
use sweetspot_core::{self, Account, Customers, OutcomeRef, OutcomeStatus, Value};
use sweetspot_proto::v1::{self, AttributeValue, ImportAccountsRequest, OutcomeKind, TextList, attribute_value};

use super::column_messages::{wire_review, wire_table};
use crate::messages::document_settings::wire_document_settings;

/// The maximum size of a message, in bytes: below one MiB, with room for framing.
pub(crate) const MAX_MESSAGE_BYTES: usize = 960 << 10;
const SECONDS_PER_DAY: i64 = 86_400;

/// Converts an account to the row format, under an id that the caller chooses.
pub(crate) fn wire_account(account: Account, account_id: String) -> v1::Account {
    let attributes = account.attributes.into_iter().map(|(name, value)| (name, wire_value(value)));
    v1::Account { account_id, attributes: attributes.collect() }
}

/// Converts a value of an account.
pub(crate) fn wire_value(value: Value) -> AttributeValue {
    let kind = match value {
        Value::Number(number) => attribute_value::Kind::Number(number),
        Value::Text(text) => attribute_value::Kind::Text(text),
        Value::Flag(flag) => attribute_value::Kind::Flag(flag),
        Value::List(values) => attribute_value::Kind::Texts(TextList { values }),
        Value::Date(date) => attribute_value::Kind::Text(date.to_string()),
    };
    AttributeValue { kind: Some(kind) }
}

/// The messages of one import, created one at a time: the first one names the dataset.
#[derive(Debug)]
pub(crate) struct ImportMessages {
    customers: Arc<Customers>,
    /// The fields of the first message that apply to the whole import.
    head: Option<ImportAccountsRequest>,
    next: usize,
    step: usize,
}

impl ImportMessages {
    /// Imports these customers; `head` contains the dataset, the mode and the request id.
    pub(crate) fn new(customers: Arc<Customers>, mut head: ImportAccountsRequest) -> Self {
        head.document_settings = Some(wire_document_settings(customers.document_settings()));
        Self { customers, head: Some(head), next: 0, step: 2_000 }
    }

    fn message(&self, rows: Range<usize>) -> ImportAccountsRequest {
        let accounts = wire_table(self.customers.accounts(), rows.clone());
        let review = wire_review(self.customers.review(), &rows);
        let weights = self.customers.weights().as_slice().get(rows.clone()).unwrap_or_default().to_vec();
        let outcomes = self.customers.outcomes().range(rows);
        let currency = self.customers.currency().unwrap_or_default();
        let outcomes =
            accounts.account_ids.iter().zip(outcomes).filter_map(|(id, outcome)| wire_outcome(id, &outcome, currency));
        let outcomes = outcomes.collect();
        let head = self.head.clone().unwrap_or_default();
        ImportAccountsRequest { accounts: Some(accounts), outcomes, review, weights, ..head }
    }
}

impl Iterator for ImportMessages {
    type Item = ImportAccountsRequest;

    fn next(&mut self) -> Option<ImportAccountsRequest> {
        let rows = self.customers.accounts().rows();
        // An empty import still names its dataset, so that the server can return the error.
        if self.next >= rows && self.head.is_none() {
            return None;
        }
        loop {
            let end = (self.next + self.step).min(rows);
            let message = self.message(self.next..end);
            if message.encoded_len() <= MAX_MESSAGE_BYTES || self.step == 1 {
                self.next = end;
                self.head = None;
                return Some(message);
            }
            self.step = (self.step / 2).max(1);
        }
    }
}

/// Returns `None` if the outcome is unknown.
fn wire_outcome(account_id: &str, outcome: &OutcomeRef<'_>, currency: &str) -> Option<v1::Outcome> {
    if !outcome.is_known() {
        return None;
    }
    let OutcomeRef { status, value, cost_to_serve, cost_to_acquire, since, group, reason } = outcome;
    let kind = match status {
        Some(OutcomeStatus::Won) => OutcomeKind::Won,
        Some(OutcomeStatus::Lost) => OutcomeKind::Lost,
        Some(OutcomeStatus::Churned) => OutcomeKind::Churned,
        None => OutcomeKind::Unspecified,
    };
    let has_money = [value, cost_to_serve, cost_to_acquire].into_iter().any(Option::is_some);
    Some(v1::Outcome {
        outcome_id: account_id.to_owned(),
        account_id: account_id.to_owned(),
        kind: kind.into(),
        event_time: None,
        value: *value,
        cost_to_serve: *cost_to_serve,
        currency_code: if has_money { currency.to_owned() } else { String::new() },
        cost_to_acquire: *cost_to_acquire,
        since: since.map(|date| Timestamp { seconds: i64::from(date.days) * SECONDS_PER_DAY, nanos: 0 }),
        group: group.unwrap_or_default().to_owned(),
        reason: reason.unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use sweetspot_core::{AccountTable, Column, ColumnData, Date, Outcome};

    use super::*;

    fn customers(rows: usize, text: usize) -> Arc<Customers> {
        let ids = (0..rows).map(|row| format!("c{row}")).collect();
        let dictionary = (0..rows).map(|row| format!("{row}{}", "x".repeat(text))).collect();
        let codes = (0..rows).map(|row| u32::try_from(row).ok()).collect();
        let column = Column { name: "city".into(), data: ColumnData::Categories { dictionary, codes } };
        let outcome = Outcome { status: Some(OutcomeStatus::Won), since: Some(Date { days: 2 }), ..Outcome::default() };
        let table = AccountTable::new(ids, vec![column]).unwrap();
        Arc::new(Customers::new(table, vec![outcome; rows].into(), None).unwrap())
    }

    fn head() -> ImportAccountsRequest {
        ImportAccountsRequest { dataset: "d".into(), request_id: "r".into(), ..ImportAccountsRequest::default() }
    }

    #[test]
    fn an_import_is_split_into_small_messages_without_loss() {
        let messages: Vec<_> = ImportMessages::new(customers(5_000, 1_000), head()).collect();
        assert!(messages.len() > 4);
        assert!(messages.iter().all(|message| message.encoded_len() <= MAX_MESSAGE_BYTES));
        assert_eq!((messages[0].dataset.as_str(), messages[1].dataset.as_str()), ("d", ""));
        let ids: Vec<_> = messages.iter().flat_map(|m| m.accounts.clone().unwrap().account_ids).collect();
        assert_eq!(ids, (0..5_000).map(|row| format!("c{row}")).collect::<Vec<_>>());
        assert_eq!(messages.iter().map(|m| m.outcomes.len()).sum::<usize>(), 5_000);
    }

    #[test]
    fn an_empty_import_still_names_its_dataset() {
        let messages: Vec<_> = ImportMessages::new(customers(0, 0), head()).collect();
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].dataset, "d");
    }

    #[test]
    fn an_unknown_outcome_is_not_sent() {
        assert_eq!(wire_outcome("a", &OutcomeRef::default(), "USD"), None);
        let valued = Outcome { value: Some(0.0), since: Some(Date { days: 1 }), ..Outcome::default() };
        let wire = wire_outcome("a", &valued.as_ref(), "USD").unwrap();
        assert_eq!(
            (wire.kind(), wire.value, wire.currency_code.as_str()),
            (OutcomeKind::Unspecified, Some(0.0), "USD")
        );
        assert_eq!(wire.since.unwrap().seconds, SECONDS_PER_DAY);
    }

    #[test]
    fn values_keep_their_kind() {
        let list = Value::List(vec!["SAP".into()]);
        let attributes = [("n", Value::Number(1.5)), ("d", Value::Date(Date { days: 0 })), ("l", list)];
        let account = Account { id: "x".into(), attributes: attributes.map(|(n, v)| (n.to_owned(), v)).into() };
        let wire = wire_account(account, "7".into());
        assert_eq!(wire.account_id, "7");
        assert_eq!(wire.attributes["n"].kind, Some(attribute_value::Kind::Number(1.5)));
        assert_eq!(wire.attributes["d"].kind, Some(attribute_value::Kind::Text("1970-01-01".into())));
        assert!(matches!(wire.attributes["l"].kind, Some(attribute_value::Kind::Texts(_))));
    }
}
