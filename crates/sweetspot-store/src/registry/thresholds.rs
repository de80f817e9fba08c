//! Reads and sets the thresholds of a model's promotion checks.

use sweetspot_core::ModelName;

use super::version_store::model_state_key;
use super::{CheckThresholds, Registry, RegistryError, SetThresholdsRequest, checks, rows};
use crate::store::requests;

impl Registry {
    /// Returns the thresholds that are set for a model.
    ///
    /// # Errors
    /// If the model does not exist.
    pub fn thresholds(&self, model: &ModelName) -> Result<CheckThresholds, RegistryError> {
        let row = self.existing_state(model)?;
        let etag = rows::etag(model, row.head.revision);
        Ok(CheckThresholds { model: model.clone(), values: row.head.thresholds, etag })
    }

    /// Sets thresholds of a model and resets others to their defaults. A repeated request returns the current
    /// thresholds.
    ///
    /// # Errors
    /// If the etag is stale, or a threshold does not exist or is out of range.
    pub fn set_thresholds(&self, wish: &SetThresholdsRequest) -> Result<CheckThresholds, RegistryError> {
        let SetThresholdsRequest { model, etag, new_values: set, reset_names: reset, reason, actor, request } = wish;
        if etag.is_empty() {
            return Err(RegistryError::EtagMissing);
        }
        let _one = self.lock();
        let scope = format!("{}/thresholds", model.workspace);
        if requests::find_answer(self.store.as_ref(), &scope, request)?.is_some() {
            return self.thresholds(model);
        }
        let before = self.existing_state(model)?;
        if rows::etag(model, before.head.revision) != *etag {
            return Err(RegistryError::StaleEtag { model: model.clone() });
        }
        let now = self.clock.now();
        let thresholds = checks::change_thresholds(&before.head.thresholds, set, reset)?;
        let head = before.head.with_thresholds(thresholds).changed_at(now);
        let commit = requests::record_answer(&scope, request, b"", now).replace(
            model_state_key(model),
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
