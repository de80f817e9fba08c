//! The thresholds of a model's promotion checks.

use std::sync::Arc;

use prost::Message as _;
use sweetspot_core::Digest;
use sweetspot_proto::v1;
use sweetspot_store::registry::{CheckThresholds, PROMOTION_CHECKS, PromotionCheck, RequestKey, SetThresholdsRequest};
use tonic::Status;

use super::promotions::check_change;
use super::{ModelApi, parse_model_name};
use crate::api::violations::Violations;

/// Maximum number of changes in a request. It exceeds the number of thresholds, so that an unknown name is reported by
/// name.
const MAX_THRESHOLD_CHANGES: usize = 100;

impl ModelApi {
    /// Returns the checks with their thresholds.
    pub(super) async fn get_promotion_settings(
        &self,
        request: v1::GetPromotionSettingsRequest,
    ) -> Result<v1::GetPromotionSettingsResponse, Status> {
        let v1::GetPromotionSettingsRequest { model } = request;
        let mut problems = Violations::default();
        let model = parse_model_name("model", &model, &mut problems);
        let model = problems.finish(model)?;
        let registry = Arc::clone(&self.state.registry);
        let record = self.pool.run_store(move || registry.thresholds(&model)).await?;
        Ok(v1::GetPromotionSettingsResponse {
            checks: wire_checks(&record),
            model: record.model.to_string(),
            etag: record.etag,
        })
    }

    /// Changes thresholds.
    pub(super) async fn update_promotion_settings(
        &self,
        request: v1::UpdatePromotionSettingsRequest,
    ) -> Result<v1::UpdatePromotionSettingsResponse, Status> {
        let body = request_digest(&request);
        let v1::UpdatePromotionSettingsRequest { model, thresholds, reset, etag, reason, by, request_id } = request;
        let mut problems = Violations::default();
        let model = parse_model_name("model", &model, &mut problems);
        let actor = check_change(&reason, by, &request_id, &mut problems);
        if thresholds.len() + reset.len() > MAX_THRESHOLD_CHANGES {
            problems.add(
                "INVALID_THRESHOLD",
                "thresholds",
                format!("at most {MAX_THRESHOLD_CHANGES} thresholds can be set at once"),
            );
        }
        let model = problems.finish(model)?;
        let request = SetThresholdsRequest {
            model,
            etag,
            new_values: thresholds.into_iter().collect(),
            reset_names: reset,
            reason,
            actor,
            request: RequestKey { id: request_id, body },
        };
        let registry = Arc::clone(&self.state.registry);
        let record = self.pool.run_store(move || registry.set_thresholds(&request)).await?;
        Ok(v1::UpdatePromotionSettingsResponse {
            checks: wire_checks(&record),
            model: record.model.to_string(),
            etag: record.etag,
        })
    }
}

/// The digest of a request without its id, independent of the order of the map.
fn request_digest(request: &v1::UpdatePromotionSettingsRequest) -> Digest {
    let mut sorted: Vec<(&String, &f64)> = request.thresholds.iter().collect();
    sorted.sort_by_key(|(name, _)| *name);
    let rest = v1::UpdatePromotionSettingsRequest {
        thresholds: std::collections::HashMap::new(),
        request_id: String::new(),
        ..request.clone()
    };
    Digest::new(&[rest.encode_to_vec(), format!("{sorted:?}").into_bytes()].concat())
}

fn wire_checks(record: &CheckThresholds) -> Vec<v1::PromotionCheck> {
    let wire_check = |PromotionCheck { name, description, threshold, .. }: &PromotionCheck| v1::PromotionCheck {
        check: (*name).to_owned(),
        description: (*description).to_owned(),
        threshold_name: threshold.as_ref().map(|threshold| threshold.name.to_owned()).unwrap_or_default(),
        threshold: threshold.as_ref().map(|threshold| threshold.value(&record.values)),
        default_threshold: threshold.as_ref().map(|threshold| threshold.default),
    };
    PROMOTION_CHECKS.iter().map(wire_check).collect()
}
