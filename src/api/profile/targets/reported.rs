//! The list of a report: the same request, with what a report decides left to it.

use tonic::Status;

use super::Ranking;
use super::accounts::{self, Listed};
use super::wanted::{self, Asked};
use super::whole;
use crate::api::limits::REPORT_TARGETS;
use crate::api::problems::Problems;
use crate::generated::v1;
use crate::report::targets::{TargetDocument, TargetList, Wanted};

/// Targets that a report tells where the request does not say.
const DEFAULT_TOP: usize = 25;
/// Of so many it is told how their scores come about.
const EXPLAINED: usize = 3;

/// The prospects of a report, and how they are ranked.
#[derive(Debug)]
pub(in crate::api::profile) struct Prospects {
    listed: Listed,
    wanted: Wanted,
}

/// Reads the prospects of a report.
pub(in crate::api::profile) fn reported(request: v1::RankTargetsRequest, problems: &mut Problems) -> Option<Prospects> {
    let mut found = Problems::default();
    if !request.version.is_empty() {
        let text = "the version is that of the report: name it there, and leave this empty";
        found.add("INVALID_TARGETS", "version", text);
    }
    if request.skip > 0 {
        found.add("INVALID_TARGETS", "skip", "a report begins with the best account: pass over none");
    }
    if request.top_k as usize > REPORT_TARGETS {
        let text = format!("a report tells at most {REPORT_TARGETS} targets: RankTargets tells more");
        found.add("INVALID_TARGETS", "top_k", text);
    }
    let asked_top = request.top_k as usize;
    let (_, Asked { wanted, excluded }, form) = wanted::read(request, &mut found);
    let listed = accounts::read(form, &excluded, &mut found);
    whole::check(wanted.whole.as_ref(), listed.as_ref(), &mut found);
    problems.within("targets", found);
    let top = if asked_top == 0 { DEFAULT_TOP } else { asked_top };
    Some(Prospects { listed: listed?, wanted: Wanted { top, explained: EXPLAINED, ..wanted } })
}

impl Prospects {
    /// Refuses an order that the version does not have.
    pub(in crate::api::profile) fn check(&self, ranking: &Ranking) -> Result<(), Status> {
        ranking.check(&self.wanted)
    }

    /// The document of pages.
    pub(in crate::api::profile) fn document(&self, ranking: &Ranking) -> TargetDocument {
        let Listed { excluded, errors, .. } = &self.listed;
        TargetDocument { list: self.ranked(ranking), left_out: *excluded, unusable: errors.len() as u64 }
    }

    /// The same as data.
    pub(in crate::api::profile) fn into_wire(self, ranking: &Ranking) -> v1::RankTargetsResponse {
        self.ranked(ranking).into_wire(self.listed)
    }

    fn ranked(&self, ranking: &Ranking) -> TargetList {
        ranking.rank(&self.listed, &self.wanted)
    }
}
