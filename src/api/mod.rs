//! The API layer: converts requests to domain values and results to messages. One module per service.

mod access;
mod blocking_pool;
mod convert;
mod dataset;
pub(crate) mod decoding_limits;
mod definition;
mod erase_accounts;
mod health;
mod import;
mod limits;
mod list_filter;
mod list_scoring;
mod model;
mod model_comparison;
mod pagination;
mod readiness;
mod report;
mod response;
mod scoring;
mod services;
pub(crate) mod status;
mod store;
mod unary_methods;
mod violations;
mod wire;
mod workspace_limits;

use std::sync::Arc;

use sweetspot_proto::DESCRIPTORS;
use sweetspot_store::api_keys::ApiKeys;
use sweetspot_store::audit_log::AuditLog;
use sweetspot_store::clock::Clock;
use sweetspot_store::datasets::Datasets;
use sweetspot_store::definitions::Definitions;
use sweetspot_store::erasure::Erasure;
use sweetspot_store::jobs::Jobs;
use sweetspot_store::registry::Registry;
use sweetspot_store::store::Store;
use tokio::sync::Semaphore;
use tonic::codec::CompressionEncoding::{Gzip, Zstd};
use tonic::service::{Routes, RoutesBuilder};
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::HealthService;

use self::blocking_pool::BlockingPool;
#[cfg(any(test, fuzzing))]
pub(crate) use self::list_scoring::prost_agreement;
pub(crate) use self::model::find_approval;
pub(crate) use self::readiness::Readiness;
pub(crate) use self::services::Services;
pub use self::status::ERROR_DOMAIN;
use self::wire::received::access_service_server::AccessServiceServer;
use self::wire::received::dataset_service_server::DatasetServiceServer;
use self::wire::received::definition_service_server::DefinitionServiceServer;
use self::wire::received::model_service_server::ModelServiceServer;
use self::wire::received::report_service_server::ReportServiceServer;
use self::wire::received::store_service_server::StoreServiceServer;
use self::wire::service::scoring_service_server::ScoringServiceServer;
pub use self::workspace_limits::WorkspaceLimits;
use crate::config::ServerSettings;
use crate::telemetry::Metrics;

/// The workspace for requests that name none.
const DEFAULT_WORKSPACE: &str = "workspaces/default";

/// The shared state of all services.
#[derive(Clone, Debug)]
pub struct AppState {
    /// The store of all of them.
    pub store: Arc<dyn Store>,
    /// Model versions and aliases.
    pub registry: Arc<Registry>,
    /// Datasets.
    pub datasets: Datasets,
    /// Living definitions.
    pub definitions: Definitions,
    /// The erasure of accounts.
    pub erasure: Erasure,
    /// Training runs.
    pub jobs: Jobs,
    /// API keys.
    pub api_keys: ApiKeys,
    /// The audit log.
    pub audit: AuditLog,
    /// The log of refused calls.
    pub denials: AuditLog,
    /// What one workspace may store and run.
    pub workspace_limits: WorkspaceLimits,
    /// The clock that dates documents.
    pub clock: Arc<dyn Clock>,
    /// The maximum size of one import, in bytes.
    pub max_import_bytes: u64,
}

/// Builds all services with their limits.
pub(crate) fn services(
    state: &AppState,
    readiness: &Readiness,
    settings: &ServerSettings,
    metrics: &Metrics,
) -> Services {
    let work = BlockingPool::new(metrics.clone());
    let (max_request_bytes, max_response_bytes) =
        (settings.max_request_size.as_usize(), settings.max_response_size.as_usize());
    macro_rules! limited {
        ($server:expr) => {
            $server
                .max_decoding_message_size(max_request_bytes)
                .max_encoding_message_size(max_response_bytes)
                .accept_compressed(Gzip)
                .accept_compressed(Zstd)
                .send_compressed(Gzip)
                .send_compressed(Zstd)
        };
    }
    let scoring = scoring::ScoringApi {
        registry: Arc::clone(&state.registry),
        workspace_streams: state.workspace_limits.streams.clone(),
        pool: work.clone(),
        readiness: readiness.clone(),
        metrics: metrics.clone(),
        max_response_bytes,
        stream_permits: Arc::new(Semaphore::new(settings.max_score_streams)),
        excluded_id_permits: scoring::ScoringApi::excluded_id_semaphore(),
    };
    let model =
        model::ModelApi { state: state.clone(), readiness: readiness.clone(), pool: work.clone(), max_response_bytes };
    let definition = definition::DefinitionApi { state: state.clone(), pool: work.clone(), max_response_bytes };
    let report = report::ReportApi::new(state.clone(), work.clone(), max_response_bytes);
    let store = store::StoreApi::new(state, work.clone(), max_response_bytes);
    let access = access::AccessApi { state: state.clone(), pool: work.clone(), max_response_bytes };
    let dataset = dataset::DatasetApi {
        state: state.clone(),
        metrics: metrics.clone(),
        pool: work,
        max_accounts: settings.max_import_accounts,
        max_bytes: state.max_import_bytes,
        max_versions: settings.max_dataset_versions,
        max_version_days: settings.max_dataset_version_days,
        max_response_bytes,
    };
    let service = HealthService::from_health_reporter(readiness.reporter());
    let health = health::HealthApi { service, draining: readiness.draining() };
    let mut routes = Routes::builder();
    routes
        .add_service(limited!(ModelServiceServer::new(model)))
        .add_service(limited!(DatasetServiceServer::new(dataset)))
        .add_service(limited!(DefinitionServiceServer::new(definition)))
        .add_service(limited!(ReportServiceServer::new(report)))
        .add_service(limited!(StoreServiceServer::new(store)))
        .add_service(limited!(AccessServiceServer::new(access)))
        .add_service(HealthServer::new(health));
    if settings.reflection == Some(true) {
        add_reflection(&mut routes);
    }
    Services::new(limited!(ScoringServiceServer::new(scoring)), routes.routes())
}

/// Adds reflection, also in the version that older clients know. The descriptor set is built in and covered by a test. If
/// it cannot be read, only reflection is unavailable.
fn add_reflection(routes: &mut RoutesBuilder) {
    let descriptors = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    if let Ok(service) = descriptors().build_v1() {
        routes.add_service(service);
    }
    if let Ok(service) = descriptors().build_v1alpha() {
        routes.add_service(service);
    }
}
