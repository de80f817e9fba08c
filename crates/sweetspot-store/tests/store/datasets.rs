//! Datasets with both backends: atomic imports, exact contents, and idempotent requests.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::thread;

use jiff::Timestamp;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_core::{
    AccountReviews, AccountTable, Column, ColumnData, ColumnMetadata, Customers, DatasetName, DatasetVersionName, Date,
    Digest, FrequencyWeights, Outcome, OutcomeRef, OutcomeStatus, ReviewField,
};
use sweetspot_store::clock::FixedClock;
use sweetspot_store::datasets::{DatasetError, DatasetRecord, DatasetReference, Datasets, ImportOptions};
use sweetspot_store::registry::RequestKey;
use sweetspot_store::store::{Commit, MemoryStore, SledStore, Store, StoreError};

fn datasets(store: Arc<dyn Store>) -> Datasets {
    Datasets::new(store, Arc::new(FixedClock(Timestamp::UNIX_EPOCH)))
}

fn name(text: &str) -> DatasetName {
    format!("workspaces/w/datasets/{text}").parse().unwrap()
}

fn request(id: &str, body: &str) -> RequestKey {
    RequestKey { id: id.to_owned(), body: Digest::new(body.as_bytes()) }
}

/// Customers; every second one has an outcome.
fn customers(rows: u32) -> Customers {
    let column = Column {
        name: "employees".to_owned(),
        data: ColumnData::Numbers((0..rows).map(|row| (row % 3 > 0).then_some(f64::from(row))).collect()),
    };
    let ids = (0..rows).map(|row| format!("account {row}")).collect();
    let known = Outcome { status: Some(OutcomeStatus::Won), ..Outcome::default() };
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
    let everything = datasets.replace(&name("e"), &full_customers(), &request("", "")).unwrap().size.unwrap();
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
    assert_eq!((error.kind(), error.reason()), (ErrorKind::NotFound, "DATASET_NOT_FOUND"));
    assert!(error.to_string().contains("workspaces/w/datasets/d"), "{error}");
}

#[test]
fn a_repeated_import_changes_nothing() {
    let datasets = datasets(Arc::new(MemoryStore::new()));
    let first = datasets.replace(&name("d"), &customers(5), &request("id", "five")).unwrap();
    let second = datasets.replace(&name("d"), &customers(8), &request("", "")).unwrap();
    assert_eq!(datasets.replace(&name("d"), &customers(5), &request("id", "five")).unwrap(), first);
    assert_eq!(datasets.record(&name("d")).unwrap(), second, "the repeat has no effect");
    let error = datasets.replace(&name("d"), &customers(6), &request("id", "six")).unwrap_err();
    assert!(matches!(&error, DatasetError::RequestIdReused { id } if id == "id"));
    assert_eq!((error.kind(), error.reason()), (ErrorKind::InvalidArgument, "REQUEST_ID_REUSED"));
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
    assert_eq!(error.kind(), ErrorKind::DataLoss);
}

#[test]
fn bytes_that_are_no_customers_are_corrupt() {
    let store = Arc::new(MemoryStore::new());
    let datasets = datasets(Arc::clone(&store) as Arc<dyn Store>);
    let mut record = datasets.replace(&name("d"), &customers(3), &request("", "")).unwrap();
    record.data = store.put_blob(b"no customers").unwrap();
    let error = datasets.load(&record).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::DataLoss, "DATASET_CORRUPT"));
}

/// Customers with each kind of column, each status, each field of an outcome, and missing values everywhere.
fn full_customers() -> Customers {
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
        status: Some(OutcomeStatus::Won),
        value: Some(1200.5),
        cost_to_serve: Some(0.0),
        cost_to_acquire: Some(-3.25),
        since: Some(Date { days: 19_000 }),
        group: Some("holding".to_owned()),
        reason: Some("price — and Zürich".to_owned()),
    };
    let status = |status| Outcome { status: Some(status), ..Outcome::default() };
    let outcomes = vec![full, status(OutcomeStatus::Lost), status(OutcomeStatus::Churned), Outcome::default()];
    let table = AccountTable::new(texts(&["a-1", "ü", "c c", "4"]).into(), columns).unwrap();
    Customers::new(table, outcomes.into(), Some("CHF".to_owned())).unwrap()
}

/// The golden file never changes: later releases must read what earlier ones stored.
#[test]
fn the_first_format_of_customers_is_still_read() {
    let store = Arc::new(MemoryStore::new());
    let datasets = datasets(Arc::clone(&store) as Arc<dyn Store>);
    let mut record = datasets.replace(&name("d"), &full_customers(), &request("", "")).unwrap();
    let today = store.blob(&record.data).unwrap();
    record.data = store.put_blob(&golden("customers-v1.bin", &today)).unwrap();
    assert_eq!(datasets.load(&record).unwrap(), full_customers());
}

/// The bytes of a golden file. If it is missing, the current bytes are written for review.
fn golden(file: &str, today: &[u8]) -> Vec<u8> {
    let kept = std::fs::read(format!("{}/tests/golden/{file}", env!("CARGO_MANIFEST_DIR")));
    if kept.is_err() {
        std::fs::write(format!("{}/{file}.new", env!("CARGO_TARGET_TMPDIR")), today).unwrap();
    }
    assert!(kept.is_ok(), "tests/golden/{file} is missing; today's candidate is {file}.new in the target folder");
    kept.unwrap()
}

/// The same customers with a review that contains each kind of field.
fn customers_with_review() -> Customers {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let numbers = ColumnData::Numbers(vec![Some(-0.0), None, Some(1e9), None].into());
    let mut review = AccountReviews::default();
    let codes = vec![None, Some(1), Some(0), None].into();
    review.set(ReviewField::Notes, ColumnData::Categories { dictionary: texts(&["=1+1", "ü"]), codes });
    let rows = vec![Some(vec![0, 1]), None, Some(vec![]), None].into();
    review.set(ReviewField::UseCase, ColumnData::Lists { dictionary: texts(&["plan", "count"]), rows });
    review.set(ReviewField::DealSize, numbers.clone());
    review.set(ReviewField::Spend(12), numbers);
    full_customers().with_review(review).unwrap()
}

#[test]
fn the_first_format_with_reviews_is_still_read() {
    let store = Arc::new(MemoryStore::new());
    let datasets = datasets(Arc::clone(&store) as Arc<dyn Store>);
    let mut record = datasets.replace(&name("d"), &customers_with_review(), &request("", "")).unwrap();
    let today = store.blob(&record.data).unwrap();
    let kept = golden("customers-v1-review.bin", &today);
    assert_eq!(kept, &today[..], "equal customers have equal bytes");
    record.data = store.put_blob(&kept).unwrap();
    assert_eq!(datasets.load(&record).unwrap(), customers_with_review());
}

/// The same customers with weights, one column of which has the lower ends of ranges.
fn weighted_customers() -> Customers {
    let full = full_customers();
    let binned = ColumnMetadata { is_binned: true, ..ColumnMetadata::default() };
    let (ids, columns) = (full.accounts().ids().clone(), full.accounts().columns().to_vec());
    let metadata = columns.iter().take(1).map(|column| (column.name.clone(), binned.clone())).collect();
    let accounts = AccountTable::new(ids, columns).unwrap().with_metadata(metadata);
    let outcomes = full.outcomes().iter().map(|outcome| OutcomeRef { group: None, ..outcome }).collect();
    let weights = FrequencyWeights::new(vec![1, 70_000, 3, 4_000_000_000]).unwrap();
    Customers::new(accounts, outcomes, Some("CHF".to_owned())).unwrap().with_weights(weights).unwrap()
}

#[test]
fn the_format_of_weighted_customers_is_read_and_earlier_formats_have_no_weights() {
    let store = Arc::new(MemoryStore::new());
    let datasets = datasets(Arc::clone(&store) as Arc<dyn Store>);
    let mut record = datasets.replace(&name("d"), &weighted_customers(), &request("", "")).unwrap();
    let today = store.blob(&record.data).unwrap();
    assert_eq!(&today[..2], [8, 2], "an earlier release refuses the format instead of ignoring the weights");
    let kept = golden("customers-v2-weights.bin", &today);
    assert_eq!(kept, &today[..], "equal customers have equal bytes");
    record.data = store.put_blob(&kept).unwrap();
    assert_eq!(datasets.load(&record).unwrap(), weighted_customers());
    let mut first_format = kept;
    first_format[1] = 1;
    record.data = store.put_blob(&first_format).unwrap();
    assert!(datasets.load(&record).is_err(), "weights in a format that has none are damage");
}

fn version(dataset: &str, number: u64) -> DatasetVersionName {
    DatasetVersionName { dataset: name(dataset), number }
}

fn numbers(records: &[DatasetRecord]) -> Vec<u64> {
    records.iter().map(|record| record.version.unwrap()).collect()
}

/// A use of a version, or, without a number, of all versions with these customers.
fn model(number: Option<u64>, data: Digest) -> DatasetReference {
    let by = "workspaces/w/models/m/versions/4".to_owned();
    DatasetReference { user: by, version: number.map(|number| version("d", number)), data }
}

#[test]
fn every_import_is_a_version_and_the_newest_is_current_unless_it_is_staged() {
    let datasets = datasets(Arc::new(MemoryStore::new()));
    let import = |rows, stage| {
        let options = ImportOptions { is_staged: stage, max_versions: 20, max_days: None, refuse_erased: false };
        datasets.import(&name("d"), &customers(rows), &request("", ""), options, &|| Ok(Vec::new())).unwrap()
    };
    let first = import(3, true);
    assert!(first.is_current, "the first version is current");
    assert!(import(4, false).is_current);
    let staged = import(5, true);
    assert_eq!((staged.is_current, staged.record.version), (false, Some(3)));
    assert_eq!(datasets.record(&name("d")).unwrap().version, Some(2));
    assert_eq!(numbers(&datasets.versions(&name("d"), None, 9).unwrap()), [3, 2, 1]);
    assert_eq!(numbers(&datasets.versions(&name("d"), Some(3), 1).unwrap()), [2]);
    assert_eq!(datasets.restore(&version("d", 3), &RequestKey::none()).unwrap(), staged.record);
    assert_eq!(datasets.record(&name("d")).unwrap(), staged.record);
    assert_eq!(datasets.restore(&version("d", 1), &RequestKey::none()).unwrap(), first.record);
    assert_eq!(import(6, true).record.version, Some(4));
    assert_eq!(datasets.current(&name("d")).unwrap(), Some(1));
    let reason = |error: DatasetError| (error.kind(), error.reason());
    let missing = (ErrorKind::NotFound, "DATASET_VERSION_NOT_FOUND");
    assert_eq!(reason(datasets.restore(&version("d", 9), &RequestKey::none()).unwrap_err()), missing);
    assert_eq!(reason(datasets.version(&version("e", 1)).unwrap_err()), (ErrorKind::NotFound, "DATASET_NOT_FOUND"));
}

#[test]
fn a_deleted_version_takes_its_customers_along_unless_others_have_them() {
    let datasets = datasets(Arc::new(MemoryStore::new()));
    let none: sweetspot_store::datasets::ListUses<'_> = &|| Ok(Vec::new());
    let [one, two, three] =
        [4, 5, 4].map(|rows| datasets.replace(&name("d"), &customers(rows), &request("", "")).unwrap());
    let other = datasets.replace(&name("e"), &customers(5), &request("", "")).unwrap();
    assert_eq!((one.data, two.data), (three.data, other.data));
    assert!(!datasets.delete(&version("d", 1), &RequestKey::none(), none).unwrap());
    assert!(!datasets.delete(&version("d", 2), &RequestKey::none(), none).unwrap());
    assert_eq!(datasets.load(&three).unwrap(), customers(4), "version 3 has the customers of version 1");
    assert_eq!(datasets.load(&other).unwrap(), customers(5), "another dataset has those of version 2");
    assert!(datasets.delete(&version("d", 3), &RequestKey::none(), none).unwrap(), "the version was current");
    assert_eq!(datasets.load(&three).unwrap_err().reason(), "BLOB_MISSING");
    assert_eq!(datasets.record(&name("d")).unwrap_err().reason(), "DATASET_NOT_FOUND");
    assert_eq!(
        datasets.delete(&version("d", 3), &RequestKey::none(), none).unwrap_err().reason(),
        "DATASET_VERSION_NOT_FOUND"
    );
    let again = datasets.replace(&name("d"), &customers(4), &request("", "")).unwrap();
    assert_eq!((again.version, datasets.load(&again).unwrap()), (Some(4), customers(4)), "no number is reused");
    let newer = datasets.replace(&name("d"), &customers(6), &request("", "")).unwrap();
    datasets.delete(&version("d", newer.version.unwrap()), &RequestKey::none(), none).unwrap();
    assert_eq!(datasets.record(&name("d")).unwrap_err().reason(), "DATASET_EMPTY", "no other version becomes current");
}

#[test]
fn a_dataset_version_in_use_is_not_deleted() {
    let datasets = datasets(Arc::new(MemoryStore::new()));
    let [one, two, three] =
        [4, 4, 5].map(|rows| datasets.replace(&name("d"), &customers(rows), &request("", "")).unwrap());
    let by_version = || Ok(vec![model(Some(2), two.data)]);
    let error = datasets.delete(&version("d", 2), &RequestKey::none(), &by_version).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::FailedPrecondition, "DATASET_VERSION_IN_USE"));
    assert!(error.to_string().contains("datasets/d/versions/2") && error.to_string().contains("models/m/versions/4"));
    datasets.delete(&version("d", 1), &RequestKey::none(), &by_version).unwrap();
    assert_eq!(datasets.load(&one).unwrap(), customers(4), "the customers are those of version 2");
    let by_digest = || Ok(vec![model(None, three.data)]);
    assert_eq!(
        datasets.delete(&version("d", 3), &RequestKey::none(), &by_digest).unwrap_err().reason(),
        "DATASET_VERSION_IN_USE"
    );
    let elsewhere = || Ok(vec![model(Some(9), three.data)]);
    datasets.delete(&version("d", 3), &RequestKey::none(), &elsewhere).unwrap();
    assert_eq!(datasets.load(&three).unwrap(), customers(5), "shared customers are kept");
}

#[test]
fn beyond_the_limit_the_oldest_unused_version_is_removed() {
    let datasets = datasets(Arc::new(MemoryStore::new()));
    let import = |rows, keep, stage, uses: &[DatasetReference]| {
        let options = ImportOptions { is_staged: stage, max_versions: keep, max_days: None, refuse_erased: false };
        let uses = || Ok(uses.to_vec());
        datasets.import(&name("d"), &customers(rows), &request("", ""), options, &uses).unwrap()
    };
    let first = import(1, 3, false, &[]).record;
    let stood_on = [model(Some(1), first.data)];
    let second = import(2, 3, false, &stood_on).record;
    assert_eq!(import(3, 3, false, &stood_on).removed, [0; 0]);
    assert_eq!(import(4, 3, false, &stood_on).removed, [0; 0], "a version in use does not count");
    assert_eq!(import(5, 3, false, &stood_on).removed, [2]);
    assert_eq!(numbers(&datasets.versions(&name("d"), None, 9).unwrap()), [5, 4, 3, 1]);
    assert_eq!(datasets.load(&second).unwrap_err().reason(), "BLOB_MISSING");
    datasets.restore(&version("d", 3), &RequestKey::none()).unwrap();
    assert_eq!(import(6, 3, true, &stood_on).removed, [4], "the current version is kept");
    assert_eq!(import(7, 1, false, &stood_on).removed, [3, 5, 6]);
    assert_eq!(numbers(&datasets.versions(&name("d"), None, 9).unwrap()), [7, 1], "versions in use exceed the limit");
    for record in datasets.versions(&name("d"), None, 9).unwrap() {
        datasets.load(&record).unwrap();
    }
}

#[test]
fn a_repeated_import_is_answered_as_the_first_and_adds_no_version() {
    let datasets = datasets(Arc::new(MemoryStore::new()));
    let import = |id: &str| {
        let options = ImportOptions { is_staged: false, max_versions: 1, max_days: None, refuse_erased: false };
        datasets.import(&name("d"), &customers(7), &request(id, "seven"), options, &|| Ok(Vec::new())).unwrap()
    };
    import("");
    let first = import("id");
    assert_eq!((first.record.version, first.removed.clone()), (Some(2), vec![1]));
    datasets.replace(&name("d"), &customers(8), &request("", "")).unwrap();
    assert_eq!(import("id"), first);
    assert_eq!(datasets.record(&name("d")).unwrap().version, Some(3), "the repeat does not make it current");
    let check = |body: &str| datasets.validate_import(&name("d"), &customers(7), &request("id", body), false);
    assert_eq!(check("seven").unwrap().record, first.record);
    assert_eq!(check("six").unwrap_err().reason(), "REQUEST_ID_REUSED");
}

#[test]
fn a_dataset_of_a_release_before_versions_is_version_1() {
    for change in ["import", "restore", "delete"] {
        let store = Arc::new(MemoryStore::new());
        let datasets = datasets(Arc::clone(&store) as Arc<dyn Store>);
        // Its blob, and the single row that was stored for it.
        let data = datasets.replace(&name("e"), &customers(9), &request("", "")).unwrap().data;
        let row =
            format!(r#"{{"accounts":9,"outcomes":5,"data":"{data}","size":{{"attributes":1,"items":0,"bytes":99}}}}"#);
        store.commit(&Commit::default().create("dataset/workspaces/w/datasets/d", row.into_bytes())).unwrap();
        let only = datasets.record(&name("d")).unwrap();
        assert_eq!((only.version, only.accounts, only.created), (Some(1), 9, None));
        assert_eq!(datasets.versions(&name("d"), None, 9).unwrap(), std::slice::from_ref(&only));
        assert_eq!(datasets.version(&version("d", 1)).unwrap(), only);
        assert_eq!(datasets.version(&version("d", 2)).unwrap_err().reason(), "DATASET_VERSION_NOT_FOUND");
        match change {
            "import" => {
                assert_eq!(datasets.replace(&name("d"), &customers(3), &request("", "")).unwrap().version, Some(2));
                assert_eq!(numbers(&datasets.versions(&name("d"), None, 9).unwrap()), [2, 1]);
                assert_eq!(datasets.restore(&version("d", 1), &RequestKey::none()).unwrap(), only);
            }
            "restore" => assert_eq!(datasets.restore(&version("d", 1), &RequestKey::none()).unwrap(), only),
            _ => {
                assert!(datasets.delete(&version("d", 1), &RequestKey::none(), &|| Ok(Vec::new())).unwrap());
                assert_eq!(datasets.record(&name("d")).unwrap_err().reason(), "DATASET_NOT_FOUND");
                continue;
            }
        }
        assert_eq!(datasets.load(&datasets.record(&name("d")).unwrap()).unwrap(), customers(9));
    }
}

#[test]
fn imports_and_deletions_at_a_time_lose_no_customers() {
    let folder = tempfile::tempdir().unwrap();
    let datasets = datasets(Arc::new(SledStore::open(folder.path()).unwrap()));
    thread::scope(|scope| {
        for thread in 0..4_u32 {
            let datasets = &datasets;
            scope.spawn(move || {
                for round in 0..12 {
                    // The same few customers repeatedly, so that one thread removes what another one imports.
                    let (rows, id) = (1 + (round + thread) % 3, if thread % 2 == 0 { "a" } else { "b" });
                    let options =
                        ImportOptions { is_staged: false, max_versions: 2, max_days: None, refuse_erased: false };
                    let uses = || Ok(Vec::new());
                    datasets.import(&name(id), &customers(rows), &request("", ""), options, &uses).unwrap();
                }
            });
        }
    });
    for id in ["a", "b"] {
        let records = datasets.versions(&name(id), None, 9).unwrap();
        assert_eq!(numbers(&records), [24, 23]);
        for record in records {
            assert_eq!(datasets.load(&record).unwrap().accounts().rows() as u64, record.accounts);
        }
    }
}
