//! The report service: documents about a version.

mod account_review;
mod icp_summary;
mod overview;
mod pond_map;
mod render;
mod render_request;
mod report_input;
mod segments;
mod targets;
mod value;

use self::report_input::ReportInputCache;
use super::AppState;
use super::blocking_pool::BlockingPool;
use super::unary_methods::unary_methods;
use super::wire::received::report_service_server::ReportService;

/// Implements the report service.
#[derive(Debug)]
pub(super) struct ReportApi {
    state: AppState,
    pool: BlockingPool,
    max_response_bytes: usize,
    report_inputs: ReportInputCache,
    explanation_contexts: targets::ExplanationContextCache,
}

impl ReportApi {
    /// Creates the service.
    pub(super) fn new(state: AppState, pool: BlockingPool, max_response_bytes: usize) -> Self {
        Self {
            state,
            pool,
            max_response_bytes,
            report_inputs: ReportInputCache::default(),
            explanation_contexts: targets::ExplanationContextCache::default(),
        }
    }
}

unary_methods! {
    impl ReportService for ReportApi;
    get_icp_summary(GetIcpSummaryRequest) -> GetIcpSummaryResponse;
    rank_targets(RankTargetsRequest) -> RankTargetsResponse;
    get_pond_map(GetPondMapRequest) -> GetPondMapResponse;
    get_evaluation_report(GetEvaluationReportRequest) -> GetEvaluationReportResponse;
    render_report(RenderReportRequest) -> RenderReportResponse;
    list_segments(ListSegmentsRequest) -> ListSegmentsResponse;
    get_account_review(GetAccountReviewRequest) -> GetAccountReviewResponse;
    list_review_rows(ListReviewRowsRequest) -> ListReviewRowsResponse;
    get_value_curve(GetValueCurveRequest) -> GetValueCurveResponse;
    list_bad_fit_accounts(ListBadFitAccountsRequest) -> ListBadFitAccountsResponse;
}
