//! The profile service: documents of a version, and what people agree on about it.

mod evidence;
mod icp;
mod targets;

use tonic::{Request, Response, Status};

use self::evidence::Cache;
use super::Parts;
use super::answer::answer;
use super::work::Work;
use crate::generated::v1;
use crate::generated::v1::profile_service_server::ProfileService;

/// The service.
#[derive(Debug)]
pub(super) struct Profile {
    parts: Parts,
    work: Work,
    most_out: usize,
    evidence: Cache,
    targets: targets::Cache,
}

impl Profile {
    /// Over these parts, with answers of at most so many bytes.
    pub(super) fn new(parts: Parts, work: Work, most_out: usize) -> Self {
        Self { parts, work, most_out, evidence: Cache::default(), targets: targets::Cache::default() }
    }
}

/// One method of the service a line: which method of ours does the work.
macro_rules! methods {
    ($($method:ident($request:ident) -> $response:ident by $ours:ident;)*) => {
        #[tonic::async_trait]
        impl ProfileService for Profile {
            $(async fn $method(&self, request: Request<v1::$request>) -> Result<Response<v1::$response>, Status> {
                answer(self.$ours(request.into_inner()).await?, self.most_out)
            })*
        }
    };
}

methods! {
    get_profile(GetProfileRequest) -> GetProfileResponse by profile;
    rank_targets(RankTargetsRequest) -> RankTargetsResponse by targets;
}
