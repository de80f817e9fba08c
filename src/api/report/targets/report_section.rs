//! The target list of a report. It uses the same request, without the fields that the report sets.

use std::collections::BTreeMap;

use sweetspot_proto::v1;
use sweetspot_report::targets::{TargetDocument, TargetList, TargetListOptions};
use tonic::Status;

use super::TargetRanker;
use super::account_reader::RankableAccounts;
use super::request::{self, RankRequest};
use crate::api::limits::MAX_REPORT_TARGETS;
use crate::api::violations::Violations;
use crate::api::wire::received::RankTargetsRequest;

/// Default number of targets in a report.
const DEFAULT_TOP: usize = 25;
/// The number of targets whose scores are explained.
const EXPLAINED_TARGETS: usize = 3;
/// The field of the report request that contains the list.
const FIELD: &str = "targets";

/// The unread prospects of a report, and how to rank them.
#[derive(Debug)]
pub(in crate::api::report) struct ReportProspects(RankRequest);

/// The prospects of a report, read with the attributes of its version.
#[derive(Debug)]
pub(in crate::api::report) struct ParsedProspects {
    accounts: RankableAccounts,
    options: TargetListOptions,
}

/// Reads the target list of a report request.
pub(in crate::api::report) fn parse_prospects(
    request: RankTargetsRequest,
    problems: &mut Violations,
) -> Option<ReportProspects> {
    let mut found = Violations::default();
    if !request.version.is_empty() {
        let text = "the report sets the version: leave this field empty";
        found.add("INVALID_TARGETS", "version", text);
    }
    if request.skip > 0 {
        found.add("INVALID_TARGETS", "skip", "a report begins with the best account: skip must be 0");
    }
    if request.top_k as usize > MAX_REPORT_TARGETS {
        let text = format!("a report shows at most {MAX_REPORT_TARGETS} targets: use RankTargets for more");
        found.add("INVALID_TARGETS", "top_k", text);
    }
    let asked_top = request.top_k as usize;
    let (_, unchecked) = request::parse(request, &mut found);
    problems.nest(FIELD, found);
    let mut unchecked = unchecked?;
    unchecked.options.top = if asked_top == 0 { DEFAULT_TOP } else { asked_top };
    unchecked.options.explained_count = EXPLAINED_TARGETS;
    Some(ReportProspects(unchecked))
}

impl ReportProspects {
    /// Rejects an order that the version does not support.
    pub(in crate::api::report) fn check_order(&self, ranking: &TargetRanker) -> Result<(), Status> {
        ranking.check_order(&self.0.options)
    }

    /// Reads the accounts.
    ///
    /// # Errors
    /// If no account is valid.
    pub(in crate::api::report) fn read_accounts(self, ranking: &TargetRanker) -> Result<ParsedProspects, Status> {
        let mut found = Violations::default();
        let read = self
            .0
            .read_accounts(ranking, &mut found)
            .map(|(list_options, listed)| ParsedProspects { accounts: listed, options: list_options });
        let mut problems = Violations::default();
        problems.nest(FIELD, found);
        Ok(problems.finish(read)?)
    }
}

impl ParsedProspects {
    /// Returns the list as a document, with these names of accounts, by id.
    pub(in crate::api::report) fn document(
        &self,
        ranking: &TargetRanker,
        names: &BTreeMap<String, String>,
    ) -> TargetDocument {
        let RankableAccounts { excluded, errors, ignored, .. } = &self.accounts;
        let mut list = self.rank(ranking);
        for target in &mut list.targets {
            target.name = names.get(&target.id).cloned();
        }
        TargetDocument {
            list,
            excluded_count: *excluded,
            unusable_count: errors.len() as u64,
            ignored_value_count: ignored.values().map(Vec::len).sum::<usize>() as u64,
            warnings: ranking.warnings(&self.options),
        }
    }

    /// Returns the list as a message.
    pub(in crate::api::report) fn into_wire(self, ranking: &TargetRanker) -> v1::RankTargetsResponse {
        let warnings = ranking.warnings(&self.options);
        super::convert::response(self.rank(ranking), self.accounts, warnings)
    }

    fn rank(&self, ranking: &TargetRanker) -> TargetList {
        ranking.rank(&self.accounts, &self.options)
    }
}
