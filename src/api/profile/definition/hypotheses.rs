//! The hypotheses of a definition.

use sweetspot_core::HypothesisEntry;
use sweetspot_proto::v1;
use tonic::Status;

use super::super::ProfileApi;
use super::entries::{EntryChange, EntryListRequest};
use super::{ChangeCall, request_digest};

impl ProfileApi {
    /// Adds a hypothesis.
    pub(in crate::api::profile) async fn create_hypothesis(
        &self,
        request: v1::CreateHypothesisRequest,
    ) -> Result<v1::CreateHypothesisResponse, Status> {
        let body = request_digest(&request);
        let v1::CreateHypothesisRequest { parent, hypothesis, etag, request_id } = request;
        let call = ChangeCall { method: "create-hypothesis", model: ("parent", parent), etag, request_id, body };
        let EntryChange { entry, etag, warnings } = self.create_entry::<HypothesisEntry>(call, hypothesis).await?;
        Ok(v1::CreateHypothesisResponse { hypothesis: entry, etag, warnings })
    }

    /// Lists hypotheses.
    pub(in crate::api::profile) async fn list_hypotheses(
        &self,
        request: v1::ListHypothesesRequest,
    ) -> Result<v1::ListHypothesesResponse, Status> {
        let v1::ListHypothesesRequest { parent, page_size, page_token, profile_version } = request;
        let listing =
            EntryListRequest { method: "ListHypotheses", parent, size: page_size, token: page_token, profile_version };
        let (hypotheses, next_page_token) = self.list_entries::<HypothesisEntry>(listing).await?;
        Ok(v1::ListHypothesesResponse { hypotheses, next_page_token })
    }

    /// Replaces a hypothesis.
    pub(in crate::api::profile) async fn update_hypothesis(
        &self,
        request: v1::UpdateHypothesisRequest,
    ) -> Result<v1::UpdateHypothesisResponse, Status> {
        let body = request_digest(&request);
        let v1::UpdateHypothesisRequest { parent, hypothesis, etag, request_id } = request;
        let call = ChangeCall { method: "update-hypothesis", model: ("parent", parent), etag, request_id, body };
        let EntryChange { entry, etag, warnings } = self.update_entry::<HypothesisEntry>(call, hypothesis).await?;
        Ok(v1::UpdateHypothesisResponse { hypothesis: entry, etag, warnings })
    }

    /// Deletes a hypothesis.
    pub(in crate::api::profile) async fn delete_hypothesis(
        &self,
        request: v1::DeleteHypothesisRequest,
    ) -> Result<v1::DeleteHypothesisResponse, Status> {
        let body = request_digest(&request);
        let v1::DeleteHypothesisRequest { parent, id, etag, request_id } = request;
        let call = ChangeCall { method: "delete-hypothesis", model: ("parent", parent), etag, request_id, body };
        Ok(v1::DeleteHypothesisResponse { etag: self.delete_entry::<HypothesisEntry>(call, id).await? })
    }
}
