//! The account review: the customers until now, what they buy, and what the best of them have in common.
//!
//! It answers the fourteen questions of an account review in order, each with the number of customers that the answer
//! is based on, and lists the questions that the data leave open.

mod all_columns;
mod amount_statistics;
mod breakdown;
mod correlations;
mod customer_groups;
mod customer_status;
mod missing_answers;
mod page;
mod ranking;
mod rate_over_time;
mod review_table;
mod sizes;
#[cfg(test)]
mod tests;

pub use all_columns::{AllColumnsTable, ColumnMeaning, OutcomePart};
pub use amount_statistics::Amounts;
pub use breakdown::{Breakdown, BreakdownLevel};
pub use correlations::{ValueCorrelation, ValueCorrelations};
pub use customer_groups::{CustomerGroup, CustomerGroups, GroupedBy};
pub use customer_status::{Committee, ReviewHypothesis, StatusCounts, Tenure, YearCohort};
pub use missing_answers::FieldCompleteness;
pub use page::blocks;
pub use ranking::{AnswerRanking, RankedAnswer};
pub use rate_over_time::{MissingRateOverTime, RateOverTime, RatePeriod};
pub use review_table::{HEADINGS, ReviewRow, ReviewTable};
pub use sizes::SizeSummary;
use sweetspot_core::{Date, ReviewField};

use super::field_source::{FieldSource, truncate};
use super::{
    Block, CalloutKind, ColumnHead, Proportion, ReportInput, Table, TableCell, format_count, format_date, format_money,
    format_number, format_percent, plural,
};

/// The account review.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountReview {
    /// The version's name.
    pub version: String,
    /// The day of the document.
    pub as_of: Date,
    /// The currency of all amounts, if it is known.
    pub currency: Option<String>,
    /// The number of accounts, lost ones included.
    pub accounts: u64,
    /// The number of customers, past and present: all accounts that are not lost.
    pub customers: u64,
    /// The completeness of each field.
    pub gaps: Vec<FieldCompleteness>,
    /// The use cases of the customers.
    pub use_cases: AnswerRanking,
    /// Customers by industry.
    pub industries: Breakdown,
    /// Customers by location.
    pub places: Breakdown,
    /// The number of employees.
    pub employees: SizeSummary,
    /// The customers' own revenue, in the unit of the file.
    pub revenue: SizeSummary,
    /// The deal sizes; `None` if no deal size is known.
    pub deals: Option<Amounts>,
    /// The kinds of purchase, one-time or recurring, as the file names them.
    pub kinds: AnswerRanking,
    /// The tenure of the customers.
    pub tenure: Tenure,
    /// The number of accounts by status.
    pub status_counts: StatusCounts,
    /// The buying committee.
    pub committee: Committee,
    /// The reasons for buying.
    pub win_reasons: AnswerRanking,
    /// How the customers use the product.
    pub usage: AnswerRanking,
    /// Customer groups and their use cases.
    pub groups: CustomerGroups,
    /// Values that correlate with ideal customers.
    pub trends: ValueCorrelations,
    /// The rate of ideal accounts over time, or the reason why there is none.
    pub rate_over_time: Result<RateOverTime, MissingRateOverTime>,
    /// The label policy, in one sentence.
    pub rule: String,
    /// The hypotheses, with verdicts.
    pub hypotheses: Vec<ReviewHypothesis>,
}

impl AccountReview {
    /// Answers every question as far as the data allow.
    #[must_use]
    pub fn new(input: &ReportInput) -> Self {
        let rows = breakdown::customers(input);
        let ranking = |field| {
            let source = FieldSource::new(input, field);
            AnswerRanking::new(rows.iter().map(|row| source.texts(*row)))
        };
        let split = |field| {
            let source = FieldSource::new(input, field);
            breakdown::tally(input, |row| source.texts(row)).sorted_by_frequency()
        };
        let deal = FieldSource::new(input, ReviewField::DealSize);
        Self {
            version: input.version.clone(),
            as_of: input.as_of,
            currency: input.currency().map(str::to_owned),
            accounts: input.rows() as u64,
            customers: rows.len() as u64,
            gaps: missing_answers::gaps(input),
            use_cases: ranking(ReviewField::UseCase),
            industries: split(ReviewField::Industry),
            places: split(ReviewField::Location),
            employees: SizeSummary::employees(input),
            revenue: SizeSummary::revenue(input),
            deals: Amounts::new(rows.iter().filter_map(|row| deal.number(*row)).collect()),
            kinds: ranking(ReviewField::Recurring),
            tenure: Tenure::new(input),
            status_counts: StatusCounts::new(input),
            committee: Committee::new(input),
            win_reasons: customer_status::win_reasons(input),
            usage: ranking(ReviewField::Usage),
            groups: CustomerGroups::new(input),
            trends: ValueCorrelations::new(input),
            rate_over_time: RateOverTime::new(input),
            rule: input.model.label_card().rule,
            hypotheses: customer_status::hypotheses(input),
        }
    }
}
