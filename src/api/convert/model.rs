//! Converts models to messages.

use sweetspot_core::ModelVersionName;
use sweetspot_proto::v1;
use sweetspot_store::registry::{DamagedVersion, LiveFailure, ModelRecord};

use crate::messages::entries::wire_timestamp;

/// Converts a model.
pub(in crate::api) fn model(record: ModelRecord) -> v1::Model {
    let ModelRecord { name, alias_targets, version_count, created, updated, etag, live_failure } = record;
    let version = |number| ModelVersionName { model: name.clone(), number }.to_string();
    let [live_version, candidate_version, previous_version] =
        alias_targets.map(|number| number.map(version).unwrap_or_default());
    v1::Model {
        live_version,
        candidate_version,
        previous_version,
        version_count,
        create_time: Some(wire_timestamp(created)),
        update_time: Some(wire_timestamp(updated)),
        etag,
        stand_in: live_failure.map(|failure| stand_in(&failure)),
        name: name.to_string(),
    }
}

fn stand_in(failure: &LiveFailure) -> v1::StandIn {
    let LiveFailure { model: _, damaged, stand_in } = failure;
    let damaged_versions = damaged.iter().map(|DamagedVersion { version, artifact, kind: _, cause: _ }| {
        let artifact_sha256 = artifact.map(|digest| digest.to_string()).unwrap_or_default();
        v1::DamagedVersion { name: version.to_string(), artifact_sha256 }
    });
    v1::StandIn {
        version: stand_in.as_ref().map(ToString::to_string).unwrap_or_default(),
        damaged_versions: damaged_versions.collect(),
        message: failure.to_string(),
    }
}
