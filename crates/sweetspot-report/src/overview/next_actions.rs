//! What to do next: accounts to call, accounts to stop calling, and questions to ask.

use std::collections::BTreeMap;

use sweetspot_core::{PondSide, SpicedPart, Tier};

use super::pattern::best_customers;
use crate::summary::spiced_summaries;
use crate::targets::{AttributeValueFormatter, Target, TargetDocument};
use crate::{ReportInput, format_percent};

/// The maximum number of accounts to call, of accounts to stop calling, of questions, and of customers to ask.
const MAX_CALLS: usize = 10;
const MAX_STOPS: usize = 5;
const MAX_QUESTIONS: usize = 2;
const MAX_INTERVIEWS: usize = 3;

/// What to do next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NextActions {
    /// The best prospects, or else the best accounts without an outcome, by name.
    pub call: Vec<String>,
    /// The most frequent main reason of the prospects to call, in one sentence; `None` without prospects, and if most
    /// have other reasons.
    pub main_reason: Option<String>,
    /// Accounts without an outcome in the worst tier or out of the pond, by name.
    pub stop: Vec<String>,
    /// The number of accounts that [`Self::stop`] is the beginning of.
    pub stop_count: u64,
    /// Questions that no ideal customer has answered.
    pub questions: Vec<Question>,
    /// The ideal customers to ask, by name.
    pub interviewees: Vec<String>,
}

/// A question of a SPICED interview.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question(pub SpicedPart);

impl Question {
    /// The question.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self.0 {
            SpicedPart::Situation => "What does your team look like, and which tools do you use?",
            SpicedPart::Pain => "Which problem made you look for something new?",
            SpicedPart::Impact => "What has changed in your business since?",
            SpicedPart::CriticalEvent => "Why did you decide then, and not half a year later?",
            SpicedPart::Decision => "Who decided, and by which criteria?",
        }
    }
}

/// The order of questions: what customers want before how they buy.
const QUESTIONS: [SpicedPart; 5] =
    [SpicedPart::Pain, SpicedPart::CriticalEvent, SpicedPart::Impact, SpicedPart::Decision, SpicedPart::Situation];

impl NextActions {
    pub(super) fn new(input: &ReportInput, targets: Option<&TargetDocument>, can_rank: bool) -> Self {
        let is_separated = input.model.tier_cuts().is_some_and(|[a, _, _]| a < 1.0) && can_rank;
        let is_open = |row: &usize| input.ideal(*row).is_none() && input.outcome(*row).status.is_none();
        let mut open: Vec<usize> = (0..input.rows()).filter(is_open).collect();
        open.sort_by(|a, b| {
            let probability = |row: usize| input.fits.get(row).map_or(0.0, |fit| fit.probability);
            probability(*b).total_cmp(&probability(*a)).then(a.cmp(b))
        });
        let is_out = |row: &usize| {
            input
                .fits
                .get(*row)
                .is_some_and(|fit| fit.pond_side == PondSide::Out || is_separated && fit.tier == Tier::D)
        };
        let name = |row: usize| input.name(row).to_owned();
        let targets: Vec<&Target> = targets.map(best_targets).unwrap_or_default();
        let call = if targets.is_empty() {
            open.iter().filter(|row| !is_out(row)).take(MAX_CALLS).map(|row| name(*row)).collect()
        } else {
            targets.iter().map(|target| target_text(target)).collect()
        };
        let stop: Vec<usize> = open.iter().rev().copied().filter(is_out).collect();
        let answered = spiced_summaries(input);
        let is_unanswered = |part: &SpicedPart| {
            answered.iter().any(|shared| shared.part == *part && shared.texts.is_empty() && shared.findings.is_empty())
        };
        let questions: Vec<Question> =
            QUESTIONS.into_iter().filter(is_unanswered).take(MAX_QUESTIONS).map(Question).collect();
        let ideal: Vec<usize> = (0..input.rows()).filter(|row| input.ideal(*row) == Some(true)).collect();
        Self {
            main_reason: main_reason(input, &targets).filter(|_| is_separated),
            call: if is_separated { call } else { Vec::new() },
            stop_count: stop.len() as u64,
            stop: stop.into_iter().take(MAX_STOPS).map(name).collect(),
            interviewees: best_customers(input, &ideal).into_iter().take(MAX_INTERVIEWS).map(name).collect(),
            questions,
        }
    }
}

/// The best prospects that no exclusion rule puts out of the pond.
fn best_targets(document: &TargetDocument) -> Vec<&Target> {
    document.list.targets.iter().filter(|target| target.fit.pond_side == PondSide::In).take(MAX_CALLS).collect()
}

/// `Acme (A, 86%)`.
fn target_text(target: &Target) -> String {
    format!("{} ({}, {})", target.display_name(), target.tier.letter(), format_percent(target.fit.probability))
}

/// The main reason of at least half of the prospects, in one sentence.
fn main_reason(input: &ReportInput, targets: &[&Target]) -> Option<String> {
    let formatter = AttributeValueFormatter::new(input);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for reason in targets.iter().filter_map(|target| target.reasons.iter().find(|reason| reason.log_odds > 0.0)) {
        *counts.entry(formatter.reason(reason)).or_default() += 1;
    }
    let (reason, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    let of_all = if count == targets.len() { "each".to_owned() } else { format!("{count} of them") };
    (2 * count >= targets.len()).then(|| format!("Main reason for {of_all}: {reason}."))
}
