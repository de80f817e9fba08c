//! The thresholds of a model's promotion checks, read and set.

use sweetspot_core::ModelName;

use super::ledger::head_key;
use super::{Registry, RegistryError, SetThresholds, ThresholdsRecord, checks, rows};
use crate::store::requests;

impl Registry {
    /// The thresholds that were set for a model.
    ///
    /// # Errors
    /// Where there is no such model.
    pub fn thresholds(&self, model: &ModelName) -> Result<ThresholdsRecord, RegistryError> {
        let row = self.ledger.head(model)?.ok_or_else(|| RegistryError::NoModel { model: model.clone() })?;
        let etag = rows::etag(model, row.head.revision);
        Ok(ThresholdsRecord { model: model.clone(), set: row.head.thresholds, etag })
    }

    /// Sets thresholds of a model, and takes others back to their defaults. A repeated request gets the thresholds as they are.
    ///
    /// # Errors
    /// A stale etag, a threshold that does not exist or is out of its range.
    pub fn set_thresholds(&self, wish: &SetThresholds) -> Result<ThresholdsRecord, RegistryError> {
        let SetThresholds { model, etag, set, reset, reason, actor, request } = wish;
        if etag.is_empty() {
            return Err(RegistryError::EtagMissing);
        }
        let _one = self.one_at_a_time();
        let scope = format!("{}/thresholds", model.workspace);
        if requests::seen(self.store.as_ref(), &scope, request)?.is_some() {
            return self.thresholds(model);
        }
        let before = self.ledger.head(model)?.ok_or_else(|| RegistryError::NoModel { model: model.clone() })?;
        if rows::etag(model, before.head.revision) != *etag {
            return Err(RegistryError::StaleEtag { model: model.clone() });
        }
        let head = before.head.with_thresholds(checks::change_thresholds(&before.head.thresholds, set, reset)?);
        let commit = requests::remember(&scope, request, b"", self.clock.now()).replace(
            head_key(model),
            Some(before.bytes),
            rows::encode(&head)?,
        );
        self.commit(model, &commit)?;
        let changed: Vec<String> = set.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let (set, reset) = (changed.join(","), reset.join(","));
        tracing::info!(%model, by = actor, reason, set, reset, "thresholds of promotion checks were set");
        self.thresholds(model)
    }
}
