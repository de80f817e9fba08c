//! Promotion and roll-back: verify, record and move in one commit, then swap what is live.

use sweetspot_core::{Alias, ModelName, VersionName};
use sweetspot_model::ModelArtifact;

use super::checks::{self, CheckResult, CheckStatus};
use super::head::{Head, Move};
use super::ledger::{HeadRow, head_key, move_key, tiers_key};
use super::records::{CheckOverride, PromotionKind, TierCuts};
use super::rows::{self, MoveNotes, MoveRow, TiersRow};
use super::{FailedCheck, Promote, PromotionRecord, Registry, RegistryError, Rollback, load};
use crate::store::{Commit, RequestKey, StoreError, requests};

/// The longest reasons that are kept with one entry of the history, in bytes of their JSON form.
pub const MAX_REASON_BYTES: usize = 1000;

/// What promotion and roll-back have in common.
struct Wish<'a> {
    method: &'static str,
    kind: PromotionKind,
    model: &'a ModelName,
    etag: &'a str,
    reason: &'a str,
    overrides: &'a [CheckOverride],
    actor: &'a str,
    request: &'a RequestKey,
}

/// What is added to a move: what it overrides, and the tiers that the version has from then on.
#[derive(Default)]
struct Approval {
    overrides: Vec<CheckOverride>,
    tiers: Option<TiersChange>,
}

/// Where the tiers of the version that goes live begin from now on.
enum TiersChange {
    /// Where those of the version that was live begin.
    Keep([f64; 3]),
    /// Where its own training put them.
    Reset,
}

impl TiersChange {
    /// The least probabilities of tiers A, B and C; nothing where they are its training's.
    const fn cuts(&self) -> Option<[f64; 3]> {
        match self {
            Self::Keep(cuts) => Some(*cuts),
            Self::Reset => None,
        }
    }
}

impl Registry {
    /// Moves an alias to a version: verify, check, record and move in one commit, then swap what is live.
    ///
    /// # Errors
    /// A stale etag, a failed promotion check that is not overridden, a version that does not exist or does not load.
    pub fn promote(&self, promote: &Promote) -> Result<PromotionRecord, RegistryError> {
        let Promote { version, alias, etag, overrides, tiers, reason, actor, request } = promote;
        check_overrides(overrides, reason)?;
        let (method, kind) = ("promote", PromotionKind::Promoted);
        let wish = Wish { method, kind, model: &version.model, etag, reason, overrides, actor, request };
        let checked = if *alias == Alias::Live { self.check_ahead(&wish, version)? } else { None };
        let approve = |head: &Head, artifact: &ModelArtifact| {
            if *alias != Alias::Live {
                return Ok(Approval::default());
            }
            let results = checked.map_or_else(|| self.check_results(head, version, artifact), Ok)?;
            let overrides = needed_overrides(&wish, version, results)?;
            Ok(Approval { overrides, tiers: self.tiers_change(*tiers, head, version)? })
        };
        self.change(&wish, |head| Ok(head.promote(*alias, version.number)), approve)
    }

    /// Moves an alias back to the version before the current one; again, and it goes one further back. No check is asked.
    ///
    /// # Errors
    /// A stale etag, or nothing to go back to.
    pub fn rollback(&self, rollback: &Rollback) -> Result<PromotionRecord, RegistryError> {
        let Rollback { model, alias, etag, reason, actor, request } = rollback;
        let (method, kind) = ("rollback", PromotionKind::RolledBack);
        let wish = Wish { method, kind, model, etag, reason, overrides: &[], actor, request };
        let nothing = || RegistryError::NothingToRollBack { model: model.clone(), alias: *alias };
        self.change(&wish, |head| head.roll_back(*alias).ok_or_else(nothing), |_, _| Ok(Approval::default()))
    }

    fn change(
        &self,
        wish: &Wish<'_>,
        decide: impl FnOnce(&Head) -> Result<(Head, Move), RegistryError>,
        approve: impl FnOnce(&Head, &ModelArtifact) -> Result<Approval, RegistryError>,
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
        match approve(&before.head, &artifact) {
            Ok(approval) => self.move_alias(wish, before, (&head, &entry), artifact, approval),
            Err(refusal) => {
                self.refuse(wish, before, &entry, &refusal);
                Err(refusal)
            }
        }
    }

    /// Records a move and makes it in one commit, then swaps what is live.
    fn move_alias(
        &self,
        wish: &Wish<'_>,
        before: HeadRow,
        (head, entry): (&Head, &Move),
        mut artifact: ModelArtifact,
        Approval { overrides, tiers }: Approval,
    ) -> Result<PromotionRecord, RegistryError> {
        let (model, now) = (wish.model, self.clock.now());
        let name = VersionName { model: model.clone(), number: entry.to };
        let mut commit = requests::remember(&wish.scope(), wish.request, &rows::encode(&entry.number)?, now);
        if let Some(cuts) = tiers.as_ref().map(TiersChange::cuts) {
            artifact = self.ledger.artifact_with(&name, cuts)?;
            let row = cuts.map(|cuts| rows::encode(&TiersRow { cuts })).transpose()?;
            commit.write.push((tiers_key(&name), row));
        }
        let loaded = load::compile(&name, &artifact)?;
        let tiers_kept = tiers.map(|change| change.cuts().is_some());
        let notes = MoveNotes { kind: wish.kind, overrides, failed: Vec::new(), tiers_kept };
        let row = MoveRow::new(entry, head.revision, (wish.actor, wish.reason), notes, now);
        let commit = commit.create(move_key(model, entry.number), rows::encode(&row)?).replace(
            head_key(model),
            Some(before.bytes),
            rows::encode(head)?,
        );
        self.commit(model, &commit)?;
        self.recent.keep(&loaded);
        if entry.alias == Alias::Live {
            self.live.put(&loaded);
        }
        let record = row.record(model)?;
        log_move(&record);
        Ok(record)
    }

    /// Asks every promotion check before the promotion has its turn: the checks may read two sets of customers, and other changes
    /// must not wait for that. An etag stands for one state of the model, so that what holds for it now holds as long as it is the
    /// model's. Nothing where it is not the model's, or the request was answered before.
    fn check_ahead(&self, wish: &Wish<'_>, version: &VersionName) -> Result<Option<Vec<CheckResult>>, RegistryError> {
        wish.check()?;
        if requests::seen(self.store.as_ref(), &wish.scope(), wish.request)?.is_some() {
            return Ok(None);
        }
        let row = self.ledger.head(wish.model)?;
        let Some(row) = row.filter(|row| rows::etag(wish.model, row.head.revision) == wish.etag) else {
            return Ok(None);
        };
        self.check_results(&row.head, version, &self.ledger.artifact(version)?).map(Some)
    }

    fn tiers_change(
        &self,
        wanted: TierCuts,
        head: &Head,
        version: &VersionName,
    ) -> Result<Option<TiersChange>, RegistryError> {
        let model = &version.model;
        if wanted == TierCuts::Reset {
            return Ok(Some(TiersChange::Reset));
        }
        let number = head.at(Alias::Live).ok_or_else(|| RegistryError::NoLiveVersion { model: model.clone() })?;
        let live = self.ledger.artifact(&VersionName { model: model.clone(), number })?;
        Ok(live.tier_cuts().map(TiersChange::Keep))
    }

    /// Keeps a refusal in the history and tells it. That it cannot be kept changes nothing about the refusal.
    fn refuse(&self, wish: &Wish<'_>, before: HeadRow, entry: &Move, refusal: &RegistryError) {
        let RegistryError::ChecksFailed { version, failed } = refusal else { return };
        let checks: Vec<&str> = failed.iter().map(|failed| failed.check).collect();
        let (by, reason, why) = (wish.actor, wish.reason, refusal.to_string());
        tracing::warn!(%version, alias = %entry.alias, by, reason, checks = checks.join(","), why, "promotion refused");
        let kept = || -> Result<(), StoreError> {
            let model = &version.model;
            let head = before.head.note();
            let entry = Move { number: head.moves, ..*entry };
            let failed = checks.iter().map(|check| (*check).to_owned()).collect();
            let notes = MoveNotes { kind: PromotionKind::Refused, failed, ..MoveNotes::default() };
            let row = MoveRow::new(&entry, head.revision, (by, reason), notes, self.clock.now());
            let commit = Commit::default().create(move_key(model, entry.number), rows::encode(&row)?).replace(
                head_key(model),
                Some(before.bytes),
                rows::encode(&head)?,
            );
            self.store.commit(&commit)
        };
        if let Err(error) = kept() {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, %version, "cannot store a refusal in the history");
        }
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
                tracing::error!(error, %model, "cannot read which version is live: the version in memory stays in use");
            }
        }
    }
}

/// The overrides that were needed.
///
/// # Errors
/// Where a check failed that is not overridden.
fn needed_overrides(
    wish: &Wish<'_>,
    version: &VersionName,
    results: Vec<CheckResult>,
) -> Result<Vec<CheckOverride>, RegistryError> {
    let failed = results.into_iter().filter(|result| result.status == CheckStatus::Failed);
    let named = |check: &str| wish.overrides.iter().find(|one| one.check == check);
    let (overridden, refused): (Vec<_>, Vec<_>) = failed.partition(|result| named(result.check).is_some());
    if !refused.is_empty() {
        let failed = refused.into_iter().map(|result| FailedCheck { check: result.check, detail: result.detail });
        return Err(RegistryError::ChecksFailed { version: version.clone(), failed: failed.collect() });
    }
    Ok(overridden.iter().filter_map(|result| named(result.check)).cloned().collect())
}

/// Logs a move: what moved, who moved it, and why.
fn log_move(record: &PromotionRecord) {
    let PromotionRecord { model, kind, alias, from, to, actor, reason, overrides, tiers_kept, .. } = record;
    let checks: Vec<&str> = overrides.iter().map(|one| one.check.as_str()).collect();
    let what = match kind {
        PromotionKind::RolledBack => "version rolled back",
        PromotionKind::Promoted | PromotionKind::Refused => "version promoted",
    };
    tracing::info!(
        %model, %alias, from, to, by = actor, reason, overrides = checks.join(","), tiers_kept, "{what}"
    );
}

/// Every override names a check, once, and has a reason, its own or that of the promotion.
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

impl Wish<'_> {
    /// What can be refused without reading anything.
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
