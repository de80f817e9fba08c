//! How strict the promotion checks of a model are.

use std::sync::Arc;

use prost::Message as _;
use sweetspot_core::Digest;
use sweetspot_proto::v1;
use sweetspot_store::registry::{PROMOTION_CHECKS, PromotionCheck, RequestKey, SetThresholds, ThresholdsRecord};
use tonic::Status;

use super::promotions::{actor, check};
use super::{Model, model_name};
use crate::api::problems::Problems;
use crate::api::status::status;

/// Most entries of a change: more than there are thresholds, so that one name too many is told by its name.
const MAX_ENTRIES: usize = 100;

impl Model {
    /// The checks with their thresholds.
    pub(super) async fn get_settings(
        &self,
        request: v1::GetPromotionSettingsRequest,
    ) -> Result<v1::GetPromotionSettingsResponse, Status> {
        let v1::GetPromotionSettingsRequest { model } = request;
        let mut problems = Problems::default();
        let model = model_name("model", &model, &mut problems);
        let model = problems.check(model).map_err(|fault| status(&fault))?;
        let registry = Arc::clone(&self.parts.registry);
        let record = self.work.keep(move || registry.thresholds(&model)).await?;
        Ok(v1::GetPromotionSettingsResponse {
            checks: checks(&record),
            model: record.model.to_string(),
            etag: record.etag,
        })
    }

    /// Sets thresholds.
    pub(super) async fn update_settings(
        &self,
        request: v1::UpdatePromotionSettingsRequest,
    ) -> Result<v1::UpdatePromotionSettingsResponse, Status> {
        let body = body(&request);
        let v1::UpdatePromotionSettingsRequest { model, thresholds, reset, etag, reason, by, request_id } = request;
        let mut problems = Problems::default();
        let model = model_name("model", &model, &mut problems);
        check(&reason, &by, &request_id, &mut problems);
        if thresholds.len() + reset.len() > MAX_ENTRIES {
            problems.add(
                "INVALID_THRESHOLD",
                "thresholds",
                format!("at most {MAX_ENTRIES} thresholds can be set at once"),
            );
        }
        let model = problems.check(model).map_err(|fault| status(&fault))?;
        let wish = SetThresholds {
            model,
            etag,
            set: thresholds.into_iter().collect(),
            reset,
            reason,
            actor: actor(by),
            request: RequestKey { id: request_id, body },
        };
        let registry = Arc::clone(&self.parts.registry);
        let record = self.work.keep(move || registry.set_thresholds(&wish)).await?;
        Ok(v1::UpdatePromotionSettingsResponse {
            checks: checks(&record),
            model: record.model.to_string(),
            etag: record.etag,
        })
    }
}

/// Digest of everything but the id, whatever the order of the map.
fn body(request: &v1::UpdatePromotionSettingsRequest) -> Digest {
    let mut sorted: Vec<(&String, &f64)> = request.thresholds.iter().collect();
    sorted.sort_by_key(|(name, _)| *name);
    let rest = v1::UpdatePromotionSettingsRequest {
        thresholds: std::collections::HashMap::new(),
        request_id: String::new(),
        ..request.clone()
    };
    Digest::of(&[rest.encode_to_vec(), format!("{sorted:?}").into_bytes()].concat())
}

fn checks(record: &ThresholdsRecord) -> Vec<v1::PromotionCheck> {
    let told = |PromotionCheck { name, description, threshold, .. }: &PromotionCheck| v1::PromotionCheck {
        check: (*name).to_owned(),
        description: (*description).to_owned(),
        threshold_name: threshold.as_ref().map(|threshold| threshold.name.to_owned()).unwrap_or_default(),
        threshold: threshold.as_ref().map(|threshold| threshold.value(&record.set)),
        default_threshold: threshold.as_ref().map(|threshold| threshold.default),
    };
    PROMOTION_CHECKS.iter().map(told).collect()
}
