//! The definition service: the living definition of a model, its entries, its approval, and its approved versions.

mod approval;
mod comments;
mod diff;
mod entries;
mod get_and_update;
mod matching_customers;
mod unknown_names;
mod versions;

use prost::Message;
use sweetspot_core::{Digest, ModelName};
use sweetspot_store::definitions::EditRequest;
use sweetspot_store::registry::RequestKey;

use super::AppState;
use super::blocking_pool::BlockingPool;
use super::unary_methods::unary_methods;
use super::violations::Violations;
use super::wire::received::definition_service_server::DefinitionService;

/// The model for requests that name none.
const DEFAULT_MODEL: &str = "workspaces/default/models/default";

/// Implements the definition service.
#[derive(Debug)]
pub(super) struct DefinitionApi {
    pub(super) state: AppState,
    pub(super) pool: BlockingPool,
    pub(super) max_response_bytes: usize,
}

unary_methods! {
    impl DefinitionService for DefinitionApi;
    create_hypothesis(CreateHypothesisRequest) -> CreateHypothesisResponse;
    list_hypotheses(ListHypothesesRequest) -> ListHypothesesResponse;
    update_hypothesis(UpdateHypothesisRequest) -> UpdateHypothesisResponse;
    delete_hypothesis(DeleteHypothesisRequest) -> DeleteHypothesisResponse;
    create_exclusion_rule(CreateExclusionRuleRequest) -> CreateExclusionRuleResponse;
    list_exclusion_rules(ListExclusionRulesRequest) -> ListExclusionRulesResponse;
    update_exclusion_rule(UpdateExclusionRuleRequest) -> UpdateExclusionRuleResponse;
    delete_exclusion_rule(DeleteExclusionRuleRequest) -> DeleteExclusionRuleResponse;
    create_finding(CreateFindingRequest) -> CreateFindingResponse;
    list_findings(ListFindingsRequest) -> ListFindingsResponse;
    update_finding(UpdateFindingRequest) -> UpdateFindingResponse;
    delete_finding(DeleteFindingRequest) -> DeleteFindingResponse;
    create_comment(CreateCommentRequest) -> CreateCommentResponse;
    list_comments(ListCommentsRequest) -> ListCommentsResponse;
    resolve_comment(ResolveCommentRequest) -> ResolveCommentResponse;
    delete_comment(DeleteCommentRequest) -> DeleteCommentResponse;
    get_definition(GetDefinitionRequest) -> GetDefinitionResponse;
    update_definition(UpdateDefinitionRequest) -> UpdateDefinitionResponse;
    submit_definition(SubmitDefinitionRequest) -> SubmitDefinitionResponse;
    approve_definition(ApproveDefinitionRequest) -> ApproveDefinitionResponse;
    return_definition(ReturnDefinitionRequest) -> ReturnDefinitionResponse;
    list_definition_versions(ListDefinitionVersionsRequest) -> ListDefinitionVersionsResponse;
    get_definition_version(GetDefinitionVersionRequest) -> GetDefinitionVersionResponse;
    diff_definitions(DiffDefinitionsRequest) -> DiffDefinitionsResponse;
}

/// The common parameters of all changes to a definition.
struct ChangeCall {
    /// The method, which separates its request ids from those of other methods.
    method: &'static str,
    /// The request field that names the model, and its value.
    model: (&'static str, String),
    etag: String,
    request_id: String,
    /// The digest of the request.
    body: Digest,
}

impl ChangeCall {
    /// Validates the parameters.
    fn edit_request(self, problems: &mut Violations) -> Option<EditRequest> {
        let Self { method, model: (field, model), etag, request_id, body } = self;
        problems.check_request_id(&request_id);
        let model = parse_model_name(field, &model, problems)?;
        Some(EditRequest { model, method, etag, request: RequestKey { id: request_id, body } })
    }
}

fn parse_model_name(field: &str, text: &str, problems: &mut Violations) -> Option<ModelName> {
    problems.parse_name_or(field, text, DEFAULT_MODEL)
}

/// The digest of a request, including its id: a repeated request has the same id.
fn request_digest(request: &impl Message) -> Digest {
    Digest::new(&request.encode_to_vec())
}
