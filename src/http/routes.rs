//! The paths of all calls.
//!
//! A path begins with the name of a resource, such as `{V}` for a model version, and `{}` is the id of an entry. The
//! fields in brackets get these, in order. GET and DELETE read all other fields from the query, POST and PATCH from a
//! body.

use sweetspot_proto::json;
use tonic::codegen::http::Method;

use super::decode::{self, PathField, RequestContent, RequestDecoder, set_fields};
use super::query;
use super::request_error::HttpRequestError;
use super::response::{self, ResponseEncoder, message};

/// The call of a path with a method of HTTP.
#[derive(Debug)]
pub(super) struct Route {
    /// The method of HTTP.
    pub(super) verb: Method,
    /// The path after `/v1/`.
    pub(super) path: &'static str,
    /// The path of the gRPC method.
    pub(super) method: &'static str,
    /// The message of the request.
    pub(super) request: &'static str,
    /// The message of the response.
    pub(super) response: &'static str,
    /// The fields of the request that the path contains.
    pub(super) path_fields: &'static [&'static str],
    /// The decoder of the request.
    pub(super) decoder: RequestDecoder,
    /// The encoder of the response.
    pub(super) encoder: ResponseEncoder,
}

macro_rules! path_field {
    ($message:ident $field:ident $($inner:ident)*) => {
        (
            &mut $message.$field$(.get_or_insert_default().$inner)* as &mut dyn PathField,
            concat!(stringify!($field) $(, ".", stringify!($inner))*),
        )
    };
}

macro_rules! encoder {
    ($response:ident) => {
        message::<json::$response>
    };
    ($response:ident $encoder:path) => {
        $encoder
    };
}

macro_rules! routes {
    ($(
        $verb:ident $path:literal $method:literal $request:ident $response:ident
        [$($field:ident $(. $inner:ident)*),*] $(=> $encoder:path)?;
    )+) => {
        /// The paths of all unary methods.
        pub(super) static ROUTES: &[Route] = &[$(
            Route {
                verb: Method::$verb,
                path: $path,
                method: concat!("/sweetspot.v1.", $method),
                request: stringify!($request),
                response: stringify!($response),
                path_fields: &[$(concat!(stringify!($field) $(, ".", stringify!($inner))*)),*],
                decoder: |content, names| {
                    let message = &mut content.decode::<json::$request>()?;
                    set_fields(names, vec![$(path_field!(message $field $($inner)*)),*])?;
                    Ok(decode::encode(message))
                },
                encoder: encoder!($response $($encoder)?),
            },
        )+
            Route {
                verb: Method::GET,
                path: "{V}:renderReport",
                method: "/sweetspot.v1.ReportService/RenderReport",
                request: "RenderReportRequest",
                response: "RenderReportResponse",
                path_fields: &["version"],
                decoder: report_with_query,
                encoder: response::report,
            },
        ];
    };
}

routes! {
    POST "{V}:score" "ScoringService/ScoreAccounts" ScoreAccountsRequest ScoreAccountsResponse [config.version];
    POST "{V}:explain" "ScoringService/ExplainAccounts" ExplainAccountsRequest ExplainAccountsResponse [version];
    GET "workspaces" "ModelService/ListWorkspaces" ListWorkspacesRequest ListWorkspacesResponse [];
    GET "{W}/models" "ModelService/ListModels" ListModelsRequest ListModelsResponse [parent];
    GET "{M}" "ModelService/GetModel" GetModelRequest GetModelResponse [name];
    DELETE "{M}" "ModelService/DeleteModel" DeleteModelRequest DeleteModelResponse [name];
    GET "{M}/versions" "ModelService/ListModelVersions" ListModelVersionsRequest ListModelVersionsResponse [parent];
    GET "{V}" "ModelService/GetModelVersion" GetModelVersionRequest GetModelVersionResponse [name];
    PATCH "{V}" "ModelService/UpdateModelVersion" UpdateModelVersionRequest UpdateModelVersionResponse [name];
    DELETE "{V}" "ModelService/DeleteModelVersion" DeleteModelVersionRequest DeleteModelVersionResponse [name];
    GET "{V}:export" "ModelService/ExportModelVersion" ExportModelVersionRequest ExportModelVersionResponse [name] => response::export;
    POST "{M}:import" "ModelService/ImportModelVersion" ImportModelVersionRequest ImportModelVersionResponse [model];
    POST "{V}:compare" "ModelService/CompareModelVersions" CompareModelVersionsRequest CompareModelVersionsResponse [challenger];
    POST "{V}:promote" "ModelService/PromoteModelVersion" PromoteModelVersionRequest PromoteModelVersionResponse [name];
    POST "{M}:rollback" "ModelService/RollbackModel" RollbackModelRequest RollbackModelResponse [model];
    GET "{M}/promotions" "ModelService/ListPromotions" ListPromotionsRequest ListPromotionsResponse [parent];
    GET "{M}/promotionSettings" "ModelService/GetPromotionSettings" GetPromotionSettingsRequest GetPromotionSettingsResponse [model];
    PATCH "{M}/promotionSettings" "ModelService/UpdatePromotionSettings" UpdatePromotionSettingsRequest UpdatePromotionSettingsResponse [model];
    POST "{M}:train" "ModelService/TrainModel" TrainModelRequest TrainModelResponse [model];
    GET "{M}/trainingRuns" "ModelService/ListTrainingRuns" ListTrainingRunsRequest ListTrainingRunsResponse [parent];
    GET "{R}" "ModelService/GetTrainingRun" GetTrainingRunRequest GetTrainingRunResponse [name];
    GET "{R}:wait" "ModelService/WaitTrainingRun" WaitTrainingRunRequest WaitTrainingRunResponse [name];
    POST "{R}:cancel" "ModelService/CancelTrainingRun" CancelTrainingRunRequest CancelTrainingRunResponse [name];
    GET "{W}/datasets" "DatasetService/ListDatasets" ListDatasetsRequest ListDatasetsResponse [parent];
    GET "{D}" "DatasetService/GetDataset" GetDatasetRequest GetDatasetResponse [name];
    DELETE "{D}" "DatasetService/DeleteDataset" DeleteDatasetRequest DeleteDatasetResponse [name];
    GET "{D}/versions" "DatasetService/ListDatasetVersions" ListDatasetVersionsRequest ListDatasetVersionsResponse [parent];
    GET "{DV}" "DatasetService/GetDatasetVersion" GetDatasetVersionRequest GetDatasetVersionResponse [name];
    POST "{DV}:restore" "DatasetService/RestoreDatasetVersion" RestoreDatasetVersionRequest RestoreDatasetVersionResponse [name];
    DELETE "{DV}" "DatasetService/DeleteDatasetVersion" DeleteDatasetVersionRequest DeleteDatasetVersionResponse [name];
    POST "{W}:eraseAccounts" "DatasetService/EraseAccounts" EraseAccountsRequest EraseAccountsResponse [parent];
    GET "{M}/definition" "DefinitionService/GetDefinition" GetDefinitionRequest GetDefinitionResponse [model];
    PATCH "{M}/definition" "DefinitionService/UpdateDefinition" UpdateDefinitionRequest UpdateDefinitionResponse [definition.model];
    POST "{M}/definition:submit" "DefinitionService/SubmitDefinition" SubmitDefinitionRequest SubmitDefinitionResponse [model];
    POST "{M}/definition:approve" "DefinitionService/ApproveDefinition" ApproveDefinitionRequest ApproveDefinitionResponse [model];
    POST "{M}/definition:return" "DefinitionService/ReturnDefinition" ReturnDefinitionRequest ReturnDefinitionResponse [model];
    GET "{M}/definition:diff" "DefinitionService/DiffDefinitions" DiffDefinitionsRequest DiffDefinitionsResponse [model];
    GET "{M}/definition/versions" "DefinitionService/ListDefinitionVersions" ListDefinitionVersionsRequest ListDefinitionVersionsResponse [parent];
    GET "{M}/definition/versions/{}" "DefinitionService/GetDefinitionVersion" GetDefinitionVersionRequest GetDefinitionVersionResponse [model, number];
    POST "{M}/definition/hypotheses" "DefinitionService/CreateHypothesis" CreateHypothesisRequest CreateHypothesisResponse [parent];
    GET "{M}/definition/hypotheses" "DefinitionService/ListHypotheses" ListHypothesesRequest ListHypothesesResponse [parent];
    PATCH "{M}/definition/hypotheses/{}" "DefinitionService/UpdateHypothesis" UpdateHypothesisRequest UpdateHypothesisResponse [parent, hypothesis.hypothesis.id];
    DELETE "{M}/definition/hypotheses/{}" "DefinitionService/DeleteHypothesis" DeleteHypothesisRequest DeleteHypothesisResponse [parent, id];
    POST "{M}/definition/exclusionRules" "DefinitionService/CreateExclusionRule" CreateExclusionRuleRequest CreateExclusionRuleResponse [parent];
    GET "{M}/definition/exclusionRules" "DefinitionService/ListExclusionRules" ListExclusionRulesRequest ListExclusionRulesResponse [parent];
    PATCH "{M}/definition/exclusionRules/{}" "DefinitionService/UpdateExclusionRule" UpdateExclusionRuleRequest UpdateExclusionRuleResponse [parent, exclusion_rule.id];
    DELETE "{M}/definition/exclusionRules/{}" "DefinitionService/DeleteExclusionRule" DeleteExclusionRuleRequest DeleteExclusionRuleResponse [parent, id];
    POST "{M}/definition/findings" "DefinitionService/CreateFinding" CreateFindingRequest CreateFindingResponse [parent];
    GET "{M}/definition/findings" "DefinitionService/ListFindings" ListFindingsRequest ListFindingsResponse [parent];
    PATCH "{M}/definition/findings/{}" "DefinitionService/UpdateFinding" UpdateFindingRequest UpdateFindingResponse [parent, finding.id];
    DELETE "{M}/definition/findings/{}" "DefinitionService/DeleteFinding" DeleteFindingRequest DeleteFindingResponse [parent, id];
    POST "{M}/definition/comments" "DefinitionService/CreateComment" CreateCommentRequest CreateCommentResponse [parent];
    GET "{M}/definition/comments" "DefinitionService/ListComments" ListCommentsRequest ListCommentsResponse [parent];
    POST "{M}/definition/comments/{}:resolve" "DefinitionService/ResolveComment" ResolveCommentRequest ResolveCommentResponse [parent, id];
    DELETE "{M}/definition/comments/{}" "DefinitionService/DeleteComment" DeleteCommentRequest DeleteCommentResponse [parent, id];
    POST "{V}:renderReport" "ReportService/RenderReport" RenderReportRequest RenderReportResponse [version] => response::report;
    GET "{V}/icpSummary" "ReportService/GetIcpSummary" GetIcpSummaryRequest GetIcpSummaryResponse [version];
    GET "{V}/pondMap" "ReportService/GetPondMap" GetPondMapRequest GetPondMapResponse [version];
    GET "{V}/evaluationReport" "ReportService/GetEvaluationReport" GetEvaluationReportRequest GetEvaluationReportResponse [version];
    GET "{V}/segments" "ReportService/ListSegments" ListSegmentsRequest ListSegmentsResponse [version];
    GET "{V}/accountReview" "ReportService/GetAccountReview" GetAccountReviewRequest GetAccountReviewResponse [version];
    GET "{V}/reviewRows" "ReportService/ListReviewRows" ListReviewRowsRequest ListReviewRowsResponse [version];
    GET "{V}/valueCurve" "ReportService/GetValueCurve" GetValueCurveRequest GetValueCurveResponse [version];
    POST "{V}:valueCurve" "ReportService/GetValueCurve" GetValueCurveRequest GetValueCurveResponse [version];
    GET "{V}/badFitAccounts" "ReportService/ListBadFitAccounts" ListBadFitAccountsRequest ListBadFitAccountsResponse [version];
    POST "{V}:badFitAccounts" "ReportService/ListBadFitAccounts" ListBadFitAccountsRequest ListBadFitAccountsResponse [version];
    POST "{V}:rankTargets" "ReportService/RankTargets" RankTargetsRequest RankTargetsResponse [version];
    GET "store/stats" "StoreService/GetStoreStats" GetStoreStatsRequest GetStoreStatsResponse [];
    GET "caller" "AccessService/GetCaller" GetCallerRequest GetCallerResponse [];
    POST "apiKeys" "AccessService/CreateApiKey" CreateApiKeyRequest CreateApiKeyResponse [];
    GET "apiKeys" "AccessService/ListApiKeys" ListApiKeysRequest ListApiKeysResponse [];
    POST "apiKeys/{}:revoke" "AccessService/RevokeApiKey" RevokeApiKeyRequest RevokeApiKeyResponse [id];
    POST "apiKeys/{}:rotate" "AccessService/RotateApiKey" RotateApiKeyRequest RotateApiKeyResponse [id];
    GET "auditRecords" "AccessService/ListAuditRecords" ListAuditRecordsRequest ListAuditRecordsResponse [];
    GET "auditRecords:verify" "AccessService/VerifyAuditLog" VerifyAuditLogRequest VerifyAuditLogResponse [];
    POST "store:collectGarbage" "StoreService/CollectGarbage" CollectGarbageRequest CollectGarbageResponse [];
}

/// Decodes the request of a report whose format is a short word.
fn report_with_query(content: RequestContent<'_>, names: &[String]) -> Result<Vec<u8>, HttpRequestError> {
    let mut message: json::RenderReportRequest = match content {
        RequestContent::Query(query) => query::parse_report(query)?,
        body @ RequestContent::Body(_) => body.decode()?,
    };
    set_fields(names, vec![(&mut message.version, "version")])?;
    Ok(decode::encode(&message))
}
