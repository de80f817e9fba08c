//! The findings of a definition.

use sweetspot_core::Finding;
use sweetspot_proto::v1;
use tonic::Status;

use super::super::ProfileApi;
use super::entries::{EntryChange, EntryListRequest};
use super::{ChangeCall, request_digest};

impl ProfileApi {
    /// Adds a finding.
    pub(in crate::api::profile) async fn create_finding(
        &self,
        request: v1::CreateFindingRequest,
    ) -> Result<v1::CreateFindingResponse, Status> {
        let body = request_digest(&request);
        let v1::CreateFindingRequest { parent, finding, etag, request_id } = request;
        let call = ChangeCall { method: "create-finding", model: ("parent", parent), etag, request_id, body };
        let EntryChange { entry, etag, warnings } = self.create_entry::<Finding>(call, finding).await?;
        Ok(v1::CreateFindingResponse { finding: entry, etag, warnings })
    }

    /// Lists findings.
    pub(in crate::api::profile) async fn list_findings(
        &self,
        request: v1::ListFindingsRequest,
    ) -> Result<v1::ListFindingsResponse, Status> {
        let v1::ListFindingsRequest { parent, page_size, page_token, profile_version } = request;
        let listing =
            EntryListRequest { method: "ListFindings", parent, size: page_size, token: page_token, profile_version };
        let (findings, next_page_token) = self.list_entries::<Finding>(listing).await?;
        Ok(v1::ListFindingsResponse { findings, next_page_token })
    }

    /// Replaces a finding.
    pub(in crate::api::profile) async fn update_finding(
        &self,
        request: v1::UpdateFindingRequest,
    ) -> Result<v1::UpdateFindingResponse, Status> {
        let body = request_digest(&request);
        let v1::UpdateFindingRequest { parent, finding, etag, request_id } = request;
        let call = ChangeCall { method: "update-finding", model: ("parent", parent), etag, request_id, body };
        let EntryChange { entry, etag, warnings } = self.update_entry::<Finding>(call, finding).await?;
        Ok(v1::UpdateFindingResponse { finding: entry, etag, warnings })
    }

    /// Deletes a finding.
    pub(in crate::api::profile) async fn delete_finding(
        &self,
        request: v1::DeleteFindingRequest,
    ) -> Result<v1::DeleteFindingResponse, Status> {
        let body = request_digest(&request);
        let v1::DeleteFindingRequest { parent, id, etag, request_id } = request;
        let call = ChangeCall { method: "delete-finding", model: ("parent", parent), etag, request_id, body };
        Ok(v1::DeleteFindingResponse { etag: self.delete_entry::<Finding>(call, id).await? })
    }
}
