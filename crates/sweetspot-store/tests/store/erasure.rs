//! Erasing accounts: what is erased, what remains, and that an interrupted erasure can be completed.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_core::{
    AccountTable, Column, ColumnData, Comment, Customers, DatasetName, DatasetRef, Digest, Finding, ModelName,
    ModelVersionRef, Outcome, OutcomeStatus,
};
use sweetspot_model::TrainingSpec;
use sweetspot_store::clock::FixedClock;
use sweetspot_store::datasets::{Datasets, ImportOptions, ImportResult};
use sweetspot_store::definitions::{ApproveRequest, Definitions, EditRequest};
use sweetspot_store::erasure::{Erasure, ErasureReport, ErasureRequest};
use sweetspot_store::inventory::Inventory;
use sweetspot_store::jobs::{JobLimits, Jobs, RunState, SubmittingProcess, TrainingRequest};
use sweetspot_store::registry::{Registry, RequestKey};
use sweetspot_store::store::{Commit, LeaseAccess, MaintenanceAccess, MemoryStore, Row, SledStore, Store, StoreError};

/// The ids that the tests erase.
const ERASED: [&str; 2] = ["secret-account-7", "secret-account-31"];
const ROWS: u32 = 60;

fn edit() -> EditRequest {
    EditRequest { model: model("m"), method: "test", etag: String::new(), request: key("") }
}

struct ErasureServices {
    store: Arc<dyn Store>,
    datasets: Datasets,
    definitions: Definitions,
    registry: Arc<Registry>,
    jobs: Jobs,
    erasure: Erasure,
}

fn name(id: &str) -> DatasetName {
    format!("workspaces/w/datasets/{id}").parse().unwrap()
}

fn model(id: &str) -> ModelName {
    format!("workspaces/w/models/{id}").parse().unwrap()
}

fn key(id: &str) -> RequestKey {
    RequestKey { id: id.to_owned(), body: Digest::new(b"body") }
}

/// Customers whose texts contain their ids; `seed` makes them different from others.
fn customers(seed: u32) -> Customers {
    let id = |row: u32| format!("secret-account-{row}");
    let names = (0..ROWS).map(|row| format!("Name of {}", id(row))).collect();
    let columns = vec![
        Column {
            name: "size".to_owned(),
            data: ColumnData::Numbers((0..ROWS).map(|row| Some(f64::from(row + seed))).collect()),
        },
        Column {
            name: "name".to_owned(),
            data: ColumnData::Categories { dictionary: names, codes: (0..ROWS).map(Some).collect() },
        },
    ];
    let outcome = |row: u32| Outcome {
        status: Some(if (row > 30) == row.is_multiple_of(7) { OutcomeStatus::Lost } else { OutcomeStatus::Won }),
        reason: Some(format!("reason of {}", id(row))),
        ..Outcome::default()
    };
    let table = AccountTable::new((0..ROWS).map(id).collect(), columns).unwrap();
    Customers::new(table, (0..ROWS).map(outcome).collect(), None).unwrap()
}

impl ErasureServices {
    fn new(store: Arc<dyn Store>) -> Self {
        let clock = Arc::new(FixedClock(Timestamp::UNIX_EPOCH));
        let registry = Arc::new(Registry::open(Arc::clone(&store), clock.clone()).unwrap());
        let datasets = Datasets::new(Arc::clone(&store), clock.clone());
        let definitions = Definitions::new(Arc::clone(&store), clock.clone());
        let limits = JobLimits { max_queued: 9, max_queued_per_workspace: 9, threads: 1, max_memory_bytes: 1 << 30 };
        let (of_jobs, owner) = (Arc::clone(&registry), SubmittingProcess::Server);
        let jobs = Jobs::start(Arc::clone(&store), of_jobs, datasets.clone(), clock.clone(), limits, owner).unwrap();
        let erasure = Erasure::new(
            Arc::clone(&store),
            clock,
            datasets.clone(),
            definitions.clone(),
            Arc::clone(&registry),
            jobs.clone(),
        );
        erasure.finish_interrupted();
        Self { store, datasets, definitions, registry, jobs, erasure }
    }

    fn import(&self, dataset: &str, seed: u32, refuse_erased: bool) -> ImportResult {
        let options = ImportOptions { is_staged: false, max_versions: 9, max_days: None, refuse_erased };
        let uses = || self.jobs.uses();
        self.datasets.import(&name(dataset), &customers(seed), &key(""), options, &uses).unwrap()
    }

    fn submit(&self, of: &str) -> sweetspot_core::RunName {
        let training = TrainingRequest {
            model: model(of),
            dataset: DatasetRef::Current(name("d")),
            dataset_optional: false,
            spec: TrainingSpec::default(),
            time_limit: None,
            annotations: sweetspot_store::annotations::Annotations::default(),
            request: key(""),
        };
        self.jobs.submit(&training).unwrap().name
    }

    fn add_finding(&self, id: &str, account_id: &str, text: &str) {
        let finding = Finding {
            id: id.to_owned(),
            text: text.to_owned(),
            account_id: account_id.to_owned(),
            ..Finding::default()
        };
        self.definitions.add(&edit(), finding).unwrap();
    }

    /// Defines, approves and defines more: two findings and a comment about the accounts, and one that mentions one.
    fn define(&self) {
        self.add_finding("f1", ERASED[0], "They need it.");
        self.add_finding("f2", "another", "They do not.");
        let about = Comment { about: ERASED[1].to_owned(), text: "See there.".to_owned(), ..Comment::default() };
        self.definitions.comment(&edit(), about).unwrap();
        let etag = self.definitions.submit(&edit(), "Ben").unwrap().snapshot.etag;
        let edit_request = EditRequest { etag, ..edit() };
        self.definitions.approve(&ApproveRequest { edit_request, actor: "Ann".to_owned(), version: 1 }).unwrap();
        self.add_finding("f3", ERASED[1], "They agree.");
    }

    fn erase(&self, validate_only: bool, request: &str) -> ErasureReport {
        self.erasure.erase(&scope(validate_only), &key(request)).unwrap()
    }
}

fn scope(validate_only: bool) -> ErasureRequest {
    ErasureRequest {
        workspace: name("d").workspace,
        datasets: BTreeSet::new(),
        ids: ERASED.map(str::to_owned).into(),
        validate_only,
    }
}

fn all_rows(store: &dyn Store) -> Vec<Row> {
    store.scan("", None, usize::MAX).unwrap()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

/// The files of a folder and of those below it that contain an erased id.
fn files_with_ids(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with_ids(&path));
        } else if ERASED.iter().any(|id| contains(&std::fs::read(&path).unwrap(), id)) {
            found.push(path);
        }
    }
    found
}

#[tokio::test]
async fn no_file_contains_an_erased_account_except_for_the_models_that_the_answer_names() {
    let folder = tempfile::tempdir().unwrap();
    let services = ErasureServices::new(Arc::new(SledStore::open(folder.path()).unwrap()));
    services.import("d", 1, false);
    services.import("d", 2, false);
    services.import("e", 3, false);
    let run = services.submit("m");
    let state = services.jobs.wait(&run).await.unwrap().state;
    assert!(matches!(state, RunState::Succeeded { .. }), "{state:?}");
    services.define();
    let before = all_rows(services.store.as_ref());
    let planned = services.erase(true, "");
    assert_eq!(all_rows(services.store.as_ref()), before, "a validation changes nothing");
    assert!(!files_with_ids(folder.path()).is_empty());
    let erased = services.erase(false, "id");
    assert_eq!(erased, planned);
    assert_eq!((erased.counts.accounts, erased.counts.dataset_versions, erased.counts.entries), (2, 3, 5));
    assert!(erased.datasets.versions.iter().all(|version| (version.erased, version.accounts) == (2, 58)));
    let artifact = |number: u64| {
        let name = sweetspot_core::ModelVersionName { model: model("m"), number };
        services.registry.version(&ModelVersionRef::Number(name)).unwrap().artifact.to_string()
    };
    assert_eq!(erased.affected.len(), 1);
    let content = erased.affected[0].content.unwrap();
    assert!(content.golden_rows > 0 && content.evaluated <= 2, "{content:?}");
    let files = files_with_ids(folder.path());
    assert!(files.iter().all(|file| file.ends_with(artifact(1))), "{files:?}");
    let again = services.erase(false, "id");
    assert_eq!((again.counts, again.affected), (erased.counts, erased.affected), "a repeat has no further effect");
    assert!(again.datasets.versions.is_empty() && again.definitions.entries.is_empty());
    services.jobs.drain().await;
    drop(services);
    let reopened = ErasureServices::new(Arc::new(SledStore::open(folder.path()).unwrap()));
    assert_eq!(files_with_ids(folder.path()), files, "a restart brings nothing back");
    let left = reopened.definitions.get(&model("m")).unwrap().definition;
    assert_eq!(left.findings.iter().map(|finding| finding.id.as_str()).collect::<Vec<_>>(), ["f2"]);
}

#[test]
fn a_definition_without_its_state_is_erased_too() {
    let services = ErasureServices::new(Arc::new(MemoryStore::new()));
    services.define();
    let state = vec![("definition/workspaces/w/models/m".to_owned(), None)];
    services.store.commit(&Commit { lease: None, expectations: Vec::new(), writes: state }).unwrap();
    assert_eq!(services.erase(false, "").counts.entries, 5);
    assert_eq!(services.definitions.get(&model("m")).unwrap().definition.findings.len(), 1);
    assert_eq!(services.definitions.version(&model("m"), 1).unwrap().1.findings.len(), 1);
}

#[tokio::test]
async fn a_model_version_gets_the_customers_that_are_left() {
    let services = ErasureServices::new(Arc::new(MemoryStore::new()));
    services.import("d", 1, false);
    let run = services.submit("m");
    services.jobs.wait(&run).await.unwrap();
    let name_of_version = sweetspot_core::ModelVersionName { model: model("m"), number: 1 };
    let record = services.registry.version(&ModelVersionRef::Number(name_of_version)).unwrap();
    services.erase(false, "");
    let left = services.datasets.customers(&record.data).unwrap();
    assert_eq!(left.accounts().rows(), 58);
    assert!(left.accounts().ids().iter().all(|id| !ERASED.contains(&id)));
    let again = ErasureRequest { ids: ["secret-account-8".to_owned()].into(), ..scope(false) };
    services.erasure.erase(&again, &key("")).unwrap();
    assert_eq!(services.datasets.customers(&record.data).unwrap().accounts().rows(), 57, "two erasures in a row");
    let trained_on = services.datasets.record(&name("d")).unwrap().version_name().unwrap();
    let uses = || services.jobs.uses();
    assert_eq!(services.datasets.delete(&trained_on, &key(""), &uses).unwrap_err().reason(), "DATASET_VERSION_IN_USE");
}

#[test]
fn an_import_of_erased_accounts_is_reported_or_refused() {
    let services = ErasureServices::new(Arc::new(MemoryStore::new()));
    let first = services.import("d", 1, true);
    assert_eq!(first.erased.count, 0);
    services.erase(false, "");
    let rows = all_rows(services.store.as_ref());
    assert!(rows.iter().all(|row| ERASED.iter().all(|id| !contains(row.key.as_bytes(), id))));
    let options = ImportOptions { is_staged: false, max_versions: 9, max_days: None, refuse_erased: true };
    let uses = || services.jobs.uses();
    let refused = services.datasets.import(&name("d"), &customers(1), &key(""), options, &uses).unwrap_err();
    assert_eq!((refused.kind(), refused.reason()), (ErrorKind::FailedPrecondition, "ERASED_ACCOUNTS"));
    let checked = services.datasets.validate_import(&name("d"), &customers(1), &key(""), false).unwrap();
    let imported = services.import("d", 1, false);
    assert_eq!((imported.erased.count, &imported.erased), (2, &checked.erased));
    assert_eq!(imported.erased.ids, ERASED);
    let of = |result: &ImportResult| services.datasets.load(&result.record).unwrap().accounts().rows();
    assert_eq!((of(&imported), of(&first)), (60, 60), "the same customers are back");
    let other = Datasets::new(Arc::clone(&services.store), Arc::new(FixedClock(Timestamp::UNIX_EPOCH)));
    let elsewhere: DatasetName = "workspaces/x/datasets/d".parse().unwrap();
    let elsewhere = other.validate_import(&elsewhere, &customers(1), &key(""), true).unwrap();
    assert_eq!(elsewhere.erased.count, 0, "another workspace did not erase them");
}

#[test]
fn an_erasure_from_some_datasets_leaves_the_others_and_the_definitions() {
    let services = ErasureServices::new(Arc::new(MemoryStore::new()));
    services.import("d", 1, false);
    services.import("e", 1, false);
    services.define();
    let named = ErasureRequest { datasets: [name("d")].into(), ..scope(false) };
    let report = services.erasure.erase(&named, &key("")).unwrap();
    assert_eq!((report.counts.dataset_versions, report.counts.entries), (1, 0));
    assert_eq!(report.definitions.mentions.len(), 5, "what the definitions contain is reported");
    let rows = |dataset: &str| {
        let record = services.datasets.record(&name(dataset)).unwrap();
        services.datasets.load(&record).unwrap().accounts().rows()
    };
    assert_eq!((rows("d"), rows("e")), (58, 60));
}

#[test]
fn texts_that_mention_an_account_and_damaged_data_are_reported() {
    let services = ErasureServices::new(Arc::new(MemoryStore::new()));
    let imported = services.import("d", 1, false);
    services.add_finding("f", "", &format!("As {} said.", ERASED[0]));
    services.add_finding("g", "", &format!("As {}8 said.", ERASED[0]));
    services.store.remove_blob(&imported.record.data).unwrap();
    let report = services.erase(false, "");
    let mentions: Vec<_> = report.definitions.mentions.iter().map(|one| one.entry.clone().unwrap().id).collect();
    assert_eq!(mentions, ["f"]);
    assert_eq!(report.datasets.unreadable, [imported.record.version_name().unwrap()]);
}

#[tokio::test]
async fn an_erasure_is_refused_while_a_run_reads_the_customers() {
    let services = ErasureServices::new(Arc::new(MemoryStore::new()));
    services.import("d", 1, false);
    let runs = ["m1", "m2", "m3"].map(|id| services.submit(id));
    let refused = services.erasure.erase(&scope(false), &key("")).unwrap_err();
    assert_eq!((refused.kind(), refused.reason()), (ErrorKind::FailedPrecondition, "DATASET_VERSION_IN_TRAINING"));
    for run in &runs {
        services.jobs.wait(run).await.unwrap();
    }
    assert_eq!(services.erase(false, "").affected.len(), 3);
}

/// A store in memory whose operations fail after a number of them, before or after their effect.
#[derive(Debug)]
struct InterruptedStore {
    inner: Arc<MemoryStore>,
    left: AtomicUsize,
    after_the_effect: bool,
}

impl InterruptedStore {
    fn run<T>(&self, operation: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let fault = || StoreError::Backend { action: "write", source: "no".into() };
        let fails = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err();
        if fails && !self.after_the_effect {
            return Err(fault());
        }
        let done = operation()?;
        if fails { Err(fault()) } else { Ok(done) }
    }
}

impl Store for InterruptedStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(key)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.inner.scan(prefix, after, limit)
    }

    fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        self.run(|| self.inner.commit(commit))
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        self.run(|| self.inner.put_blob(bytes))
    }

    fn blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        self.inner.blob(digest)
    }

    fn remove_blob(&self, digest: &Digest) -> Result<(), StoreError> {
        self.run(|| self.inner.remove_blob(digest))
    }

    fn maintenance(&self) -> &dyn MaintenanceAccess {
        self.inner.maintenance()
    }

    fn leases(&self) -> &dyn LeaseAccess {
        self.inner.leases()
    }
}

/// Whether a row, or a blob that a row names, contains an erased id. Garbage collection removes the other blobs.
fn has_ids(store: &MemoryStore) -> bool {
    let rows = all_rows(store);
    let inventory = Inventory::new(rows.clone()).into_complete().unwrap();
    let blobs = inventory.blobs().keys().filter_map(|digest| store.blob(digest).ok());
    rows.into_iter().map(|row| row.value).chain(blobs).any(|bytes| ERASED.iter().any(|id| contains(&bytes, id)))
}

#[test]
fn an_erasure_that_fails_at_any_step_leaves_whole_data_and_is_completed_by_repeating_it() {
    for after_the_effect in [false, true] {
        let mut steps = 0;
        loop {
            let inner = Arc::new(MemoryStore::new());
            let sound = ErasureServices::new(Arc::clone(&inner) as _);
            sound.import("d", 1, false);
            sound.import("e", 2, false);
            sound.define();
            let failing = InterruptedStore { inner: Arc::clone(&inner), left: steps.into(), after_the_effect };
            let outcome = ErasureServices::new(Arc::new(failing)).erasure.erase(&scope(false), &key("id"));
            let reopened = ErasureServices::new(Arc::clone(&inner) as _);
            for dataset in ["d", "e"] {
                let record = reopened.datasets.record(&name(dataset)).unwrap();
                let rows = reopened.datasets.load(&record).unwrap().accounts().rows();
                assert_eq!(record.accounts, rows as u64);
                assert!(rows == 60 || rows == 58, "{rows} rows after {steps} steps");
            }
            reopened.definitions.version(&model("m"), 1).unwrap();
            reopened.erase(false, "id");
            assert!(!has_ids(&inner), "ids are left after {steps} steps");
            if outcome.is_ok() {
                break;
            }
            steps += 1;
        }
        assert!(steps > 5, "{steps} steps");
    }
}
