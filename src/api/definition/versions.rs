//! The approved versions of a definition.

use prost::Message as _;
use sweetspot_proto::v1;
use sweetspot_store::definitions::ApprovedVersionPage;
use tonic::Status;

use super::DefinitionApi;
use super::parse_model_name;
use crate::api::convert::definition::{definition_version, definition_version_with_content};
use crate::api::pagination::PageRequest;
use crate::api::response::content_budget;
use crate::api::violations::Violations;

impl DefinitionApi {
    /// Lists a page of approved versions, newest first.
    pub(super) async fn list_definition_versions(
        &self,
        request: v1::ListDefinitionVersionsRequest,
    ) -> Result<v1::ListDefinitionVersionsResponse, Status> {
        let v1::ListDefinitionVersionsRequest { parent, page_size, page_token } = request;
        let mut problems = Violations::default();
        let model = parse_model_name("parent", &parent, &mut problems);
        let page = PageRequest::parse("ListDefinitionVersions", &parent, page_size, &page_token, &mut problems);
        let (model, page) = problems.finish(model.zip(page))?;
        let before = page.after.as_ref().and_then(|number| number.parse().ok());
        let (definitions, limit, name) = (self.state.definitions.clone(), page.size + 1, model.clone());
        let found = self.pool.run_store(move || definitions.versions(&name, before, limit)).await?;
        let ApprovedVersionPage { versions, mut unreadable } = found;
        let entries =
            versions.into_iter().map(|version| (version.number.to_string(), definition_version(&model, version)));
        let (versions, next_page_token) = page.fill(entries, self.max_response_bytes);
        // One version more than the page has room for was read: the rest belongs to the next page.
        if let Some(last) = versions.last().filter(|_| !next_page_token.is_empty()) {
            unreadable.retain(|number| *number > last.number);
        }
        Ok(v1::ListDefinitionVersionsResponse { versions, next_page_token, unreadable_numbers: unreadable })
    }

    /// Returns an approved version with its content.
    pub(super) async fn get_definition_version(
        &self,
        request: v1::GetDefinitionVersionRequest,
    ) -> Result<v1::GetDefinitionVersionResponse, Status> {
        let v1::GetDefinitionVersionRequest { model, number } = request;
        let mut problems = Violations::default();
        let model = parse_model_name("model", &model, &mut problems);
        let model = problems.finish(model)?;
        let definitions = self.state.definitions.clone();
        let read = move || {
            definitions
                .version(&model, number)
                .map(|(version, content)| definition_version_with_content(&model, version, content))
        };
        let mut version = self.pool.run_store(read).await?;
        if version.encoded_len() > content_budget(self.max_response_bytes) {
            let v1::DefinitionVersion {
                name,
                model,
                number,
                model_version,
                approver,
                approve_time,
                definition,
                approvals,
                ..
            } = version;
            version = v1::DefinitionVersion {
                name,
                model,
                number,
                model_version,
                approver,
                approve_time,
                definition,
                approvals,
                ..Default::default()
            };
            version.entries_left_out = true;
        }
        Ok(v1::GetDefinitionVersionResponse { version: Some(version) })
    }
}
