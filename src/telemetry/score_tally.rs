//! Counts of scored accounts: added up without synchronization while a list is scored, and once to the metrics.

use metrics::Counter;
use sweetspot_core::{AttributeNoteKind, DataSupport, Fit, Tier};
use sweetspot_model::NoteKinds;

/// The tiers, with their labels.
const TIERS: [(Tier, &str); 4] = [(Tier::A, "A"), (Tier::B, "B"), (Tier::C, "C"), (Tier::D, "D")];

/// The kinds of data support, with their labels.
const SUPPORTS: [(DataSupport, &str); 3] =
    [(DataSupport::Sufficient, "sufficient"), (DataSupport::Thin, "thin"), (DataSupport::None, "none")];

/// The kinds of issues, with their labels.
const ISSUES: [(AttributeNoteKind, &str); 5] = [
    (AttributeNoteKind::Missing, "missing"),
    (AttributeNoteKind::UnseenCategory, "unseen_category"),
    (AttributeNoteKind::OutOfRange, "out_of_range"),
    (AttributeNoteKind::UnknownAttribute, "unknown_attribute"),
    (AttributeNoteKind::TypeMismatch, "type_mismatch"),
];

/// The numbers of accounts of one list by tier, data support and issue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScoreTally {
    tiers: [u64; TIERS.len()],
    supports: [u64; SUPPORTS.len()],
    issues: [u64; ISSUES.len()],
}

impl ScoreTally {
    /// Counts an account with this score, and with notes of these kinds.
    pub fn add(&mut self, fit: &Fit, notes: NoteKinds) {
        for (count, (tier, _)) in self.tiers.iter_mut().zip(TIERS) {
            *count += u64::from(fit.tier == tier);
        }
        for (count, (support, _)) in self.supports.iter_mut().zip(SUPPORTS) {
            *count += u64::from(fit.data_support == support);
        }
        for (count, (kind, _)) in self.issues.iter_mut().zip(ISSUES) {
            *count += u64::from(notes.contains(kind));
        }
    }
}

/// The counts of all scored accounts.
#[derive(Clone, Debug)]
pub(super) struct ScoreCounters {
    tiers: [Counter; TIERS.len()],
    supports: [Counter; SUPPORTS.len()],
    issues: [Counter; ISSUES.len()],
}

impl ScoreCounters {
    /// Creates all counters with `counter`, from their name, and the name and the value of their label.
    pub(super) fn new(counter: impl Fn(&'static str, &'static str, &'static str) -> Counter) -> Self {
        Self {
            tiers: TIERS.map(|(_, label)| counter("sweetspot_scores_total", "tier", label)),
            supports: SUPPORTS
                .map(|(_, label)| counter("sweetspot_scores_by_data_support_total", "data_support", label)),
            issues: ISSUES.map(|(_, label)| counter("sweetspot_scores_with_issue_total", "issue", label)),
        }
    }

    /// Adds the counts of a list.
    pub(super) fn add(&self, tally: &ScoreTally) {
        let ScoreTally { tiers, supports, issues } = tally;
        let tiers = self.tiers.iter().zip(tiers);
        let others = self.supports.iter().zip(supports).chain(self.issues.iter().zip(issues));
        tiers.chain(others).filter(|(_, count)| **count > 0).for_each(|(counter, count)| counter.increment(*count));
    }
}
