//! What is live, and how it came to be.

use std::sync::Arc;

use prost::Message as _;
use sweetspot_core::{Alias, Digest, VersionName, VersionRef};
use sweetspot_proto::v1;
use sweetspot_store::registry::{CheckOverride, PROMOTION_CHECKS, Promote, RequestKey, Rollback, TierCuts};
use tonic::Status;

use super::{Model, model_name};
use crate::api::convert::version::promotion;
use crate::api::limits::{BY_BYTES, REASON_BYTES};
use crate::api::page::Page;
use crate::api::problems::{Problems, echo};
use crate::api::status::status;

/// Who acts where the request does not say.
const ANONYMOUS: &str = "anonymous";

impl Model {
    /// Moves an alias.
    pub(super) async fn promote(
        &self,
        request: v1::PromoteModelVersionRequest,
    ) -> Result<v1::PromoteModelVersionResponse, Status> {
        let body = v1::PromoteModelVersionRequest { request_id: String::new(), ..request.clone() };
        let v1::PromoteModelVersionRequest { name, alias, etag, overrides, reason, request_id, by, tiers } = request;
        let mut problems = Problems::default();
        let version = numbered(&name, &mut problems);
        let alias = parse_alias(&alias, &mut problems);
        check(&reason, &by, &request_id, &mut problems);
        let tiers = problems.known("tiers", tiers).map(tier_cuts);
        let overrides = parse_overrides(overrides, &mut problems);
        let whole = problems.check(version.zip(alias).zip(tiers));
        let ((version, alias), tiers) = whole.map_err(|fault| status(&fault))?;
        let request = RequestKey { id: request_id, body: Digest::of(&body.encode_to_vec()) };
        let promote = Promote { version, alias, etag, overrides, tiers, reason, actor: actor(by), request };
        let registry = Arc::clone(&self.parts.registry);
        let done = self.work.keep(move || registry.promote(&promote)).await;
        self.readiness.refresh().await;
        Ok(v1::PromoteModelVersionResponse { promotion: Some(promotion(done?)) })
    }

    /// Moves an alias back.
    pub(super) async fn rollback(
        &self,
        request: v1::RollbackModelRequest,
    ) -> Result<v1::RollbackModelResponse, Status> {
        let body = v1::RollbackModelRequest { request_id: String::new(), ..request.clone() };
        let v1::RollbackModelRequest { model, alias, etag, reason, request_id, by } = request;
        let mut problems = Problems::default();
        let model = model_name("model", &model, &mut problems);
        let alias = parse_alias(&alias, &mut problems);
        check(&reason, &by, &request_id, &mut problems);
        let (model, alias) = problems.check(model.zip(alias)).map_err(|fault| status(&fault))?;
        let request = RequestKey { id: request_id, body: Digest::of(&body.encode_to_vec()) };
        let rollback = Rollback { model, alias, etag, reason, actor: actor(by), request };
        let registry = Arc::clone(&self.parts.registry);
        let done = self.work.keep(move || registry.rollback(&rollback)).await;
        self.readiness.refresh().await;
        Ok(v1::RollbackModelResponse { promotion: Some(promotion(done?)) })
    }

    /// A page of moves, newest first.
    pub(super) async fn list_promotions_of(
        &self,
        request: v1::ListPromotionsRequest,
    ) -> Result<v1::ListPromotionsResponse, Status> {
        let v1::ListPromotionsRequest { parent, page_size, page_token } = request;
        let mut problems = Problems::default();
        let model = model_name("parent", &parent, &mut problems);
        let page = Page::parse("ListPromotions", &parent, page_size, &page_token, &mut problems);
        let (model, page) = problems.check(model.zip(page)).map_err(|fault| status(&fault))?;
        let before = page.after.as_ref().and_then(|number| number.parse().ok());
        let (registry, limit) = (Arc::clone(&self.parts.registry), page.size + 1);
        let records = self.work.keep(move || registry.promotions(&model, before, limit)).await?;
        let entries = records.into_iter().map(|(number, record)| (number.to_string(), promotion(record)));
        let (promotions, next_page_token) = page.fill(entries, self.most_out);
        Ok(v1::ListPromotionsResponse { promotions, next_page_token })
    }
}

fn numbered(text: &str, problems: &mut Problems) -> Option<VersionName> {
    match problems.name("name", text)? {
        VersionRef::Number(version) => Some(version),
        VersionRef::Alias(..) => {
            let text = "an alias can move before the promotion: name the version by its number";
            problems.add("INVALID_NAME", "name", text);
            None
        }
    }
}

fn parse_alias(text: &str, problems: &mut Problems) -> Option<Alias> {
    let alias = if text.is_empty() { Some(Alias::Live) } else { Alias::parse(text) };
    if alias.is_none() {
        let text = format!("{:?} is not an alias: use live, candidate or previous", echo(text));
        problems.add("INVALID_ALIAS", "alias", text);
    }
    alias
}

/// Checks what every change of a model's registry state says: why, who, and its id.
pub(super) fn check(reason: &str, by: &str, request_id: &str, problems: &mut Problems) {
    check_reason("reason", reason, problems);
    if by.len() > BY_BYTES || by.chars().any(char::is_control) {
        let text = format!("a name must have at most {BY_BYTES} bytes and no control characters");
        problems.add("INVALID_PERSON", "by", text);
    }
    problems.request_id(request_id);
}

fn check_reason(field: &str, reason: &str, problems: &mut Problems) {
    if reason.len() > REASON_BYTES {
        problems.add("TEXT_TOO_LONG", field, format!("a reason must have at most {REASON_BYTES} bytes"));
    }
}

/// Who acts.
pub(super) fn actor(by: String) -> String {
    if by.trim().is_empty() { ANONYMOUS.to_owned() } else { by }
}

fn parse_overrides(wire: Vec<v1::CheckOverride>, problems: &mut Problems) -> Vec<CheckOverride> {
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

const fn tier_cuts(wire: v1::PromotionTiers) -> TierCuts {
    match wire {
        v1::PromotionTiers::Unspecified | v1::PromotionTiers::Reset => TierCuts::Reset,
        v1::PromotionTiers::Kept => TierCuts::Keep,
    }
}
