//! Encoded requests: the same accounts as rows and as columns.

use std::collections::{BTreeSet, HashMap};

use sweetspot_core::{Account, Value};
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::column::Data;
use sweetspot_proto::v1::score_accounts_request::Accounts;
use sweetspot_proto::v1::{self};

use crate::client::EncodedCall;

pub(crate) const SCORE: &str = "/sweetspot.v1.ScoringService/ScoreAccounts";
pub(crate) const EXPLAIN: &str = "/sweetspot.v1.ScoringService/ExplainAccounts";

/// A request for scores without reasons, with accounts as rows.
pub(crate) fn score_rows(accounts: &[Account]) -> EncodedCall {
    score(None, Accounts::Rows(rows(accounts)))
}

/// A request for scores without reasons, with accounts as columns.
pub(crate) fn score_table(accounts: &[Account]) -> EncodedCall {
    score(None, Accounts::Table(wire_table(accounts)))
}

/// A request for scores with the three largest reasons.
pub(crate) fn top_reasons(accounts: &[Account]) -> EncodedCall {
    let view = v1::ScoreView::TopReasons.into();
    let config = v1::ScoreConfig { view, reason_count: 3, ..v1::ScoreConfig::default() };
    score(Some(config), Accounts::Rows(rows(accounts)))
}

/// A request for all reasons.
pub(crate) fn explain(accounts: &[Account]) -> EncodedCall {
    let request =
        v1::ExplainAccountsRequest { version: String::new(), accounts: rows(accounts).rows, ..Default::default() };
    EncodedCall::new(EXPLAIN, &request)
}

fn score(config: Option<v1::ScoreConfig>, accounts: Accounts) -> EncodedCall {
    EncodedCall::new(SCORE, &v1::ScoreAccountsRequest { config, accounts: Some(accounts) })
}

fn rows(accounts: &[Account]) -> v1::AccountRows {
    v1::AccountRows { rows: accounts.iter().map(wire_account).collect() }
}

fn wire_account(account: &Account) -> v1::Account {
    let attribute =
        |(name, value): (&String, &Value)| (name.clone(), v1::AttributeValue { kind: Some(wire_kind(value)) });
    let attributes: HashMap<_, _> = account.attributes.iter().map(attribute).collect();
    v1::Account { account_id: account.id.clone(), attributes }
}

/// Encodes a value. Texts that are numbers are sent as numbers.
fn wire_kind(value: &Value) -> Kind {
    match value {
        Value::Number(number) => Kind::Number(*number),
        Value::Text(text) => text.parse().map_or_else(|_| Kind::Text(text.clone()), Kind::Number),
        Value::Flag(flag) => Kind::Flag(*flag),
        Value::List(values) => Kind::Texts(v1::TextList { values: values.clone() }),
        Value::Date(date) => Kind::Text(date.to_string()),
    }
}

/// Encodes accounts as columns.
pub(crate) fn wire_table(accounts: &[Account]) -> v1::AccountTable {
    let names: BTreeSet<&String> = accounts.iter().flat_map(|account| account.attributes.keys()).collect();
    let account_ids = accounts.iter().map(|account| account.id.clone()).collect();
    v1::AccountTable { account_ids, columns: names.into_iter().map(|name| column(name, accounts)).collect() }
}

fn column(name: &str, accounts: &[Account]) -> v1::Column {
    let cells: Vec<Option<Kind>> = accounts.iter().map(|account| account.attributes.get(name).map(wire_kind)).collect();
    let mut validity = vec![0; cells.len().div_ceil(8)];
    for (row, _) in cells.iter().enumerate().filter(|(_, cell)| cell.is_some()) {
        if let Some(byte) = validity.get_mut(row / 8) {
            *byte |= 1 << (row % 8);
        }
    }
    if cells.iter().all(Option::is_some) {
        validity.clear();
    }
    v1::Column { name: name.to_owned(), validity, data: Some(column_data(&cells)), ..v1::Column::default() }
}

fn column_data(cells: &[Option<Kind>]) -> Data {
    let mut dictionary = TextDictionary::default();
    match cells.iter().flatten().next() {
        Some(Kind::Number(_)) => {
            let number = |cell: &_| if let Some(Kind::Number(number)) = cell { *number } else { 0.0 };
            Data::Numbers(v1::DoubleColumn { values: cells.iter().map(number).collect() })
        }
        Some(Kind::Texts(_)) => {
            let (mut codes, mut offsets) = (Vec::new(), vec![0]);
            for cell in cells {
                if let Some(Kind::Texts(list)) = cell {
                    codes.extend(list.values.iter().map(|text| dictionary.code(text)));
                }
                offsets.push(codes.len() as u32);
            }
            Data::TextLists(v1::DictionaryListColumn { dictionary: dictionary.texts, codes, offsets })
        }
        _ => {
            let text = |cell: &_| if let Some(Kind::Text(text)) = cell { dictionary.code(text) } else { 0 };
            let codes = cells.iter().map(text).collect();
            Data::Texts(v1::DictionaryColumn { dictionary: dictionary.texts, codes })
        }
    }
}

/// Distinct texts in the order of their first occurrence.
#[derive(Default)]
struct TextDictionary {
    texts: Vec<String>,
    codes: HashMap<String, u32>,
}

impl TextDictionary {
    fn code(&mut self, text: &str) -> u32 {
        let next = self.texts.len() as u32;
        *self.codes.entry(text.to_owned()).or_insert_with(|| {
            self.texts.push(text.to_owned());
            next
        })
    }
}
