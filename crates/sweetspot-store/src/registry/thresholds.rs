//! Reads and sets the thresholds of a model's promotion checks.

use sweetspot_core::ModelName;

use super::row_reader::model_state_key;
use super::{CheckThresholds, Registry, RegistryError, SetThresholdsRequest, checks, rows};
use crate::store::idempotency;

impl Registry {
    /// Returns the thresholds that are set for a model.
    ///
    /// # Errors
    /// If the model does not exist.
    pub fn thresholds(&self, model: &ModelName) -> Result<CheckThresholds, RegistryError> {
        let row = self.existing_state(model)?;
        let etag = rows::etag(model, row.state.revision);
        Ok(CheckThresholds { model: model.clone(), values: row.state.thresholds, etag })
    }

    /// Sets thresholds of a model and resets others to their defaults. A repeated request returns the current
    /// thresholds.
    ///
    /// # Errors
    /// If the etag is stale, or a threshold does not exist or is out of range.
    pub fn set_thresholds(&self, change: &SetThresholdsRequest) -> Result<CheckThresholds, RegistryError> {
        let SetThresholdsRequest { model, etag, new_values: set, reset_names: reset, reason, actor, request } = change;
        if etag.is_empty() {
            return Err(RegistryError::EtagMissing);
        }
        let _one = self.lock();
        let scope = format!("{}/thresholds", model.workspace);
        if idempotency::find_answer(self.store.as_ref(), &scope, request)?.is_some() {
            return self.thresholds(model);
        }
        let before = self.existing_state(model)?;
        if rows::etag(model, before.state.revision) != *etag {
            return Err(RegistryError::StaleEtag { model: model.clone() });
        }
        let now = self.clock.now();
        let thresholds = checks::change_thresholds(&before.state.thresholds, set, reset)?;
        let state = before.state.with_thresholds(thresholds).changed_at(now);
        let commit = idempotency::record_answer(&scope, request, b"", now).replace(
            model_state_key(model),
            Some(before.bytes),
            rows::encode(&state)?,
        );
        self.commit(model, &commit)?;
        let changed: Vec<String> = set.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let (set, reset) = (changed.join(","), reset.join(","));
        tracing::info!(%model, by = actor, reason, set, reset, "thresholds of promotion checks were set");
        self.thresholds(model)
    }
}
