//! What a profile should reach, and whether this one does, beyond chance.

use sweetspot_core::normal::NINETY_FIVE_PERCENT;
use sweetspot_core::{RowWeights, Tier};
use sweetspot_model::ModelArtifact;

use super::tiers::times;
use super::{Ratio, TierRow};
use crate::document::{Block, Cell, Head, Table, Tone};
use crate::figure::Share;
use crate::words::percent;

/// The share of accounts that the tiers A and B should hold.
pub(super) const WANTED_IN: (f64, f64) = (0.15, 0.35);
/// The share of the ideal customers that they should hold at least.
pub(super) const WANTED_HELD: f64 = 0.6;
/// How many times A's rate should be D's at least.
const WANTED_RATIO: f64 = 10.0;
/// From this share of accounts in A and B on, a profile is too broad to be one.
const TOO_BROAD: f64 = 0.4;

/// Whether something is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its whole interval lies where it should.
    Met,
    /// None of its interval does.
    Missed,
    /// Some of its interval does: more customers will tell.
    Open,
    /// Nothing was judged.
    Unknown,
}

impl Verdict {
    /// One word or a few.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Met => "reached",
            Self::Missed => "not reached",
            Self::Open => "not certain yet",
            Self::Unknown => "not yet known",
        }
    }

    fn of(low: f64, high: f64, wanted: (f64, f64)) -> Self {
        if low >= wanted.0 && high <= wanted.1 {
            Self::Met
        } else if high < wanted.0 || low > wanted.1 {
            Self::Missed
        } else {
            Self::Open
        }
    }
}

/// One figure that a profile should reach.
#[derive(Clone, Debug, PartialEq)]
pub struct Criterion {
    /// What it is.
    pub name: &'static str,
    /// What is wanted, in words.
    pub wanted: &'static str,
    /// The figure with its interval; nothing where nothing was judged.
    pub found: Option<Ratio>,
    /// Whether the figure is a share.
    pub percent: bool,
    /// Whether it is reached.
    pub verdict: Verdict,
}

impl Criterion {
    /// A value of it as people read it.
    fn figure(&self, value: f64) -> String {
        if self.percent { percent(value) } else { times(value) }
    }
}

/// The figures that every profile is accepted by.
#[derive(Clone, Debug, PartialEq)]
pub struct Acceptance {
    /// The accounts in A and B, of all.
    pub inside: Criterion,
    /// The ideal customers in A and B, of all ideal ones.
    pub held: Criterion,
    /// A's rate over D's.
    pub ratio: Criterion,
    /// Whether A and B together hold so much that they tell nobody apart.
    pub too_broad: bool,
}

impl Acceptance {
    /// By what each tier holds.
    #[must_use]
    pub fn new(tiers: &[TierRow]) -> Self {
        let best = || tiers.iter().filter(|row| row.tier <= Tier::B);
        let sum = |of: fn(&TierRow) -> Share| {
            best().map(of).fold(Share::default(), |sum, share| Share { part: sum.part + share.part, of: share.of })
        };
        let (inside, held) = (sum(|row| row.customers), sum(|row| row.held));
        let rate = |tier: Tier| tiers.iter().find(|row| row.tier == tier).map(|row| row.ideal);
        let weights = tiers.first().map(|row| row.weights).unwrap_or_default();
        let ratio = rate(Tier::A).zip(rate(Tier::D)).and_then(|(a, d)| Ratio::weighted(a, d, weights));
        let inside = accounts(inside, held, weights);
        Self {
            inside: criterion("Accounts in tiers A and B", "15 to 35% of all", inside, WANTED_IN, true),
            held: criterion(
                "Ideal customers that A and B hold",
                "at least 60% of them",
                known_ratio(held),
                (WANTED_HELD, 1.0),
                true,
            ),
            ratio: criterion("Ideal rate of A over that of D", "at least 10×", ratio, (WANTED_RATIO, f64::MAX), false),
            too_broad: inside.is_some_and(|inside| inside.value > TOO_BROAD),
        }
    }

    /// What is said of a profile that tells nobody apart.
    pub(super) fn broad(&self) -> Option<Block> {
        let text = "The profile is too broad: more than 40% of the accounts match it. Ask for more, or choose a stricter label.";
        self.too_broad.then(|| Block::Told(Tone::Caution, text.to_owned()))
    }

    /// All of them.
    #[must_use]
    pub const fn criteria(&self) -> [&Criterion; 3] {
        [&self.inside, &self.held, &self.ratio]
    }
}

/// A share with its interval; nothing of nothing.
fn known_ratio(share: Share) -> Option<Ratio> {
    let (low, high) = share.interval();
    share.rate().map(|value| Ratio { value, low, high })
}

/// The share of all accounts that some of the rows stand for, with its interval. Of resampled rows those of either label are a sample
/// of their own: the variance is that of two binomial shares.
fn accounts(rows: Share, ideal: Share, weights: RowWeights) -> Option<Ratio> {
    let others = Share { part: rows.part.checked_sub(ideal.part)?, of: rows.of.checked_sub(ideal.of)? };
    let (Some(of_ideal), Some(of_others), false) = (ideal.rate(), others.rate(), weights.is_even()) else {
        return known_ratio(rows);
    };
    let base_rate = weights.rate(ideal.of, rows.of);
    let value = base_rate * of_ideal + (1.0 - base_rate) * of_others;
    let variance = |rate: f64, share: Share| rate * (1.0 - rate) / share.of as f64;
    let variance =
        base_rate.powi(2) * variance(of_ideal, ideal) + (1.0 - base_rate).powi(2) * variance(of_others, others);
    let reach = NINETY_FIVE_PERCENT * variance.sqrt();
    Some(Ratio { value, low: (value - reach).max(0.0), high: (value + reach).min(1.0) })
}

fn criterion(
    name: &'static str,
    wanted: &'static str,
    found: Option<Ratio>,
    bounds: (f64, f64),
    percent: bool,
) -> Criterion {
    let verdict = found.map_or(Verdict::Unknown, |found| Verdict::of(found.low, found.high, bounds));
    Criterion { name, wanted, found, percent, verdict }
}

/// What every shared document says of them: one line each, and whether the profile is too broad. Nothing where nothing was judged.
pub(crate) fn shown(model: &ModelArtifact) -> Vec<Block> {
    let details = model.evaluation_details();
    let acceptance = Acceptance::new(&super::tiers::rows(&details.tiers, details.weights));
    if acceptance.inside.found.is_none() {
        return Vec::new();
    }
    let mut blocks = vec![Block::Heading(2, "Does the profile hold".to_owned())];
    blocks.push(Block::List(acceptance.criteria().map(line).to_vec()));
    blocks.extend(acceptance.broad());
    blocks
}

/// `Accounts in tiers A and B: 28% (95% 25 to 31%); required: 15 to 35% of all; reached.`
fn line(criterion: &Criterion) -> String {
    let Criterion { name, wanted, found, percent: _, verdict } = criterion;
    let figure = |value| criterion.figure(value);
    let found = found.map_or_else(
        || "not yet known".to_owned(),
        |found| format!("{} (95% {} to {})", figure(found.value), figure(found.low), figure(found.high)),
    );
    format!("{name}: {found}; required: {wanted}; {}.", verdict.word())
}

/// The table of all of them.
pub(super) fn table(acceptance: &Acceptance) -> Table {
    let row = |criterion: &Criterion| -> Vec<Cell> {
        let figure = |value| criterion.figure(value);
        let (found, interval) = criterion.found.map_or_else(Default::default, |found| {
            (figure(found.value), format!("{} to {}", figure(found.low), figure(found.high)))
        });
        [criterion.name, criterion.wanted, &found, &interval, criterion.verdict.word()].map(Cell::from).to_vec()
    };
    let columns = vec![
        Head::text("What"),
        Head::text("Required"),
        Head::figure("Found"),
        Head::figure("95% interval"),
        Head::text("Verdict"),
    ];
    let rows = acceptance.criteria().map(row).to_vec();
    Table { caption: "What a profile should reach, and whether this one does".to_owned(), columns, rows }
}

#[cfg(test)]
mod tests {
    use sweetspot_model::TierFigures;

    use super::*;

    fn tiers(counts: [(u64, u64); 4]) -> Vec<TierRow> {
        let figures = Tier::ALL.into_iter().zip(counts).map(|(tier, (customers, ideal))| TierFigures {
            tier,
            customers,
            ideal,
            precision: None,
            recall: None,
            precision_so_far: None,
            recall_so_far: None,
            value: None,
        });
        super::super::tiers::rows(&figures.collect::<Vec<_>>(), RowWeights::EVEN)
    }

    #[test]
    fn a_sharp_profile_of_many_is_accepted() {
        let acceptance = Acceptance::new(&tiers([(1000, 900), (1500, 800), (2500, 200), (5000, 50)]));
        assert_eq!(acceptance.criteria().map(|criterion| criterion.verdict), [Verdict::Met; 3]);
        assert!(!acceptance.too_broad);
        assert_eq!(table(&acceptance).rows.len(), 3);
    }

    #[test]
    fn few_customers_leave_it_open_and_none_leave_it_unknown() {
        let acceptance = Acceptance::new(&tiers([(3, 3), (4, 2), (7, 1), (10, 0)]));
        assert_eq!(acceptance.criteria().map(|criterion| criterion.verdict), [Verdict::Open; 3]);
        let nothing = Acceptance::new(&[]);
        assert_eq!(nothing.criteria().map(|criterion| criterion.verdict), [Verdict::Unknown; 3]);
    }

    #[test]
    fn a_profile_that_fits_everybody_is_too_broad() {
        let acceptance = Acceptance::new(&tiers([(4000, 900), (1500, 300), (500, 90), (500, 80)]));
        assert!(acceptance.too_broad);
        assert_eq!((acceptance.inside.verdict, acceptance.ratio.verdict), (Verdict::Missed, Verdict::Missed));
    }
}
