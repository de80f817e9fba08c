//! Whether a version is good enough to use, why, and what is not known.

use sweetspot_core::{Approval, Date, SpicedPart};
use sweetspot_model::Evaluation;

use crate::format::{format_date, join_with_and};
use crate::summary::{MIN_LABEL_COUNT, SpicedPartSummary, compared_answers, spiced_name};
use crate::{ReportInput, format_count, format_percent};

/// The least AUC of acceptable discrimination (Hosmer and Lemeshow 2000, Applied Logistic Regression, 5.2.4).
const MIN_USABLE_AUC: f64 = 0.7;

/// Whether a version is good enough to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usability {
    /// The whole 95% interval of its AUC is at least 0.7.
    Usable,
    /// It ranks better than chance, but its AUC may be below 0.7.
    Weak,
    /// Its ranking is not better than chance, or not for accounts that it has not seen.
    NotUsable,
    /// There is no evaluation.
    Untested,
}

impl Usability {
    pub(super) fn new(evaluation: &Evaluation) -> Self {
        if evaluation.rows == 0 {
            Self::Untested
        } else if !evaluation.has_signal() || evaluation.contradiction().is_some() {
            Self::NotUsable
        } else if evaluation.auc_low >= MIN_USABLE_AUC {
            Self::Usable
        } else {
            Self::Weak
        }
    }

    /// Whether the version ranks new accounts better than chance.
    #[must_use]
    pub const fn can_rank(self) -> bool {
        matches!(self, Self::Usable | Self::Weak)
    }

    /// The reason in one sentence.
    pub(super) fn reason(self, evaluation: &Evaluation) -> String {
        let Evaluation { auc, auc_low, auc_high, .. } = evaluation;
        let subjects = evaluation.subjects();
        match (self, evaluation.contradiction()) {
            (Self::Untested, _) => {
                "Too few customers are known to be ideal or not: this is what people believe, and no customer has \
                 tested it."
                    .to_owned()
            }
            (Self::NotUsable, Some(found)) => format!(
                "It recognizes accounts that it has seen, not new ones: accounts with a new value of {} are ranked worse.",
                found.attribute
            ),
            (Self::NotUsable, None) => format!(
                "On {subjects}, it picks the ideal one of two accounts {} times in 100 (it could be {} to {}): no better \
                 than a coin.",
                hundredths(*auc),
                hundredths(*auc_low),
                hundredths(*auc_high)
            ),
            (Self::Usable | Self::Weak, _) => {
                let others = evaluation.rows - evaluation.positives;
                let (fewest, label) = if evaluation.positives <= others {
                    (evaluation.positives, "ideal")
                } else {
                    (others, "not ideal")
                };
                let hunch = if fewest < MIN_LABEL_COUNT {
                    format!("Only {} are {label}: treat it as a hunch. ", format_count(fewest))
                } else {
                    String::new()
                };
                format!(
                    "{hunch}Shown one ideal and one other account, it picks the ideal one {} times in 100 ({} to {}); \
                     guessing, 50 times. The outcome of each of {} accounts was hidden when it was scored. In brackets: where the \
                     true figure very likely lies.",
                    hundredths(*auc),
                    hundredths(*auc_low),
                    hundredths(*auc_high),
                    format_count(evaluation.rows)
                )
            }
        }
    }
}

/// A share as a number of 100: `43`, `3.4`, `more than 99.9`.
pub(super) fn hundredths(share: f64) -> String {
    format_percent(share).trim_end_matches('%').replace('>', "more than ").replace('<', "less than ")
}

/// What is not known, as short phrases.
pub(super) fn unknowns(input: &ReportInput) -> Vec<String> {
    let mut unknowns = Vec::new();
    let (spiced, _) = compared_answers(input);
    let not_interviewed = |shared: &&SpicedPartSummary| shared.part != SpicedPart::Situation && shared.is_unanswered();
    let silent: Vec<String> =
        spiced.iter().filter(not_interviewed).map(|shared| spiced_name(shared.part).to_lowercase()).collect();
    if !silent.is_empty() {
        unknowns.push(format!("why ideal customers buy ({})", join_with_and(&silent)));
    }
    let outcomes = || input.customers.outcomes().iter();
    if !outcomes().any(|outcome| outcome.revenue().is_some()) {
        unknowns.push("what customers are worth".to_owned());
    } else if !outcomes().any(|outcome| outcome.cost_to_serve.is_some() || outcome.cost_to_acquire.is_some()) {
        unknowns.push("what customers cost to serve".to_owned());
    }
    unknowns
}

/// The state of the definition.
pub(super) fn state(input: &ReportInput) -> String {
    let definition = &input.definition;
    let day = |time: jiff::Timestamp| format_date(Date::from_timestamp(time));
    let state = match &definition.approval {
        Approval::Draft => "Draft, not approved.".to_owned(),
        Approval::InReview { actor, .. } => format!("In review, submitted by {actor}."),
        Approval::Approved { time, number, .. } => {
            let names = join_with_and(&definition.approver_names());
            format!("Approved by {names} on {} (version {} of the definition).", day(*time), format_count(*number))
        }
    };
    let review = match definition.review_date {
        None => "No date for the next review.".to_owned(),
        Some(date) if date <= input.as_of => format!("The review has been due since {}.", format_date(date)),
        Some(date) => format!("Next review: {}.", format_date(date)),
    };
    format!("{state} {review}")
}
