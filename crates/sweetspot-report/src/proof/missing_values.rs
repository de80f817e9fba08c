//! Missing values by label: an attribute that is present for one label only may have been recorded after the sale.

use sweetspot_core::{Column, SamplingWeights};

use super::tiers::rate_text;
use crate::AttributeName;
use crate::document::{ColumnHead, Table, TableCell};
use crate::proportion::Proportion;
use crate::report_input::ReportInput;

/// The maximum number of attributes to show.
const MAX_ATTRIBUTES: usize = 20;

/// The shares of customers without an attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct MissingShares {
    /// The attribute.
    pub attribute: AttributeName,
    /// The ideal customers without it.
    pub ideal: Proportion,
    /// The other customers without it.
    pub not_ideal: Proportion,
}

impl MissingShares {
    /// Whether the shares differ beyond chance: their intervals do not overlap.
    #[must_use]
    pub fn is_uneven(&self) -> bool {
        let ((low, high), (other_low, other_high)) = (self.ideal.interval(), self.not_ideal.interval());
        low > other_high || other_low > high
    }

    fn distance(&self) -> f64 {
        let rate = |share: Proportion| share.rate().unwrap_or_default();
        (rate(self.ideal) - rate(self.not_ideal)).abs()
    }
}

/// The attributes of the model with missing values, the most uneven first, and the number of others.
pub(super) fn shares(input: &ReportInput) -> (Vec<MissingShares>, usize) {
    let known = input.model.attributes();
    let columns = known.iter().filter_map(|summary| input.accounts().column(&summary.attribute));
    let mut shares: Vec<MissingShares> = columns.map(|column| missing_shares(input, column)).collect();
    shares.retain(|summary| summary.ideal.part + summary.not_ideal.part > 0);
    // Uneven attributes first, so that if none of those shown is uneven, no others are.
    let key = |summary: &MissingShares| if summary.is_uneven() { 1.0 + summary.distance() } else { summary.distance() };
    shares.sort_by(|a, b| key(b).total_cmp(&key(a)).then_with(|| a.attribute.cmp(&b.attribute)));
    let unlisted = shares.len().saturating_sub(MAX_ATTRIBUTES);
    shares.truncate(MAX_ATTRIBUTES);
    (shares, unlisted)
}

fn missing_shares(input: &ReportInput, column: &Column) -> MissingShares {
    let missing = |ideal: bool| {
        let rows = (0..input.rows()).filter(|row| input.ideal(*row) == Some(ideal));
        Proportion::from_bools(rows.map(|row| column.data.get(row).is_none()))
    };
    MissingShares { attribute: input.attribute(&column.name), ideal: missing(true), not_ideal: missing(false) }
}

/// The table of these attributes.
pub(super) fn table(shares: &[MissingShares]) -> Table {
    let cell =
        |share: Proportion| TableCell { text: rate_text(share, SamplingWeights::EVEN), is_faint: share.is_faint() };
    let row = |missing: &MissingShares| -> Vec<TableCell> {
        let verdict =
            if missing.is_uneven() { "uneven: was it known before the sale?" } else { "no difference beyond chance" };
        vec![missing.attribute.to_string().into(), cell(missing.ideal), cell(missing.not_ideal), verdict.into()]
    };
    Table {
        caption: "How often an attribute is missing, by outcome".to_owned(),
        columns: vec![
            ColumnHead::text("Attribute"),
            ColumnHead::figure("Missing among ideal"),
            ColumnHead::figure("Missing among others"),
            ColumnHead::text("Verdict"),
        ],
        rows: shares.iter().map(row).collect(),
    }
}
