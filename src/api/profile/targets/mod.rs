//! The prioritised list of target accounts.

mod accounts;
mod cache;
mod convert;
mod wanted;

use std::sync::Arc;

use tonic::Status;

pub(super) use self::cache::Cache;
use self::wanted::Asked;
use super::Profile;
use crate::api::problems::Problems;
use crate::api::status::status;
use crate::domain::VersionRef;
use crate::generated::v1;
use crate::report::targets::TargetList;

impl Profile {
    /// Ranks the accounts of a list.
    pub(super) async fn targets(&self, request: v1::RankTargetsRequest) -> Result<v1::RankTargetsResponse, Status> {
        let mut problems = Problems::default();
        let (version, asked, form) = wanted::read(request, &mut problems);
        let read = accounts::read(form, &asked.excluded, &mut problems);
        let (listed, asked) = problems.check(read.map(|read| (read, asked))).map_err(|fault| status(&fault))?;
        let Asked { wanted, .. } = asked;
        let evidence = self.evidence(&version).await?;
        let registry = Arc::clone(&self.parts.registry);
        // By number: an alias may have moved in between.
        let name: VersionRef = Problems::default()
            .name("version", &evidence.version)
            .ok_or_else(|| Status::internal("a version has no name that can be read"))?;
        let loaded = self.work.keep(move || registry.resolve(&name)).await?;
        let prepared = self.targets.get(&evidence.version);
        let making = move |_: &_| {
            let prepared = prepared.make(&evidence, &loaded.scorer);
            TargetList::new(&evidence, &loaded.scorer, &prepared, &listed.accounts, &wanted).into_wire(
                listed.received,
                listed.excluded,
                listed.errors,
            )
        };
        self.work.compute(making).await
    }
}
