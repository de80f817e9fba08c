//! The exclusion rules of a definition.

use sweetspot_core::ExclusionRule;
use sweetspot_proto::v1;
use tonic::Status;

use super::super::ProfileApi;
use super::entries::{EntryChange, EntryListRequest};
use super::{ChangeCall, request_digest};

impl ProfileApi {
    /// Adds an exclusion rule.
    pub(in crate::api::profile) async fn create_gate(
        &self,
        request: v1::CreateGateRequest,
    ) -> Result<v1::CreateGateResponse, Status> {
        let body = request_digest(&request);
        let v1::CreateGateRequest { parent, gate, etag, request_id } = request;
        let call = ChangeCall { method: "create-gate", model: ("parent", parent), etag, request_id, body };
        let EntryChange { entry, etag, warnings } = self.create_entry::<ExclusionRule>(call, gate).await?;
        Ok(v1::CreateGateResponse { gate: entry, etag, warnings })
    }

    /// Lists exclusion rules.
    pub(in crate::api::profile) async fn list_gates(
        &self,
        request: v1::ListGatesRequest,
    ) -> Result<v1::ListGatesResponse, Status> {
        let v1::ListGatesRequest { parent, page_size, page_token, profile_version } = request;
        let listing =
            EntryListRequest { method: "ListGates", parent, size: page_size, token: page_token, profile_version };
        let (gates, next_page_token) = self.list_entries::<ExclusionRule>(listing).await?;
        Ok(v1::ListGatesResponse { gates, next_page_token })
    }

    /// Replaces an exclusion rule.
    pub(in crate::api::profile) async fn update_gate(
        &self,
        request: v1::UpdateGateRequest,
    ) -> Result<v1::UpdateGateResponse, Status> {
        let body = request_digest(&request);
        let v1::UpdateGateRequest { parent, gate, etag, request_id } = request;
        let call = ChangeCall { method: "update-gate", model: ("parent", parent), etag, request_id, body };
        let EntryChange { entry, etag, warnings } = self.update_entry::<ExclusionRule>(call, gate).await?;
        Ok(v1::UpdateGateResponse { gate: entry, etag, warnings })
    }

    /// Deletes an exclusion rule.
    pub(in crate::api::profile) async fn delete_gate(
        &self,
        request: v1::DeleteGateRequest,
    ) -> Result<v1::DeleteGateResponse, Status> {
        let body = request_digest(&request);
        let v1::DeleteGateRequest { parent, id, etag, request_id } = request;
        let call = ChangeCall { method: "delete-gate", model: ("parent", parent), etag, request_id, body };
        Ok(v1::DeleteGateResponse { etag: self.delete_entry::<ExclusionRule>(call, id).await? })
    }
}
