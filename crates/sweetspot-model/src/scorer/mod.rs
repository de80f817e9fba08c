//! A compiled model: immutable, shared, total.
//!
//! A score takes two steps: values are placed into slots, whatever form they come in, and the slots are added up.

pub(crate) mod cell;
mod compile;
mod frequencies;
mod gate;
mod hypothesis;
mod learning;
mod likeness;
mod next_step;
mod pair;
mod placed;
mod placing;
mod reasons;
mod segment;
mod steps;
mod uncertainty;
mod vocabulary;

pub use compile::CompileError;
use foldhash::fast::FixedState;
pub use learning::WorthLearning;
pub use next_step::{Change, NextStep};
pub use placed::{Mark, Placed, Spot};
pub use reasons::Reason;
pub use steps::Steps;
use sweetspot_core::{Account, Contribution, Evidence, Fired, Fit, Interner, Note, PondSide, Tier};
use sweetspot_solver::probability;
#[cfg(test)]
pub(crate) use uncertainty::INTERVAL_REACH;
pub(crate) use uncertainty::{RANK, standard_error};

use self::frequencies::Frequencies;
use self::gate::Gate;
use self::hypothesis::Hypothesis;
use self::pair::Pair;
use self::segment::{Segment, Values};
use self::uncertainty::Uncertainty;
use super::encoder::{Feature, Reading};

/// A model ready to score.
#[derive(Debug)]
pub struct Scorer {
    base: f64,
    base_uncertainty: Uncertainty,
    terms: Vec<Term>,
    /// One a term.
    frequencies: Vec<Frequencies>,
    hypotheses: Vec<Hypothesis>,
    pairs: Vec<Pair>,
    gates: Vec<Gate>,
    /// Those of the gates that put an account out of the pond.
    out: Fired,
    segments: Vec<Segment>,
    values: Option<Values>,
    /// Why there is no order by expected value; nothing where there is one.
    no_value_order: Option<String>,
    /// Every attribute: one for each term, in the model's order, then those that only hypotheses ask for, then those that
    /// only gates ask for.
    names: Interner<FixedState>,
    /// How many of them count as the model's: all but those that only gates ask for.
    counted: usize,
    /// The hypotheses, and behind them the gates, that ask for each attribute.
    asked_by: Vec<Vec<usize>>,
    blank: Placed<'static>,
    cuts: [f64; 3],
}

/// One attribute, ready to score.
#[derive(Debug)]
struct Term {
    feature: Feature,
    slots: Vec<Slot>,
    /// What is told of each slot.
    told: Vec<Told>,
}

/// What one slot adds to a score.
#[derive(Clone, Copy, Debug)]
struct Slot {
    log_odds: f64,
    uncertainty: Uncertainty,
}

/// What is told of a slot besides: a score does not need it.
#[derive(Clone, Debug)]
struct Told {
    label: String,
    standard_error: f64,
    customers: u64,
    ideal_rate: f64,
    /// See [`Contribution::raw_rate_differs`].
    raw_rate_differs: bool,
}

/// A fit with every reason for it, in the model's order.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// The fit.
    pub fit: Fit,
    /// Every attribute's contribution; of a list, one an item; then that of each hypothesis which holds; then every pair's.
    pub contributions: Vec<Contribution<'static>>,
    /// Remarks, in the model's order, attributes unknown to the model last.
    pub notes: Vec<Note<'static>>,
}

impl Scorer {
    /// Scores one account. Total: whatever the account holds, there is a score.
    #[must_use]
    pub fn score(&self, account: &Account) -> Fit {
        self.fit(&self.placed(account))
    }

    /// Scores one account, gives every reason, and tells what could not be used. The fit equals [`Self::score`]'s bit for bit.
    #[must_use]
    pub fn explain(&self, account: &Account) -> Explained {
        let placed = self.placed(account);
        let fit = self.fit(&placed);
        let contributions =
            self.reasons(&placed).iter().map(|reason| reason.contribution(&placed).into_owned()).collect();
        let notes = self.notes(&placed).map(Note::into_owned).collect();
        Explained { fit, contributions, notes }
    }

    /// How many attributes the model has, those included that only its hypotheses ask for.
    #[must_use]
    pub const fn attributes(&self) -> usize {
        self.counted
    }

    /// How many names [`Self::attribute`] finds.
    #[must_use]
    pub const fn names(&self) -> usize {
        self.names.len()
    }

    /// Their names, in the model's order.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = &str> {
        self.names.texts().iter().take(self.counted)
    }

    /// Scores a placed account. The one way to a score: adds up every slot that the account fills, in the model's order.
    #[must_use]
    pub fn fit(&self, placed: &Placed<'_>) -> Fit {
        let (mut log_odds, mut uncertainty) = (self.base, self.base_uncertainty);
        let mut add = |slot: &Slot| {
            log_odds += slot.log_odds;
            uncertainty += &slot.uncertainty;
        };
        let mut present = 0;
        for (Term { slots, .. }, spot) in self.terms.iter().zip(&placed.spots) {
            placed.slots(spot).iter().filter_map(|slot| slots.get(*slot as usize)).for_each(&mut add);
            present += usize::from(!matches!(spot.reading, Reading::Missing | Reading::Mismatch));
        }
        let believed = self.hypotheses.iter().zip(&placed.holds).filter(|(_, holds)| **holds);
        believed.for_each(|(hypothesis, _)| add(&hypothesis.slot));
        self.pairs.iter().filter_map(|pair| pair.cell(&placed.spots)).for_each(|(_, slot)| add(slot));
        present += placed.beyond.iter().filter(|known| **known).count();
        let fit = self.finish(log_odds, uncertainty, present, self.fired(placed));
        let segment = self.segment(placed);
        // There are few.
        let place = segment.map(|(place, _)| place as u8);
        Fit {
            segment: place,
            expected_value: self.expected(fit.probability, segment.map(|(_, segment)| segment)),
            ..fit
        }
    }

    /// The gates that hold for a placed account.
    fn fired(&self, placed: &Placed<'_>) -> Fired {
        let mut fired = Fired::default();
        let holds = placed.holds.iter().skip(self.hypotheses.len()).enumerate();
        holds.filter(|(_, holds)| **holds).for_each(|(gate, _)| fired.add(gate));
        fired
    }

    /// The segment of a placed account: the first whose rule holds.
    fn segment(&self, placed: &Placed<'_>) -> Option<(usize, &Segment)> {
        self.segments.iter().enumerate().find(|(_, segment)| segment.holds(placed))
    }

    /// What an account is worth, ideal or not, each as likely as it is.
    fn expected(&self, probability: f64, segment: Option<&Segment>) -> Option<f64> {
        let Values { if_ideal, if_not, .. } = self.values.as_ref()?;
        let if_ideal = segment.and_then(|segment| segment.value_if_ideal).unwrap_or(*if_ideal);
        Some(probability * if_ideal + (1.0 - probability) * if_not)
    }

    /// The id of a segment that a fit names.
    #[must_use]
    pub fn segment_id(&self, place: u8) -> Option<&str> {
        self.segments.get(usize::from(place)).map(|segment| segment.id.as_str())
    }

    /// The ids of the segments that the model knows.
    pub fn segment_ids(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().map(|segment| segment.id.as_str())
    }

    /// The currency of expected values, empty where it was not told; nothing where no value is known.
    #[must_use]
    pub fn currency(&self) -> Option<&str> {
        self.values.as_ref().map(|values| values.currency.as_str())
    }

    /// Why accounts have no order by expected value, in one sentence; nothing where they have one, or where no value is known.
    #[must_use]
    pub fn no_value_order(&self) -> Option<&str> {
        self.no_value_order.as_deref()
    }

    /// The ids of gates that fired, in the model's order.
    pub fn gate_ids(&self, fired: Fired) -> impl Iterator<Item = &str> {
        fired.places().filter_map(|place| self.gates.get(place)).map(|gate| gate.id.as_str())
    }

    fn finish(&self, log_odds: f64, uncertainty: Uncertainty, present: usize, gates: Fired) -> Fit {
        let (low, high) = uncertainty.interval(log_odds);
        let (low, probability, high) = (probability(low), probability(log_odds), probability(high));
        let tier = self.tier(probability);
        let one_tier = self.tier(low) == tier && self.tier(high) == tier;
        let evidence = match present {
            0 => Evidence::None,
            _ if one_tier => Evidence::Sufficient,
            _ => Evidence::Thin,
        };
        let coverage = present as f64 / self.counted as f64;
        let (base_log_odds, pond) = (self.base, self.pond_side(tier, gates));
        Fit {
            probability,
            log_odds,
            low,
            high,
            evidence,
            base_log_odds,
            tier,
            coverage,
            pond,
            gates,
            segment: None,
            expected_value: None,
        }
    }

    /// Out, if a gate says so, or in tier D. Where nobody can reach a better tier, D says nothing, and the gates alone decide.
    fn pond_side(&self, tier: Tier, gates: Fired) -> PondSide {
        let [.., least] = self.cuts;
        let told_apart = least < 1.0;
        if gates.meets(self.out) || (told_apart && tier == Tier::D) { PondSide::Out } else { PondSide::In }
    }

    /// The least probability of tier A, of B, and of C.
    #[must_use]
    pub const fn cuts(&self) -> [f64; 3] {
        self.cuts
    }

    fn tier(&self, probability: f64) -> Tier {
        let reached = self.cuts.iter().zip(Tier::ALL).find(|(cut, _)| probability >= **cut);
        reached.map_or(Tier::D, |(_, tier)| tier)
    }
}

#[cfg(test)]
mod tests;
