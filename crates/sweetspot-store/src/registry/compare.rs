//! Comparison of two versions of a model, and the promotion checks of the challenger against the live version.

use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_core::{Customers, Digest, ModelVersionAlias, ModelVersionName, ModelVersionRef};
use sweetspot_model::{Comparison, ModelArtifact, UnseenRows, compare, score_unseen_rows};

use super::checks::{self, CheckInput, CheckResult};
use super::model_state::ModelState;
use super::{Registry, RegistryError, version_cache};
use crate::datasets::{DatasetError, Datasets};
use crate::store::StoreError;

/// The comparison of two versions.
#[derive(Clone, Debug, PartialEq)]
pub struct PromotionComparison {
    /// The version to compare with.
    pub champion: ModelVersionName,
    /// The version that may replace the champion.
    pub challenger: ModelVersionName,
    /// Metrics on rows that neither version was trained on. `None` if one of the versions was not evaluated.
    pub comparison: Option<Comparison>,
    /// The results of the promotion checks for the challenger, against the live version.
    pub checks: Vec<CheckResult>,
}

impl Registry {
    /// Evaluates all promotion checks for a version against the live one, without promoting it.
    ///
    /// # Errors
    /// If the version does not exist or cannot be read.
    pub fn promotion_checks(&self, version: &ModelVersionRef) -> Result<Vec<CheckResult>, RegistryError> {
        let (name, state) = self.reader.resolve(version)?;
        self.check_results(&state, &name, &self.reader.artifact(&name)?)
    }

    /// Compares two versions of a model, and evaluates the promotion checks for the challenger against the live
    /// version.
    ///
    /// # Errors
    /// If one of the versions does not exist or cannot be read.
    pub fn compare(
        &self,
        champion: &ModelVersionRef,
        challenger: &ModelVersionRef,
    ) -> Result<PromotionComparison, RegistryError> {
        let (champion, _) = self.reader.resolve(champion)?;
        let (challenger, state) = self.reader.resolve(challenger)?;
        let (before, since) = (self.reader.artifact(&champion)?, self.reader.artifact(&challenger)?);
        let figures = self.comparison(&champion, &before, &since)?;
        let checks = self.check_results(&state, &challenger, &since)?;
        Ok(PromotionComparison { champion, challenger, comparison: figures, checks })
    }

    /// Evaluates all promotion checks for a version, given the state of the model.
    pub(super) fn check_results(
        &self,
        state: &ModelState,
        version: &ModelVersionName,
        challenger: &ModelArtifact,
    ) -> Result<Vec<CheckResult>, RegistryError> {
        let live = state.alias_target(ModelVersionAlias::Live).filter(|live| *live != version.number);
        let champion = match live {
            Some(number) => self.readable_artifact(ModelVersionName { model: version.model.clone(), number })?,
            None => None,
        };
        let comparison = match &champion {
            Some((name, artifact)) => self.comparison(name, artifact, challenger)?,
            None => None,
        };
        let champion = champion.as_ref().map(|(name, artifact)| (name.number, artifact));
        let input = CheckInput { challenger, champion, comparison: comparison.as_ref() };
        Ok(checks::evaluate(&input, &state.thresholds))
    }

    /// Compares both versions on the same customers.
    pub(super) fn comparison(
        &self,
        name: &ModelVersionName,
        champion: &ModelArtifact,
        challenger: &ModelArtifact,
    ) -> Result<Option<Comparison>, RegistryError> {
        let unseen = self.score_unseen_rows(name, champion, challenger)?;
        Ok(compare(champion, challenger, &unseen))
    }

    /// Scores the customers of the challenger's evaluation that the champion was not trained on, with the champion. The
    /// result is empty if the training data of either is no longer stored: the champion's customers are then unknown.
    fn score_unseen_rows(
        &self,
        name: &ModelVersionName,
        champion: &ModelArtifact,
        challenger: &ModelArtifact,
    ) -> Result<UnseenRows, RegistryError> {
        let Some(sample) = challenger.evaluated_sample() else { return Ok(UnseenRows::new()) };
        if champion.data_sha256() == challenger.data_sha256() && champion.label_policy() == challenger.label_policy() {
            return Ok(UnseenRows::new());
        }
        let (champion_customers, challenger_customers) = (self.customers(champion)?, self.customers(challenger)?);
        let Some((champion_customers, challenger_customers)) = champion_customers.zip(challenger_customers) else {
            return Ok(UnseenRows::new());
        };
        let loaded = version_cache::compile(name, champion)?;
        Ok(score_unseen_rows(
            &loaded.scorer,
            &champion.label_policy(),
            &champion_customers,
            &sample,
            &challenger_customers,
        ))
    }

    /// Reads the training data of a version. Returns `None` if it is missing or damaged.
    fn customers(&self, version: &ModelArtifact) -> Result<Option<Customers>, RegistryError> {
        let Ok(data) = version.data_sha256().parse::<Digest>() else { return Ok(None) };
        match Datasets::new(self.store.clone(), self.clock.clone()).customers(&data) {
            Ok(customers) => Ok(Some(customers)),
            Err(error) if error.kind() == ErrorKind::DataLoss => Ok(None),
            Err(DatasetError::Store(source)) => Err(source.into()),
            Err(other) => Err(StoreError::Backend { action: "read customers", source: Box::new(other) }.into()),
        }
    }

    /// Reads a version's artifact. Returns `None` if it is damaged, so that a damaged live version can be replaced.
    fn readable_artifact(
        &self,
        name: ModelVersionName,
    ) -> Result<Option<(ModelVersionName, ModelArtifact)>, RegistryError> {
        match self.reader.artifact(&name) {
            Ok(artifact) => Ok(Some((name, artifact))),
            Err(error) if error.kind() == ErrorKind::DataLoss => {
                tracing::warn!(%error, version = %name, "cannot read the live version: nothing is compared with it");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}
