//! A small synthetic history: large financial companies buy, with some exceptions.

use std::collections::HashMap;
use std::sync::OnceLock;

use sweetspot_core::{AccountTable, Column, ColumnData, Customers, Digest, Outcome, OutcomeStatus};
use sweetspot_model::{ModelArtifact, Progress, TrainingSpec, train};
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::column::Data;
use sweetspot_proto::v1::{self};

const INDUSTRIES: [&str; 4] = ["fintech", "retail", "media", "farming"];
const ITEMS: [&str; 3] = ["SAP", "Slack", "Oracle"];

struct FixtureRow {
    id: String,
    employees: f64,
    industry: usize,
    flag: bool,
    items: Vec<u32>,
    won: bool,
}

fn rows(count: usize) -> Vec<FixtureRow> {
    let row = |index: usize| {
        let (industry, employees) = (index % 4, ((index * 37) % 400 + 5) as f64);
        let odd = index.is_multiple_of(11);
        let won = (industry == 0 && employees > 80.0 || industry == 1 && employees > 300.0) != odd;
        let items = (0..3).filter(|item| (index / 2 + *item as usize).is_multiple_of(3)).collect();
        FixtureRow { id: format!("a-{index}"), employees, industry, flag: index.is_multiple_of(3), items, won }
    };
    (0..count).map(row).collect()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// The history as one import message, without the header fields.
pub(crate) fn import_request(count: usize) -> v1::ImportAccountsRequest {
    let rows = rows(count);
    let outcomes =
        rows.iter().map(|row| outcome(&row.id, if row.won { v1::OutcomeKind::Won } else { v1::OutcomeKind::Lost }));
    v1::ImportAccountsRequest { accounts: Some(table(count)), outcomes: outcomes.collect(), ..Default::default() }
}

/// One outcome.
pub(crate) fn outcome(account: &str, kind: v1::OutcomeKind) -> v1::Outcome {
    v1::Outcome {
        outcome_id: format!("o-{account}-{}", kind as i32),
        account_id: account.to_owned(),
        kind: kind.into(),
        ..Default::default()
    }
}

/// The accounts of the history in columns.
pub(crate) fn table(count: usize) -> v1::AccountTable {
    let rows = rows(count);
    let mut offsets = vec![0];
    for row in &rows {
        offsets.push(offsets.last().unwrap() + row.items.len() as u32);
    }
    let column = |name: &str, data| v1::Column { name: name.to_owned(), data: Some(data), ..v1::Column::default() };
    v1::AccountTable {
        account_ids: rows.iter().map(|row| row.id.clone()).collect(),
        columns: vec![
            column(
                "employees",
                Data::Numbers(v1::DoubleColumn { values: rows.iter().map(|row| row.employees).collect() }),
            ),
            column(
                "industry",
                Data::Texts(v1::DictionaryColumn {
                    dictionary: texts(&INDUSTRIES),
                    codes: rows.iter().map(|row| row.industry as u32).collect(),
                }),
            ),
            column("b2b", Data::Flags(v1::FlagColumn { values: rows.iter().map(|row| row.flag).collect() })),
            column(
                "stack",
                Data::TextLists(v1::DictionaryListColumn {
                    dictionary: texts(&ITEMS),
                    codes: rows.iter().flat_map(|row| row.items.clone()).collect(),
                    offsets,
                }),
            ),
            column(
                "founded",
                Data::Dates(v1::DateColumn { days: rows.iter().map(|row| row.employees as i32 * 20).collect() }),
            ),
        ],
    }
}

/// One account of the history as a row.
pub(crate) fn account(index: usize) -> v1::Account {
    let row = rows(index + 1).pop().unwrap();
    let items = row.items.iter().map(|item| ITEMS[*item as usize].to_owned()).collect();
    let founded = sweetspot_core::Date { days: row.employees as i32 * 20 };
    let attributes = [
        ("employees", Kind::Number(row.employees)),
        ("industry", Kind::Text(INDUSTRIES[row.industry].to_owned())),
        ("b2b", Kind::Flag(row.flag)),
        ("stack", Kind::Texts(v1::TextList { values: items })),
        ("founded", Kind::Text(founded.to_string())),
    ];
    with_attributes(&row.id, attributes)
}

/// An account with these attributes.
pub(crate) fn with_attributes<const N: usize>(id: &str, attributes: [(&str, Kind); N]) -> v1::Account {
    let attributes = attributes.map(|(name, kind)| (name.to_owned(), v1::AttributeValue { kind: Some(kind) }));
    v1::Account { account_id: id.to_owned(), attributes: HashMap::from(attributes) }
}

#[derive(Debug)]
struct SilentProgress;

impl Progress for SilentProgress {
    fn stage(&self, _stage: &'static str, _done: f64) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}

/// A model of the history, trained once for all tests.
pub(crate) fn artifact() -> &'static ModelArtifact {
    static ARTIFACT: OnceLock<ModelArtifact> = OnceLock::new();
    ARTIFACT.get_or_init(|| {
        train(&TrainingSpec::default(), &customers(400), Digest::new(b"history"), &SilentProgress).unwrap()
    })
}

/// Another model of the history, without one attribute.
pub(crate) fn artifact_without(attribute: &str) -> ModelArtifact {
    let spec = TrainingSpec { excluded_attributes: texts(&[attribute]), ..TrainingSpec::default() };
    train(&spec, &customers(400), Digest::new(b"history"), &SilentProgress).unwrap()
}

fn customers(count: usize) -> Customers {
    let rows = rows(count);
    let column = |name: &str, data| Column { name: name.to_owned(), data };
    let columns = vec![
        column("employees", ColumnData::Numbers(rows.iter().map(|row| Some(row.employees)).collect())),
        column(
            "industry",
            ColumnData::Categories {
                dictionary: texts(&INDUSTRIES),
                codes: rows.iter().map(|row| Some(row.industry as u32)).collect(),
            },
        ),
        column("b2b", ColumnData::Flags(rows.iter().map(|row| Some(row.flag)).collect())),
    ];
    let standing = |row: &FixtureRow| if row.won { OutcomeStatus::Won } else { OutcomeStatus::Lost };
    let outcomes = rows.iter().map(|row| Outcome { status: Some(standing(row)), ..Outcome::default() }).collect();
    let ids = rows.iter().map(|row| row.id.clone()).collect();
    Customers::new(AccountTable::new(ids, columns).unwrap(), outcomes, None).unwrap()
}
