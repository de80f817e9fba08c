//! What was approved.

use prost::Message as _;
use sweetspot_proto::v1;
use tonic::Status;

use super::super::Profile;
use super::model_name;
use crate::api::answer::room;
use crate::api::convert::definition::{approved, whole};
use crate::api::page::Page;
use crate::api::problems::Problems;
use crate::api::status::status;

impl Profile {
    /// A page of approved states, newest first.
    pub(in crate::api::profile) async fn approved_versions(
        &self,
        request: v1::ListProfileVersionsRequest,
    ) -> Result<v1::ListProfileVersionsResponse, Status> {
        let v1::ListProfileVersionsRequest { parent, page_size, page_token } = request;
        let mut problems = Problems::default();
        let model = model_name("parent", &parent, &mut problems);
        let page = Page::parse("ListProfileVersions", &parent, page_size, &page_token, &mut problems);
        let (model, page) = problems.check(model.zip(page)).map_err(|fault| status(&fault))?;
        let before = page.after.as_ref().and_then(|number| number.parse().ok());
        let (definitions, limit, name) = (self.parts.definitions.clone(), page.size + 1, model.clone());
        let found = self.work.keep(move || definitions.versions(&name, before, limit)).await?;
        let entries = found.into_iter().map(|version| (version.number.to_string(), approved(&model, version)));
        let (profiles, next_page_token) = page.fill(entries, self.most_out);
        Ok(v1::ListProfileVersionsResponse { profiles, next_page_token })
    }

    /// One approved state, whole.
    pub(in crate::api::profile) async fn approved_version(
        &self,
        request: v1::GetProfileVersionRequest,
    ) -> Result<v1::GetProfileVersionResponse, Status> {
        let v1::GetProfileVersionRequest { model, number } = request;
        let mut problems = Problems::default();
        let model = model_name("model", &model, &mut problems);
        let model = problems.check(model).map_err(|fault| status(&fault))?;
        let definitions = self.parts.definitions.clone();
        let read =
            move || definitions.version(&model, number).map(|(version, content)| whole(&model, version, content));
        let mut profile = self.work.keep(read).await?;
        if profile.encoded_len() > room(self.most_out) {
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
