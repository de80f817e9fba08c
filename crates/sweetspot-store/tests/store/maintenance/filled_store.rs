//! A store that every operation has filled.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use sweetspot_core::{
    AccountTable, Column, ColumnData, Customers, DatasetName, DatasetRef, Digest, Finding, ModelName,
    ModelVersionAlias, ModelVersionName, ModelVersionRef, Outcome, OutcomeStatus, Role, RunName,
};
use sweetspot_model::TrainingSpec;
use sweetspot_store::api_keys::{ApiKeys, NewApiKey};
use sweetspot_store::audit_log::{AuditEvent, AuditLog, AuditLogKind, AuditedCaller};
use sweetspot_store::clock::FixedClock;
use sweetspot_store::datasets::{Datasets, DeleteDatasetRequest, ImportOptions};
use sweetspot_store::definitions::{ApproveRequest, Definitions, EditRequest};
use sweetspot_store::erasure::{Erasure, ErasureRequest};
use sweetspot_store::jobs::{JobLimits, Jobs, RunState, SubmittingProcess, TrainingRequest};
use sweetspot_store::registry::{
    CheckOverride, DeleteModelRequest, DeleteVersionRequest, PROMOTION_CHECKS, PromoteRequest, Registry, RequestKey,
    RollbackRequest, SetThresholdsRequest, TierCutsChoice, UpdateVersionRequest,
};
use sweetspot_store::store::{Commit, SledStore, Store};

/// The services of a store.
pub(super) struct StoreServices {
    pub(super) store: Arc<dyn Store>,
    pub(super) datasets: Datasets,
    pub(super) definitions: Definitions,
    pub(super) registry: Arc<Registry>,
    pub(super) jobs: Jobs,
}

pub(super) fn model() -> ModelName {
    "workspaces/w/models/m".parse().unwrap()
}

pub(super) fn dataset() -> DatasetName {
    "workspaces/w/datasets/d".parse().unwrap()
}

fn key(id: &str) -> RequestKey {
    RequestKey { id: id.to_owned(), body: Digest::new(b"body") }
}

/// Customers with one attribute; `seed` makes them different from others.
fn edit(etag: &str, request: &str) -> EditRequest {
    EditRequest { model: model(), method: "test", etag: etag.to_owned(), request: key(request) }
}

fn customers(seed: u32) -> Customers {
    let rows = 0..60_u32;
    let data = ColumnData::Numbers(rows.clone().map(|row| Some(f64::from(row + seed))).collect());
    let ids = rows.clone().map(|row| format!("{seed}-{row}")).collect();
    let won = |row: u32| (row > 30) != row.is_multiple_of(7);
    let status = |row| if won(row) { OutcomeStatus::Won } else { OutcomeStatus::Lost };
    let outcomes = rows.map(|row| Outcome { status: Some(status(row)), ..Outcome::default() }).collect();
    let column = Column { name: "size".to_owned(), data };
    Customers::new(AccountTable::new(ids, vec![column]).unwrap(), outcomes, None).unwrap()
}

impl StoreServices {
    /// Opens the store in a folder.
    pub(super) fn open(folder: &Path) -> Self {
        Self::on(Arc::new(SledStore::open(folder).unwrap()))
    }

    /// Opens a store.
    pub(super) fn on(store: Arc<dyn Store>) -> Self {
        let clock = Arc::new(FixedClock(Timestamp::UNIX_EPOCH));
        let registry = Arc::new(Registry::open(Arc::clone(&store), clock.clone()).unwrap());
        let datasets = Datasets::new(Arc::clone(&store), clock.clone());
        let definitions = Definitions::new(Arc::clone(&store), clock.clone());
        let limits = JobLimits { max_queued: 9, max_queued_per_workspace: 9, threads: 1, max_memory_bytes: 1 << 30 };
        let (of_jobs, owner) = (Arc::clone(&registry), SubmittingProcess::Server);
        let jobs = Jobs::start(Arc::clone(&store), of_jobs, datasets.clone(), clock, limits, owner).unwrap();
        Self { store, datasets, definitions, registry, jobs }
    }

    /// Closes the store.
    pub(super) async fn close(self) {
        self.jobs.drain().await;
    }

    pub(super) fn import(&self, seed: u32, request: &str) {
        let options = ImportOptions { is_staged: false, max_versions: 2, max_days: None, refuse_erased: false };
        let uses = || self.jobs.uses();
        self.datasets.import(&dataset(), &customers(seed), &key(request), options, &uses).unwrap();
    }

    /// Submits a run.
    pub(super) fn submit(&self, model: ModelName, request: &str) -> RunName {
        let dataset = DatasetRef::Current(dataset());
        let submission = TrainingRequest {
            model,
            dataset,
            dataset_optional: false,
            spec: TrainingSpec::default(),
            time_limit: None,
            annotations: sweetspot_store::annotations::Annotations::default(),
            request: key(request),
        };
        self.jobs.submit(&submission).unwrap().name
    }

    /// Trains a version.
    pub(super) async fn train(&self, request: &str) {
        let run = self.submit(model(), request);
        let state = self.jobs.wait(&run).await.unwrap().state;
        assert!(matches!(state, RunState::Succeeded { .. }), "{state:?}");
    }

    pub(super) fn etag(&self) -> String {
        self.registry.thresholds(&model()).unwrap().etag
    }

    /// Makes a version live, whatever the checks say.
    pub(super) fn promote(&self, number: u64, tiers: TierCutsChoice, request: &str) {
        let reason = "a test".to_owned();
        let overrides =
            PROMOTION_CHECKS.iter().map(|check| CheckOverride { check: check.name.to_owned(), reason: reason.clone() });
        let promotion = PromoteRequest {
            version: ModelVersionName { model: model(), number },
            alias: ModelVersionAlias::Live,
            etag: self.etag(),
            overrides: overrides.collect(),
            tiers,
            reason,
            actor: "ann".to_owned(),
            request: key(request),
        };
        self.registry.promote(&promotion).unwrap();
    }

    pub(super) fn add_finding(&self, id: &str) {
        let finding = Finding { id: id.to_owned(), text: "They need it by May.".to_owned(), ..Finding::default() };
        self.definitions.add(&edit("", id), finding).unwrap();
    }

    /// Creates a key, and records a call and a refusal.
    fn control_access(&self) {
        let clock = Arc::new(FixedClock(Timestamp::UNIX_EPOCH));
        let keys = ApiKeys::open(Arc::clone(&self.store), clock.clone()).unwrap();
        let new = NewApiKey {
            principal: "ann".to_owned(),
            workspace: None,
            roles: vec![Role::Owner],
            scopes: Vec::new(),
            expires: None,
            created_by: String::new(),
        };
        keys.create(new, &key("key")).unwrap();
        let (method, request_id) = ("/M/Train".to_owned(), "r-1".to_owned());
        let event = AuditEvent::Started { method, resource: model().to_string(), request_id };
        for kind in [AuditLogKind::Changes, AuditLogKind::Denials] {
            let log = AuditLog::open(Arc::clone(&self.store), clock.clone(), kind, 10).unwrap();
            log.append(&AuditedCaller::default(), event.clone()).unwrap();
        }
    }

    fn approve_definition(&self) {
        let submitted = self.definitions.submit(&edit("", "submit"), "Ben").unwrap();
        let edit_request = edit(&submitted.snapshot.etag, "approve");
        self.definitions.approve(&ApproveRequest { edit_request, actor: "Ann".to_owned(), version: 1 }).unwrap();
    }

    /// Erases an account from the whole workspace.
    fn erase(&self, id: &str) {
        let erasure = Erasure::new(
            Arc::clone(&self.store),
            Arc::new(FixedClock(Timestamp::UNIX_EPOCH)),
            self.datasets.clone(),
            self.definitions.clone(),
            Arc::clone(&self.registry),
            self.jobs.clone(),
        );
        let scope = ErasureRequest {
            workspace: model().workspace,
            datasets: BTreeSet::new(),
            ids: [id.to_owned()].into(),
            validate_only: false,
        };
        erasure.erase(&scope, &key("erase")).unwrap();
    }

    /// Labels a version, and adds and deletes another version, a model and a dataset.
    fn label_and_delete(&self) {
        let version = ModelVersionName { model: model(), number: 1 };
        let update = UpdateVersionRequest {
            version: version.clone(),
            etag: String::new(),
            labels: Some([("keep".to_owned(), String::new())].into()),
            description: None,
            owner: None,
            request: key("label"),
        };
        self.registry.update_version(&update).unwrap();
        let artifact = self.registry.artifact(&ModelVersionRef::Number(version)).unwrap();
        let publish = |run: &str| self.registry.publish(&run.parse().unwrap(), &artifact).unwrap();
        let (reason, actor) = (String::new(), "ann".to_owned());
        let deletion = DeleteVersionRequest {
            version: publish("workspaces/w/models/m/trainingRuns/deleted").name,
            etag: String::new(),
            reason: reason.clone(),
            actor: actor.clone(),
            request: key("delete-version"),
        };
        self.registry.delete_version(&deletion, &|_| Ok(None)).unwrap();
        let deleted = publish("workspaces/w/models/deleted/trainingRuns/r");
        let deletion = DeleteModelRequest {
            model: deleted.name.model,
            etag: deleted.etag,
            force: true,
            reason,
            actor,
            request: key("delete-model"),
        };
        self.jobs.delete_model(&deletion).unwrap();
        let name: DatasetName = "workspaces/w/datasets/deleted".parse().unwrap();
        self.datasets.replace(&name, &customers(9), &key("import-9")).unwrap();
        let deletion = DeleteDatasetRequest { name, force: true, request: key("delete-dataset") };
        self.datasets.delete_dataset(&deletion, &|| self.jobs.uses()).unwrap();
    }

    /// Calls every operation that changes the store.
    pub(super) async fn fill(&self) {
        self.control_access();
        self.import(1, "import-1");
        self.train("train-1").await;
        self.promote(1, TierCutsChoice::Reset, "promote-1");
        self.import(2, "import-2");
        self.train("train-2").await;
        self.promote(2, TierCutsChoice::Keep, "promote-2");
        let rollback = RollbackRequest {
            model: model(),
            alias: ModelVersionAlias::Live,
            etag: self.etag(),
            reason: "a test".to_owned(),
            actor: "ann".to_owned(),
            request: key("rollback"),
        };
        self.registry.rollback(&rollback).unwrap();
        let thresholds = SetThresholdsRequest {
            model: model(),
            etag: self.etag(),
            new_values: [("max_auc_drop".to_owned(), 0.5)].into(),
            reset_names: Vec::new(),
            reason: "a test".to_owned(),
            actor: "ann".to_owned(),
            request: key("thresholds"),
        };
        self.registry.set_thresholds(&thresholds).unwrap();
        // Nothing depends on the third version of the dataset, which the fourth replaces, and the fifth removes.
        for seed in 3..=5 {
            self.import(seed, &format!("import-{seed}"));
        }
        self.add_finding("f-1");
        self.approve_definition();
        self.add_finding("f-2");
        self.label_and_delete();
        self.erase("1-3");
        // One run is open, as after a crash.
        let name = self.jobs.runs(&model(), None, 1).unwrap().remove(0).name;
        let open = format!("jobs/open/{:020}", 99);
        self.store.commit(&Commit::default().create(open, name.to_string().into_bytes())).unwrap();
    }
}
