//! Deletion of models and versions.

use std::sync::Arc;

use prost::Message as _;
use sweetspot_core::{Approval, Digest, ModelVersionName};
use sweetspot_proto::v1;
use sweetspot_store::definitions::{ApprovedVersionPage, Collection, DefinitionError, DefinitionSnapshot, Definitions};
use sweetspot_store::registry::{DeleteModelRequest, DeleteVersionRequest, RegistryError, RequestKey, VersionApproval};
use sweetspot_store::store::StoreError;
use tonic::Status;

use super::ModelApi;
use super::promotions::{check_change, parse_numbered_version};
use crate::api::convert::model::model;
use crate::api::violations::Violations;

impl ModelApi {
    /// Deletes a model with all that belongs to it.
    pub(super) async fn delete_model(
        &self,
        request: v1::DeleteModelRequest,
    ) -> Result<v1::DeleteModelResponse, Status> {
        let body = v1::DeleteModelRequest { request_id: String::new(), ..request.clone() };
        let v1::DeleteModelRequest { name, etag, force, reason, by, request_id } = request;
        let mut problems = Violations::default();
        // Required: a deletion has no default.
        let name = problems.parse_name("name", &name);
        let actor = check_change(&reason, by, &request_id, &mut problems);
        let model = problems.finish(name)?;
        let request = RequestKey { id: request_id, body: Digest::new(&body.encode_to_vec()) };
        let delete = DeleteModelRequest { model, etag, force, reason, actor, request };
        let jobs = self.state.jobs.clone();
        let done = self.pool.run_store(move || jobs.delete_model(&delete)).await;
        self.readiness.refresh().await;
        done.map(|()| v1::DeleteModelResponse {})
    }

    /// Deletes a version.
    pub(super) async fn delete_model_version(
        &self,
        request: v1::DeleteModelVersionRequest,
    ) -> Result<v1::DeleteModelVersionResponse, Status> {
        let body = v1::DeleteModelVersionRequest { request_id: String::new(), ..request.clone() };
        let v1::DeleteModelVersionRequest { name, etag, reason, by, request_id } = request;
        let mut problems = Violations::default();
        let version = parse_numbered_version(&name, &mut problems);
        let actor = check_change(&reason, by, &request_id, &mut problems);
        let version = problems.finish(version)?;
        let request = RequestKey { id: request_id, body: Digest::new(&body.encode_to_vec()) };
        let delete = DeleteVersionRequest { version, etag, reason, actor, request };
        let (registry, definitions) = (Arc::clone(&self.state.registry), self.state.definitions.clone());
        let delete = move || registry.delete_version(&delete, &|version| find_approval(&definitions, version));
        let record = self.pool.run_store(delete).await?;
        Ok(v1::DeleteModelVersionResponse { model: Some(model(record)) })
    }
}

fn store_error(error: DefinitionError) -> StoreError {
    if let DefinitionError::Store(source) = error {
        return source;
    }
    StoreError::Backend { action: "read the approvals of the definition", source: Box::new(error) }
}

/// Returns the approval of the definition that names a version of the model, or that cannot be read: the newest approved
/// version, or else the review.
///
/// # Errors
/// If the definition cannot be read.
pub(crate) fn find_approval(
    definitions: &Definitions,
    version: &ModelVersionName,
) -> Result<Option<VersionApproval>, RegistryError> {
    let approved = definitions.versions(&version.model, None, usize::MAX).map_err(store_error)?;
    let ApprovedVersionPage { versions, unreadable } = approved;
    let naming = versions.into_iter().find(|one| one.version == version.number).map(|one| one.number);
    // A damaged one may name the version, too.
    if let Some(number) = naming.or_else(|| unreadable.first().copied()) {
        return Ok(Some(VersionApproval::Approved(number)));
    }
    let current = definitions.get(&version.model).map_err(store_error)?;
    let DefinitionSnapshot { definition, unreadable, .. } = current;
    let is_in_review = matches!(definition.approval, Approval::InReview { .. });
    let is_unreadable = unreadable.iter().any(|path| path.collection == Collection::Committee);
    let names_version = definition.round.version == version.number || is_unreadable;
    Ok((is_in_review && names_version).then_some(VersionApproval::InReview))
}
