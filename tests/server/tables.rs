//! Scoring of accounts in column form.

use sweetspot_proto::v1::column::Data;
use sweetspot_proto::v1::score_accounts_request::Accounts;
use sweetspot_proto::v1::{self, Column};
use tonic::{Code, Status};

use crate::scoring::request;
use crate::support::data::{account, table};
use crate::support::server::TestServer;
use crate::support::{assert_refused, fields};

async fn score(server: &TestServer, table: v1::AccountTable) -> Result<v1::ScoreAccountsResponse, Status> {
    let request = v1::ScoreAccountsRequest { config: None, accounts: Some(Accounts::Table(table)) };
    Ok(server.scoring().score_accounts(request).await?.into_inner())
}

fn two_accounts(columns: Vec<Column>) -> v1::AccountTable {
    v1::AccountTable { account_ids: vec!["a".into(), "b".into()], columns }
}

fn column(name: &str, data: Data) -> Column {
    Column { name: name.into(), data: Some(data), ..Column::default() }
}

fn numbers(values: &[f64]) -> Data {
    Data::Numbers(v1::DoubleColumn { values: values.to_vec() })
}

fn codes(dictionary: &[&str], codes: &[u32]) -> Data {
    let dictionary = dictionary.iter().map(|text| (*text).to_owned()).collect();
    Data::Texts(v1::DictionaryColumn { dictionary, codes: codes.to_vec() })
}

#[tokio::test]
async fn a_table_scores_as_its_rows_do() {
    let server = TestServer::trained().await;
    let columns = score(&server, table(150)).await.unwrap();
    let rows = request((0..150).map(account).collect(), v1::ScoreConfig::default());
    let rows = server.scoring().score_accounts(rows).await.unwrap().into_inner();
    assert_eq!(columns, rows);
}

#[tokio::test]
async fn a_cell_that_the_bitmap_marks_invalid_is_missing() {
    let server = TestServer::trained().await;
    let mut sparse = column("employees", numbers(&[f64::NAN, 5.0]));
    sparse.validity = vec![0b10];
    let response = score(&server, two_accounts(vec![sparse])).await.unwrap();
    assert_eq!((response.scores.len(), response.errors.len()), (2, 0));
    assert!(response.scores[0].coverage < response.scores[1].coverage);
}

#[tokio::test]
async fn an_invalid_cell_fails_only_its_row() {
    let server = TestServer::trained().await;
    for (data, reason) in [
        (numbers(&[f64::NAN, 1.0]), "NON_FINITE_NUMBER"),
        (codes(&["x"], &[1, 0]), "CODE_OUT_OF_RANGE"),
        (codes(&["x", &"y".repeat(1025)], &[1, 0]), "TEXT_TOO_LONG"),
        (
            Data::TextLists(v1::DictionaryListColumn {
                dictionary: vec!["x".into()],
                codes: vec![0; 258],
                offsets: vec![0, 257, 258],
            }),
            "LIST_TOO_LONG",
        ),
    ] {
        let response = score(&server, two_accounts(vec![column("industry", data)])).await.unwrap();
        let error = &response.errors[0];
        assert_eq!((error.row_index, error.reason.as_str(), error.account_id.as_str()), (0, reason, "a"));
        assert_eq!(error.field, r#"table.columns["industry"][0]"#);
        assert_eq!(response.scores[0].account_id, "b");
    }
}

#[tokio::test]
async fn a_malformed_table_is_refused_with_every_fault() {
    let server = TestServer::trained().await;
    let mut short = column("bits", numbers(&[1.0, 2.0]));
    short.validity = vec![0; 2];
    let offsets = |offsets: &[u32]| {
        Data::TextLists(v1::DictionaryListColumn {
            dictionary: Vec::new(),
            codes: Vec::new(),
            offsets: offsets.to_vec(),
        })
    };
    let table = two_accounts(vec![
        column("length", numbers(&[1.0])),
        short,
        column("twice", numbers(&[1.0, 2.0])),
        column("twice", numbers(&[1.0, 2.0])),
        column("", numbers(&[1.0, 2.0])),
        Column { name: "none".into(), ..Column::default() },
        column("backwards", offsets(&[1, 0, 0])),
        column("beyond", offsets(&[0, 0, u32::MAX])),
    ]);
    let details = assert_refused(score(&server, table).await, Code::InvalidArgument, "COLUMN_LENGTH");
    assert_eq!(fields(&details).len(), 7, "{details:?}");
}

#[tokio::test]
async fn sizes_of_tables_have_a_maximum() {
    let server = TestServer::trained().await;
    let many = (0..513).map(|index| column(&format!("{index}"), numbers(&[1.0, 2.0]))).collect();
    assert_refused(score(&server, two_accounts(many)).await, Code::InvalidArgument, "TOO_MANY_ATTRIBUTES");
    let long =
        v1::AccountTable { account_ids: (0..10_001).map(|index| format!("{index}")).collect(), columns: Vec::new() };
    assert_refused(score(&server, long).await, Code::InvalidArgument, "TOO_MANY_ACCOUNTS");
    assert_refused(score(&server, v1::AccountTable::default()).await, Code::InvalidArgument, "EMPTY_REQUEST");
}
