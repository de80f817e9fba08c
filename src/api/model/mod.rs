//! The model service: runs, versions, promotions.

mod artifact_file;
mod compare;
mod definition_for_training;
mod delete;
mod export;
mod import;
mod models;
mod promotion_settings;
mod promotions;
mod runs;
mod segments_for_training;
mod versions;

use sweetspot_core::ModelName;

pub(crate) use self::delete::find_approval;
use super::AppState;
use super::blocking_pool::BlockingPool;
use super::readiness::Readiness;
use super::unary_methods::unary_methods;
use super::violations::Violations;
use super::wire::received::model_service_server::ModelService;

/// The model for requests that name none.
const DEFAULT_MODEL: &str = "workspaces/default/models/default";

/// Implements the model service.
#[derive(Clone, Debug)]
pub(super) struct ModelApi {
    pub(super) state: AppState,
    pub(super) readiness: Readiness,
    pub(super) pool: BlockingPool,
    pub(super) max_response_bytes: usize,
}

fn parse_model_name(field: &str, text: &str, problems: &mut Violations) -> Option<ModelName> {
    problems.parse_name_or(field, text, DEFAULT_MODEL)
}

unary_methods! {
    impl ModelService for ModelApi;
    list_workspaces(ListWorkspacesRequest) -> ListWorkspacesResponse;
    get_model(GetModelRequest) -> GetModelResponse;
    list_models(ListModelsRequest) -> ListModelsResponse;
    delete_model(DeleteModelRequest) -> DeleteModelResponse;
    delete_model_version(DeleteModelVersionRequest) -> DeleteModelVersionResponse;
    train_model(TrainModelRequest) -> TrainModelResponse;
    get_training_run(GetTrainingRunRequest) -> GetTrainingRunResponse;
    wait_training_run(WaitTrainingRunRequest) -> WaitTrainingRunResponse;
    list_training_runs(ListTrainingRunsRequest) -> ListTrainingRunsResponse;
    cancel_training_run(CancelTrainingRunRequest) -> CancelTrainingRunResponse;
    get_model_version(GetModelVersionRequest) -> GetModelVersionResponse;
    update_model_version(UpdateModelVersionRequest) -> UpdateModelVersionResponse;
    list_model_versions(ListModelVersionsRequest) -> ListModelVersionsResponse;
    promote_model_version(PromoteModelVersionRequest) -> PromoteModelVersionResponse;
    rollback_model(RollbackModelRequest) -> RollbackModelResponse;
    list_promotions(ListPromotionsRequest) -> ListPromotionsResponse;
    get_promotion_settings(GetPromotionSettingsRequest) -> GetPromotionSettingsResponse;
    update_promotion_settings(UpdatePromotionSettingsRequest) -> UpdatePromotionSettingsResponse;
    compare_model_versions(CompareModelVersionsRequest) -> CompareModelVersionsResponse;
    export_model_version(ExportModelVersionRequest) -> ExportModelVersionResponse;
    import_model_version(ImportModelVersionRequest) -> ImportModelVersionResponse;
}
