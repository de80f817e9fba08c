//! Accounts with unknown attributes: rejected if the request asks for it, in every format and over every socket.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::column::Data;
use sweetspot_proto::v1::stream_scores_request::Message;
use sweetspot_proto::v1::{self, UnknownAttributes, score_accounts_request, score_chunk};
use tokio::runtime::Runtime;
use tonic::Code;

use crate::http::server::{DualServer, SCORE_PATH};
use crate::support::assert_refused;

const KNOWN_ATTRIBUTES: [&str; 2] = ["employees", "industry"];
/// Names that the version does not have, in order, with the nearest known one.
const UNKNOWN_ATTRIBUTES: [(&str, Option<&str>); 3] =
    [("Industrie", Some("industry")), ("employes", Some("employees")), ("zzz", None)];

struct UnknownAttributesFixture {
    runtime: Runtime,
    server: DualServer,
}

static FIXTURE: LazyLock<UnknownAttributesFixture> = LazyLock::new(|| {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(DualServer::trained());
    UnknownAttributesFixture { runtime, server }
});

/// The result for an account: its log-odds as bits, or the reason for the rejection and its field path.
type AccountResult = Result<u64, (String, String)>;

/// Texts by attribute index: known attributes come first, followed by unknown ones.
type AttributeTexts = Vec<(usize, &'static str)>;

fn name(place: usize) -> &'static str {
    KNOWN_ATTRIBUTES.into_iter().chain(UNKNOWN_ATTRIBUTES.map(|(name, _)| name)).nth(place).unwrap()
}

fn record() -> impl Strategy<Value = AttributeTexts> {
    let places = prop_oneof![subsequence(vec![0, 1], 0..=2), subsequence(vec![0, 1, 2, 3, 4], 0..=5)];
    places.prop_flat_map(|places| {
        let texts = vec(select(vec!["fintech", "120", " ", ""]), places.len());
        texts.prop_map(move |texts| places.iter().copied().zip(texts).collect())
    })
}

fn id(row: usize) -> String {
    format!("p-{row}")
}

fn rows(records: &[AttributeTexts]) -> v1::AccountRows {
    let text = |text: &str| v1::AttributeValue { kind: Some(Kind::Text(text.to_owned())) };
    let account = |(row, record): (usize, &AttributeTexts)| v1::Account {
        account_id: id(row),
        attributes: record.iter().map(|(place, value)| (name(*place).to_owned(), text(value))).collect(),
    };
    v1::AccountRows { rows: records.iter().enumerate().map(account).collect() }
}

fn table(records: &[AttributeTexts]) -> v1::AccountTable {
    let column = |place: usize| {
        let cell = |record: &AttributeTexts| record.iter().find(|(other, _)| *other == place).map(|(_, text)| *text);
        let mut validity = vec![0_u8; records.len().div_ceil(8)];
        for (row, _) in records.iter().enumerate().filter(|(_, record)| cell(record).is_some()) {
            validity[row / 8] |= 1 << (row % 8);
        }
        let dictionary = records.iter().map(|record| cell(record).unwrap_or_default().to_owned()).collect();
        let codes = (0..records.len() as u32).collect();
        let data = Some(Data::Texts(v1::DictionaryColumn { dictionary, codes }));
        v1::Column { name: name(place).to_owned(), validity, data, ..v1::Column::default() }
    };
    v1::AccountTable {
        account_ids: (0..records.len()).map(id).collect(),
        columns: (0..KNOWN_ATTRIBUTES.len() + UNKNOWN_ATTRIBUTES.len()).map(column).collect(),
    }
}

fn config(unknown: UnknownAttributes) -> v1::ScoreConfig {
    v1::ScoreConfig { unknown_attributes: unknown.into(), ..Default::default() }
}

/// The results for this number of accounts; `path` is the prefix of the errors' field paths.
fn account_results(count: usize, scores: &[v1::FitScore], errors: &[v1::RowError], path: &str) -> Vec<AccountResult> {
    let fate = |row| {
        let score = scores.iter().find(|score| score.account_id == id(row));
        let error = errors.iter().find(|error| error.account_id == id(row));
        match (score, error) {
            (Some(score), None) => Ok(score.log_odds.to_bits()),
            (None, Some(error)) => {
                assert_eq!((error.reason.as_str(), error.row_index as usize), ("UNKNOWN_ATTRIBUTE", row));
                let field = error.field.strip_prefix(path).unwrap_or_else(|| panic!("{error:?}"));
                Err((field.to_owned(), error.description.clone()))
            }
            both => panic!("{both:?}"),
        }
    };
    (0..count).map(fate).collect()
}

async fn score(accounts: score_accounts_request::Accounts, config: v1::ScoreConfig) -> v1::ScoreAccountsResponse {
    let request = v1::ScoreAccountsRequest { config: Some(config), accounts: Some(accounts) };
    FIXTURE.server.scoring().score_accounts(request).await.unwrap().into_inner()
}

async fn score_stream(accounts: score_chunk::Accounts) -> v1::StreamScoresResponse {
    let chunk = v1::ScoreChunk { sequence: 1, accounts: Some(accounts) };
    let messages = [Message::Config(config(UnknownAttributes::Reject)), Message::Chunk(chunk)];
    let messages = messages.map(|message| v1::StreamScoresRequest { message: Some(message) });
    let mut answers = FIXTURE.server.scoring().stream_scores(tokio_stream::iter(messages)).await.unwrap().into_inner();
    answers.message().await.unwrap().unwrap()
}

async fn score_http(records: &[AttributeTexts]) -> Vec<AccountResult> {
    let account = |(row, record): (usize, &AttributeTexts)| {
        let attributes = record.iter().map(|(place, text)| (name(*place).to_owned(), json!(text)));
        json!({ "accountId": id(row), "attributes": attributes.collect::<serde_json::Map<_, _>>() })
    };
    let accounts: Vec<Value> = records.iter().enumerate().map(account).collect();
    let config = json!({ "unknownAttributes": "UNKNOWN_ATTRIBUTES_REJECT" });
    let body = json!({ "config": config, "rows": { "rows": accounts } }).to_string();
    let answer = FIXTURE.server.client().await.post(SCORE_PATH, &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = answer.json();
    let all = |name: &str| answer[name].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let scores: Vec<_> = all("scores")
        .iter()
        .map(|score| v1::FitScore {
            account_id: text(&score["accountId"]),
            log_odds: score["logOdds"].as_f64().unwrap_or(0.0),
            ..Default::default()
        })
        .collect();
    let errors: Vec<_> = all("errors")
        .iter()
        .map(|error| v1::RowError {
            account_id: text(&error["accountId"]),
            row_index: error["rowIndex"].as_u64().unwrap_or(0) as u32,
            reason: text(&error["reason"]),
            field: text(&error["field"]),
            description: text(&error["description"]),
        })
        .collect();
    account_results(records.len(), &scores, &errors, "rows")
}

/// The first attribute of the record that the version does not have.
fn first_unknown(record: &AttributeTexts) -> Option<(&'static str, Option<&'static str>)> {
    record
        .iter()
        .filter_map(|(place, _)| UNKNOWN_ATTRIBUTES.get(place.checked_sub(KNOWN_ATTRIBUTES.len())?))
        .min()
        .copied()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn an_account_with_an_unknown_attribute_is_rejected_and_others_are_scored(records in vec(record(), 0..30)) {
        // A call without any valid account fails as a whole.
        let records: Vec<AttributeTexts> = records.into_iter().chain([vec![(0, "120")]]).collect();
        let count = records.len();
        FIXTURE.runtime.block_on(async {
            let all = score(score_accounts_request::Accounts::Rows(rows(&records)), v1::ScoreConfig::default()).await;
            prop_assert_eq!(&all.errors, &[]);
            for (score, record) in all.scores.iter().zip(&records) {
                let unknown = |issue: &&v1::AttributeIssue| issue.status() == v1::AttributeStatus::UnknownAttribute;
                let found: Vec<(&str, &str)> = score.issues.iter().filter(unknown)
                    .map(|issue| (issue.attribute.as_str(), issue.did_you_mean.as_str())).collect();
                let known = record.iter().filter_map(|(place, _)| UNKNOWN_ATTRIBUTES.get(place.checked_sub(KNOWN_ATTRIBUTES.len())?));
                let mut expected: Vec<_> = known.map(|(name, near)| (*name, near.unwrap_or_default())).collect();
                expected.sort_unstable();
                prop_assert_eq!(found, expected);
            }
            let expected = |of: fn(&str, usize) -> String| -> Vec<AccountResult> {
                let fate = |(row, record): (usize, &AttributeTexts)| match first_unknown(record) {
                    None => Ok(all.scores[row].log_odds.to_bits()),
                    Some((name, near)) => {
                        let near = near.map_or_else(String::new, |near| format!(" (did you mean {near:?}?)"));
                        Err((of(name, row), format!("the version has no attribute {name:?}{near}")))
                    }
                };
                records.iter().enumerate().map(fate).collect()
            };
            let in_rows = expected(|name, row| format!("[{row}].attributes[{name:?}]"));
            let in_columns = expected(|name, row| format!("columns[{name:?}][{row}]"));
            let reject = || config(UnknownAttributes::Reject);
            let answer = score(score_accounts_request::Accounts::Rows(rows(&records)), reject()).await;
            prop_assert_eq!(&account_results(count, &answer.scores, &answer.errors, "rows"), &in_rows);
            let answer = score(score_accounts_request::Accounts::Table(table(&records)), reject()).await;
            prop_assert_eq!(&account_results(count, &answer.scores, &answer.errors, "table."), &in_columns);
            let answer = score_stream(score_chunk::Accounts::Rows(rows(&records))).await;
            prop_assert_eq!(&account_results(count, &answer.scores, &answer.errors, "chunk.rows"), &in_rows);
            let answer = score_stream(score_chunk::Accounts::Table(table(&records))).await;
            prop_assert_eq!(&account_results(count, &answer.scores, &answer.errors, "chunk.table."), &in_columns);
            prop_assert_eq!(&score_http(&records).await, &in_rows);
            for lenient in [UnknownAttributes::Unspecified, UnknownAttributes::Ignore] {
                let answer = score(score_accounts_request::Accounts::Table(table(&records)), config(lenient)).await;
                prop_assert_eq!(&answer.errors, &[]);
                let bits = |scores: &[v1::FitScore]| scores.iter().map(|score| score.log_odds.to_bits()).collect::<Vec<_>>();
                prop_assert_eq!(bits(&answer.scores), bits(&all.scores));
            }
            Ok(())
        })?;
    }
}

#[test]
fn an_attribute_that_the_filter_uses_counts_as_known() {
    FIXTURE.runtime.block_on(async {
        let records = [vec![(0, "120"), (4, "x")], vec![(0, "120")], vec![(0, "120"), (3, "x")]];
        let present = v1::condition::Test::Present(true);
        let condition = v1::Condition { attribute: "zzz".to_owned(), test: Some(present) };
        let filter = v1::TargetFilter { must: vec![condition], ..Default::default() };
        let config = v1::ScoreConfig { filter: Some(filter), ..config(UnknownAttributes::Reject) };
        for accounts in [
            score_accounts_request::Accounts::Rows(rows(&records)),
            score_accounts_request::Accounts::Table(table(&records)),
        ] {
            let answer = score(accounts, config.clone()).await;
            let ids = |ids: Vec<&String>| ids.into_iter().cloned().collect::<Vec<_>>();
            assert_eq!(ids(answer.scores.iter().map(|score| &score.account_id).collect()), ["p-0"]);
            assert_eq!(ids(answer.errors.iter().map(|error| &error.account_id).collect()), ["p-2"]);
        }
    });
}

#[test]
fn a_call_whose_accounts_are_all_rejected_names_the_unknown_attributes() {
    FIXTURE.runtime.block_on(async {
        let records = [vec![(2, "x"), (3, "y")]];
        let request = |config| v1::ScoreAccountsRequest {
            config: Some(config),
            accounts: Some(score_accounts_request::Accounts::Rows(rows(&records))),
        };
        let result = FIXTURE.server.scoring().score_accounts(request(config(UnknownAttributes::Reject))).await;
        assert_refused(result, Code::InvalidArgument, "UNKNOWN_ATTRIBUTE");
        let unheard_of = v1::ScoreConfig { unknown_attributes: 9, ..Default::default() };
        let result = FIXTURE.server.scoring().score_accounts(request(unheard_of)).await;
        assert_refused(result, Code::InvalidArgument, "UNKNOWN_ENUM_VALUE");
    });
}
