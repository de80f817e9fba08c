//! Promotions, rollbacks and their history.

use std::sync::Arc;

use prost::Message as _;
use sweetspot_core::{Digest, ModelVersionAlias, ModelVersionName, ModelVersionRef, Scope};
use sweetspot_proto::v1;
use sweetspot_store::registry::{
    CheckOverride, PROMOTION_CHECKS, PromoteRequest, RequestKey, RollbackRequest, TierCutsChoice,
};
use tonic::Status;

use super::{ModelApi, parse_model_name};
use crate::api::convert::version::promotion;
use crate::api::limits::{MAX_ACTOR_BYTES, MAX_PROMOTION_REASON_BYTES};
use crate::api::pagination::PageRequest;
use crate::api::status::require_scope;
use crate::api::violations::{Violations, truncate_for_message};

/// The actor of requests that name none.
const ANONYMOUS: &str = "anonymous";

impl ModelApi {
    /// Moves an alias to a version.
    pub(super) async fn promote_model_version(
        &self,
        request: v1::PromoteModelVersionRequest,
    ) -> Result<v1::PromoteModelVersionResponse, Status> {
        let body = v1::PromoteModelVersionRequest { request_id: String::new(), ..request.clone() };
        let v1::PromoteModelVersionRequest { name, alias, etag, overrides, reason, request_id, by, tiers } = request;
        let mut problems = Violations::default();
        let version = parse_numbered_version(&name, &mut problems);
        let alias = parse_alias(&alias, &mut problems);
        let actor = check_change(&reason, by, &request_id, &mut problems);
        let tiers = problems.parse_enum("tiers", tiers).map(tier_cuts);
        let overrides = parse_overrides(overrides, &mut problems);
        if !overrides.is_empty() {
            require_scope(Scope::OverrideChecks)?;
        }
        let ((version, alias), tiers) = problems.finish(version.zip(alias).zip(tiers))?;
        let request = RequestKey { id: request_id, body: Digest::new(&body.encode_to_vec()) };
        let promote = PromoteRequest { version, alias, etag, overrides, tiers, reason, actor, request };
        let registry = Arc::clone(&self.state.registry);
        let done = self.pool.run_store(move || registry.promote(&promote)).await;
        self.readiness.refresh().await;
        Ok(v1::PromoteModelVersionResponse { promotion: Some(promotion(done?)) })
    }

    /// Moves an alias back to its previous version.
    pub(super) async fn rollback_model(
        &self,
        request: v1::RollbackModelRequest,
    ) -> Result<v1::RollbackModelResponse, Status> {
        let body = v1::RollbackModelRequest { request_id: String::new(), ..request.clone() };
        let v1::RollbackModelRequest { model, alias, etag, reason, request_id, by } = request;
        let mut problems = Violations::default();
        let model = parse_model_name("model", &model, &mut problems);
        let alias = parse_alias(&alias, &mut problems);
        let actor = check_change(&reason, by, &request_id, &mut problems);
        let (model, alias) = problems.finish(model.zip(alias))?;
        let request = RequestKey { id: request_id, body: Digest::new(&body.encode_to_vec()) };
        let rollback = RollbackRequest { model, alias, etag, reason, actor, request };
        let registry = Arc::clone(&self.state.registry);
        let done = self.pool.run_store(move || registry.rollback(&rollback)).await;
        self.readiness.refresh().await;
        Ok(v1::RollbackModelResponse { promotion: Some(promotion(done?)) })
    }

    /// Lists a page of promotions, newest first.
    pub(super) async fn list_promotions(
        &self,
        request: v1::ListPromotionsRequest,
    ) -> Result<v1::ListPromotionsResponse, Status> {
        let v1::ListPromotionsRequest { parent, page_size, page_token } = request;
        let mut problems = Violations::default();
        let model = parse_model_name("parent", &parent, &mut problems);
        let page = PageRequest::parse("ListPromotions", &parent, page_size, &page_token, &mut problems);
        let (model, page) = problems.finish(model.zip(page))?;
        let before = page.after.as_ref().and_then(|number| number.parse().ok());
        let (registry, limit) = (Arc::clone(&self.state.registry), page.size + 1);
        let records = self.pool.run_store(move || registry.promotions(&model, before, limit)).await?;
        let entries = records.into_iter().map(|(number, record)| (number.to_string(), promotion(record)));
        let (promotions, next_page_token) = page.fill(entries, self.max_response_bytes);
        Ok(v1::ListPromotionsResponse { promotions, next_page_token })
    }
}

/// Reads the name of a version that a change names by its number.
pub(super) fn parse_numbered_version(text: &str, problems: &mut Violations) -> Option<ModelVersionName> {
    match problems.parse_name("name", text)? {
        ModelVersionRef::Number(version) => Some(version),
        ModelVersionRef::Alias(..) => {
            let text = "an alias can move before the change: name the version by its number";
            problems.add("INVALID_NAME", "name", text);
            None
        }
    }
}

fn parse_alias(text: &str, problems: &mut Violations) -> Option<ModelVersionAlias> {
    let alias = if text.is_empty() { Some(ModelVersionAlias::Live) } else { ModelVersionAlias::parse(text) };
    if alias.is_none() {
        let text = format!("{:?} is not an alias: use live, candidate or previous", truncate_for_message(text));
        problems.add("INVALID_ALIAS", "alias", text);
    }
    alias
}

/// Checks the reason, the actor and the request id of a change to the registry, and returns the actor.
pub(super) fn check_change(reason: &str, by: String, request_id: &str, problems: &mut Violations) -> String {
    check_reason("reason", reason, problems);
    let actor = problems.person("by", by);
    if actor.len() > MAX_ACTOR_BYTES || actor.chars().any(char::is_control) {
        let text = format!("a name must have at most {MAX_ACTOR_BYTES} bytes and no control characters");
        problems.add("INVALID_PERSON", "by", text);
    }
    problems.check_request_id(request_id);
    if actor.trim().is_empty() { ANONYMOUS.to_owned() } else { actor }
}

fn check_reason(field: &str, reason: &str, problems: &mut Violations) {
    if reason.len() > MAX_PROMOTION_REASON_BYTES {
        problems.add("TEXT_TOO_LONG", field, format!("a reason must have at most {MAX_PROMOTION_REASON_BYTES} bytes"));
    }
}

fn parse_overrides(wire: Vec<v1::CheckOverride>, problems: &mut Violations) -> Vec<CheckOverride> {
    if wire.len() > PROMOTION_CHECKS.len() {
        let text = format!("there are {} promotion checks", PROMOTION_CHECKS.len());
        problems.add("UNKNOWN_CHECK", "overrides", text);
        return Vec::new();
    }
    let parse = |(number, v1::CheckOverride { check, reason }): (usize, v1::CheckOverride)| {
        check_reason(&format!("overrides[{number}].reason"), &reason, problems);
        CheckOverride { check, reason }
    };
    wire.into_iter().enumerate().map(parse).collect()
}

const fn tier_cuts(wire: v1::PromotionTiers) -> TierCutsChoice {
    match wire {
        v1::PromotionTiers::Unspecified | v1::PromotionTiers::Reset => TierCutsChoice::Reset,
        v1::PromotionTiers::Kept => TierCutsChoice::Keep,
    }
}
