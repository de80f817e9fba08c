//! Datasets over both backends: replaced whole, read back whole, repeated requests answered once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::thread;

use jiff::Timestamp;
use sweetspot::clock::FixedClock;
use sweetspot::datasets::{DatasetError, Datasets};
use sweetspot::domain::{
    AccountTable, Column, ColumnData, Customers, DatasetName, Date, Digest, Outcome, Review, ReviewField, Status,
};
use sweetspot::fault::{Fault as _, FaultKind};
use sweetspot::registry::RequestKey;
use sweetspot::store::{MemoryStore, SledStore, Store, StoreError};

fn datasets(store: Arc<dyn Store>) -> Datasets {
    Datasets::new(store, Arc::new(FixedClock(Timestamp::UNIX_EPOCH)))
}

fn name(text: &str) -> DatasetName {
    format!("workspaces/w/datasets/{text}").parse().unwrap()
}

fn request(id: &str, body: &str) -> RequestKey {
    RequestKey { id: id.to_owned(), body: Digest::of(body.as_bytes()) }
}

/// Customers of whom every second has an outcome.
fn customers(rows: u32) -> Customers {
    let column = Column {
        name: "employees".to_owned(),
        data: ColumnData::Numbers((0..rows).map(|row| (row % 3 > 0).then_some(f64::from(row))).collect()),
    };
    let ids = (0..rows).map(|row| format!("account {row}")).collect();
    let known = Outcome { status: Some(Status::Won), ..Outcome::default() };
    let outcomes = (0..rows).map(|row| if row % 2 == 0 { known.clone() } else { Outcome::default() }).collect();
    Customers::new(AccountTable::new(ids, vec![column]).unwrap(), outcomes, Some("EUR".to_owned())).unwrap()
}

#[test]
fn a_dataset_is_replaced_and_older_bytes_can_still_be_loaded() {
    let datasets = datasets(Arc::new(MemoryStore::new()));
    let first = datasets.replace(&name("d"), &customers(9), &request("", "")).unwrap();
    assert_eq!((first.accounts, first.outcomes), (9, 5));
    let size = first.size.unwrap();
    assert_eq!((size.attributes, size.items), (1, 0));
    assert!(size.bytes > 9 * 8, "{size:?}");
    let everything = datasets.replace(&name("e"), &one_of_everything(), &request("", "")).unwrap().size.unwrap();
    assert_eq!((everything.attributes, everything.items), (5, 3));
    assert_eq!(datasets.record(&name("d")).unwrap(), first);
    let second = datasets.replace(&name("d"), &customers(20), &request("", "")).unwrap();
    assert_eq!(datasets.record(&name("d")).unwrap(), second);
    assert_eq!(datasets.load(&first).unwrap(), customers(9));
    assert_eq!(datasets.load(&second).unwrap(), customers(20));
}

#[test]
fn equal_customers_have_one_digest_whatever_the_name() {
    let datasets = datasets(Arc::new(MemoryStore::new()));
    let [one, other] = ["a", "b"].map(|id| datasets.replace(&name(id), &customers(5), &request("", "")).unwrap());
    assert_eq!(one.data, other.data);
    let larger = datasets.replace(&name("a"), &customers(6), &request("", "")).unwrap();
    assert_ne!(one.data, larger.data);
}

#[test]
fn a_dataset_that_was_never_imported_is_not_found() {
    let error = datasets(Arc::new(MemoryStore::new())).record(&name("d")).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (FaultKind::NotFound, "DATASET_NOT_FOUND"));
    assert!(error.to_string().contains("workspaces/w/datasets/d"), "{error}");
}

#[test]
fn a_repeated_import_changes_nothing() {
    let datasets = datasets(Arc::new(MemoryStore::new()));
    let first = datasets.replace(&name("d"), &customers(5), &request("id", "five")).unwrap();
    let second = datasets.replace(&name("d"), &customers(8), &request("", "")).unwrap();
    assert_eq!(datasets.replace(&name("d"), &customers(5), &request("id", "five")).unwrap(), first);
    assert_eq!(datasets.record(&name("d")).unwrap(), second, "the repeat did not bring the first import back");
    let error = datasets.replace(&name("d"), &customers(6), &request("id", "six")).unwrap_err();
    assert!(matches!(&error, DatasetError::RequestIdReused { id } if id == "id"));
    assert_eq!((error.kind(), error.reason()), (FaultKind::InvalidArgument, "REQUEST_ID_REUSED"));
}

#[test]
fn an_import_repeated_at_the_same_time_gets_one_answer() {
    let datasets = datasets(Arc::new(MemoryStore::new()));
    let answers: Vec<_> = thread::scope(|scope| {
        let import = || datasets.replace(&name("d"), &customers(50), &request("id", "body")).expect("an answer");
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(import)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

#[test]
fn a_dataset_on_disk_is_there_after_reopening_and_damage_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let open = || datasets(Arc::new(SledStore::open(folder.path()).unwrap()));
    let record = open().replace(&name("d"), &customers(100), &request("id", "body")).unwrap();
    let datasets = open();
    assert_eq!(datasets.record(&name("d")).unwrap(), record);
    assert_eq!(datasets.load(&record).unwrap(), customers(100));
    assert_eq!(datasets.replace(&name("d"), &customers(100), &request("id", "body")).unwrap(), record);

    let digest = record.data.to_string();
    let file = folder.path().join("blobs").join(&digest[..2]).join(&digest);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[17] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let error = datasets.load(&record).unwrap_err();
    assert!(matches!(error, DatasetError::Store(StoreError::BlobCorrupt { .. })));
    assert_eq!(error.kind(), FaultKind::DataLoss);
}

#[test]
fn bytes_that_are_no_customers_are_corrupt() {
    let store = Arc::new(MemoryStore::new());
    let datasets = datasets(Arc::clone(&store) as Arc<dyn Store>);
    let mut record = datasets.replace(&name("d"), &customers(3), &request("", "")).unwrap();
    record.data = store.put_blob(b"no customers").unwrap();
    let error = datasets.load(&record).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (FaultKind::DataLoss, "DATASET_CORRUPT"));
}

/// Every kind of column, every status, every field of an outcome, and gaps everywhere.
fn one_of_everything() -> Customers {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let columns = [
        ("employees", ColumnData::Numbers(vec![Some(12.5), None, Some(-0.0), Some(f64::MAX)].into())),
        (
            "city",
            ColumnData::Categories {
                dictionary: texts(&["Zürich", ""]),
                codes: vec![Some(1), Some(0), None, None].into(),
            },
        ),
        ("remote", ColumnData::Flags(vec![None, Some(true), Some(false), None].into())),
        (
            "tools",
            ColumnData::Lists {
                dictionary: texts(&["SAP", "Slack"]),
                rows: vec![Some(vec![1, 0]), Some(vec![]), None, Some(vec![0])].into(),
            },
        ),
        ("founded", ColumnData::Dates(vec![Some(Date { days: -1 }), None, Some(Date { days: 20_000 }), None].into())),
    ];
    let columns = columns.map(|(name, data)| Column { name: name.to_owned(), data }).into();
    let full = Outcome {
        status: Some(Status::Won),
        value: Some(1200.5),
        cost_to_serve: Some(0.0),
        cost_to_acquire: Some(-3.25),
        since: Some(Date { days: 19_000 }),
        group: Some("holding".to_owned()),
        reason: Some("price — and Zürich".to_owned()),
    };
    let status = |status| Outcome { status: Some(status), ..Outcome::default() };
    let outcomes = vec![full, status(Status::Lost), status(Status::Churned), Outcome::default()];
    let table = AccountTable::new(texts(&["a-1", "ü", "c c", "4"]).into(), columns).unwrap();
    Customers::new(table, outcomes.into(), Some("CHF".to_owned())).unwrap()
}

/// The file never changes: every later program reads what an earlier one kept.
#[test]
fn the_first_format_of_customers_is_still_read() {
    let store = Arc::new(MemoryStore::new());
    let datasets = datasets(Arc::clone(&store) as Arc<dyn Store>);
    let mut record = datasets.replace(&name("d"), &one_of_everything(), &request("", "")).unwrap();
    let today = store.blob(&record.data).unwrap();
    record.data = store.put_blob(&golden("customers-v1.bin", &today)).unwrap();
    assert_eq!(datasets.load(&record).unwrap(), one_of_everything());
}

/// The bytes of a kept file; where there is none, today's are written for a person to look at.
fn golden(file: &str, today: &[u8]) -> Vec<u8> {
    let kept = std::fs::read(format!("{}/tests/golden/{file}", env!("CARGO_MANIFEST_DIR")));
    if kept.is_err() {
        std::fs::write(format!("{}/{file}.new", env!("CARGO_TARGET_TMPDIR")), today).unwrap();
    }
    assert!(kept.is_ok(), "tests/golden/{file} is missing; today's candidate is {file}.new in the target folder");
    kept.unwrap()
}

/// The same customers with a review of every kind of field.
fn reviewed() -> Customers {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let numbers = ColumnData::Numbers(vec![Some(-0.0), None, Some(1e9), None].into());
    let mut review = Review::default();
    let codes = vec![None, Some(1), Some(0), None].into();
    review.set(ReviewField::Notes, ColumnData::Categories { dictionary: texts(&["=1+1", "ü"]), codes });
    let rows = vec![Some(vec![0, 1]), None, Some(vec![]), None].into();
    review.set(ReviewField::UseCase, ColumnData::Lists { dictionary: texts(&["plan", "count"]), rows });
    review.set(ReviewField::DealSize, numbers.clone());
    review.set(ReviewField::Spend(12), numbers);
    one_of_everything().with_review(review).unwrap()
}

#[test]
fn the_first_format_with_reviews_is_still_read() {
    let store = Arc::new(MemoryStore::new());
    let datasets = datasets(Arc::clone(&store) as Arc<dyn Store>);
    let mut record = datasets.replace(&name("d"), &reviewed(), &request("", "")).unwrap();
    let today = store.blob(&record.data).unwrap();
    let kept = golden("customers-v1-review.bin", &today);
    assert_eq!(kept, &today[..], "equal customers have equal bytes");
    record.data = store.put_blob(&kept).unwrap();
    assert_eq!(datasets.load(&record).unwrap(), reviewed());
}
