//! The ICP summary.

use tonic::Status;

use super::Profile;
use crate::generated::v1;

impl Profile {
    /// The ICP summary of a version.
    pub(super) async fn profile(&self, request: v1::GetProfileRequest) -> Result<v1::GetProfileResponse, Status> {
        let v1::GetProfileRequest { version } = request;
        let profile = self
            .document(&version, |evidence| v1::Profile { version: evidence.version.clone(), opening: String::new() });
        Ok(v1::GetProfileResponse { profile: Some(profile.await?) })
    }
}
