//! The account review: who paid until now, what for, and what the best of them have in common.
//!
//! It answers the fourteen questions of an account review in their order, each with the number of customers that the
//! answer stands on, and tells which of them the data leave open.

mod amounts;
mod gaps;
mod page;
mod ranking;
mod rows;
mod segments;
mod sizes;
mod standing;
mod tally;
#[cfg(test)]
mod tests;
mod told;
mod trends;

pub use amounts::Amounts;
pub use gaps::Gap;
pub use page::blocks;
pub use ranking::{Ranked, Ranking};
pub use rows::{HEADINGS, ReviewRow, ReviewTable};
pub use segments::{Segment, SegmentedBy, Segments};
pub use sizes::Sizes;
pub use standing::{Belief, Committee, Standing, Tenure, Year};
use sweetspot_core::{Date, ReviewField};
pub use tally::{Level, Split};
pub use trends::{Trend, Trends};

use self::told::{Told, short};
use super::{Block, Cell, Evidence, Head, Share, Table, Tone, count, day, money, number, percent, plural};

/// The account review.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountReview {
    /// The version that it was made of.
    pub version: String,
    /// The day of the document.
    pub as_of: Date,
    /// The currency of every amount, where it was told.
    pub currency: Option<String>,
    /// All accounts, lost ones included.
    pub accounts: u64,
    /// The customers, past and present: all that did not say no.
    pub customers: u64,
    /// How complete the review is.
    pub gaps: Vec<Gap>,
    /// What the customers use the product for.
    pub use_cases: Ranking,
    /// By industry.
    pub industries: Split,
    /// By place.
    pub places: Split,
    /// By employees.
    pub employees: Sizes,
    /// By their own revenue, in the unit of the file.
    pub revenue: Sizes,
    /// What a deal comes to; nothing where no deal size is known.
    pub deals: Option<Amounts>,
    /// One time or recurring, in the company's words.
    pub kinds: Ranking,
    /// For how long.
    pub tenure: Tenure,
    /// How they stand.
    pub standing: Standing,
    /// Who decides.
    pub committee: Committee,
    /// Why they were won.
    pub win_reasons: Ranking,
    /// How they use the product.
    pub usage: Ranking,
    /// Segments and use cases.
    pub segments: Segments,
    /// What goes with ideal customers.
    pub trends: Trends,
    /// Which customers are called ideal, in one sentence.
    pub rule: String,
    /// What people believe, with verdicts.
    pub beliefs: Vec<Belief>,
}

impl AccountReview {
    /// Answers every question as far as the evidence does.
    #[must_use]
    pub fn of(evidence: &Evidence) -> Self {
        let rows = tally::customers(evidence);
        let ranking = |field| {
            let told = Told::of(evidence, field);
            Ranking::of(rows.iter().map(|row| told.texts(*row)))
        };
        let split = |field| {
            let told = Told::of(evidence, field);
            tally::tally(evidence, |row| told.texts(row)).by_frequency()
        };
        let deal = Told::of(evidence, ReviewField::DealSize);
        Self {
            version: evidence.version.clone(),
            as_of: evidence.as_of,
            currency: evidence.currency().map(str::to_owned),
            accounts: evidence.rows() as u64,
            customers: rows.len() as u64,
            gaps: gaps::gaps(evidence),
            use_cases: ranking(ReviewField::UseCase),
            industries: split(ReviewField::Industry),
            places: split(ReviewField::Location),
            employees: Sizes::employees(evidence),
            revenue: Sizes::revenue(evidence),
            deals: Amounts::of(rows.iter().filter_map(|row| deal.number(*row)).collect()),
            kinds: ranking(ReviewField::Recurring),
            tenure: Tenure::of(evidence),
            standing: Standing::of(evidence),
            committee: Committee::of(evidence),
            win_reasons: standing::win_reasons(evidence),
            usage: ranking(ReviewField::Usage),
            segments: Segments::of(evidence),
            trends: Trends::of(evidence),
            rule: evidence.model.label_card().rule,
            beliefs: standing::beliefs(evidence),
        }
    }
}
