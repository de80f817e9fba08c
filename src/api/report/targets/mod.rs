//! Ranks target accounts.

mod account_reader;
mod convert;
mod explanation_context_cache;
mod list_totals;
mod report_section;
mod request;

use std::sync::Arc;

use sweetspot_core::{DocumentSettings, ModelVersionRef};
use sweetspot_model::Scorer;
use sweetspot_proto::v1;
use sweetspot_report::ReportInput;
use sweetspot_report::targets::{RankCriterion, TargetList, TargetListOptions};
use sweetspot_store::registry::LoadedVersion;
use tonic::Status;

use self::account_reader::RankableAccounts;
pub(super) use self::explanation_context_cache::ExplanationContextCache;
use self::explanation_context_cache::LazyExplanationContext;
pub(super) use self::report_section::{ParsedProspects, ReportProspects, parse_prospects};
use super::ReportApi;
use crate::api::convert::unknown_attributes::unknown_attribute_warnings;
use crate::api::status::no_value_order_status;
use crate::api::violations::Violations;
use crate::api::wire::received;

/// Ranks target lists with one version.
pub(super) struct TargetRanker {
    pub(super) input: Arc<ReportInput>,
    loaded: Arc<LoadedVersion>,
    context: LazyExplanationContext,
}

impl TargetRanker {
    /// Rejects an order that the version does not support.
    pub(super) fn check_order(&self, options: &TargetListOptions) -> Result<(), Status> {
        match (options.order, self.loaded.scorer.no_value_order_reason()) {
            (RankCriterion::ExpectedValue, Some(why)) => Err(no_value_order_status(why)),
            (RankCriterion::ExpectedValue, None) | (RankCriterion::Probability, _) => Ok(()),
        }
    }

    fn scorer(&self) -> &Scorer {
        &self.loaded.scorer
    }

    /// One warning for each changeable attribute that the version does not have.
    fn warnings(&self, options: &TargetListOptions) -> Vec<String> {
        unknown_attribute_warnings("changeable_attributes", &options.changeable, self.scorer())
    }

    /// Ranks a list. The first list of a version builds the shared context.
    pub(super) fn rank(&self, listed: &RankableAccounts, options: &TargetListOptions) -> TargetList {
        let Self { input, loaded, context } = self;
        let context = context.get_or_build(input, &loaded.scorer);
        TargetList::new(input, &loaded.scorer, &context, &listed.accounts, options)
    }
}

impl ReportApi {
    /// Ranks the accounts of a request.
    pub(super) async fn rank_targets(
        &self,
        request: received::RankTargetsRequest,
    ) -> Result<v1::RankTargetsResponse, Status> {
        let mut problems = Violations::default();
        let (version, unchecked) = request::parse(request, &mut problems);
        let unchecked = problems.finish(unchecked)?;
        let ranking = self.target_ranker(&version, DocumentSettings::default()).await?;
        ranking.check_order(&unchecked.options)?;
        let ranked = move |_: &_| {
            let mut problems = Violations::default();
            let listed = unchecked.read_accounts(&ranking, &mut problems);
            let (options, listed) = problems.finish(listed)?;
            Ok(convert::response(ranking.rank(&listed, &options), listed, ranking.warnings(&options)))
        };
        self.pool.compute(ranked).await?
    }

    /// Returns the ranker for a version, with these settings of documents.
    pub(super) async fn target_ranker(
        &self,
        version: &str,
        settings: DocumentSettings,
    ) -> Result<TargetRanker, Status> {
        let input = self.report_input(version, settings).await?;
        let registry = Arc::clone(&self.state.registry);
        // By number: an alias may have moved since.
        let name: ModelVersionRef = Violations::default()
            .parse_name("version", &input.version)
            .ok_or_else(|| Status::internal("a version has no name that can be read"))?;
        let loaded = self.pool.run_store(move || registry.resolve(&name)).await?;
        let context = self.explanation_contexts.get(&input.version);
        Ok(TargetRanker { input, loaded, context })
    }
}
