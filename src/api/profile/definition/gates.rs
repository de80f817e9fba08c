//! Rules that a definition holds.

use sweetspot_core::Gate;
use sweetspot_proto::v1;
use tonic::Status;

use super::super::Profile;
use super::entries::{Changed, Listing};
use super::{Call, digest};

impl Profile {
    /// Adds one.
    pub(in crate::api::profile) async fn add_gate(
        &self,
        request: v1::CreateGateRequest,
    ) -> Result<v1::CreateGateResponse, Status> {
        let body = digest(&request);
        let v1::CreateGateRequest { parent, gate, etag, request_id } = request;
        let call = Call { method: "create-gate", model: ("parent", parent), etag, request_id, body };
        let Changed { entry, etag, warnings } = self.add::<Gate>(call, gate).await?;
        Ok(v1::CreateGateResponse { gate: entry, etag, warnings })
    }

    /// Lists them.
    pub(in crate::api::profile) async fn gates(
        &self,
        request: v1::ListGatesRequest,
    ) -> Result<v1::ListGatesResponse, Status> {
        let v1::ListGatesRequest { parent, page_size, page_token, profile_version } = request;
        let listing = Listing { method: "ListGates", parent, size: page_size, token: page_token, profile_version };
        let (gates, next_page_token) = self.list::<Gate>(listing).await?;
        Ok(v1::ListGatesResponse { gates, next_page_token })
    }

    /// Replaces one.
    pub(in crate::api::profile) async fn replace_gate(
        &self,
        request: v1::UpdateGateRequest,
    ) -> Result<v1::UpdateGateResponse, Status> {
        let body = digest(&request);
        let v1::UpdateGateRequest { parent, gate, etag, request_id } = request;
        let call = Call { method: "update-gate", model: ("parent", parent), etag, request_id, body };
        let Changed { entry, etag, warnings } = self.replace::<Gate>(call, gate).await?;
        Ok(v1::UpdateGateResponse { gate: entry, etag, warnings })
    }

    /// Takes one away.
    pub(in crate::api::profile) async fn remove_gate(
        &self,
        request: v1::DeleteGateRequest,
    ) -> Result<v1::DeleteGateResponse, Status> {
        let body = digest(&request);
        let v1::DeleteGateRequest { parent, id, etag, request_id } = request;
        let call = Call { method: "delete-gate", model: ("parent", parent), etag, request_id, body };
        Ok(v1::DeleteGateResponse { etag: self.remove::<Gate>(call, id).await? })
    }
}
