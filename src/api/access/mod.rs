//! The access service: API keys, and the audit log.

mod audit;
mod keys;

use sweetspot_proto::v1;
use tonic::Status;

use super::AppState;
use super::blocking_pool::BlockingPool;
use super::unary_methods::unary_methods;
use super::wire::received::access_service_server::AccessService;
use crate::access::Call;

/// Implements the access service.
#[derive(Clone, Debug)]
pub(super) struct AccessApi {
    pub(super) state: AppState,
    pub(super) pool: BlockingPool,
    pub(super) max_response_bytes: usize,
}

unary_methods! {
    impl AccessService for AccessApi;
    get_caller(GetCallerRequest) -> GetCallerResponse;
    create_api_key(CreateApiKeyRequest) -> CreateApiKeyResponse;
    list_api_keys(ListApiKeysRequest) -> ListApiKeysResponse;
    revoke_api_key(RevokeApiKeyRequest) -> RevokeApiKeyResponse;
    rotate_api_key(RotateApiKeyRequest) -> RotateApiKeyResponse;
    list_audit_records(ListAuditRecordsRequest) -> ListAuditRecordsResponse;
    verify_audit_log(VerifyAuditLogRequest) -> VerifyAuditLogResponse;
}

impl AccessApi {
    /// Returns who calls.
    #[expect(clippy::unused_async, reason = "every method of a service is async")]
    async fn get_caller(&self, request: v1::GetCallerRequest) -> Result<v1::GetCallerResponse, Status> {
        let v1::GetCallerRequest {} = request;
        let call = Call::current();
        let caller = call.caller();
        let scopes = sweetspot_core::Scope::ALL.iter().filter(|scope| caller.has(**scope));
        Ok(v1::GetCallerResponse {
            principal: caller.principal().unwrap_or_default().to_owned(),
            workspace: caller.workspace().map_or_else(String::new, |own| format!("workspaces/{own}")),
            scopes: scopes.map(ToString::to_string).collect(),
        })
    }
}
