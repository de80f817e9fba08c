//! The completeness of the review: for each field, the customers with an answer and the question that needs it.

use sweetspot_core::{OutcomeRef, OutcomeStatus, ReviewField};

use super::breakdown::customers;
use super::{FieldSource, Proportion, ReportInput};

/// The completeness of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldCompleteness {
    /// A short description of the field.
    pub field: &'static str,
    /// The customers with an answer.
    pub answered: Proportion,
    /// The number of the question that needs the field, from 1 to 14.
    pub question_number: u8,
    /// The text of that question.
    pub question_text: &'static str,
}

/// The fields of a review, with their questions.
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

/// The completeness of each field, in the order of the questions.
pub(super) fn gaps(input: &ReportInput) -> Vec<FieldCompleteness> {
    let rows = customers(input);
    let count = |known: &dyn Fn(usize) -> bool| Proportion::from_bools(rows.iter().map(|row| known(*row)));
    let outcome = |known: fn(OutcomeRef<'_>) -> bool| count(&|row| known(input.outcome(row)));
    let of_field = |(field, name, question, open): (ReviewField, &'static str, u8, &'static str)| {
        let source = FieldSource::new(input, field);
        FieldCompleteness {
            field: name,
            answered: count(&|row| source.is_known(row)),
            question_number: question,
            question_text: open,
        }
    };
    let mut gaps: Vec<FieldCompleteness> = FIELDS.into_iter().map(of_field).collect();
    let reason = FieldSource::new(input, ReviewField::ChurnReason);
    let churned = rows.iter().filter(|row| input.outcome(**row).status == Some(OutcomeStatus::Churned));
    let reason_share =
        Proportion::from_bools(churned.map(|row| reason.is_known(*row) || input.outcome(*row).reason.is_some()));
    let since = outcome(|outcome| outcome.since.is_some());
    let (status, value) = (outcome(|outcome| outcome.status.is_some()), outcome(|outcome| outcome.value.is_some()));
    gaps.extend([
        FieldCompleteness {
            field: "client since",
            answered: since,
            question_number: 7,
            question_text: "how long they have been customers",
        },
        FieldCompleteness {
            field: "current status",
            answered: status,
            question_number: 8,
            question_text: "who stayed and who left",
        },
        FieldCompleteness {
            field: "churn reason",
            answered: reason_share,
            question_number: 8,
            question_text: "why customers left",
        },
        FieldCompleteness {
            field: "value",
            answered: value,
            question_number: 14,
            question_text: "which customers are worth most",
        },
    ]);
    // The sort is stable, so that the fields of one question keep their order.
    gaps.sort_by_key(|gap| gap.question_number);
    gaps
}
