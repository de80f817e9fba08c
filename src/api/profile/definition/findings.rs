//! What was learned in conversations.

use sweetspot_core::Finding;
use sweetspot_proto::v1;
use tonic::Status;

use super::super::Profile;
use super::entries::{Changed, Listing};
use super::{Call, digest};

impl Profile {
    /// Adds one.
    pub(in crate::api::profile) async fn add_finding(
        &self,
        request: v1::CreateFindingRequest,
    ) -> Result<v1::CreateFindingResponse, Status> {
        let body = digest(&request);
        let v1::CreateFindingRequest { parent, finding, etag, request_id } = request;
        let call = Call { method: "create-finding", model: ("parent", parent), etag, request_id, body };
        let Changed { entry, etag, warnings } = self.add::<Finding>(call, finding).await?;
        Ok(v1::CreateFindingResponse { finding: entry, etag, warnings })
    }

    /// Lists them.
    pub(in crate::api::profile) async fn findings(
        &self,
        request: v1::ListFindingsRequest,
    ) -> Result<v1::ListFindingsResponse, Status> {
        let v1::ListFindingsRequest { parent, page_size, page_token, profile_version } = request;
        let listing = Listing { method: "ListFindings", parent, size: page_size, token: page_token, profile_version };
        let (findings, next_page_token) = self.list::<Finding>(listing).await?;
        Ok(v1::ListFindingsResponse { findings, next_page_token })
    }

    /// Replaces one.
    pub(in crate::api::profile) async fn replace_finding(
        &self,
        request: v1::UpdateFindingRequest,
    ) -> Result<v1::UpdateFindingResponse, Status> {
        let body = digest(&request);
        let v1::UpdateFindingRequest { parent, finding, etag, request_id } = request;
        let call = Call { method: "update-finding", model: ("parent", parent), etag, request_id, body };
        let Changed { entry, etag, warnings } = self.replace::<Finding>(call, finding).await?;
        Ok(v1::UpdateFindingResponse { finding: entry, etag, warnings })
    }

    /// Takes one away.
    pub(in crate::api::profile) async fn remove_finding(
        &self,
        request: v1::DeleteFindingRequest,
    ) -> Result<v1::DeleteFindingResponse, Status> {
        let body = digest(&request);
        let v1::DeleteFindingRequest { parent, id, etag, request_id } = request;
        let call = Call { method: "delete-finding", model: ("parent", parent), etag, request_id, body };
        Ok(v1::DeleteFindingResponse { etag: self.remove::<Finding>(call, id).await? })
    }
}
