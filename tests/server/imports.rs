//! Imports: many messages result in one dataset or, on any error, in none.

use prost_types::Timestamp;
use sweetspot::config::{ByteSize, Settings};
use sweetspot_proto::v1::column::Data;
use sweetspot_proto::v1::{self, ImportAccountsRequest as Message, OutcomeKind};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::support::data::{self, outcome};
use crate::support::server::TestServer;
use crate::support::{DATASET, assert_refused, fields};

async fn import(server: &TestServer, messages: Vec<Message>) -> Result<v1::ImportAccountsResponse, Status> {
    Ok(server.dataset().import_accounts(tokio_stream::iter(messages)).await?.into_inner())
}

fn numbers(name: &str, values: &[f64]) -> v1::Column {
    let data = Data::Numbers(v1::DoubleColumn { values: values.to_vec() });
    v1::Column { name: name.into(), data: Some(data), ..v1::Column::default() }
}

fn texts(name: &str, dictionary: &[&str], codes: &[u32]) -> v1::Column {
    let dictionary = dictionary.iter().map(|text| (*text).to_owned()).collect();
    let data = Data::Texts(v1::DictionaryColumn { dictionary, codes: codes.to_vec() });
    v1::Column { name: name.into(), data: Some(data), ..v1::Column::default() }
}

fn accounts(ids: &[&str], columns: Vec<v1::Column>) -> Message {
    let account_ids = ids.iter().map(|id| (*id).to_owned()).collect();
    Message { accounts: Some(v1::AccountTable { account_ids, columns }), ..Default::default() }
}

fn outcomes(outcomes: Vec<v1::Outcome>) -> Message {
    Message { outcomes, ..Default::default() }
}

/// Whether the default dataset exists.
async fn is_imported(server: &TestServer) -> bool {
    server.dataset().get_dataset_version(v1::GetDatasetVersionRequest::default()).await.is_ok()
}

#[tokio::test]
async fn an_import_reports_what_it_stored() {
    let server = TestServer::empty().await;
    let response = server.import().await;
    assert_eq!((response.dataset.as_str(), response.accounts, response.outcomes), (DATASET, 400, 400));
    assert_eq!(response.data_sha256.len(), 64);
}

#[tokio::test]
async fn an_import_is_independent_of_its_split_into_messages() {
    let server = TestServer::empty().await;
    let whole = import(
        &server,
        vec![
            Message {
                outcomes: vec![outcome("c", OutcomeKind::Won), outcome("a", OutcomeKind::Lost)],
                ..Default::default()
            },
            accounts(&["a", "b", "c"], vec![numbers("n", &[1.0, 2.0, 3.0]), texts("t", &["x", "y"], &[0, 1, 0])]),
        ],
    );
    let whole = whole.await.unwrap();
    let parts = import(
        &server,
        vec![
            accounts(&["a"], vec![numbers("n", &[1.0]), texts("t", &["never", "x"], &[1])]),
            outcomes(vec![outcome("c", OutcomeKind::Won)]),
            accounts(&["b", "c"], vec![texts("t", &["y", "x"], &[0, 1]), numbers("n", &[2.0, 3.0])]),
            outcomes(vec![outcome("a", OutcomeKind::Lost), outcome("a", OutcomeKind::Lost)]),
        ],
    );
    let parts = parts.await.unwrap();
    assert_eq!((parts.data_sha256, parts.accounts), (whole.data_sha256, whole.accounts));
}

#[tokio::test]
async fn a_column_absent_from_a_message_is_missing_for_its_accounts() {
    let server = TestServer::empty().await;
    let mut sparse = numbers("n", &[f64::NAN, 2.0, f64::NAN]);
    sparse.validity = vec![0b010];
    let whole = import(&server, vec![accounts(&["a", "b", "c"], vec![sparse])]).await.unwrap();
    let parts = vec![accounts(&["a"], vec![]), accounts(&["b"], vec![numbers("n", &[2.0])]), accounts(&["c"], vec![])];
    assert_eq!(import(&server, parts).await.unwrap().data_sha256, whole.data_sha256);
}

fn weighted(weights: &[u32], message: Message) -> Message {
    Message { weights: weights.to_vec(), ..message }
}

#[tokio::test]
async fn weights_belong_to_the_accounts_of_their_message() {
    let server = TestServer::empty().await;
    let whole = vec![weighted(&[2, 30, 1], accounts(&["a", "b", "c"], vec![numbers("n", &[1.0, 2.0, 3.0])]))];
    let whole = import(&server, whole).await.unwrap().data_sha256;
    let parts = vec![
        weighted(&[2], accounts(&["a"], vec![numbers("n", &[1.0])])),
        outcomes(vec![]),
        weighted(&[30, 1], accounts(&["b", "c"], vec![numbers("n", &[2.0, 3.0])])),
    ];
    assert_eq!(import(&server, parts).await.unwrap().data_sha256, whole);
    let plain = vec![accounts(&["a", "b", "c"], vec![numbers("n", &[1.0, 2.0, 3.0])])];
    assert_ne!(import(&server, plain).await.unwrap().data_sha256, whole);
}

#[tokio::test]
async fn wrong_weights_are_refused() {
    let server = TestServer::empty().await;
    let two = || accounts(&["a", "b"], vec![]);
    let grouped = vec![v1::Outcome { group: "g".to_owned(), ..outcome("a", OutcomeKind::Won) }];
    for (messages, reason) in [
        (vec![weighted(&[1], two())], "WEIGHT_COUNT"),
        (vec![weighted(&[1, 2, 3], two())], "WEIGHT_COUNT"),
        (vec![weighted(&[1, 2], two()), accounts(&["c"], vec![])], "WEIGHT_COUNT"),
        (vec![two(), weighted(&[1], accounts(&["c"], vec![]))], "WEIGHT_COUNT"),
        (vec![weighted(&[1, 0], two())], "INVALID_WEIGHT"),
        (vec![weighted(&[u32::MAX, 1], two())], "INVALID_WEIGHT"),
    ] {
        let details = assert_refused(import(&server, messages).await, Code::InvalidArgument, reason);
        assert!(fields(&details).iter().all(|field| field.starts_with("weights")), "{:?}", fields(&details));
    }
    let refused = import(&server, vec![weighted(&[1, 2], two()), outcomes(grouped)]).await;
    assert_refused(refused, Code::InvalidArgument, "INVALID_CUSTOMERS");
    assert!(!is_imported(&server).await);
}

fn at_time(seconds: i64, outcome: v1::Outcome) -> v1::Outcome {
    v1::Outcome { event_time: Some(Timestamp { seconds, nanos: 0 }), outcome_id: String::new(), ..outcome }
}

#[tokio::test]
async fn outcomes_of_one_account_are_read_in_the_order_of_their_times() {
    use OutcomeKind::{Churned, Expanded, Lost, Renewed, Unspecified, Won};
    let server = TestServer::empty().await;
    let kept = async |events: Vec<v1::Outcome>| {
        let messages = vec![outcomes(events), accounts(&["a"], vec![])];
        import(&server, messages).await.unwrap().data_sha256
    };
    let of = |kind| outcome("a", kind);
    let with_value = |value, kind| v1::Outcome { value: Some(value), ..of(kind) };
    let churned = kept(vec![of(Churned)]).await;
    assert_eq!(kept(vec![at_time(2, of(Churned)), at_time(1, of(Won))]).await, churned);
    assert_eq!(kept(vec![at_time(1, of(Won)), at_time(2, of(Renewed)), at_time(3, of(Churned))]).await, churned);
    let won = kept(vec![of(Won)]).await;
    assert_ne!(won, churned);
    for events in [
        vec![at_time(1, of(Won)), at_time(2, of(Expanded))],
        vec![at_time(1, of(Churned)), at_time(2, of(Renewed))],
        vec![at_time(1, of(Lost)), at_time(2, of(Won))],
        vec![at_time(2, of(Lost)), at_time(1, of(Won))],
        vec![at_time(1, of(Won)), at_time(2, of(Unspecified))],
        vec![at_time(-1, of(Won)), v1::Outcome { outcome_id: String::new(), ..of(Churned) }],
    ] {
        assert_eq!(kept(events.clone()).await, won, "{events:?}");
    }
    let value = kept(vec![with_value(7.0, Won)]).await;
    assert_eq!(
        kept(vec![at_time(2, with_value(7.0, Renewed)), at_time(1, with_value(5.0, Won)), at_time(3, of(Expanded))])
            .await,
        value
    );
}

#[tokio::test]
async fn any_violation_refuses_the_whole_import() {
    let server = TestServer::empty().await;
    let good = || accounts(&["a", "b"], vec![numbers("n", &[1.0, 2.0])]);
    let odd = |change: fn(&mut v1::Outcome)| {
        let mut odd = outcome("a", OutcomeKind::Won);
        change(&mut odd);
        vec![good(), outcomes(vec![outcome("b", OutcomeKind::Won), odd])]
    };
    for (messages, reason) in [
        (vec![], "EMPTY_REQUEST"),
        (vec![outcomes(vec![])], "EMPTY_REQUEST"),
        (vec![Message { dataset: "x".into(), ..good() }], "INVALID_NAME"),
        (vec![Message { request_id: "x".into(), ..good() }], "INVALID_REQUEST_ID"),
        (vec![good(), Message { dataset: DATASET.into(), ..outcomes(vec![]) }], "HEADER_CHANGED"),
        (vec![good(), Message { stage: true, ..outcomes(vec![]) }], "HEADER_CHANGED"),
        (vec![good(), Message { validate_only: true, ..outcomes(vec![]) }], "HEADER_CHANGED"),
        (vec![good(), good()], "DUPLICATE_ACCOUNT_ID"),
        (vec![good(), accounts(&["c"], vec![texts("n", &["x"], &[0])])], "COLUMN_KIND_CHANGED"),
        (vec![good(), accounts(&["c"], vec![numbers("n", &[f64::NAN])])], "NON_FINITE_NUMBER"),
        (vec![good(), accounts(&[""], vec![])], "EMPTY_ACCOUNT_ID"),
        (vec![good(), accounts(&["c"], vec![numbers("n", &[])])], "COLUMN_LENGTH"),
        (vec![good(), outcomes(vec![outcome("z", OutcomeKind::Won)])], "UNKNOWN_ACCOUNT"),
        (odd(|outcome| outcome.account_id.clear()), "EMPTY_ACCOUNT_ID"),
        (odd(|outcome| outcome.kind = 77), "UNKNOWN_ENUM_VALUE"),
        (odd(|outcome| outcome.value = Some(f64::NAN)), "NON_FINITE_NUMBER"),
        (odd(|outcome| outcome.currency_code = "euro".into()), "INVALID_CURRENCY"),
        (odd(|outcome| outcome.outcome_id = "o-b-1".into()), "OUTCOME_ID_REUSED"),
        (odd(|outcome| outcome.event_time = Some(Timestamp { seconds: i64::MAX, nanos: 0 })), "INVALID_TIME"),
        (odd(|outcome| outcome.since = Some(Timestamp { seconds: 0, nanos: -5 })), "INVALID_TIME"),
        (odd(|outcome| outcome.reason = "x".repeat(1025)), "TEXT_TOO_LONG"),
    ] {
        if let Some((first, rest)) = messages.split_first() {
            let first = Message { validate_only: true, ..first.clone() };
            // For `HEADER_CHANGED`, repeating `validate_only` in later messages is itself one of the errors.
            if reason != "HEADER_CHANGED" {
                let checked = import(&server, [&[first], rest].concat()).await;
                assert_refused(checked, Code::InvalidArgument, reason);
            }
        }
        assert_refused(import(&server, messages).await, Code::InvalidArgument, reason);
        assert!(!is_imported(&server).await, "{reason}");
    }
    let currencies = ["EUR", "EUR", "USD"].map(|code| v1::Outcome {
        currency_code: code.into(),
        outcome_id: String::new(),
        ..outcome("a", OutcomeKind::Won)
    });
    let result = import(&server, vec![good(), outcomes(currencies.to_vec())]).await;
    assert_eq!(fields(&assert_refused(result, Code::InvalidArgument, "CURRENCY_MIXED")).len(), 1);
}

#[tokio::test]
async fn an_aborted_import_stores_nothing() {
    let server = TestServer::empty().await;
    for _ in 0..20 {
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        let mut client = server.dataset();
        let stream = tokio_stream::wrappers::ReceiverStream::new(receiver);
        let call = tokio::spawn(async move { client.import_accounts(stream).await });
        sender.send(data::import_request(400)).await.unwrap();
        sender.reserve().await.unwrap();
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        // The server handles a later call on the same connection after the reset.
        assert!(!is_imported(&server).await);
    }
    server.import().await;
    assert!(is_imported(&server).await);
}

#[tokio::test]
async fn imports_beyond_the_maximum_are_refused() {
    let mut settings = Settings::default();
    settings.server.max_import_accounts = 3;
    settings.server.max_import_size = Some(ByteSize(2000));
    let server = TestServer::trained_with(&settings).await;
    let four = accounts(&["a", "b", "c", "d"], vec![]);
    assert_refused(import(&server, vec![four]).await, Code::ResourceExhausted, "IMPORT_TOO_LARGE");
    let long = |id: &str| accounts(&[id], vec![texts("t", &[&"x".repeat(900)], &[0])]);
    let result = import(&server, vec![long("a"), long("b"), long("c")]).await;
    assert_refused(result, Code::ResourceExhausted, "IMPORT_TOO_LARGE");
    let wide = (0..50).map(|index| numbers(&format!("{index}"), &[])).collect();
    let few = accounts(&["a", "b", "c"], vec![]);
    let result = import(&server, vec![accounts(&[], wide), few]).await;
    assert_refused(result, Code::ResourceExhausted, "IMPORT_TOO_LARGE");
    assert!(!is_imported(&server).await);
}

#[tokio::test]
async fn a_repeated_import_is_answered_and_a_changed_one_refused() {
    let server = TestServer::empty().await;
    let id = "6f1d3c52-9a0e-4c3b-8d17-2f60a1b7c9e4";
    let with_id = |message: Message| Message { request_id: id.into(), ..message };
    let first = import(&server, vec![with_id(data::import_request(400))]).await.unwrap();
    let again = import(&server, vec![with_id(data::import_request(400))]).await.unwrap();
    assert_eq!(first, again);
    let other = import(&server, vec![with_id(data::import_request(300))]).await;
    assert_refused(other, Code::InvalidArgument, "REQUEST_ID_REUSED");
}

fn review(field: v1::ReviewField, quarter: u32, values: v1::Column) -> v1::ReviewColumn {
    v1::ReviewColumn { field: field.into(), quarter, values: Some(values) }
}

#[tokio::test]
async fn reviews_belong_to_their_accounts_in_any_split_of_an_import() {
    use v1::ReviewField::{Notes, Spend};
    let server = TestServer::empty().await;
    let whole = Message {
        review: vec![
            review(Notes, 0, texts("", &["x", "y"], &[0, 1])),
            review(Spend, 2, v1::Column { validity: vec![0b10], ..numbers("any", &[0.0, 7.0]) }),
        ],
        ..accounts(&["a", "b"], vec![])
    };
    let parts = vec![
        Message { review: vec![review(Notes, 0, texts("", &["x"], &[0]))], ..accounts(&["a"], vec![]) },
        Message {
            review: vec![review(Spend, 2, numbers("", &[7.0])), review(Notes, 0, texts("", &["y"], &[0]))],
            ..accounts(&["b"], vec![])
        },
    ];
    let kept = import(&server, vec![whole]).await.unwrap().data_sha256;
    assert_eq!(import(&server, parts).await.unwrap().data_sha256, kept);
    let without = import(&server, vec![accounts(&["a", "b"], vec![])]).await.unwrap().data_sha256;
    assert_ne!(without, kept);
}

#[tokio::test]
async fn an_invalid_review_refuses_the_import_and_every_violation_is_reported() {
    use v1::ReviewField::{DealSize, Name, Notes, Spend};
    let server = TestServer::empty().await;
    let name = || review(Name, 0, texts("", &["x", "y"], &[0, 1]));
    let with = |review: Vec<v1::ReviewColumn>| vec![Message { review, ..accounts(&["a", "b"], vec![]) }];
    for (review, reason) in [
        (vec![v1::ReviewColumn { field: 99, ..name() }], "UNKNOWN_ENUM_VALUE"),
        (vec![v1::ReviewColumn { field: 0, ..name() }], "INVALID_REVIEW"),
        (vec![v1::ReviewColumn { quarter: 1, ..name() }], "INVALID_REVIEW"),
        (vec![review(Spend, 0, numbers("", &[1.0, 2.0]))], "INVALID_REVIEW"),
        (vec![review(Spend, 13, numbers("", &[1.0, 2.0]))], "INVALID_REVIEW"),
        (vec![review(DealSize, 0, texts("", &["x"], &[0, 0]))], "INVALID_REVIEW"),
        (vec![name(), name()], "INVALID_REVIEW"),
        (vec![review(DealSize, 0, numbers("", &[1.0]))], "COLUMN_LENGTH"),
        (vec![review(DealSize, 0, numbers("", &[1.0, f64::NAN]))], "NON_FINITE_NUMBER"),
        (vec![review(Notes, 0, texts("", &["x"], &[0, 9]))], "CODE_OUT_OF_RANGE"),
        (vec![v1::ReviewColumn { values: None, ..name() }], "MISSING_VALUE_KIND"),
    ] {
        assert_refused(import(&server, with(review)).await, Code::InvalidArgument, reason);
    }
    let two = vec![review(Spend, 0, numbers("", &[1.0, 2.0])), review(DealSize, 0, numbers("", &[1.0]))];
    let status = import(&server, with(two)).await.unwrap_err();
    assert_eq!(fields(&status.get_error_details()), ["review[0]", "review[1]"]);
    assert!(!is_imported(&server).await);
}

/// A column of lists.
fn lists(name: &str, rows: &[Option<&[&str]>]) -> v1::Column {
    let (mut dictionary, mut offsets, mut validity) = (Vec::new(), vec![0], vec![0_u8; rows.len().div_ceil(8)]);
    for (row, items) in rows.iter().enumerate() {
        dictionary.extend(items.unwrap_or_default().iter().map(|item| (*item).to_owned()));
        offsets.push(dictionary.len() as u32);
        validity[row / 8] |= u8::from(items.is_some()) << (row % 8);
    }
    let codes = (0..dictionary.len() as u32).collect();
    let data = Data::TextLists(v1::DictionaryListColumn { dictionary, codes, offsets });
    v1::Column { name: name.into(), validity, data: Some(data), ..v1::Column::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blank_text_is_missing_as_a_blank_cell_of_a_file_is() {
    let server = TestServer::empty().await;
    let ids = ["a", "b", "c", "d"];
    let kinds = [OutcomeKind::Won, OutcomeKind::Lost, OutcomeKind::Lost, OutcomeKind::Won];
    let known = || outcomes(ids.into_iter().zip(kinds).map(|(id, kind)| outcome(id, kind)).collect());
    let absent = v1::Column { validity: vec![0b1001], ..texts("city", &["Bern", "unused", "Zürich"], &[0, 1, 1, 2]) };
    let items: [Option<&[&str]>; 4] = [Some(&["SAP", "Jira"]), None, Some(&[]), Some(&["Jira"])];
    let plain = accounts(&ids, vec![absent, lists("tools", &items)]);
    let expected = import(&server, vec![plain, known()]).await.unwrap();

    let blank = texts("city", &["Bern", "", " \u{a0}\t", "Zürich"], &[0, 1, 2, 3]);
    let items: [Option<&[&str]>; 4] = [Some(&["SAP", " ", "Jira"]), None, Some(&["", "  "]), Some(&["Jira", ""])];
    let blanks = accounts(&ids, vec![blank, lists("tools", &items)]);
    let found = import(&server, vec![blanks, known()]).await.unwrap();
    assert_eq!(found.data_sha256, expected.data_sha256);

    let folder = tempfile::tempdir().unwrap();
    let file = "id,city,tools,stage\na,Bern,SAP; ;Jira,won\nb,,,lost\nc,\" \u{a0}\t\",;,lost\nd,Zürich,Jira;,won\n";
    std::fs::write(folder.path().join("customers.csv"), file).unwrap();
    let mapping = "id = \"id\"\nattributes = [\"city\", \"tools\"]\nlist = [\"tools\"]\n[outcome]\n\
                   status = { column = \"stage\", won = [\"won\"], lost = [\"lost\"] }\n";
    std::fs::write(folder.path().join("mapping.toml"), mapping).unwrap();
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("sweetspot"));
    command.current_dir(folder.path()).env_clear().args(["import", "customers.csv", "--mapping", "mapping.toml"]);
    // It blocks this thread; the server has other threads.
    let output = command.args(["--server", &format!("http://{}", server.address)]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let current = server.dataset().get_dataset_version(v1::GetDatasetVersionRequest::default()).await.unwrap();
    let version = current.into_inner().version.unwrap();
    assert_eq!((version.data_sha256, version.model_version_count), (expected.data_sha256, 0));
}
