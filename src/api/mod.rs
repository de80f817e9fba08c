//! The edge: requests become domain values here, and answers become messages. One file a service.

mod answer;
mod comparing;
mod convert;
mod dataset;
mod health;
mod import;
mod limits;
mod model;
mod page;
mod problems;
mod profile;
mod readiness;
mod scoring;
mod selection;
mod services;
pub(crate) mod status;
mod wire;
mod work;

use std::sync::Arc;

use sweetspot_proto::DESCRIPTORS;
use sweetspot_store::clock::Clock;
use sweetspot_store::datasets::Datasets;
use sweetspot_store::definitions::Definitions;
use sweetspot_store::jobs::Jobs;
use sweetspot_store::registry::Registry;
use tokio::sync::Semaphore;
use tonic::codec::CompressionEncoding::{Gzip, Zstd};
use tonic::service::Routes;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::HealthService;

pub(crate) use self::readiness::Readiness;
pub(crate) use self::services::Services;
pub use self::status::DOMAIN;
use self::wire::received::dataset_service_server::DatasetServiceServer;
use self::wire::received::model_service_server::ModelServiceServer;
use self::wire::received::profile_service_server::ProfileServiceServer;
use self::wire::service::scoring_service_server::ScoringServiceServer;
use self::work::Work;
use crate::config::ServerSettings;

/// What the services work on.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Versions and what is live.
    pub registry: Arc<Registry>,
    /// Datasets.
    pub datasets: Datasets,
    /// What people agree on.
    pub definitions: Definitions,
    /// Training runs.
    pub jobs: Jobs,
    /// Dates documents.
    pub clock: Arc<dyn Clock>,
}

/// Every service with its limits.
pub(crate) fn services(parts: &Parts, readiness: &Readiness, settings: &ServerSettings, reflection: bool) -> Services {
    let work = Work::new();
    let (most_in, most_out) = (settings.max_request_bytes, settings.max_response_bytes);
    macro_rules! limited {
        ($server:expr) => {
            $server
                .max_decoding_message_size(most_in)
                .max_encoding_message_size(most_out)
                .accept_compressed(Gzip)
                .accept_compressed(Zstd)
                .send_compressed(Gzip)
                .send_compressed(Zstd)
        };
    }
    let scoring = scoring::Scoring {
        registry: Arc::clone(&parts.registry),
        work: work.clone(),
        readiness: readiness.clone(),
        most_out,
        streams: Arc::new(Semaphore::new(settings.max_score_streams)),
        excluded: scoring::Scoring::room_for_ids(),
    };
    let model = model::Model { parts: parts.clone(), readiness: readiness.clone(), work: work.clone(), most_out };
    let profile = profile::Profile::new(parts.clone(), work.clone(), most_out);
    let dataset = dataset::Dataset {
        parts: parts.clone(),
        work,
        most_accounts: settings.max_import_accounts,
        most_bytes: settings.max_import_bytes,
        most_versions: settings.max_dataset_versions,
        most_out,
    };
    let service = HealthService::from_health_reporter(readiness.reporter());
    let health = health::Health { service, draining: readiness.draining() };
    let mut routes = Routes::builder();
    routes
        .add_service(limited!(ModelServiceServer::new(model)))
        .add_service(limited!(DatasetServiceServer::new(dataset)))
        .add_service(limited!(ProfileServiceServer::new(profile)))
        .add_service(HealthServer::new(health));
    // The descriptors are ours and checked by a test: a set that cannot be read would only cost reflection.
    let descriptors = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET);
    if reflection && let Ok(service) = descriptors.build_v1() {
        routes.add_service(service);
    }
    Services::new(limited!(ScoringServiceServer::new(scoring)), routes.routes())
}
