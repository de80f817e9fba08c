//! A version beside the live one: the facts that promotion checks ask for.

use sweetspot_core::fault::{Fault as _, FaultKind};
use sweetspot_core::{Alias, Customers, Digest, VersionName, VersionRef};
use sweetspot_model::{Comparison, ModelArtifact, UnseenRows, compare, score_unseen_rows};

use super::checks::{self, CheckResult, Facts};
use super::head::Head;
use super::{Registry, RegistryError, load};
use crate::datasets::{DatasetError, Datasets};
use crate::store::StoreError;

/// Two versions beside each other.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedVersions {
    /// The version that is there.
    pub champion: VersionName,
    /// The version that may take its place.
    pub challenger: VersionName,
    /// Figures on rows that neither learned from; nothing where one of them was not judged.
    pub figures: Option<Comparison>,
    /// What the promotion checks say of the challenger against the live version.
    pub checks: Vec<CheckResult>,
}

impl Registry {
    /// What every promotion check says of a version against the live one, without promoting it.
    ///
    /// # Errors
    /// Where there is no such version or it cannot be read.
    pub fn promotion_checks(&self, version: &VersionRef) -> Result<Vec<CheckResult>, RegistryError> {
        let (name, head) = self.ledger.resolve(version)?;
        self.check_results(&head, &name, &self.ledger.artifact(&name)?)
    }

    /// Two versions of a model beside each other, and what the promotion checks say of the challenger against the live version.
    ///
    /// # Errors
    /// Where one of them does not exist or cannot be read.
    pub fn compare(&self, champion: &VersionRef, challenger: &VersionRef) -> Result<ComparedVersions, RegistryError> {
        let (champion, _) = self.ledger.resolve(champion)?;
        let (challenger, head) = self.ledger.resolve(challenger)?;
        let (before, since) = (self.ledger.artifact(&champion)?, self.ledger.artifact(&challenger)?);
        let figures = self.comparison(&champion, &before, &since)?;
        let checks = self.check_results(&head, &challenger, &since)?;
        Ok(ComparedVersions { champion, challenger, figures, checks })
    }

    /// What every promotion check says of a version, as the model stands.
    pub(super) fn check_results(
        &self,
        head: &Head,
        version: &VersionName,
        challenger: &ModelArtifact,
    ) -> Result<Vec<CheckResult>, RegistryError> {
        let live = head.at(Alias::Live).filter(|live| *live != version.number);
        let champion = match live {
            Some(number) => self.readable(VersionName { model: version.model.clone(), number })?,
            None => None,
        };
        let comparison = match &champion {
            Some((name, artifact)) => self.comparison(name, artifact, challenger)?,
            None => None,
        };
        let champion = champion.as_ref().map(|(name, artifact)| (name.number, artifact));
        let facts = Facts { challenger, champion, comparison: comparison.as_ref() };
        Ok(checks::judge(&facts, &head.thresholds))
    }

    /// Both versions on the same customers.
    pub(super) fn comparison(
        &self,
        name: &VersionName,
        champion: &ModelArtifact,
        challenger: &ModelArtifact,
    ) -> Result<Option<Comparison>, RegistryError> {
        let unseen = self.score_unseen_rows(name, champion, challenger)?;
        Ok(compare(champion, challenger, &unseen))
    }

    /// The customers of the challenger's evaluation that the champion has never seen, as it scores them today. None where one of
    /// the two sets of customers is not kept any more: then what the champion has seen cannot be told.
    fn score_unseen_rows(
        &self,
        name: &VersionName,
        champion: &ModelArtifact,
        challenger: &ModelArtifact,
    ) -> Result<UnseenRows, RegistryError> {
        let Some(judged) = challenger.judged_sample() else { return Ok(UnseenRows::new()) };
        if champion.data_sha256() == challenger.data_sha256() && champion.label_policy() == challenger.label_policy() {
            return Ok(UnseenRows::new());
        }
        let (before, since) = (self.customers(champion)?, self.customers(challenger)?);
        let Some((before, since)) = before.zip(since) else { return Ok(UnseenRows::new()) };
        let loaded = load::compile(name, champion)?;
        Ok(score_unseen_rows(&loaded.scorer, &champion.label_policy(), &before, &judged, &since))
    }

    /// The customers that a version was trained on; nothing where they are gone or damaged.
    fn customers(&self, version: &ModelArtifact) -> Result<Option<Customers>, RegistryError> {
        let Ok(data) = version.data_sha256().parse::<Digest>() else { return Ok(None) };
        match Datasets::new(self.store.clone(), self.clock.clone()).customers(&data) {
            Ok(customers) => Ok(Some(customers)),
            Err(error) if error.kind() == FaultKind::DataLoss => Ok(None),
            Err(DatasetError::Store(source)) => Err(source.into()),
            Err(other) => Err(StoreError::Backend { action: "read customers", source: Box::new(other) }.into()),
        }
    }

    /// A version and its name; nothing where it is damaged: a good one must be able to take its place.
    fn readable(&self, name: VersionName) -> Result<Option<(VersionName, ModelArtifact)>, RegistryError> {
        match self.ledger.artifact(&name) {
            Ok(artifact) => Ok(Some((name, artifact))),
            Err(error) if error.kind() == FaultKind::DataLoss => {
                tracing::warn!(%error, version = %name, "cannot read the live version: nothing is compared with it");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}
