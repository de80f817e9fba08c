//! The table of a review: one customer a row, under the headings of the usual template.

use sweetspot_core::{ReviewField, Status};

use super::{Evidence, Told};

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

/// The table: where each thing is told is found once.
#[derive(Debug)]
pub struct ReviewTable<'a> {
    evidence: &'a Evidence,
    told: [Told<'a>; TOLD.len()],
}

/// What the reviews tell, in the order of the headings; what the outcomes tell comes between.
const TOLD: [ReviewField; 15] = [
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
    pub fn of(evidence: &'a Evidence) -> Self {
        Self { evidence, told: TOLD.map(|field| Told::of(evidence, field)) }
    }

    /// The row of an account; nothing where there is no such account.
    #[must_use]
    pub fn row(&self, row: usize) -> Option<ReviewRow> {
        let evidence = self.evidence;
        let account_id = evidence.accounts().ids().get(row)?.to_owned();
        let outcome = evidence.outcome(row);
        let status = match outcome.status {
            Some(Status::Won) => "won",
            Some(Status::Lost) => "lost",
            Some(Status::Churned) => "churned",
            None => "",
        };
        let mut cells = vec![evidence.name(row).to_owned()];
        for (field, told) in TOLD.into_iter().zip(self.told) {
            if field == ReviewField::Usage {
                cells.extend([outcome.since.map(|day| day.to_string()).unwrap_or_default(), status.to_owned()]);
            }
            cells.push(told.text(row).unwrap_or_default());
        }
        // Who has no reason of its own in the review may have one in the outcome.
        let reason = outcome.reason.filter(|_| outcome.status == Some(Status::Churned));
        if let Some((last, reason)) = cells.last_mut().zip(reason)
            && last.is_empty()
        {
            reason.clone_into(last);
        }
        Some(ReviewRow { account_id, cells })
    }
}
