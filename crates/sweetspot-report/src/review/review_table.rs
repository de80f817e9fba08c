//! The table of a review: one customer per row, with the headings of the usual template.

use sweetspot_core::{OutcomeStatus, ReviewField};

use super::{FieldSource, ReportInput};

/// The headings of the template, verbatim, and two more that its questions need.
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
    /// One text for each of [`HEADINGS`]; empty if the value is unknown.
    pub cells: Vec<String>,
}

/// The table, with the sources of its fields resolved once.
#[derive(Debug)]
pub struct ReviewTable<'a> {
    input: &'a ReportInput,
    sources: [FieldSource<'a>; REVIEW_FIELDS.len()],
}

/// The fields of the review in the order of the headings; fields of the outcomes are inserted between them.
pub(super) const REVIEW_FIELDS: [ReviewField; 15] = [
    ReviewField::Industry,
    ReviewField::Location,
    ReviewField::UseCase,
    ReviewField::Contract,
    ReviewField::DealSize,
    ReviewField::Recurring,
    ReviewField::Usage,
    ReviewField::Revenue,
    ReviewField::Employees,
    ReviewField::DecisionMakers,
    ReviewField::DecisionMakerTitles,
    ReviewField::InfluencerTitles,
    ReviewField::Notes,
    ReviewField::WinReason,
    ReviewField::ChurnReason,
];

impl<'a> ReviewTable<'a> {
    /// The table of these customers.
    #[must_use]
    pub fn new(input: &'a ReportInput) -> Self {
        Self { input, sources: REVIEW_FIELDS.map(|field| FieldSource::new(input, field)) }
    }

    /// The row of an account; `None` if the row does not exist.
    #[must_use]
    pub fn row(&self, row: usize) -> Option<ReviewRow> {
        let input = self.input;
        let account_id = input.accounts().ids().get(row)?.to_owned();
        let outcome = input.outcome(row);
        let status = outcome.status.map_or("", status_word);
        let mut cells = vec![input.name(row).to_owned()];
        for (field, source) in REVIEW_FIELDS.into_iter().zip(self.sources) {
            if field == ReviewField::Usage {
                cells.extend([outcome.since.map(|day| day.to_string()).unwrap_or_default(), status.to_owned()]);
            }
            cells.push(source.text(row).unwrap_or_default());
        }
        // Churned accounts without a reason in the review use the reason of the outcome.
        let reason = outcome.reason.filter(|_| outcome.status == Some(OutcomeStatus::Churned));
        if let Some((last, reason)) = cells.last_mut().zip(reason)
            && last.is_empty()
        {
            reason.clone_into(last);
        }
        Some(ReviewRow { account_id, cells })
    }
}

/// The word for a status.
pub(super) const fn status_word(status: OutcomeStatus) -> &'static str {
    match status {
        OutcomeStatus::Won => "won",
        OutcomeStatus::Lost => "lost",
        OutcomeStatus::Churned => "churned",
    }
}
