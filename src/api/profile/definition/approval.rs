//! The way through the committee.

use std::sync::Arc;

use sweetspot_core::{Alias, MOST_REASON_BYTES, ModelName, VersionRef, check_person};
use sweetspot_proto::v1;
use sweetspot_store::definitions::{Approve, DefinitionError};
use sweetspot_store::registry::{Registry, RegistryError};
use tonic::Status;

use super::super::Profile;
use super::{Call, digest};
use crate::api::convert::definition::{approved, definition};
use crate::api::problems::Problems;
use crate::api::status::status;

impl Profile {
    /// Gives a draft to the committee.
    pub(in crate::api::profile) async fn submit(
        &self,
        request: v1::SubmitProfileRequest,
    ) -> Result<v1::SubmitProfileResponse, Status> {
        let body = digest(&request);
        let v1::SubmitProfileRequest { model, author, etag, request_id } = request;
        let mut problems = Problems::default();
        person("author", &author, &mut problems);
        let call = Call { method: "submit", model: ("model", model), etag, request_id, body };
        let wish = call.wish(&mut problems);
        let wish = problems.check(wish).map_err(|fault| status(&fault))?;
        let definitions = self.parts.definitions.clone();
        let change = move || {
            let held = definitions.change(&wish, |kept, now| kept.submit(&author, now))?;
            Ok::<_, DefinitionError>(definition(&wish.model, &held))
        };
        Ok(v1::SubmitProfileResponse { definition: Some(self.work.keep(change).await?) })
    }

    /// Agrees on what is in review.
    pub(in crate::api::profile) async fn approve(
        &self,
        request: v1::ApproveProfileRequest,
    ) -> Result<v1::ApproveProfileResponse, Status> {
        let body = digest(&request);
        let v1::ApproveProfileRequest { model, approver: by, etag, version, request_id } = request;
        let mut problems = Problems::default();
        person("approver", &by, &mut problems);
        let call = Call { method: "approve", model: ("model", model), etag, request_id, body };
        let wish = call.wish(&mut problems);
        let seen = wish.as_ref().and_then(|wish| named(&wish.model, &version, &mut problems));
        let (wish, seen) = problems.check(wish.zip(seen)).map_err(|fault| status(&fault))?;
        let (registry, model) = (Arc::clone(&self.parts.registry), wish.model.clone());
        let version = self.work.keep(move || number(&registry, &model, seen)).await?;
        let definitions = self.parts.definitions.clone();
        let change = move || {
            let held = definitions.approve(&Approve { wish: wish.clone(), by, version })?;
            // A repeated request is answered with its own number, whatever was approved since.
            let (frozen, _) = definitions.version(&wish.model, held.approved)?;
            let profile = Some(approved(&wish.model, frozen));
            let definition = Some(definition(&wish.model, &held));
            Ok::<_, DefinitionError>(v1::ApproveProfileResponse { profile, definition })
        };
        self.work.keep(change).await
    }

    /// Gives what is in review back.
    pub(in crate::api::profile) async fn give_back(
        &self,
        request: v1::ReturnProfileRequest,
    ) -> Result<v1::ReturnProfileResponse, Status> {
        let body = digest(&request);
        let v1::ReturnProfileRequest { model, author, reason, etag, request_id } = request;
        let mut problems = Problems::default();
        person("author", &author, &mut problems);
        if reason.trim().is_empty() {
            problems.add("REASON_MISSING", "reason", "a reason is required, so that the authors know what to change");
        } else if reason.len() > MOST_REASON_BYTES {
            problems.add("REASON_TOO_LONG", "reason", format!("a reason must have at most {MOST_REASON_BYTES} bytes"));
        }
        let call = Call { method: "return", model: ("model", model), etag, request_id, body };
        let wish = call.wish(&mut problems);
        let wish = problems.check(wish).map_err(|fault| status(&fault))?;
        let definitions = self.parts.definitions.clone();
        let change = move || {
            let held = definitions.give_back(&wish, &author, &reason)?;
            Ok::<_, DefinitionError>(definition(&wish.model, &held))
        };
        Ok(v1::ReturnProfileResponse { definition: Some(self.work.keep(change).await?) })
    }
}

fn person(field: &str, name: &str, problems: &mut Problems) {
    if let Some(text) = check_person(name) {
        problems.add("INVALID_PERSON", field, text);
    }
}

/// The version that was seen; nothing within where none is named.
#[expect(clippy::option_option, reason = "no name and no readable name are two things")]
fn named(model: &ModelName, text: &str, problems: &mut Problems) -> Option<Option<VersionRef>> {
    if text.is_empty() {
        return Some(None);
    }
    let full = if text.contains('/') { text.to_owned() } else { format!("{model}/versions/{text}") };
    let name: VersionRef = problems.name("version", &full)?;
    if name.model() != model {
        problems.add("INVALID_NAME", "version", format!("it is not a version of {model}: name one of the same model"));
        return None;
    }
    Some(Some(name))
}

/// The number of a version: of the one named, or else of the live one, or else of the candidate.
fn number(registry: &Registry, model: &ModelName, named: Option<VersionRef>) -> Result<u64, RegistryError> {
    if let Some(name) = named {
        return Ok(registry.version(&name)?.name.number);
    }
    let at = |alias| registry.version(&VersionRef::Alias(model.clone(), alias));
    match at(Alias::Live) {
        Err(RegistryError::NoLiveVersion { .. }) => Ok(at(Alias::Candidate)?.name.number),
        found => Ok(found?.name.number),
    }
}
