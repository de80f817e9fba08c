//! The prioritised list of target accounts.

mod accounts;
mod cache;
mod convert;
mod reported;
mod wanted;
mod whole;

use std::sync::Arc;

use sweetspot_core::VersionRef;
use sweetspot_model::Scorer;
use sweetspot_proto::v1;
use sweetspot_report::Evidence;
use sweetspot_report::targets::{Order, TargetList, Wanted};
use sweetspot_store::registry::Loaded;
use tonic::Status;

use self::accounts::Listed;
pub(super) use self::cache::Cache;
use self::cache::Kept;
pub(super) use self::reported::{Prospects, ReadProspects, reported};
use super::Profile;
use crate::api::convert::unknown_attributes::unknown_attributes;
use crate::api::problems::Problems;
use crate::api::status::{no_value_order, status};
use crate::api::wire::received;

/// What ranks the lists of one version.
pub(super) struct Ranking {
    pub(super) evidence: Arc<Evidence>,
    loaded: Arc<Loaded>,
    kept: Kept,
}

impl Ranking {
    /// Refuses an order that the version does not have.
    pub(super) fn check(&self, wanted: &Wanted) -> Result<(), Status> {
        match (wanted.order, self.loaded.scorer.no_value_order()) {
            (Order::ExpectedValue, Some(why)) => Err(no_value_order(why)),
            (Order::ExpectedValue, None) | (Order::Probability, _) => Ok(()),
        }
    }

    fn scorer(&self) -> &Scorer {
        &self.loaded.scorer
    }

    /// A sentence for each attribute that may change and that the version does not have.
    fn warnings(&self, wanted: &Wanted) -> Vec<String> {
        unknown_attributes("changeable_attributes", &wanted.changeable, self.scorer())
    }

    /// Ranks a list. The first of a version makes what the others use.
    pub(super) fn rank(&self, listed: &Listed, wanted: &Wanted) -> TargetList {
        let Self { evidence, loaded, kept } = self;
        let prepared = kept.make(evidence, &loaded.scorer);
        TargetList::new(evidence, &loaded.scorer, &prepared, &listed.accounts, wanted)
    }
}

impl Profile {
    /// Ranks the accounts of a list.
    pub(super) async fn targets(
        &self,
        request: received::RankTargetsRequest,
    ) -> Result<v1::RankTargetsResponse, Status> {
        let mut problems = Problems::default();
        let (version, asked) = wanted::read(request, &mut problems);
        let asked = problems.check(asked).map_err(|fault| status(&fault))?;
        let ranking = self.ranking(&version).await?;
        ranking.check(&asked.wanted)?;
        let ranked = move |_: &_| {
            let mut problems = Problems::default();
            let listed = asked.listed(&ranking, &mut problems);
            let (wanted, listed) = problems.check(listed).map_err(|fault| status(&fault))?;
            Ok(convert::response(ranking.rank(&listed, &wanted), listed, ranking.warnings(&wanted)))
        };
        self.work.compute(ranked).await?
    }

    /// What ranks the lists of a version.
    pub(super) async fn ranking(&self, version: &str) -> Result<Ranking, Status> {
        let evidence = self.evidence(version).await?;
        let registry = Arc::clone(&self.parts.registry);
        // By number: an alias may have moved in between.
        let name: VersionRef = Problems::default()
            .name("version", &evidence.version)
            .ok_or_else(|| Status::internal("a version has no name that can be read"))?;
        let loaded = self.work.keep(move || registry.resolve(&name)).await?;
        let kept = self.targets.get(&evidence.version);
        Ok(Ranking { evidence, loaded, kept })
    }
}
