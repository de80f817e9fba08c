//! What the review does not tell, and which questions stay open because of it.

use sweetspot_core::{OutcomeRef, ReviewField, Status};

use super::tally::customers;
use super::{Evidence, Share, Told};

/// How complete one thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// What is asked, in a few words.
    pub field: &'static str,
    /// Of how many customers it is told.
    pub told: Share,
    /// The question of the review that stays open without it, from 1 to 14.
    pub question: u8,
    /// That question in words.
    pub open: &'static str,
}

/// What a review asks, with its question.
const FIELDS: [(ReviewField, &str, u8, &str); 17] = [
    (ReviewField::Name, "customer name", 1, "who the customers are"),
    (ReviewField::UseCase, "use case", 1, "what they use the product for"),
    (ReviewField::Industry, "industry", 2, "which industries they belong to"),
    (ReviewField::Location, "location", 3, "where they are"),
    (ReviewField::Employees, "employees", 4, "how large they are"),
    (ReviewField::Revenue, "revenue", 4, "how large they are"),
    (ReviewField::DealSize, "deal size", 5, "how large a deal is"),
    (ReviewField::Contract, "contract details", 5, "what was agreed"),
    (ReviewField::Recurring, "one time or recurring", 6, "who buys once and who stays"),
    (ReviewField::DecisionMakers, "number of decision makers", 9, "whether several people decide"),
    (ReviewField::DecisionMakerTitles, "titles of decision makers", 9, "who decides"),
    (ReviewField::InfluencerTitles, "titles of influencers", 9, "who influences the decision"),
    (ReviewField::WinReason, "win reason", 10, "why deals were won"),
    (ReviewField::Usage, "usage", 11, "how, how much and how often the product is used"),
    (ReviewField::Features, "features", 12, "which features are used"),
    (ReviewField::Pain, "pain", 13, "which problem they have in common"),
    (ReviewField::Notes, "notes", 13, "what else is known about them"),
];

/// How complete each thing is that a review asks, in the order of its questions.
pub(super) fn gaps(evidence: &Evidence) -> Vec<Gap> {
    let rows = customers(evidence);
    let count = |known: &dyn Fn(usize) -> bool| Share::of(rows.iter().map(|row| known(*row)));
    let outcome = |known: fn(OutcomeRef<'_>) -> bool| count(&|row| known(evidence.outcome(row)));
    let of_field = |(field, name, question, open): (ReviewField, &'static str, u8, &'static str)| {
        let told = Told::of(evidence, field);
        Gap { field: name, told: count(&|row| told.is_known(row)), question, open }
    };
    let mut gaps: Vec<Gap> = FIELDS.into_iter().map(of_field).collect();
    let reason = Told::of(evidence, ReviewField::ChurnReason);
    let left = rows.iter().filter(|row| evidence.outcome(**row).status == Some(Status::Churned));
    let why = Share::of(left.map(|row| reason.is_known(*row) || evidence.outcome(*row).reason.is_some()));
    let since = outcome(|outcome| outcome.since.is_some());
    let (status, value) = (outcome(|outcome| outcome.status.is_some()), outcome(|outcome| outcome.value.is_some()));
    gaps.extend([
        Gap { field: "client since", told: since, question: 7, open: "how long they have been customers" },
        Gap { field: "current status", told: status, question: 8, open: "who stayed and who left" },
        Gap { field: "churn reason", told: why, question: 8, open: "why customers left" },
        Gap { field: "value", told: value, question: 14, open: "which customers are worth most" },
    ]);
    // Stable, so that the fields of one question stay in their order.
    gaps.sort_by_key(|gap| gap.question);
    gaps
}
