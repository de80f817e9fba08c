//! The overview: whom to call, whom to skip, how sure that is, and what to do next, on one sheet.

mod blocks;
mod candidate;
mod certainty;
mod next_actions;
mod next_actions_panel;
mod pattern;
mod row_set;
mod selection;
mod usability;

pub use blocks::blocks;
pub use next_actions::{NextActions, NextCall, Question};
pub use pattern::{AccountPattern, PatternSource};
use sweetspot_core::{Approval, SamplingWeights};
pub use usability::Usability;

use self::row_set::RowSet;
use self::selection::{LabeledCustomers, PatternSelection};
use super::proof::Proof;
use super::summary::value_share;
use super::targets::TargetDocument;
use super::{Acceptance, Proportion, ReportInput, TierRow};

/// The overview of a version.
#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    /// The version's name.
    pub version: String,
    /// The label policy, in one sentence.
    pub ideal_meaning: String,
    /// The ideal customers of all labeled customers.
    pub all: Proportion,
    /// The weights of the customers for rates.
    pub weights: SamplingWeights,
    /// Patterns of accounts to call, the highest rate first; their rate of ideal customers is above that of all, beyond
    /// chance.
    pub call: Vec<AccountPattern>,
    /// The ideal customers of those that match a pattern in [`Self::call`] and no exclusion rule.
    pub called: Proportion,
    /// The share of all net value that these customers hold; `None` if no value is known or the total is not positive.
    pub called_value_share: Option<f64>,
    /// Patterns of accounts to skip: exclusion rules that put accounts out, and patterns with a rate below that of all,
    /// beyond chance.
    pub skip: Vec<AccountPattern>,
    /// The ideal customers of those that match an exclusion rule, or a pattern in [`Self::skip`] and none in
    /// [`Self::call`].
    pub skipped: Proportion,
    /// The share of all net value that these customers hold; `None` if no value is known or the total is not positive.
    pub skipped_value_share: Option<f64>,
    /// The ideal customers of those that match no pattern in [`Self::call`] or [`Self::skip`].
    pub others: Proportion,
    /// Whether the version is good enough to use.
    pub usability: Usability,
    /// The reason, in one sentence.
    pub usability_reason: String,
    /// The acceptance criteria of the profile.
    pub acceptance: Acceptance,
    /// The tiers, A first, out of fold; empty without an evaluation.
    pub tiers: Vec<TierRow>,
    /// What is not known yet, as short phrases.
    pub unknowns: Vec<String>,
    /// What to do next.
    pub next: NextActions,
    /// Whether the definition is approved.
    pub is_approved: bool,
    /// The state of the definition, in one or two sentences.
    pub state: String,
}

impl Overview {
    /// Creates the overview. Target accounts, if there are any, are those to call next.
    #[must_use]
    pub fn new(input: &ReportInput, targets: Option<&TargetDocument>) -> Self {
        let proof = Proof::new(input);
        let labeled = LabeledCustomers::new(input);
        let usability = Usability::new(&proof.evaluation);
        let mut selection =
            if usability.can_rank() { PatternSelection::new(input, &labeled) } else { PatternSelection::default() };
        let union = |kinds: &[candidate::Candidate]| {
            kinds.iter().fold(RowSet::empty(labeled.rows.len()), |all, kind| all.union(&kind.rows))
        };
        // What people rule out is skipped, even if it matches a pattern to call.
        let ruled_out = pattern::ruled_out(input, &labeled);
        selection.above.retain(|kind| !kind.rows.is_subset(&ruled_out));
        let called = union(&selection.above).difference(&ruled_out);
        let skipped = union(&selection.below).difference(&called).union(&ruled_out);
        let others = RowSet::from_fn(labeled.rows.len(), |_| true).difference(&called.union(&skipped));
        let pattern = |candidate: &candidate::Candidate| pattern::learned(input, &labeled, candidate);
        let mut call: Vec<AccountPattern> = selection.above.iter().map(pattern).collect();
        pattern::add_examples(input, &labeled, &mut call, &selection.above);
        let rate = |pattern: &AccountPattern| pattern.customers.rate().unwrap_or_default();
        call.sort_by(|a, b| rate(b).total_cmp(&rate(a)));
        let mut below: Vec<AccountPattern> = selection.below.iter().map(pattern).collect();
        below.sort_by(|a, b| rate(a).total_cmp(&rate(b)));
        let mut skip = pattern::exclusion_rules(input);
        skip.extend(below);
        if usability == Usability::Untested {
            let (positive, negative) = pattern::hypotheses(input);
            call.extend(positive);
            skip.extend(negative);
        }
        let position = |row: usize| labeled.rows.binary_search(&row).ok();
        let called_rows = |row: usize| position(row).is_some_and(|position| called.contains(position));
        let skipped_rows = |row: usize| position(row).is_some_and(|position| skipped.contains(position));
        Self {
            version: input.version.clone(),
            ideal_meaning: proof.label_card.rule.trim_start_matches("ideal: ").to_owned(),
            all: labeled.all(),
            weights: input.labels.card.row_weights(),
            called: labeled.ideal(&called),
            called_value_share: value_share(input, called_rows).filter(|_| !call.is_empty()),
            skipped: labeled.ideal(&skipped),
            skipped_value_share: value_share(input, skipped_rows).filter(|_| !skip.is_empty()),
            others: labeled.ideal(&others),
            usability,
            usability_reason: usability.reason(&proof.evaluation),
            unknowns: usability::unknowns(input),
            next: NextActions::new(
                input,
                targets,
                labeled.all().weighted_rate(input.labels.card.row_weights()).filter(|_| usability.can_rank()),
            ),
            is_approved: matches!(input.definition.approval, Approval::Approved { .. }),
            state: usability::state(input),
            acceptance: proof.acceptance,
            tiers: proof.tiers,
            call,
            skip,
        }
    }
}
