//! Every limit: the largest valid size, and the smallest invalid one.

use std::sync::Arc;

use prost::Message as _;
use sweetspot::config::{ByteSize, Settings};
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::column::Data;
use sweetspot_proto::v1::condition::Test;
use sweetspot_proto::v1::score_accounts_request::Accounts;
use sweetspot_proto::v1::{self};
use sweetspot_store::store::MemoryStore;
use tonic::{Code, Status};

use crate::scoring::request;
use crate::support::assert_refused;
use crate::support::data::{self, account, with_attributes};
use crate::support::server::{TestServer, promote, publish, world};

async fn score(server: &TestServer, request: v1::ScoreAccountsRequest) -> Result<v1::ScoreAccountsResponse, Status> {
    Ok(server.scoring().score_accounts(request).await?.into_inner())
}

fn accounts_without_attributes(count: usize) -> Vec<v1::Account> {
    (0..count).map(|index| with_attributes(&format!("{index}"), [])).collect()
}

fn columns(table: v1::AccountTable) -> v1::ScoreAccountsRequest {
    v1::ScoreAccountsRequest { config: None, accounts: Some(Accounts::Table(table)) }
}

fn column(name: &str, data: Data) -> v1::Column {
    v1::Column { name: name.to_owned(), data: Some(data), ..v1::Column::default() }
}

/// The reason why an account cannot be scored, or `None`. A valid account is sent along with it.
async fn row_error_reason(server: &TestServer, odd: v1::Account) -> Option<String> {
    let answer = score(server, request(vec![account(0), odd], v1::ScoreConfig::default())).await.unwrap();
    assert_eq!(answer.scores.len() + answer.errors.len(), 2);
    answer.errors.into_iter().next().map(|error| error.reason)
}

#[tokio::test]
async fn the_number_of_accounts_of_a_call_has_a_maximum() {
    let server = TestServer::trained().await;
    for (count, good) in [(1, true), (9_999, true), (10_000, true), (10_001, false)] {
        let rows = request(accounts_without_attributes(count), v1::ScoreConfig::default());
        let ids = (0..count).map(|index| format!("{index}")).collect();
        for call in [rows, columns(v1::AccountTable { account_ids: ids, columns: Vec::new() })] {
            match score(&server, call).await {
                Ok(answer) => assert_eq!((answer.scores.len(), good), (count, true)),
                refusal => {
                    assert!(!good);
                    assert_refused(refusal, Code::InvalidArgument, "TOO_MANY_ACCOUNTS");
                }
            }
        }
    }
    for count in [99, 100, 101] {
        let call = v1::ExplainAccountsRequest {
            version: String::new(),
            accounts: accounts_without_attributes(count),
            ..Default::default()
        };
        match server.scoring().explain_accounts(call).await {
            Ok(answer) => assert_eq!((answer.into_inner().scores.len(), count <= 100), (count, true)),
            refusal => {
                assert_eq!(count, 101);
                assert_refused(refusal, Code::InvalidArgument, "TOO_MANY_ACCOUNTS");
            }
        }
    }
}

#[tokio::test]
async fn ids_attributes_and_values_of_an_account_have_a_maximum() {
    let server = TestServer::trained().await;
    let reason = |good: bool, reason: &str| if good { None } else { Some(reason.to_owned()) };
    for bytes in [127, 128, 129] {
        let odd = with_attributes(&"i".repeat(bytes), []);
        assert_eq!(row_error_reason(&server, odd).await, reason(bytes <= 128, "ACCOUNT_ID_TOO_LONG"));
    }
    for letters in [63, 64, 65] {
        // Bytes, not characters.
        let odd = with_attributes(&"é".repeat(letters), []);
        assert_eq!(row_error_reason(&server, odd).await, reason(letters <= 64, "ACCOUNT_ID_TOO_LONG"));
    }
    for bytes in [1023, 1024, 1025] {
        let odd = with_attributes("x", [("industry", Kind::Text("t".repeat(bytes)))]);
        assert_eq!(row_error_reason(&server, odd).await, reason(bytes <= 1024, "TEXT_TOO_LONG"));
        let odd = with_attributes("x", [("industry", Kind::Texts(v1::TextList { values: vec!["t".repeat(bytes)] }))]);
        assert_eq!(row_error_reason(&server, odd).await, reason(bytes <= 1024, "TEXT_TOO_LONG"));
    }
    for items in [0, 255, 256, 257] {
        let list = v1::TextList { values: vec!["t".to_owned(); items] };
        let odd = with_attributes("x", [("industry", Kind::Texts(list.clone()))]);
        assert_eq!(row_error_reason(&server, odd).await, reason(items <= 256, "LIST_TOO_LONG"));
        let unread = with_attributes("x", [("stack", Kind::Texts(list))]);
        assert_eq!(row_error_reason(&server, unread).await, None, "the model does not use stack");
    }
    for bytes in [0, 1, 255, 256, 257] {
        let odd = with_attributes("x", [(&*"n".repeat(bytes), Kind::Flag(true))]);
        assert_eq!(row_error_reason(&server, odd).await, reason((1..=256).contains(&bytes), "INVALID_ATTRIBUTE_NAME"));
    }
    for count in [511, 512, 513] {
        let mut odd = with_attributes("x", []);
        let value = v1::AttributeValue { kind: Some(Kind::Flag(true)) };
        odd.attributes = (0..count).map(|index| (format!("n{index}"), value.clone())).collect();
        assert_eq!(row_error_reason(&server, odd).await, reason(count <= 512, "TOO_MANY_ATTRIBUTES"));
    }
}

#[tokio::test]
async fn ids_columns_and_cells_of_a_table_have_a_maximum() {
    let server = TestServer::trained().await;
    let table = |columns| v1::AccountTable { account_ids: vec!["a".into(), "b".into()], columns };
    for count in [511, 512, 513] {
        let flags = || Data::Flags(v1::FlagColumn { values: vec![true, false] });
        let wide = table((0..count).map(|index| column(&format!("n{index}"), flags())).collect());
        match score(&server, columns(wide)).await {
            Ok(answer) => assert_eq!((answer.scores.len(), count <= 512), (2, true)),
            refusal => {
                assert_eq!(count, 513);
                assert_refused(refusal, Code::InvalidArgument, "TOO_MANY_ATTRIBUTES");
            }
        }
    }
    for items in [255_u32, 256, 257] {
        let offsets = vec![0, items, items];
        let lists = v1::DictionaryListColumn { dictionary: vec!["x".into()], codes: vec![0; items as usize], offsets };
        let answer = score(&server, columns(table(vec![column("industry", Data::TextLists(lists))]))).await.unwrap();
        assert_eq!(answer.errors.len(), usize::from(items > 256));
    }
    // One bit too few, the correct number of bytes, and one byte too many.
    for (bytes, good) in [(0, true), (1, true), (2, false)] {
        let validity = vec![0xff; bytes];
        let odd = v1::Column { validity, ..column("n", Data::Numbers(v1::DoubleColumn { values: vec![1.0, 2.0] })) };
        match score(&server, columns(table(vec![odd]))).await {
            Ok(answer) => assert_eq!((answer.scores.len(), good), (2, true)),
            refusal => {
                assert!(!good);
                assert_refused(refusal, Code::InvalidArgument, "VALIDITY_LENGTH");
            }
        }
    }
}

#[tokio::test]
async fn lists_of_a_filter_have_a_maximum() {
    let server = TestServer::trained().await;
    let ask = async |filter| {
        let config = v1::ScoreConfig { filter: Some(filter), ..Default::default() };
        score(&server, request(vec![account(0)], config)).await
    };
    let condition = || v1::Condition { attribute: "x".into(), test: Some(Test::Present(false)) };
    let listed = |items| v1::Condition {
        attribute: "industry".into(),
        test: Some(Test::AnyOf(v1::TextList { values: vec!["fintech".into(); items] })),
    };
    for (filter, reason) in [
        (v1::TargetFilter { exclude_account_ids: vec!["x".into(); 10_000], ..Default::default() }, None),
        (
            v1::TargetFilter { exclude_account_ids: vec!["x".into(); 10_001], ..Default::default() },
            Some("TOO_MANY_IDS"),
        ),
        (v1::TargetFilter { must: vec![condition(); 256], ..Default::default() }, None),
        (v1::TargetFilter { must: vec![condition(); 257], ..Default::default() }, Some("TOO_MANY_CONDITIONS")),
        (v1::TargetFilter { must: vec![listed(256)], ..Default::default() }, None),
        (v1::TargetFilter { must: vec![listed(257)], ..Default::default() }, Some("INVALID_CONDITION")),
        (v1::TargetFilter { must: vec![listed(0)], ..Default::default() }, Some("INVALID_CONDITION")),
        (v1::TargetFilter { min_probability: Some(1.0), ..Default::default() }, None),
        (v1::TargetFilter { min_probability: Some(1.0 + f64::EPSILON), ..Default::default() }, Some("INVALID_FILTER")),
        (v1::TargetFilter { min_coverage: Some(-f64::MIN_POSITIVE), ..Default::default() }, Some("INVALID_FILTER")),
    ] {
        match (ask(filter).await, reason) {
            (result, Some(reason)) => {
                assert_refused(result, Code::InvalidArgument, reason);
            }
            (result, None) => assert_eq!(result.unwrap().summary.unwrap().received, 1),
        }
    }
    for (count, good) in [(99, true), (100, true), (101, false), (u32::MAX, false)] {
        let config = v1::ScoreConfig { view: 2, reason_count: count, ..Default::default() };
        let result = score(&server, request(vec![account(0)], config)).await;
        assert_eq!(result.is_ok(), good);
        if !good {
            assert_refused(result, Code::InvalidArgument, "TOO_MANY_REASONS");
        }
    }
}

#[tokio::test]
async fn bytes_of_a_request_and_of_a_response_have_a_maximum() {
    let whole = request((0..50).map(account).collect(), v1::ScoreConfig::default());
    let answer = score(&TestServer::trained().await, whole.clone()).await.unwrap();
    let bytes = whole.encoded_len();
    for (most_in, most_out) in [(bytes, answer.encoded_len()), (bytes + 1, answer.encoded_len() + 1)] {
        let mut settings = Settings::default();
        settings.server.max_request_size = ByteSize(most_in as u64);
        settings.server.max_response_size = ByteSize(most_out as u64);
        assert_eq!(score(&TestServer::trained_with(&settings).await, whole.clone()).await.unwrap(), answer);
    }
    let mut settings = Settings::default();
    settings.server.max_request_size = ByteSize(bytes as u64 - 1);
    let result = score(&TestServer::trained_with(&settings).await, whole.clone()).await;
    assert_refused(result, Code::ResourceExhausted, "MESSAGE_TOO_LARGE");
    let mut settings = Settings::default();
    settings.server.max_response_size = ByteSize(answer.encoded_len() as u64 - 1);
    let result = score(&TestServer::trained_with(&settings).await, whole).await;
    assert_refused(result, Code::ResourceExhausted, "RESPONSE_TOO_LARGE");
}

#[tokio::test]
async fn accounts_outcomes_and_bytes_of_an_import_have_a_maximum() {
    let messages = || {
        vec![
            data::import_request(40),
            v1::ImportAccountsRequest { outcomes: further_outcomes(120), ..Default::default() },
        ]
    };
    let bytes: usize = messages().iter().map(v1::ImportAccountsRequest::encoded_len).sum();
    // A table takes more memory than its message: 16 bytes per cell.
    let needed = bytes.max(40 * 5 * 16) as u64;
    for (accounts, bytes, good) in
        [(40, needed, true), (41, needed + 1, true), (39, needed, false), (40, needed - 1, false)]
    {
        let mut settings = Settings::default();
        (settings.server.max_import_accounts, settings.server.max_import_size) = (accounts, Some(ByteSize(bytes)));
        let server = TestServer::serve_store(Arc::new(MemoryStore::new()), &settings).await;
        match server.dataset().import_accounts(tokio_stream::iter(messages())).await {
            Ok(answer) => assert_eq!((answer.into_inner().accounts, good), (40, true)),
            refusal => {
                assert!(!good);
                assert_refused(refusal, Code::ResourceExhausted, "IMPORT_TOO_LARGE");
            }
        }
    }
}

/// Further outcomes of the first 40 accounts.
fn further_outcomes(count: usize) -> Vec<v1::Outcome> {
    let one = |index: usize| v1::Outcome {
        outcome_id: String::new(),
        ..data::outcome(&format!("a-{}", index % 40), v1::OutcomeKind::Won)
    };
    (0..count).map(one).collect()
}

#[tokio::test]
async fn stored_texts_have_a_maximum_length() {
    let settings = Settings::default();
    let world = world(Arc::new(MemoryStore::new()), &settings);
    publish(&world, "r-1");
    promote(&world, 1);
    let server = TestServer::serve(world, &settings).await;
    let import = async |outcome: v1::Outcome| {
        let message = v1::ImportAccountsRequest { outcomes: vec![outcome], ..data::import_request(1) };
        server.dataset().import_accounts(tokio_stream::iter([message])).await
    };
    let won = || data::outcome("a-0", v1::OutcomeKind::Won);
    assert!(import(v1::Outcome { outcome_id: "i".repeat(128), ..won() }).await.is_ok());
    assert_refused(
        import(v1::Outcome { outcome_id: "i".repeat(129), ..won() }).await,
        Code::InvalidArgument,
        "TEXT_TOO_LONG",
    );
    for (group, reason) in [(1024, 1024), (1025, 0), (0, 1025)] {
        let result = import(v1::Outcome { group: "g".repeat(group), reason: "r".repeat(reason), ..won() }).await;
        match group + reason {
            2048 => assert!(result.is_ok()),
            _ => {
                assert_refused(result, Code::InvalidArgument, "TEXT_TOO_LONG");
            }
        }
    }
    let train = async |names| {
        let config = v1::TrainingConfig { excluded_attributes: vec!["x".into(); names], ..Default::default() };
        let request = v1::TrainModelRequest { config: Some(config), validate_only: true, ..Default::default() };
        server.model().train_model(request).await
    };
    // This many attributes may be named; whether the dataset has them is checked later.
    let status = train(512).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition, "{status}");
    assert_refused(train(513).await, Code::InvalidArgument, "TOO_MANY_ATTRIBUTES");
}
