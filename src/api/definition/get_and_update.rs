//! `GetDefinition` and `UpdateDefinition`: the state, the placements of attributes and the other settings, without the
//! lists of entries.

use std::collections::BTreeSet;

use sweetspot_core::{Condition, Test};
use sweetspot_proto::v1;
use sweetspot_store::definitions::DefinitionSettings;
use tonic::Status;

use super::DefinitionApi;
use super::{ChangeCall, parse_model_name, request_digest};
use crate::api::convert::definition::{attribute_placements, committee, definition, review_date};
use crate::api::convert::entry::MentionedNames;
use crate::api::violations::Violations;

impl DefinitionApi {
    /// Returns a definition.
    pub(super) async fn get_definition(
        &self,
        request: v1::GetDefinitionRequest,
    ) -> Result<v1::GetDefinitionResponse, Status> {
        let v1::GetDefinitionRequest { model } = request;
        let mut problems = Violations::default();
        let model = parse_model_name("model", &model, &mut problems);
        let model = problems.finish(model)?;
        let definitions = self.state.definitions.clone();
        let read = move || definitions.get(&model).map(|current| definition(&model, &current));
        Ok(v1::GetDefinitionResponse { definition: Some(self.pool.run_store(read).await?) })
    }

    /// Sets the placement of attributes, the review date, the committee, and whether self-approval is allowed.
    pub(super) async fn update_definition(
        &self,
        request: v1::UpdateDefinitionRequest,
    ) -> Result<v1::UpdateDefinitionResponse, Status> {
        let body = request_digest(&request);
        let v1::UpdateDefinitionRequest { definition: wire, request_id } = request;
        let wire = wire.unwrap_or_default();
        let v1::Definition { model, etag, attributes, review_date: day, allow_self_approval, .. } = wire;
        let (approvers, required_approvals) = (wire.approvers, wire.required_approvals);
        let mut problems = Violations::default();
        if etag.is_empty() {
            let text = "the etag is missing: read the definition and send its etag";
            problems.add("ETAG_MISSING", "definition.etag", text);
        }
        let set = attribute_placements(attributes, &mut problems).zip(review_date(&day, &mut problems));
        let set = set.zip(committee(approvers, required_approvals, &mut problems));
        let call = ChangeCall { method: "update", model: ("definition.model", model), etag, request_id, body };
        let edit = call.edit_request(&mut problems);
        let (edit, (((categories, sections), review_date), committee)) = problems.finish(edit.zip(set))?;
        let definitions = self.state.definitions.clone();
        let known = |attribute: &String| Condition { attribute: attribute.clone(), test: Test::Present(true) };
        let attributes = categories.keys().chain(sections.keys()).collect::<BTreeSet<_>>();
        let conditions = attributes.into_iter().map(known).collect();
        let names = MentionedNames { subject: "the definition".to_owned(), conditions, ..MentionedNames::default() };
        let model = edit.model.clone();
        let settings = DefinitionSettings { categories, sections, review_date, allow_self_approval, committee };
        let configured = self.pool.run_store(move || definitions.configure(&edit, settings)).await?;
        let definition = Some(definition(&model, &configured.snapshot));
        Ok(v1::UpdateDefinitionResponse { definition, warnings: self.unknown_name_warnings(&model, names).await })
    }
}
