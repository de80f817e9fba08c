//! The input of a version's documents: loaded once, and cached while it is in use.

use std::sync::{Arc, Mutex, PoisonError};

use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use sweetspot_core::{Date, Definition, Digest, DocumentSettings, LabelPolicyError, ModelVersionName, ModelVersionRef};
use sweetspot_report::ReportInput;
use sweetspot_store::datasets::DatasetError;
use sweetspot_store::definitions::DefinitionError;
use sweetspot_store::registry::{RegistryError, VersionRecord};
use sweetspot_store::store::StoreError;
use thiserror::Error;
use tonic::Status;

use super::ReportApi;
use crate::api::AppState;
use crate::api::convert::score_plan::DEFAULT_VERSION;
use crate::api::violations::Violations;

/// Maximum number of customers of documents whose rows have weights: documents are about single customers.
const MAX_WEIGHTED_CUSTOMERS: u64 = 1_000_000;
/// Maximum number of approved versions that documents list.
const MAX_APPROVED_VERSIONS: usize = 10;

/// The most recently used input: readers open one document after another.
#[derive(Debug, Default)]
pub(super) struct ReportInputCache(Mutex<Option<(ReportInputKey, Arc<ReportInput>)>>);

/// The cache key: the digest of the artifact; the etag of the definition with the digest of the customers, the
/// overridden tier thresholds and the settings of the request; and today's date.
type ReportInputKey = (Digest, String, Date);

impl ReportInputCache {
    fn get(&self, key: &ReportInputKey) -> Option<Arc<ReportInput>> {
        let cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cached.as_ref().filter(|(cached_key, _)| cached_key == key).map(|(_, input)| Arc::clone(input))
    }

    fn put(&self, key: ReportInputKey, input: &Arc<ReportInput>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((key, Arc::clone(input)));
    }
}

/// Why the input of a version cannot be loaded.
#[derive(Debug, Error)]
pub(super) enum LoadReportInputError {
    /// The version cannot be read.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The customers it was trained on cannot be read.
    #[error(transparent)]
    Customers(#[from] DatasetError),
    /// The weighted rows stand for too many customers.
    #[error(
        "the customers of the version are weighted rows that stand for {customers} customers, and documents are made from \
         at most {MAX_WEIGHTED_CUSTOMERS}: train a version on a sample of the customers for its documents"
    )]
    TooManyCustomers {
        /// The number of customers.
        customers: u64,
    },
    /// The version comes from another store, which has its customers.
    #[error(
        "{version} was imported, and this store does not have the customers that it was trained on (SHA-256 {data}), which \
         documents and targets need: import the same customers here, or ask the server that trained the version"
    )]
    CustomersElsewhere {
        /// The version.
        version: ModelVersionName,
        /// The digest of the customers.
        data: Digest,
    },
    /// The definition cannot be read.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    /// The label policy cannot label the version's own customers.
    #[error(transparent)]
    Labels(#[from] LabelPolicyError),
}

impl ReportableError for LoadReportInputError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Registry(source) => source.kind(),
            Self::Customers(source) => source.kind(),
            Self::Definition(source) => source.kind(),
            Self::TooManyCustomers { .. } | Self::CustomersElsewhere { .. } => ErrorKind::FailedPrecondition,
            Self::Labels(_) => ErrorKind::Internal,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Registry(source) => source.reason(),
            Self::Customers(source) => source.reason(),
            Self::Definition(source) => source.reason(),
            Self::TooManyCustomers { .. } => "TOO_MANY_WEIGHTED_CUSTOMERS",
            Self::CustomersElsewhere { .. } => "CUSTOMERS_ELSEWHERE",
            Self::Labels(_) => "INTERNAL",
        }
    }
}

impl ReportApi {
    /// Builds a document of a version with the settings of its import. An empty name refers to the live version of the
    /// default model.
    pub(super) async fn build_document<T: Send + 'static>(
        &self,
        version: &str,
        build: impl FnOnce(&ReportInput) -> T + Send + 'static,
    ) -> Result<T, Status> {
        self.build_document_with(version, DocumentSettings::default(), build).await
    }

    /// Builds a document of a version. Settings that the request does not state are those of the import.
    pub(super) async fn build_document_with<T: Send + 'static>(
        &self,
        version: &str,
        settings: DocumentSettings,
        build: impl FnOnce(&ReportInput) -> T + Send + 'static,
    ) -> Result<T, Status> {
        let input = self.report_input(version, settings).await?;
        self.pool.compute(move |_| build(&input)).await
    }

    /// Returns the input of a version's documents. Settings that the request does not state are those of the import.
    pub(super) async fn report_input(
        &self,
        version: &str,
        settings: DocumentSettings,
    ) -> Result<Arc<ReportInput>, Status> {
        let mut problems = Violations::default();
        let name = problems.parse_name_or("version", version, DEFAULT_VERSION);
        let name: ModelVersionRef = problems.finish(name)?;
        let registry = Arc::clone(&self.state.registry);
        let (definitions, datasets) = (self.state.definitions.clone(), self.state.datasets.clone());
        let read = move || {
            let record = registry.version(&name)?;
            let snapshot = definitions.get(&record.name.model)?;
            // Accounts may have been erased from the customers.
            let data = datasets.current_data(&record.data).map_err(DatasetError::from)?;
            Ok::<_, LoadReportInputError>((record, snapshot, data))
        };
        let (record, snapshot, data) = self.pool.run_store(read).await?;
        let today = Date::from_timestamp(self.state.clock.now());
        // A promotion may change the tiers of an unchanged artifact.
        let key =
            (record.artifact, format!("{} {data} {:?} {settings:?}", snapshot.etag, record.tier_cuts_override), today);
        if let Some(input) = self.report_inputs.get(&key) {
            return Ok(input);
        }
        let state = self.state.clone();
        let load = move || load_report_input(&state, &record, snapshot.definition, (settings, today));
        let input = self.pool.run_store(load).await?;
        self.report_inputs.put(key, &input);
        Ok(input)
    }
}

fn load_report_input(
    state: &AppState,
    record: &VersionRecord,
    definition: Definition,
    (settings, today): (DocumentSettings, Date),
) -> Result<Arc<ReportInput>, LoadReportInputError> {
    // By number: an alias may have moved since.
    let version = ModelVersionRef::Number(record.name.clone());
    let (loaded, model) = (state.registry.resolve(&version)?, state.registry.artifact(&version)?);
    let customers = match state.datasets.customers(&record.data) {
        Err(DatasetError::Store(StoreError::BlobMissing { .. })) if record.run.is_none() => {
            return Err(LoadReportInputError::CustomersElsewhere { version: record.name.clone(), data: record.data });
        }
        read => read?,
    };
    let customers = if customers.weights().are_stated() {
        let count = customers.count();
        let repeated = customers.one_row_per_customer(MAX_WEIGHTED_CUSTOMERS);
        repeated.ok_or(LoadReportInputError::TooManyCustomers { customers: count })?
    } else {
        customers
    };
    let settings = settings.or(customers.document_settings());
    let as_of = settings.as_of.unwrap_or(today);
    let input = ReportInput::new(record.name.to_string(), model, &loaded.scorer, customers, definition, as_of)?;
    let approved = state.definitions.versions(&record.name.model, None, MAX_APPROVED_VERSIONS)?;
    Ok(Arc::new(ReportInput { approved: approved.versions, value_options: settings.value, ..input }))
}
