//! Beliefs that a definition holds.

use sweetspot_core::HeldHypothesis;
use sweetspot_proto::v1;
use tonic::Status;

use super::super::Profile;
use super::entries::{Changed, Listing};
use super::{Call, digest};

impl Profile {
    /// Adds one.
    pub(in crate::api::profile) async fn add_hypothesis(
        &self,
        request: v1::CreateHypothesisRequest,
    ) -> Result<v1::CreateHypothesisResponse, Status> {
        let body = digest(&request);
        let v1::CreateHypothesisRequest { parent, hypothesis, etag, request_id } = request;
        let call = Call { method: "create-hypothesis", model: ("parent", parent), etag, request_id, body };
        let Changed { entry, etag, warnings } = self.add::<HeldHypothesis>(call, hypothesis).await?;
        Ok(v1::CreateHypothesisResponse { hypothesis: entry, etag, warnings })
    }

    /// Lists them.
    pub(in crate::api::profile) async fn hypotheses(
        &self,
        request: v1::ListHypothesesRequest,
    ) -> Result<v1::ListHypothesesResponse, Status> {
        let v1::ListHypothesesRequest { parent, page_size, page_token, profile_version } = request;
        let listing = Listing { method: "ListHypotheses", parent, size: page_size, token: page_token, profile_version };
        let (hypotheses, next_page_token) = self.list::<HeldHypothesis>(listing).await?;
        Ok(v1::ListHypothesesResponse { hypotheses, next_page_token })
    }

    /// Replaces one.
    pub(in crate::api::profile) async fn replace_hypothesis(
        &self,
        request: v1::UpdateHypothesisRequest,
    ) -> Result<v1::UpdateHypothesisResponse, Status> {
        let body = digest(&request);
        let v1::UpdateHypothesisRequest { parent, hypothesis, etag, request_id } = request;
        let call = Call { method: "update-hypothesis", model: ("parent", parent), etag, request_id, body };
        let Changed { entry, etag, warnings } = self.replace::<HeldHypothesis>(call, hypothesis).await?;
        Ok(v1::UpdateHypothesisResponse { hypothesis: entry, etag, warnings })
    }

    /// Takes one away.
    pub(in crate::api::profile) async fn remove_hypothesis(
        &self,
        request: v1::DeleteHypothesisRequest,
    ) -> Result<v1::DeleteHypothesisResponse, Status> {
        let body = digest(&request);
        let v1::DeleteHypothesisRequest { parent, id, etag, request_id } = request;
        let call = Call { method: "delete-hypothesis", model: ("parent", parent), etag, request_id, body };
        Ok(v1::DeleteHypothesisResponse { etag: self.remove::<HeldHypothesis>(call, id).await? })
    }
}
