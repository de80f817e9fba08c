//! The profile service: documents of a version, and what people agree on about it.

mod definition;
mod evidence;
mod icp;
mod pond;
mod report;
mod review;
mod segments;
mod targets;
mod value;

use sweetspot_proto::v1;
use tonic::{Request, Response, Status};

use self::evidence::Cache;
use super::Parts;
use super::answer::answer;
use super::wire::received;
use super::wire::received::profile_service_server::ProfileService;
use super::work::Work;

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
            $(async fn $method(&self, request: Request<received::$request>) -> Result<Response<v1::$response>, Status> {
                answer(self.$ours(request.into_inner()).await?, self.most_out)
            })*
        }
    };
}

methods! {
    get_profile(GetProfileRequest) -> GetProfileResponse by profile;
    rank_targets(RankTargetsRequest) -> RankTargetsResponse by targets;
    get_pond_map(GetPondMapRequest) -> GetPondMapResponse by pond_map;
    create_hypothesis(CreateHypothesisRequest) -> CreateHypothesisResponse by add_hypothesis;
    list_hypotheses(ListHypothesesRequest) -> ListHypothesesResponse by hypotheses;
    update_hypothesis(UpdateHypothesisRequest) -> UpdateHypothesisResponse by replace_hypothesis;
    delete_hypothesis(DeleteHypothesisRequest) -> DeleteHypothesisResponse by remove_hypothesis;
    create_gate(CreateGateRequest) -> CreateGateResponse by add_gate;
    list_gates(ListGatesRequest) -> ListGatesResponse by gates;
    update_gate(UpdateGateRequest) -> UpdateGateResponse by replace_gate;
    delete_gate(DeleteGateRequest) -> DeleteGateResponse by remove_gate;
    create_finding(CreateFindingRequest) -> CreateFindingResponse by add_finding;
    list_findings(ListFindingsRequest) -> ListFindingsResponse by findings;
    update_finding(UpdateFindingRequest) -> UpdateFindingResponse by replace_finding;
    delete_finding(DeleteFindingRequest) -> DeleteFindingResponse by remove_finding;
    create_comment(CreateCommentRequest) -> CreateCommentResponse by add_comment;
    list_comments(ListCommentsRequest) -> ListCommentsResponse by comments;
    delete_comment(DeleteCommentRequest) -> DeleteCommentResponse by remove_comment;
    get_definition(GetDefinitionRequest) -> GetDefinitionResponse by definition;
    update_definition(UpdateDefinitionRequest) -> UpdateDefinitionResponse by set_definition;
    submit_profile(SubmitProfileRequest) -> SubmitProfileResponse by submit;
    approve_profile(ApproveProfileRequest) -> ApproveProfileResponse by approve;
    return_profile(ReturnProfileRequest) -> ReturnProfileResponse by give_back;
    list_profile_versions(ListProfileVersionsRequest) -> ListProfileVersionsResponse by approved_versions;
    get_profile_version(GetProfileVersionRequest) -> GetProfileVersionResponse by approved_version;
    diff_profiles(DiffProfilesRequest) -> DiffProfilesResponse by differences;
    get_evaluation_report(GetEvaluationReportRequest) -> GetEvaluationReportResponse by evaluation_report;
    render_report(RenderReportRequest) -> RenderReportResponse by render;
    list_segments(ListSegmentsRequest) -> ListSegmentsResponse by segments;
    get_account_review(GetAccountReviewRequest) -> GetAccountReviewResponse by account_review;
    list_review_rows(ListReviewRowsRequest) -> ListReviewRowsResponse by review_rows;
    get_value_curve(GetValueCurveRequest) -> GetValueCurveResponse by value_curve;
    list_bad_fit_accounts(ListBadFitAccountsRequest) -> ListBadFitAccountsResponse by bad_fits;
}
