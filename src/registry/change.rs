//! Promotion and roll-back: verify, record and move in one commit, then swap what is live.

use super::head::{Head, Move};
use super::ledger::{head_key, move_key};
use super::rows::{self, MoveRow};
use super::{Promote, PromotionRecord, Registry, RegistryError, Rollback, load};
use crate::domain::{Alias, ModelName, VersionName};
use crate::model::ModelArtifact;
use crate::store::{Commit, RequestKey, StoreError, requests};

/// The longest reason that is kept, in bytes of its JSON form.
pub const MAX_REASON_BYTES: usize = 1000;

/// What promotion and roll-back have in common.
struct Wish<'a> {
    method: &'static str,
    model: &'a ModelName,
    etag: &'a str,
    reason: &'a str,
    actor: &'a str,
    request: &'a RequestKey,
}

impl Registry {
    /// Moves an alias to a version: verify, record and move in one commit, then swap what is live.
    ///
    /// # Errors
    /// A stale etag, a failed gate, a version that does not exist or does not load.
    pub fn promote(&self, promote: &Promote) -> Result<PromotionRecord, RegistryError> {
        let Promote { version, alias, etag, override_gates, reason, actor, request } = promote;
        if *override_gates && reason.trim().is_empty() {
            return Err(RegistryError::ReasonMissing);
        }
        let wish = Wish { method: "promote", model: &version.model, etag, reason, actor, request };
        let gated = *alias == Alias::Live && !override_gates;
        let gate = |artifact: &ModelArtifact| if gated { check_signal(version, artifact) } else { Ok(()) };
        self.change(&wish, |head| Ok(head.promote(*alias, version.number)), gate)
    }

    /// Moves an alias back to the version before the current one; again, and it goes one further back. No gate is asked.
    ///
    /// # Errors
    /// A stale etag, or nothing to go back to.
    pub fn rollback(&self, rollback: &Rollback) -> Result<PromotionRecord, RegistryError> {
        let Rollback { model, alias, etag, reason, actor, request } = rollback;
        let wish = Wish { method: "rollback", model, etag, reason, actor, request };
        let nothing = || RegistryError::NothingToRollBack { model: model.clone(), alias: *alias };
        self.change(&wish, |head| head.roll_back(*alias).ok_or_else(nothing), |_| Ok(()))
    }

    fn change(
        &self,
        wish: &Wish<'_>,
        decide: impl FnOnce(&Head) -> Result<(Head, Move), RegistryError>,
        gate: impl FnOnce(&ModelArtifact) -> Result<(), RegistryError>,
    ) -> Result<PromotionRecord, RegistryError> {
        wish.check()?;
        let _one = self.one_at_a_time();
        let (model, scope) = (wish.model, wish.scope());
        if let Some(answer) = requests::seen(self.store.as_ref(), &scope, wish.request)? {
            self.follow(model);
            return self.ledger.promotion(model, rows::decode(&answer)?);
        }
        let before = self.ledger.head(model)?.ok_or_else(|| RegistryError::NoModel { model: model.clone() })?;
        if rows::etag(model, before.head.revision) != wish.etag {
            return Err(RegistryError::StaleEtag { model: model.clone() });
        }
        let (head, entry) = decide(&before.head)?;
        let name = VersionName { model: model.clone(), number: entry.to };
        let artifact = self.ledger.artifact(&name)?;
        let loaded = load::compile(&name, &artifact)?;
        gate(&artifact)?;
        let now = self.clock.now();
        let row = MoveRow::new(&entry, head.revision, wish.actor, wish.reason, now);
        let commit = requests::remember(&scope, wish.request, &rows::encode(&entry.number)?, now)
            .create(move_key(model, entry.number), rows::encode(&row)?)
            .replace(head_key(model), Some(before.bytes), rows::encode(&head)?);
        self.commit(model, &commit)?;
        if entry.alias == Alias::Live {
            self.live.put(&loaded);
        }
        Ok(row.record(model)?)
    }

    /// Commits a change of a model. Where a commit fails, it may have happened all the same: what is live follows the store.
    pub(super) fn commit(&self, model: &ModelName, commit: &Commit) -> Result<(), RegistryError> {
        match self.store.commit(commit) {
            Ok(()) => Ok(()),
            Err(StoreError::Conflict { key }) if key == head_key(model) => {
                Err(RegistryError::StaleEtag { model: model.clone() })
            }
            Err(error) => {
                self.follow(model);
                Err(error.into())
            }
        }
    }

    /// Loads what the store says is live, where that is not what is live in memory.
    fn follow(&self, model: &ModelName) {
        let in_memory = self.live.get(model).map(|loaded| loaded.name.number);
        match self.ledger.head(model) {
            Ok(Some(row)) if row.head.at(Alias::Live) != in_memory => {
                if let Some(loaded) = load::live_version(&self.ledger, model, &row.head) {
                    self.live.put(&loaded);
                }
            }
            Ok(_) => {}
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, %model, "what is live cannot be read: the version in memory goes on");
            }
        }
    }
}

impl Wish<'_> {
    /// What can be refused without reading anything.
    fn check(&self) -> Result<(), RegistryError> {
        if self.etag.is_empty() {
            return Err(RegistryError::EtagMissing);
        }
        if rows::encode(&self.reason)?.len() > MAX_REASON_BYTES {
            return Err(RegistryError::ReasonTooLong);
        }
        Ok(())
    }

    fn scope(&self) -> String {
        format!("{}/{}", self.model.workspace, self.method)
    }
}

/// The gate `signal`: the model must be better than the base rate beyond doubt.
fn check_signal(version: &VersionName, artifact: &ModelArtifact) -> Result<(), RegistryError> {
    let evaluation = artifact.evaluation();
    if evaluation.has_signal() {
        return Ok(());
    }
    let (auc, low, high) = (evaluation.auc, evaluation.auc_low, evaluation.auc_high);
    let why = if evaluation.rows == 0 {
        "it was not judged, for too few customers are ideal, or too few are not".to_owned()
    } else {
        let signal = evaluation.signal().words();
        format!("its ranking is {signal} (AUC {auc:.3}, 95% interval {low:.3} to {high:.3}, where 0.5 is chance)")
    };
    Err(RegistryError::GateFailed { version: version.clone(), gate: "signal", why })
}
