//! What each tier holds.

use super::{Proof, Ratio};
use crate::domain::Tier;
use crate::model::TierFigures;
use crate::report::document::{Cell, Head, Table};
use crate::report::figure::{FEW, Share};
use crate::report::words::{count, number, percent};

/// One tier of the customers that were judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TierRow {
    /// Which one.
    pub tier: Tier,
    /// Its customers, of all.
    pub customers: Share,
    /// Ideal ones, of its customers.
    pub ideal: Share,
    /// Its ideal customers, of all ideal ones.
    pub held: Share,
}

/// The rows of kept counts.
pub(super) fn rows(tiers: &[TierFigures]) -> Vec<TierRow> {
    let all = tiers.iter().map(|tier| tier.customers).sum();
    let all_ideal = tiers.iter().map(|tier| tier.ideal).sum();
    let row = |tier: &TierFigures| TierRow {
        tier: tier.tier,
        customers: Share { part: tier.customers, of: all },
        ideal: Share { part: tier.ideal, of: tier.customers },
        held: Share { part: tier.ideal, of: all_ideal },
    };
    tiers.iter().map(row).collect()
}

/// A rate with its interval: `56 % (95 % 49 to 63 %)`.
pub(super) fn told(share: Share) -> String {
    let (low, high) = share.interval();
    share.rate().map_or_else(
        || "none".to_owned(),
        |rate| format!("{} (95 % {} to {})", percent(rate), percent(low).trim_end_matches(" %"), percent(high)),
    )
}

/// The headline table.
pub(super) fn table(proof: &Proof) -> Table {
    let columns = vec![
        Head::text("Tier"),
        Head::figure("Accounts"),
        Head::figure("Share of all"),
        Head::figure("Ideal"),
        Head::figure("Ideal rate"),
        Head::figure("Lift"),
        Head::figure("Share of the ideal"),
    ];
    Table {
        caption: "What each tier would have held, each account judged by a model that had not seen it".to_owned(),
        columns,
        rows: proof.tiers.iter().map(|tier| row(tier, proof.overall)).collect(),
    }
}

fn row(tier: &TierRow, overall: Share) -> Vec<Cell> {
    let share = |share: Share| share.rate().map_or_else(String::new, percent);
    let faint = |text: String| Cell { text, faint: tier.customers.part < FEW };
    let lift = Ratio::of(tier.ideal, overall).and(tier.ideal.rate()).zip(overall.rate().filter(|rate| *rate > 0.0));
    vec![
        tier.tier.letter().into(),
        count(tier.customers.part).into(),
        share(tier.customers).into(),
        faint(count(tier.ideal.part)),
        faint(told(tier.ideal)),
        faint(lift.map_or_else(String::new, |(rate, overall)| format!("{}×", number(rate / overall)))),
        share(tier.held).into(),
    ]
}
