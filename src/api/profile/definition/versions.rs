//! The approved versions of a definition.

use prost::Message as _;
use sweetspot_proto::v1;
use tonic::Status;

use super::super::ProfileApi;
use super::parse_model_name;
use crate::api::convert::definition::{profile_version, profile_version_with_content};
use crate::api::pagination::PageRequest;
use crate::api::response::content_budget;
use crate::api::status::status;
use crate::api::violations::Violations;

impl ProfileApi {
    /// Lists a page of approved versions, newest first.
    pub(in crate::api::profile) async fn list_profile_versions(
        &self,
        request: v1::ListProfileVersionsRequest,
    ) -> Result<v1::ListProfileVersionsResponse, Status> {
        let v1::ListProfileVersionsRequest { parent, page_size, page_token } = request;
        let mut problems = Violations::default();
        let model = parse_model_name("parent", &parent, &mut problems);
        let page = PageRequest::parse("ListProfileVersions", &parent, page_size, &page_token, &mut problems);
        let (model, page) = problems.finish(model.zip(page)).map_err(|fault| status(&fault))?;
        let before = page.after.as_ref().and_then(|number| number.parse().ok());
        let (definitions, limit, name) = (self.state.definitions.clone(), page.size + 1, model.clone());
        let found = self.pool.run_store(move || definitions.versions(&name, before, limit)).await?;
        let entries = found.into_iter().map(|version| (version.number.to_string(), profile_version(&model, version)));
        let (profiles, next_page_token) = page.fill(entries, self.max_response_bytes);
        Ok(v1::ListProfileVersionsResponse { profiles, next_page_token })
    }

    /// Returns an approved version with its content.
    pub(in crate::api::profile) async fn get_profile_version(
        &self,
        request: v1::GetProfileVersionRequest,
    ) -> Result<v1::GetProfileVersionResponse, Status> {
        let v1::GetProfileVersionRequest { model, number } = request;
        let mut problems = Violations::default();
        let model = parse_model_name("model", &model, &mut problems);
        let model = problems.finish(model).map_err(|fault| status(&fault))?;
        let definitions = self.state.definitions.clone();
        let read = move || {
            definitions
                .version(&model, number)
                .map(|(version, content)| profile_version_with_content(&model, version, content))
        };
        let mut profile = self.pool.run_store(read).await?;
        if profile.encoded_len() > content_budget(self.max_response_bytes) {
            let v1::ProfileVersion { model, number, model_version, approver, approve_time, definition, .. } = profile;
            profile = v1::ProfileVersion {
                model,
                number,
                model_version,
                approver,
                approve_time,
                definition,
                ..Default::default()
            };
            profile.entries_left_out = true;
        }
        Ok(v1::GetProfileVersionResponse { profile: Some(profile) })
    }
}
