//! The approval of a definition.

use std::sync::Arc;

use sweetspot_core::{MAX_ENTRY_REASON_BYTES, ModelName, ModelVersionAlias, ModelVersionRef, check_person};
use sweetspot_proto::v1;
use sweetspot_store::definitions::{ApproveRequest, DefinitionError, Definitions};
use sweetspot_store::registry::{Registry, RegistryError};
use tonic::Status;

use super::DefinitionApi;
use super::{ChangeCall, request_digest};
use crate::api::convert::definition::{definition, definition_version};
use crate::api::status::status;
use crate::api::violations::Violations;

impl DefinitionApi {
    /// Submits a draft for review.
    pub(super) async fn submit_definition(
        &self,
        request: v1::SubmitDefinitionRequest,
    ) -> Result<v1::SubmitDefinitionResponse, Status> {
        let body = request_digest(&request);
        let v1::SubmitDefinitionRequest { model, author, etag, request_id } = request;
        let mut problems = Violations::default();
        let author = parse_person("author", author, &mut problems);
        let call = ChangeCall { method: "submit", model: ("model", model), etag, request_id, body };
        let edit = call.edit_request(&mut problems);
        let edit = problems.finish(edit)?;
        let definitions = self.state.definitions.clone();
        let change = move || {
            let submitted = definitions.submit(&edit, &author)?;
            Ok::<_, DefinitionError>(definition(&edit.model, &submitted.snapshot))
        };
        Ok(v1::SubmitDefinitionResponse { definition: Some(self.pool.run_store(change).await?) })
    }

    /// Approves the definition in review for one person.
    pub(super) async fn approve_definition(
        &self,
        request: v1::ApproveDefinitionRequest,
    ) -> Result<v1::ApproveDefinitionResponse, Status> {
        let body = request_digest(&request);
        let v1::ApproveDefinitionRequest { model, approver, etag, model_version, request_id } = request;
        let mut problems = Violations::default();
        let approver = parse_person("approver", approver, &mut problems);
        let call = ChangeCall { method: "approve", model: ("model", model), etag, request_id, body };
        let edit = call.edit_request(&mut problems);
        let seen = edit.as_ref().and_then(|edit| parse_version_name(&edit.model, &model_version, &mut problems));
        let (edit, seen) = problems.finish(edit.zip(seen))?;
        let (registry, definitions) = (Arc::clone(&self.state.registry), self.state.definitions.clone());
        // The version must not be deleted before the approval names it.
        let change = move || {
            registry.hold_versions(|| {
                let version = resolve_version_number(&registry, &edit.model, seen)?;
                let request = ApproveRequest { edit_request: edit, actor: approver, version };
                Ok::<_, RegistryError>(approve(&definitions, &request))
            })
        };
        self.pool.run_store(change).await?.map_err(|fault| status(&fault))
    }

    /// Returns the definition in review to draft.
    pub(super) async fn return_definition(
        &self,
        request: v1::ReturnDefinitionRequest,
    ) -> Result<v1::ReturnDefinitionResponse, Status> {
        let body = request_digest(&request);
        let v1::ReturnDefinitionRequest { model, author, reason, etag, request_id } = request;
        let mut problems = Violations::default();
        let author = parse_person("author", author, &mut problems);
        check_required_reason(&reason, "a reason is required, so that the authors know what to change", &mut problems);
        let call = ChangeCall { method: "return", model: ("model", model), etag, request_id, body };
        let edit = call.edit_request(&mut problems);
        let edit = problems.finish(edit)?;
        let definitions = self.state.definitions.clone();
        let change = move || {
            let returned = definitions.return_to_draft(&edit, &author, &reason)?;
            Ok::<_, DefinitionError>(definition(&edit.model, &returned.snapshot))
        };
        Ok(v1::ReturnDefinitionResponse { definition: Some(self.pool.run_store(change).await?) })
    }
}

fn approve(
    definitions: &Definitions,
    request: &ApproveRequest,
) -> Result<v1::ApproveDefinitionResponse, DefinitionError> {
    let model = &request.edit_request.model;
    let result = definitions.approve(request)?;
    // A repeated request returns the version that it approved, even if others were approved since.
    let version = if result.is_partial_approval {
        None
    } else {
        Some(definition_version(model, definitions.version(model, result.approved_versions)?.0))
    };
    Ok(v1::ApproveDefinitionResponse { version, definition: Some(definition(model, &result.snapshot)) })
}

/// Returns the name of the person who makes a change: the one of the credential, or else the given one.
pub(super) fn parse_person(field: &str, given: String, problems: &mut Violations) -> String {
    let name = problems.person(field, given);
    if let Some(text) = check_person(&name) {
        problems.add("INVALID_PERSON", field, text);
    }
    name
}

/// Checks a reason that may be missing.
pub(super) fn check_reason(reason: &str, problems: &mut Violations) {
    if reason.len() > MAX_ENTRY_REASON_BYTES {
        let text = format!("a reason must have at most {MAX_ENTRY_REASON_BYTES} bytes");
        problems.add("REASON_TOO_LONG", "reason", text);
    }
}

/// Checks a reason that is required; `missing` is the error if it is missing.
pub(super) fn check_required_reason(reason: &str, missing: &str, problems: &mut Violations) {
    if reason.trim().is_empty() {
        problems.add("REASON_MISSING", "reason", missing);
    } else {
        check_reason(reason, problems);
    }
}

/// Reads the model version that the approval is based on: `Some(None)` if unspecified, `None` if invalid.
#[expect(clippy::option_option, reason = "an absent name differs from an invalid one")]
fn parse_version_name(model: &ModelName, text: &str, problems: &mut Violations) -> Option<Option<ModelVersionRef>> {
    if text.is_empty() {
        return Some(None);
    }
    let full = if text.contains('/') { text.to_owned() } else { format!("{model}/versions/{text}") };
    let name: ModelVersionRef = problems.parse_name("model_version", &full)?;
    if name.model() != model {
        problems.add(
            "INVALID_NAME",
            "model_version",
            format!("it is not a version of {model}: name one of the same model"),
        );
        return None;
    }
    Some(Some(name))
}

/// The number of the named version, or else of the live version, or else of the candidate.
fn resolve_version_number(
    registry: &Registry,
    model: &ModelName,
    named: Option<ModelVersionRef>,
) -> Result<u64, RegistryError> {
    if let Some(name) = named {
        return Ok(registry.version(&name)?.name.number);
    }
    let version_of = |alias| registry.version(&ModelVersionRef::Alias(model.clone(), alias));
    match version_of(ModelVersionAlias::Live) {
        Err(RegistryError::NoLiveVersion { .. }) => Ok(version_of(ModelVersionAlias::Candidate)?.name.number),
        found => Ok(found?.name.number),
    }
}
