//! What is missing, by what happened: an attribute that is filled for one outcome only was perhaps written after the sale.

use sweetspot_core::{Column, RowWeights};

use super::tiers::rate_text;
use crate::document::{Cell, Head, Table};
use crate::evidence::Evidence;
use crate::figure::Share;

/// Attributes that are told.
const MOST: usize = 20;

/// How often an attribute is missing.
#[derive(Clone, Debug, PartialEq)]
pub struct MissingShares {
    /// Its name.
    pub attribute: String,
    /// Without it, of the ideal customers.
    pub ideal: Share,
    /// Without it, of the others.
    pub other: Share,
}

impl MissingShares {
    /// Whether it is missing more often for one of the two than chance explains: the intervals lie apart.
    #[must_use]
    pub fn is_uneven(&self) -> bool {
        let ((low, high), (other_low, other_high)) = (self.ideal.interval(), self.other.interval());
        low > other_high || other_low > high
    }

    fn distance(&self) -> f64 {
        let rate = |share: Share| share.rate().unwrap_or_default();
        (rate(self.ideal) - rate(self.other)).abs()
    }
}

/// The attributes of the model that are missing anywhere, the most uneven first, and how many others there are.
pub(super) fn shares(evidence: &Evidence) -> (Vec<MissingShares>, usize) {
    let known = evidence.model.attributes();
    let columns = known.iter().filter_map(|one| evidence.accounts().column(&one.attribute));
    let mut shares: Vec<MissingShares> = columns.map(|column| of(evidence, column)).collect();
    shares.retain(|one| one.ideal.part + one.other.part > 0);
    // Uneven ones first, so that where none of those that are shown is uneven, none is.
    let key = |one: &MissingShares| if one.is_uneven() { 1.0 + one.distance() } else { one.distance() };
    shares.sort_by(|a, b| key(b).total_cmp(&key(a)).then_with(|| a.attribute.cmp(&b.attribute)));
    let beyond = shares.len().saturating_sub(MOST);
    shares.truncate(MOST);
    (shares, beyond)
}

fn of(evidence: &Evidence, column: &Column) -> MissingShares {
    let missing = |ideal: bool| {
        let rows = (0..evidence.rows()).filter(|row| evidence.ideal(*row) == Some(ideal));
        Share::of(rows.map(|row| column.data.get(row).is_none()))
    };
    MissingShares { attribute: column.name.clone(), ideal: missing(true), other: missing(false) }
}

/// The table of them.
pub(super) fn table(shares: &[MissingShares]) -> Table {
    let cell = |share: Share| Cell { text: rate_text(share, RowWeights::EVEN), faint: share.is_faint() };
    let row = |one: &MissingShares| -> Vec<Cell> {
        let verdict =
            if one.is_uneven() { "uneven: was it known before the sale?" } else { "no difference beyond chance" };
        vec![one.attribute.clone().into(), cell(one.ideal), cell(one.other), verdict.into()]
    };
    Table {
        caption: "How often an attribute is missing, by outcome".to_owned(),
        columns: vec![
            Head::text("Attribute"),
            Head::figure("Missing among ideal"),
            Head::figure("Missing among others"),
            Head::text("Verdict"),
        ],
        rows: shares.iter().map(row).collect(),
    }
}
