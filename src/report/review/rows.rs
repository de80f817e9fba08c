//! The table of a review: one customer a row, under the headings of the usual template.

use super::{Evidence, Told};
use crate::domain::{ReviewField, Status};

/// The headings of the template, as they are printed there, and two that its questions ask for beyond it.
pub const HEADINGS: [&str; 18] = [
    "Customer Name",
    "Industry",
    "Location",
    "Use Case",
    "Contract Details",
    "Deal Size",
    "Active vs One Time",
    "Client since when",
    "Current Status",
    "Amount of product useage by customer",
    "Company Size - Revenue",
    "Company Size - # of employees",
    "# of Decision makers",
    "Title/Department of Decision makers",
    "Title/department of Influencer",
    "Notes",
    "Win reason",
    "Churn reason",
];

/// One row of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewRow {
    /// The account.
    pub account_id: String,
    /// One text for each of [`HEADINGS`]; empty where nothing is known.
    pub cells: Vec<String>,
}

/// The row of an account; nothing where there is no such account.
#[must_use]
pub fn review_row(evidence: &Evidence, row: usize) -> Option<ReviewRow> {
    let account_id = evidence.accounts().ids().get(row)?.to_owned();
    let told = |field| Told::of(evidence, field).text(row).unwrap_or_default();
    let outcome = evidence.outcome(row);
    let status = match outcome.status {
        Some(Status::Won) => "won",
        Some(Status::Lost) => "lost",
        Some(Status::Churned) => "churned",
        None => "",
    };
    let churn_reason = told(ReviewField::ChurnReason);
    let reason = outcome.reason.filter(|_| churn_reason.is_empty() && outcome.status == Some(Status::Churned));
    let cells = vec![
        evidence.name(row).to_owned(),
        told(ReviewField::Industry),
        told(ReviewField::Location),
        told(ReviewField::UseCase),
        told(ReviewField::Contract),
        told(ReviewField::DealSize),
        told(ReviewField::Recurring),
        outcome.since.map(|day| day.to_string()).unwrap_or_default(),
        status.to_owned(),
        told(ReviewField::Usage),
        told(ReviewField::Revenue),
        told(ReviewField::Employees),
        told(ReviewField::DecisionMakers),
        told(ReviewField::DecisionMakerTitles),
        told(ReviewField::InfluencerTitles),
        told(ReviewField::Notes),
        told(ReviewField::WinReason),
        reason.map_or(churn_reason, str::to_owned),
    ];
    Some(ReviewRow { account_id, cells })
}
