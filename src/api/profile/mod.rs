//! The profile service: documents about a version, and the living definition.

mod definition;
mod icp;
mod pond;
mod report;
mod report_input;
mod review;
mod segments;
mod targets;
mod value;

use sweetspot_proto::v1;
use tonic::{Request, Response, Status};

use self::report_input::ReportInputCache;
use super::AppState;
use super::blocking_pool::BlockingPool;
use super::response::respond;
use super::wire::received;
use super::wire::received::profile_service_server::ProfileService;

/// Implements the profile service.
#[derive(Debug)]
pub(super) struct ProfileApi {
    state: AppState,
    pool: BlockingPool,
    max_response_bytes: usize,
    report_inputs: ReportInputCache,
    prepared_targets: targets::PreparedTargetsCache,
}

impl ProfileApi {
    /// Creates the service; `most_out` is the maximum size of a response in bytes.
    pub(super) fn new(parts: AppState, work: BlockingPool, most_out: usize) -> Self {
        Self {
            state: parts,
            pool: work,
            max_response_bytes: most_out,
            report_inputs: ReportInputCache::default(),
            prepared_targets: targets::PreparedTargetsCache::default(),
        }
    }
}

/// Implements one service method per line by calling the method of the same name on the type.
macro_rules! methods {
    ($($method:ident($request:ident) -> $response:ident;)*) => {
        #[tonic::async_trait]
        impl ProfileService for ProfileApi {
            $(async fn $method(&self, request: Request<received::$request>) -> Result<Response<v1::$response>, Status> {
                respond(self.$method(request.into_inner()).await?, self.max_response_bytes)
            })*
        }
    };
}

methods! {
    get_profile(GetProfileRequest) -> GetProfileResponse;
    rank_targets(RankTargetsRequest) -> RankTargetsResponse;
    get_pond_map(GetPondMapRequest) -> GetPondMapResponse;
    create_hypothesis(CreateHypothesisRequest) -> CreateHypothesisResponse;
    list_hypotheses(ListHypothesesRequest) -> ListHypothesesResponse;
    update_hypothesis(UpdateHypothesisRequest) -> UpdateHypothesisResponse;
    delete_hypothesis(DeleteHypothesisRequest) -> DeleteHypothesisResponse;
    create_gate(CreateGateRequest) -> CreateGateResponse;
    list_gates(ListGatesRequest) -> ListGatesResponse;
    update_gate(UpdateGateRequest) -> UpdateGateResponse;
    delete_gate(DeleteGateRequest) -> DeleteGateResponse;
    create_finding(CreateFindingRequest) -> CreateFindingResponse;
    list_findings(ListFindingsRequest) -> ListFindingsResponse;
    update_finding(UpdateFindingRequest) -> UpdateFindingResponse;
    delete_finding(DeleteFindingRequest) -> DeleteFindingResponse;
    create_comment(CreateCommentRequest) -> CreateCommentResponse;
    list_comments(ListCommentsRequest) -> ListCommentsResponse;
    delete_comment(DeleteCommentRequest) -> DeleteCommentResponse;
    get_definition(GetDefinitionRequest) -> GetDefinitionResponse;
    update_definition(UpdateDefinitionRequest) -> UpdateDefinitionResponse;
    submit_profile(SubmitProfileRequest) -> SubmitProfileResponse;
    approve_profile(ApproveProfileRequest) -> ApproveProfileResponse;
    return_profile(ReturnProfileRequest) -> ReturnProfileResponse;
    list_profile_versions(ListProfileVersionsRequest) -> ListProfileVersionsResponse;
    get_profile_version(GetProfileVersionRequest) -> GetProfileVersionResponse;
    diff_profiles(DiffProfilesRequest) -> DiffProfilesResponse;
    get_evaluation_report(GetEvaluationReportRequest) -> GetEvaluationReportResponse;
    render_report(RenderReportRequest) -> RenderReportResponse;
    list_segments(ListSegmentsRequest) -> ListSegmentsResponse;
    get_account_review(GetAccountReviewRequest) -> GetAccountReviewResponse;
    list_review_rows(ListReviewRowsRequest) -> ListReviewRowsResponse;
    get_value_curve(GetValueCurveRequest) -> GetValueCurveResponse;
    list_bad_fit_accounts(ListBadFitAccountsRequest) -> ListBadFitAccountsResponse;
}
