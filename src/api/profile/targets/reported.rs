//! The list of a report: the same request, with what a report decides itself left to it.

use sweetspot_proto::v1;
use sweetspot_report::targets::{TargetDocument, TargetList, Wanted};
use tonic::Status;

use super::Ranking;
use super::accounts::Listed;
use super::wanted::{self, Asked};
use crate::api::limits::REPORT_TARGETS;
use crate::api::problems::Problems;
use crate::api::status::status;
use crate::api::wire::received::RankTargetsRequest;

/// Targets that a report tells where the request does not say.
const DEFAULT_TOP: usize = 25;
/// Of so many it is told how their scores come about.
const EXPLAINED: usize = 3;
/// The field of a report's request that holds the list.
const FIELD: &str = "targets";

/// The prospects of a report as they came, and how they are to be ranked.
#[derive(Debug)]
pub(in crate::api::profile) struct Prospects(Asked);

/// The prospects of a report as its version reads them.
#[derive(Debug)]
pub(in crate::api::profile) struct ReadProspects {
    listed: Listed,
    wanted: Wanted,
}

/// Reads what is asked of the prospects of a report.
pub(in crate::api::profile) fn reported(request: RankTargetsRequest, problems: &mut Problems) -> Option<Prospects> {
    let mut found = Problems::default();
    if !request.version.is_empty() {
        let text = "the report sets the version: leave this field empty";
        found.add("INVALID_TARGETS", "version", text);
    }
    if request.skip > 0 {
        found.add("INVALID_TARGETS", "skip", "a report begins with the best account: skip must be 0");
    }
    if request.top_k as usize > REPORT_TARGETS {
        let text = format!("a report shows at most {REPORT_TARGETS} targets: use RankTargets for more");
        found.add("INVALID_TARGETS", "top_k", text);
    }
    let asked_top = request.top_k as usize;
    let (_, asked) = wanted::read(request, &mut found);
    problems.within(FIELD, found);
    let mut asked = asked?;
    asked.wanted.top = if asked_top == 0 { DEFAULT_TOP } else { asked_top };
    asked.wanted.explained = EXPLAINED;
    Some(Prospects(asked))
}

impl Prospects {
    /// Refuses an order that the version does not have.
    pub(in crate::api::profile) fn check(&self, ranking: &Ranking) -> Result<(), Status> {
        ranking.check(&self.0.wanted)
    }

    /// Reads the accounts.
    ///
    /// # Errors
    /// Where none of them is usable.
    pub(in crate::api::profile) fn read(self, ranking: &Ranking) -> Result<ReadProspects, Status> {
        let mut found = Problems::default();
        let read = self.0.listed(ranking, &mut found).map(|(wanted, listed)| ReadProspects { listed, wanted });
        let mut problems = Problems::default();
        problems.within(FIELD, found);
        problems.check(read).map_err(|fault| status(&fault))
    }
}

impl ReadProspects {
    /// The document of pages.
    pub(in crate::api::profile) fn document(&self, ranking: &Ranking) -> TargetDocument {
        let Listed { excluded, errors, ignored, .. } = &self.listed;
        TargetDocument {
            list: self.ranked(ranking),
            left_out: *excluded,
            unusable: errors.len() as u64,
            ignored: ignored.values().map(Vec::len).sum::<usize>() as u64,
            warnings: ranking.warnings(&self.wanted),
        }
    }

    /// The same as data.
    pub(in crate::api::profile) fn into_wire(self, ranking: &Ranking) -> v1::RankTargetsResponse {
        let warnings = ranking.warnings(&self.wanted);
        super::convert::response(self.ranked(ranking), self.listed, warnings)
    }

    fn ranked(&self, ranking: &Ranking) -> TargetList {
        ranking.rank(&self.listed, &self.wanted)
    }
}
