//! Comparison of a version with the live one: the input of promotion checks.

use sweetspot_core::fault::{Fault as _, FaultKind};
use sweetspot_core::{Alias, Customers, Digest, VersionName, VersionRef};
use sweetspot_model::{Comparison, ModelArtifact, UnseenRows, compare, score_unseen_rows};

use super::checks::{self, CheckInput, CheckResult};
use super::model_state::ModelState;
use super::{Registry, RegistryError, load};
use crate::datasets::{DatasetError, Datasets};
use crate::store::StoreError;

/// The comparison of two versions.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedVersions {
    /// The version to compare with.
    pub champion: VersionName,
    /// The version that may replace the champion.
    pub challenger: VersionName,
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
    pub fn promotion_checks(&self, version: &VersionRef) -> Result<Vec<CheckResult>, RegistryError> {
        let (name, head) = self.version_store.resolve(version)?;
        self.check_results(&head, &name, &self.version_store.artifact(&name)?)
    }

    /// Compares two versions of a model, and evaluates the promotion checks for the challenger against the live
    /// version.
    ///
    /// # Errors
    /// If one of the versions does not exist or cannot be read.
    pub fn compare(&self, champion: &VersionRef, challenger: &VersionRef) -> Result<ComparedVersions, RegistryError> {
        let (champion, _) = self.version_store.resolve(champion)?;
        let (challenger, head) = self.version_store.resolve(challenger)?;
        let (before, since) = (self.version_store.artifact(&champion)?, self.version_store.artifact(&challenger)?);
        let figures = self.comparison(&champion, &before, &since)?;
        let checks = self.check_results(&head, &challenger, &since)?;
        Ok(ComparedVersions { champion, challenger, comparison: figures, checks })
    }

    /// Evaluates all promotion checks for a version, given the state of the model.
    pub(super) fn check_results(
        &self,
        head: &ModelState,
        version: &VersionName,
        challenger: &ModelArtifact,
    ) -> Result<Vec<CheckResult>, RegistryError> {
        let live = head.alias_target(Alias::Live).filter(|live| *live != version.number);
        let champion = match live {
            Some(number) => self.readable_artifact(VersionName { model: version.model.clone(), number })?,
            None => None,
        };
        let comparison = match &champion {
            Some((name, artifact)) => self.comparison(name, artifact, challenger)?,
            None => None,
        };
        let champion = champion.as_ref().map(|(name, artifact)| (name.number, artifact));
        let facts = CheckInput { challenger, champion, comparison: comparison.as_ref() };
        Ok(checks::evaluate(&facts, &head.thresholds))
    }

    /// Compares both versions on the same customers.
    pub(super) fn comparison(
        &self,
        name: &VersionName,
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
        name: &VersionName,
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
        let loaded = load::compile(name, champion)?;
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
            Err(error) if error.kind() == FaultKind::DataLoss => Ok(None),
            Err(DatasetError::Store(source)) => Err(source.into()),
            Err(other) => Err(StoreError::Backend { action: "read customers", source: Box::new(other) }.into()),
        }
    }

    /// Reads a version's artifact. Returns `None` if it is damaged, so that a damaged live version can be replaced.
    fn readable_artifact(&self, name: VersionName) -> Result<Option<(VersionName, ModelArtifact)>, RegistryError> {
        match self.version_store.artifact(&name) {
            Ok(artifact) => Ok(Some((name, artifact))),
            Err(error) if error.kind() == FaultKind::DataLoss => {
                tracing::warn!(%error, version = %name, "cannot read the live version: nothing is compared with it");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}
