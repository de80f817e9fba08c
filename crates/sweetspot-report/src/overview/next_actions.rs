//! What to do next: accounts to call, accounts to stop calling, and questions to ask.

use sweetspot_core::{Contribution, ContributionKind, Fit, PondSide, SpicedPart, Tier};

use crate::ReportInput;
use crate::interviews::best_customers;
use crate::summary::compared_answers;
use crate::targets::{AttributeValueFormatter, Target, TargetDocument};

/// The maximum number of accounts to call, of accounts to stop calling, of questions, and of customers to ask.
const MAX_CALLS: usize = 10;
const MAX_STOPS: usize = 5;
const MAX_QUESTIONS: usize = 2;
const MAX_INTERVIEWS: usize = 3;

/// What to do next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NextActions {
    /// The best prospects, or else the best accounts without an outcome; each is at least as likely to be ideal as the
    /// average account.
    pub call: Vec<NextCall>,
    /// Accounts without an outcome in the worst tier or out of the pond, by name.
    pub stop: Vec<String>,
    /// The number of accounts that [`Self::stop`] is the beginning of.
    pub stop_count: u64,
    /// Questions that no ideal customer has answered.
    pub questions: Vec<Question>,
    /// The ideal customers to ask, by name.
    pub interviewees: Vec<String>,
}

/// An account to call.
#[derive(Clone, Debug, PartialEq)]
pub struct NextCall {
    /// Its name, or else its id.
    pub name: String,
    /// The probability that it is ideal.
    pub probability: f64,
    /// Its tier.
    pub tier: Tier,
    /// Its main reason, as `attribute: value`: an interaction only without any other. `None` if the list has no reasons.
    pub reason: Option<String>,
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
    /// Creates the actions. `ideal_rate` is that of all customers; `None` if the version cannot rank accounts.
    pub(super) fn new(input: &ReportInput, targets: Option<&TargetDocument>, ideal_rate: Option<f64>) -> Self {
        let is_separated = input.model.tier_cuts().is_some_and(|[a, _, _]| a < 1.0) && ideal_rate.is_some();
        let is_likely = |fit: &Fit| ideal_rate.is_some_and(|rate| fit.probability >= rate);
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
        let call: Vec<NextCall> = match targets {
            Some(document) => best_targets(input, document, is_likely),
            None => open
                .iter()
                .filter(|row| !is_out(row))
                .filter_map(|row| {
                    let fit = input.fits.get(*row).filter(|fit| is_likely(fit))?;
                    Some(NextCall { name: name(*row), probability: fit.probability, tier: fit.tier, reason: None })
                })
                .take(MAX_CALLS)
                .collect(),
        };
        let stop: Vec<usize> = open.iter().rev().copied().filter(is_out).collect();
        let (answered, _) = compared_answers(input);
        let is_unanswered =
            |part: &SpicedPart| answered.iter().any(|shared| shared.part == *part && shared.is_unanswered());
        let questions: Vec<Question> =
            QUESTIONS.into_iter().filter(is_unanswered).take(MAX_QUESTIONS).map(Question).collect();
        let ideal: Vec<usize> = (0..input.rows()).filter(|row| input.ideal(*row) == Some(true)).collect();
        Self {
            call: if is_separated { call } else { Vec::new() },
            stop_count: stop.len() as u64,
            stop: stop.into_iter().take(MAX_STOPS).map(name).collect(),
            interviewees: best_customers(input, ideal).into_iter().take(MAX_INTERVIEWS).map(name).collect(),
            questions,
        }
    }
}

/// The best prospects that are likely to be ideal, and that no exclusion rule puts out of the pond.
fn best_targets(input: &ReportInput, document: &TargetDocument, is_likely: impl Fn(&Fit) -> bool) -> Vec<NextCall> {
    let formatter = AttributeValueFormatter::new(input);
    let next_call = |target: &Target| {
        let mut reasons = target.reasons.iter().filter(|reason| reason.log_odds > 0.0);
        let is_simple = |reason: &&Contribution<'_>| reason.kind != ContributionKind::Interaction;
        let reason = reasons.clone().find(is_simple).or_else(|| reasons.next());
        NextCall {
            name: target.display_name().to_owned(),
            probability: target.fit.probability,
            tier: target.tier,
            reason: reason.map(|reason| formatter.reason_phrase(reason)),
        }
    };
    let targets = document.list.targets.iter();
    let best = targets.filter(|target| target.fit.pond_side == PondSide::In && is_likely(&target.fit));
    best.take(MAX_CALLS).map(next_call).collect()
}
