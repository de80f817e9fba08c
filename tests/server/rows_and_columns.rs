//! The same accounts in rows or columns, in one message or several, give the same result.

use proptest::collection::vec;
use proptest::prelude::*;
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::column::Data;
use sweetspot_proto::v1::score_accounts_request::Accounts;
use sweetspot_proto::v1::{self, ImportAccountsRequest as Message};
use tokio::runtime::Runtime;

use crate::scoring::request;
use crate::support::server::TestServer;
use crate::support::{DATASET, MODEL, data};

/// A server with a version that has all five kinds of attributes.
async fn train_with_every_kind() -> TestServer {
    let server = TestServer::empty().await;
    server.import().await;
    let run = server.train(MODEL).await;
    assert_eq!(server.wait(&run).await.model_version, format!("{MODEL}/versions/1"));
    server
}

fn config() -> v1::ScoreConfig {
    let version = format!("{MODEL}/versions/candidate");
    v1::ScoreConfig { version, view: v1::ScoreView::TopReasons.into(), reason_count: 100, ..Default::default() }
}

async fn score_rows_and_table(
    server: &TestServer,
    rows: Vec<v1::Account>,
    table: v1::AccountTable,
) -> [Vec<v1::FitScore>; 2] {
    let columns = v1::ScoreAccountsRequest { config: Some(config()), accounts: Some(Accounts::Table(table)) };
    let rows = server.scoring().score_accounts(request(rows, config())).await.unwrap().into_inner();
    let columns = server.scoring().score_accounts(columns).await.unwrap().into_inner();
    assert_eq!((rows.errors.len(), columns.errors.len()), (0, 0));
    assert_eq!(rows.summary, columns.summary);
    [rows.scores, columns.scores]
}

#[tokio::test]
async fn rows_and_columns_of_the_same_accounts_have_identical_scores() {
    let server = train_with_every_kind().await;
    let [rows, columns] = score_rows_and_table(&server, (0..150).map(data::account).collect(), data::table(150)).await;
    assert_eq!(rows, columns);
    for (row, column) in rows.iter().zip(&columns) {
        assert_eq!(row.log_odds.to_bits(), column.log_odds.to_bits());
        assert_eq!(row.probability.to_bits(), column.probability.to_bits());
        assert!(row.reasons.len() >= 3);
    }
}

/// Whether the bitmap marks the value of a row as present.
fn is_present(column: &v1::Column, row: usize) -> bool {
    column.validity.is_empty() || column.validity[row / 8] >> (row % 8) & 1 == 1
}

/// Converts a valid table to rows, independently of the server's code.
fn table_rows(table: &v1::AccountTable) -> Vec<v1::Account> {
    let cell = |column: &v1::Column, row: usize| match column.data.as_ref().unwrap() {
        Data::Numbers(numbers) => Kind::Number(numbers.values[row]),
        Data::Flags(flags) => Kind::Flag(flags.values[row]),
        Data::Texts(texts) => Kind::Text(texts.dictionary[texts.codes[row] as usize].clone()),
        Data::TextLists(lists) => {
            let codes = &lists.codes[lists.offsets[row] as usize..lists.offsets[row + 1] as usize];
            Kind::Texts(v1::TextList {
                values: codes.iter().map(|code| lists.dictionary[*code as usize].clone()).collect(),
            })
        }
        Data::Dates(dates) => Kind::Text(sweetspot_core::Date { days: dates.days[row] }.to_string()),
    };
    let account = |(row, id): (usize, &String)| {
        let columns = table.columns.iter().filter(|column| is_present(column, row));
        let value = |column: &v1::Column| v1::AttributeValue { kind: Some(cell(column, row)) };
        let attributes = columns.map(|column| (column.name.clone(), value(column)));
        v1::Account { account_id: id.clone(), attributes: attributes.collect() }
    };
    table.account_ids.iter().enumerate().map(account).collect()
}

/// Some rows of a table, in any order, with their own dictionaries: rotated, and with an unused text.
fn subset_with_rotated_dictionaries(table: &v1::AccountTable, rows: &[usize], turn: usize) -> v1::AccountTable {
    let turned = |dictionary: &[String]| {
        let mut dictionary = dictionary.to_vec();
        dictionary.push(format!("unused {turn}"));
        let by = turn % dictionary.len();
        dictionary.rotate_left(by);
        dictionary
    };
    let recode = |from: &[String], to: &[String], code: u32| {
        to.iter().position(|text| *text == from[code as usize]).unwrap() as u32
    };
    let data = |data: &Data| match data {
        Data::Numbers(all) => {
            Data::Numbers(v1::DoubleColumn { values: rows.iter().map(|row| all.values[*row]).collect() })
        }
        Data::Flags(all) => Data::Flags(v1::FlagColumn { values: rows.iter().map(|row| all.values[*row]).collect() }),
        Data::Dates(all) => Data::Dates(v1::DateColumn { days: rows.iter().map(|row| all.days[*row]).collect() }),
        Data::Texts(all) => {
            let dictionary = turned(&all.dictionary);
            let codes = rows.iter().map(|row| recode(&all.dictionary, &dictionary, all.codes[*row])).collect();
            Data::Texts(v1::DictionaryColumn { dictionary, codes })
        }
        Data::TextLists(all) => {
            let dictionary = turned(&all.dictionary);
            let (mut codes, mut offsets) = (Vec::new(), vec![0]);
            for row in rows {
                let list = &all.codes[all.offsets[*row] as usize..all.offsets[row + 1] as usize];
                codes.extend(list.iter().map(|code| recode(&all.dictionary, &dictionary, *code)));
                offsets.push(codes.len() as u32);
            }
            Data::TextLists(v1::DictionaryListColumn { dictionary, codes, offsets })
        }
    };
    let validity = |column: &v1::Column| {
        let mut bits = vec![0_u8; rows.len().div_ceil(8)];
        rows.iter()
            .enumerate()
            .filter(|(_, row)| is_present(column, **row))
            .for_each(|(at, _)| bits[at / 8] |= 1 << (at % 8));
        bits
    };
    let column = |column: &v1::Column| v1::Column {
        name: column.name.clone(),
        validity: validity(column),
        data: column.data.as_ref().map(data),
        ..v1::Column::default()
    };
    v1::AccountTable {
        account_ids: rows.iter().map(|row| table.account_ids[*row].clone()).collect(),
        columns: table.columns.iter().map(column).collect(),
    }
}

const ROWS: usize = 40;

/// The history with missing values.
fn table_with_missing_values(validity: &[[u8; ROWS.div_ceil(8)]; 5]) -> v1::AccountTable {
    let mut table = data::table(ROWS);
    for (column, bits) in table.columns.iter_mut().zip(validity) {
        column.validity = bits.to_vec();
    }
    table
}

async fn import(server: &TestServer, messages: Vec<Message>) -> v1::ImportAccountsResponse {
    server.dataset().import_accounts(tokio_stream::iter(messages)).await.unwrap().into_inner()
}

#[test]
fn any_table_scores_as_its_rows_do() {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(train_with_every_kind());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(40));
    let cases = (any::<[[u8; ROWS.div_ceil(8)]; 5]>(), Just((0..ROWS).collect::<Vec<_>>()).prop_shuffle(), 0..7_usize);
    let law = |(validity, order, turn): (_, Vec<usize>, usize)| {
        let table = subset_with_rotated_dictionaries(&table_with_missing_values(&validity), &order, turn);
        let [rows, columns] = runtime.block_on(score_rows_and_table(&server, table_rows(&table), table));
        prop_assert_eq!(rows, columns);
        Ok(())
    };
    runner.run(&cases, law).unwrap();
}

/// However an import is split, with any dictionaries and any column order after the first message, the stored data is
/// the same.
#[test]
fn an_import_stores_the_same_data_however_it_is_split() {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(TestServer::empty());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(60));
    let cases = (any::<[[u8; ROWS.div_ceil(8)]; 5]>(), vec((1..ROWS, 0..9_usize), 0..6));
    let law = |(validity, mut cuts): (_, Vec<(usize, usize)>)| {
        let table = table_with_missing_values(&validity);
        let outcomes = data::import_request(ROWS).outcomes;
        let whole = Message { accounts: Some(table.clone()), outcomes: outcomes.clone(), ..Default::default() };
        let whole = runtime.block_on(import(&server, vec![whole]));
        cuts.sort_unstable();
        let (mut messages, mut from) = (Vec::new(), 0);
        for (to, turn) in cuts.into_iter().chain([(ROWS, 3)]) {
            let rows: Vec<_> = (from..to).collect();
            let mut accounts = subset_with_rotated_dictionaries(&table, &rows, turn);
            if from > 0 {
                accounts.columns.rotate_left(turn % 5);
            }
            let outcomes = outcomes[from..to].to_vec();
            messages.push(Message { accounts: Some(accounts), outcomes, ..Default::default() });
            from = to;
        }
        // Outcomes may precede their accounts.
        messages[0].outcomes = outcomes;
        let data = |answer: v1::ImportAccountsResponse| (answer.accounts, answer.outcomes, answer.data_sha256);
        prop_assert_eq!(data(runtime.block_on(import(&server, messages))), data(whole));
        Ok(())
    };
    runner.run(&cases, law).unwrap();
}

#[tokio::test]
async fn the_order_of_rows_and_columns_is_part_of_the_data() {
    let server = TestServer::empty().await;
    let kept = async |accounts: v1::AccountTable| {
        let message = Message { dataset: DATASET.to_owned(), accounts: Some(accounts), ..Default::default() };
        import(&server, vec![message]).await.data_sha256
    };
    let table = data::table(ROWS);
    let first = kept(table.clone()).await;
    assert_eq!(kept(table.clone()).await, first);
    let mut columns = table.clone();
    columns.columns.reverse();
    assert_ne!(kept(columns).await, first);
    let backwards: Vec<_> = (0..ROWS).rev().collect();
    assert_ne!(kept(subset_with_rotated_dictionaries(&table, &backwards, 0)).await, first);
}
