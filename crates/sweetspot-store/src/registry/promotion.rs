//! Promotion and roll-back: each verifies the version, commits the move with its history entry, and swaps the live
//! version.

use sweetspot_core::{ModelName, ModelVersionAlias, ModelVersionName};
use sweetspot_model::ModelArtifact;

use super::checks::{self, CheckResult, CheckStatus};
use super::model_state::{AliasMove, ModelState};
use super::records::{CheckOverride, PromotionKind, TierCutsChoice};
use super::row_reader::{StoredModelState, model_state_key, move_key, tiers_key};
use super::rows::{self, AliasMoveRow, PromotionDetails, TiersRow};
use super::{FailedCheck, PromoteRequest, PromotionRecord, Registry, RegistryError, RollbackRequest, version_cache};
use crate::store::{Commit, RequestKey, StoreError, idempotency};

/// The maximum total length of the reasons in a history entry, in bytes of their JSON form.
pub const MAX_REASON_BYTES: usize = 1000;

/// The parameters that promotion and roll-back share.
struct AliasChange<'a> {
    method: &'static str,
    kind: PromotionKind,
    model: &'a ModelName,
    etag: &'a str,
    reason: &'a str,
    overrides: &'a [CheckOverride],
    actor: &'a str,
    request: &'a RequestKey,
}

/// The effects of a promotion besides the move: overridden checks, and a change of tiers.
#[derive(Default)]
struct PromotionEffects {
    overrides: Vec<CheckOverride>,
    tiers: Option<TierCutsChange>,
}

/// The tier cuts of the version that goes live.
enum TierCutsChange {
    /// The tier cuts of the previous live version.
    Inherit([f64; 3]),
    /// The tier cuts from the version's own training.
    Reset,
}

impl TierCutsChange {
    /// The minimum probabilities of tiers A, B and C. `None` for those from the version's own training.
    const fn cuts(&self) -> Option<[f64; 3]> {
        match self {
            Self::Inherit(cuts) => Some(*cuts),
            Self::Reset => None,
        }
    }
}

impl Registry {
    /// Moves an alias to a version: verifies and checks it, commits the move with its history entry, then swaps the
    /// live version.
    ///
    /// # Errors
    /// If the etag is stale, a promotion check fails without an override, or the version does not exist or cannot be
    /// loaded.
    pub fn promote(&self, promote: &PromoteRequest) -> Result<PromotionRecord, RegistryError> {
        let PromoteRequest { version, alias, etag, overrides, tiers, reason, actor, request } = promote;
        check_overrides(overrides, reason)?;
        let (method, kind) = ("promote", PromotionKind::Promoted);
        let change = AliasChange { method, kind, model: &version.model, etag, reason, overrides, actor, request };
        let checked = if *alias == ModelVersionAlias::Live { self.precheck(&change, version)? } else { None };
        let approve = |state: &ModelState, artifact: &ModelArtifact| {
            if *alias != ModelVersionAlias::Live {
                return Ok(PromotionEffects::default());
            }
            let results = checked.map_or_else(|| self.check_results(state, version, artifact), Ok)?;
            let overrides = needed_overrides(&change, version, results)?;
            Ok(PromotionEffects { overrides, tiers: self.tiers_change(*tiers, state, version)? })
        };
        self.change_alias(&change, |state| Ok(state.promote(*alias, version.number)), approve)
    }

    /// Moves an alias back to the version before the current one; a repetition goes further back. Promotion checks are
    /// not evaluated.
    ///
    /// # Errors
    /// If the etag is stale, or there is no earlier version.
    pub fn rollback(&self, rollback: &RollbackRequest) -> Result<PromotionRecord, RegistryError> {
        let RollbackRequest { model, alias, etag, reason, actor, request } = rollback;
        let (method, kind) = ("rollback", PromotionKind::RolledBack);
        let change = AliasChange { method, kind, model, etag, reason, overrides: &[], actor, request };
        let nothing = || RegistryError::NothingToRollBack { model: model.clone(), alias: *alias };
        self.change_alias(
            &change,
            |state| state.roll_back(*alias).ok_or_else(nothing),
            |_, _| Ok(PromotionEffects::default()),
        )
    }

    fn change_alias(
        &self,
        change: &AliasChange<'_>,
        decide: impl FnOnce(&ModelState) -> Result<(ModelState, AliasMove), RegistryError>,
        approve: impl FnOnce(&ModelState, &ModelArtifact) -> Result<PromotionEffects, RegistryError>,
    ) -> Result<PromotionRecord, RegistryError> {
        change.check()?;
        let _one = self.lock();
        let (model, scope) = (change.model, change.scope());
        if let Some(answer) = idempotency::find_answer(self.store.as_ref(), &scope, change.request)? {
            self.reload_live(model);
            return self.reader.promotion(model, rows::decode(&answer)?);
        }
        let before = self.existing_state(model)?;
        if rows::etag(model, before.state.revision) != change.etag {
            return Err(RegistryError::StaleEtag { model: model.clone() });
        }
        let (state, entry) = decide(&before.state)?;
        let state = state.changed_at(self.clock.now());
        let name = ModelVersionName { model: model.clone(), number: entry.to_version };
        let artifact = self.reader.artifact(&name)?;
        match approve(&before.state, &artifact) {
            Ok(approval) => self.move_alias(change, before, (&state, &entry), artifact, approval),
            Err(refusal) => {
                self.record_refusal(change, before, &entry, &refusal);
                Err(refusal)
            }
        }
    }

    /// Commits a move with its history entry, then swaps the live version.
    fn move_alias(
        &self,
        change: &AliasChange<'_>,
        before: StoredModelState,
        (state, entry): (&ModelState, &AliasMove),
        mut artifact: ModelArtifact,
        PromotionEffects { overrides, tiers }: PromotionEffects,
    ) -> Result<PromotionRecord, RegistryError> {
        let (model, now) = (change.model, self.clock.now());
        let name = ModelVersionName { model: model.clone(), number: entry.to_version };
        let mut commit =
            idempotency::record_answer(&change.scope(), change.request, &rows::encode(&entry.number)?, now);
        if let Some(cuts) = tiers.as_ref().map(TierCutsChange::cuts) {
            artifact = self.reader.artifact_with(&name, cuts)?;
            let row = cuts.map(|cuts| rows::encode(&TiersRow { cuts })).transpose()?;
            commit.writes.push((tiers_key(&name), row));
        }
        let loaded = version_cache::compile(&name, &artifact)?;
        let tiers_kept = tiers.map(|change| change.cuts().is_some());
        let details = PromotionDetails { kind: change.kind, overrides, failed: Vec::new(), tiers_kept };
        let row = AliasMoveRow::new(entry, state.revision, (change.actor, change.reason), details, now);
        let commit = commit.create(move_key(model, entry.number), rows::encode(&row)?).replace(
            model_state_key(model),
            Some(before.bytes),
            rows::encode(state)?,
        );
        self.commit(model, &commit)?;
        self.recent.insert(&loaded);
        if entry.alias == ModelVersionAlias::Live {
            self.live.insert(model, &loaded.into());
        }
        let record = row.record(model, entry.number)?;
        log_move(&record);
        Ok(record)
    }

    /// Evaluates the promotion checks before the lock is taken: they may read two sets of customers, and other changes
    /// must not wait for that. The results remain valid as long as the etag is current. Returns `None` if the etag is
    /// not current, or if the request was already answered.
    fn precheck(
        &self,
        change: &AliasChange<'_>,
        version: &ModelVersionName,
    ) -> Result<Option<Vec<CheckResult>>, RegistryError> {
        change.check()?;
        if idempotency::find_answer(self.store.as_ref(), &change.scope(), change.request)?.is_some() {
            return Ok(None);
        }
        let row = self.reader.model_state(change.model)?;
        let Some(row) = row.filter(|row| rows::etag(change.model, row.state.revision) == change.etag) else {
            return Ok(None);
        };
        self.check_results(&row.state, version, &self.reader.artifact(version)?).map(Some)
    }

    fn tiers_change(
        &self,
        requested: TierCutsChoice,
        state: &ModelState,
        version: &ModelVersionName,
    ) -> Result<Option<TierCutsChange>, RegistryError> {
        let model = &version.model;
        if requested == TierCutsChoice::Reset {
            return Ok(Some(TierCutsChange::Reset));
        }
        let number = state
            .alias_target(ModelVersionAlias::Live)
            .ok_or_else(|| RegistryError::NoLiveVersion { model: model.clone() })?;
        let live = self.reader.artifact(&ModelVersionName { model: model.clone(), number })?;
        Ok(live.tier_cuts().map(TierCutsChange::Inherit))
    }

    /// Adds a refusal to the history and logs it. An error of the store does not affect the refusal.
    fn record_refusal(
        &self,
        change: &AliasChange<'_>,
        before: StoredModelState,
        entry: &AliasMove,
        refusal: &RegistryError,
    ) {
        let RegistryError::ChecksFailed { version, failed } = refusal else { return };
        let checks: Vec<&str> = failed.iter().map(|failed| failed.check).collect();
        let (actor, reason, why) = (change.actor, change.reason, refusal.to_string());
        tracing::warn!(%version, alias = %entry.alias, by = actor, reason, checks = checks.join(","), why, "promotion refused");
        let store_refusal = || -> Result<(), StoreError> {
            let model = &version.model;
            let state = before.state.with_history_entry();
            let entry = AliasMove { number: state.moves, ..*entry };
            let failed = checks.iter().map(|check| (*check).to_owned()).collect();
            let details = PromotionDetails { kind: PromotionKind::Refused, failed, ..PromotionDetails::default() };
            let row = AliasMoveRow::new(&entry, state.revision, (actor, reason), details, self.clock.now());
            let commit = Commit::default().create(move_key(model, entry.number), rows::encode(&row)?).replace(
                model_state_key(model),
                Some(before.bytes),
                rows::encode(&state)?,
            );
            self.store.commit(&commit)
        };
        if let Err(error) = store_refusal() {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, %version, "cannot store a refusal in the history");
        }
    }

    /// Commits a change of a model. A commit that returns an error may still have taken effect, so the live version is
    /// reloaded.
    pub(super) fn commit(&self, model: &ModelName, commit: &Commit) -> Result<(), RegistryError> {
        match self.store.commit(commit) {
            Ok(()) => Ok(()),
            Err(StoreError::Conflict { key }) if key == model_state_key(model) => {
                Err(RegistryError::StaleEtag { model: model.clone() })
            }
            Err(error) => {
                self.reload_live(model);
                Err(error.into())
            }
        }
    }

    /// Loads the live version according to the store, if it differs from the one in memory.
    fn reload_live(&self, model: &ModelName) {
        let in_memory = self.live.get(model).ok();
        let number = in_memory.as_ref().map(|loaded| loaded.name.number);
        match self.reader.model_state(model) {
            Ok(Some(row)) if row.state.alias_target(ModelVersionAlias::Live) != number => {
                let loaded = version_cache::load_live_version(&self.reader, model, &row.state, in_memory.as_ref());
                if let Some(entry) = loaded {
                    self.live.insert(model, &entry);
                }
            }
            Ok(_) => {}
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, %model, "cannot read which version is live: the version in memory stays in use");
            }
        }
    }
}

/// Returns the overrides that were needed.
///
/// # Errors
/// If a check failed without an override.
fn needed_overrides(
    change: &AliasChange<'_>,
    version: &ModelVersionName,
    results: Vec<CheckResult>,
) -> Result<Vec<CheckOverride>, RegistryError> {
    let failed = results.into_iter().filter(|result| result.status == CheckStatus::Failed);
    let named = |check: &str| change.overrides.iter().find(|one| one.check == check);
    let (overridden, refused): (Vec<_>, Vec<_>) = failed.partition(|result| named(result.check).is_some());
    if !refused.is_empty() {
        let failed = refused.into_iter().map(|result| FailedCheck { check: result.check, detail: result.detail });
        return Err(RegistryError::ChecksFailed { version: version.clone(), failed: failed.collect() });
    }
    Ok(overridden.iter().filter_map(|result| named(result.check)).cloned().collect())
}

/// Logs a move with its actor and reason.
fn log_move(record: &PromotionRecord) {
    let PromotionRecord {
        model,
        kind,
        alias,
        from_version: from,
        to_version: to,
        actor,
        reason,
        overrides,
        tiers_kept,
        ..
    } = record;
    let checks: Vec<&str> = overrides.iter().map(|one| one.check.as_str()).collect();
    let what = match kind {
        PromotionKind::RolledBack => "version rolled back",
        PromotionKind::Promoted | PromotionKind::Refused => "version promoted",
    };
    tracing::info!(
        %model, %alias, from, to, by = actor, reason, overrides = checks.join(","), tiers_kept, "{what}"
    );
}

/// Checks that each override names a check, names it only once, and has a reason of its own or from the promotion.
fn check_overrides(overrides: &[CheckOverride], reason: &str) -> Result<(), RegistryError> {
    for (number, CheckOverride { check, reason: own }) in overrides.iter().enumerate() {
        let repeated = overrides.iter().take(number).any(|other| other.check == *check);
        if repeated || checks::find_check(check).is_none() {
            return Err(RegistryError::UnknownCheck { check: check.chars().take(64).collect() });
        }
        if own.trim().is_empty() && reason.trim().is_empty() {
            return Err(RegistryError::ReasonMissing { check: check.clone() });
        }
    }
    Ok(())
}

impl AliasChange<'_> {
    /// Validates the request without reading from the store.
    fn check(&self) -> Result<(), RegistryError> {
        if self.etag.is_empty() {
            return Err(RegistryError::EtagMissing);
        }
        let own = self.overrides.iter().map(|one| one.reason.as_str()).filter(|reason| !reason.is_empty());
        let mut bytes = 0;
        for reason in std::iter::once(self.reason).chain(own) {
            bytes += rows::encode(&reason)?.len();
        }
        if bytes > MAX_REASON_BYTES {
            return Err(RegistryError::ReasonTooLong);
        }
        Ok(())
    }

    fn scope(&self) -> String {
        format!("{}/{}", self.model.workspace, self.method)
    }
}
