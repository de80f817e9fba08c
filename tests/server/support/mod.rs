//! Servers, clients and requests for the tests.

pub(crate) mod admin;
pub(crate) mod arbitrary;
pub(crate) mod bytes;
pub(crate) mod collector;
pub(crate) mod data;
pub(crate) mod raw_http2;
pub(crate) mod server;
#[path = "../../support/store_barrier.rs"]
pub(crate) mod store_barrier;

use prost::Message as _;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _, pb};

/// The default resource names.
pub(crate) const MODEL: &str = "workspaces/default/models/default";
/// See [`MODEL`].
pub(crate) const DATASET: &str = "workspaces/default/datasets/default";

/// Checks that a call fails with this code and reason and a useful message, and returns the error details.
pub(crate) fn assert_refused<T: std::fmt::Debug>(result: Result<T, Status>, code: Code, reason: &str) -> ErrorDetails {
    let status = result.unwrap_err();
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("no ErrorInfo in {status:?}")).clone();
    assert_eq!((status.code(), info.reason.as_str()), (code, reason), "{status:?}");
    assert_eq!(info.domain, "sweetspot");
    assert!(status.message().len() > 10, "{status:?}");
    assert_eq!(details.retry_info().is_some(), code == Code::Unavailable, "{status:?}");
    details
}

/// The fields that an error names.
pub(crate) fn fields(details: &ErrorDetails) -> Vec<&str> {
    let violations = details.bad_request().map(|request| request.field_violations.as_slice()).unwrap_or_default();
    violations.iter().map(|violation| violation.field.as_str()).collect()
}

/// The reason in a stored error.
pub(crate) fn error_reason(error: &tonic_types::Status) -> String {
    let info = error.details.iter().find(|detail| detail.type_url.ends_with("google.rpc.ErrorInfo")).unwrap();
    pb::ErrorInfo::decode(&*info.value).unwrap().reason
}
