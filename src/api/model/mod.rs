//! The model service: runs, versions, promotions.

mod checks;
mod compare;
mod held;
mod promotions;
mod runs;
mod versions;

use sweetspot_core::ModelName;
use sweetspot_proto::v1;
use tonic::{Request, Response, Status};

use super::Parts;
use super::answer::answer;
use super::problems::Problems;
use super::readiness::Readiness;
use super::wire::received;
use super::wire::received::model_service_server::ModelService;
use super::work::Work;

/// The model that is meant where none is named.
const DEFAULT_MODEL: &str = "workspaces/default/models/default";

/// The service.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) parts: Parts,
    pub(super) readiness: Readiness,
    pub(super) work: Work,
    pub(super) most_out: usize,
}

fn model_name(field: &str, text: &str, problems: &mut Problems) -> Option<ModelName> {
    problems.name_or(field, text, DEFAULT_MODEL)
}

/// One method of the service a line: which method of ours does the work.
macro_rules! methods {
    ($($method:ident($request:ident) -> $response:ident by $ours:ident;)*) => {
        #[tonic::async_trait]
        impl ModelService for Model {
            $(async fn $method(&self, request: Request<received::$request>) -> Result<Response<v1::$response>, Status> {
                answer(self.$ours(request.into_inner()).await?, self.most_out)
            })*
        }
    };
}

methods! {
    train_model(TrainModelRequest) -> TrainModelResponse by train;
    get_training_run(GetTrainingRunRequest) -> GetTrainingRunResponse by get_run;
    wait_training_run(WaitTrainingRunRequest) -> WaitTrainingRunResponse by wait_run;
    list_training_runs(ListTrainingRunsRequest) -> ListTrainingRunsResponse by list_runs;
    cancel_training_run(CancelTrainingRunRequest) -> CancelTrainingRunResponse by cancel_run;
    get_model_version(GetModelVersionRequest) -> GetModelVersionResponse by get_version;
    list_model_versions(ListModelVersionsRequest) -> ListModelVersionsResponse by list_versions;
    promote_model_version(PromoteModelVersionRequest) -> PromoteModelVersionResponse by promote;
    rollback_model(RollbackModelRequest) -> RollbackModelResponse by rollback;
    list_promotions(ListPromotionsRequest) -> ListPromotionsResponse by list_promotions_of;
    get_promotion_settings(GetPromotionSettingsRequest) -> GetPromotionSettingsResponse by get_settings;
    update_promotion_settings(UpdatePromotionSettingsRequest) -> UpdatePromotionSettingsResponse by update_settings;
    compare_model_versions(CompareModelVersionsRequest) -> CompareModelVersionsResponse by compare;
    export_model_version(ExportModelVersionRequest) -> ExportModelVersionResponse by export;
}
