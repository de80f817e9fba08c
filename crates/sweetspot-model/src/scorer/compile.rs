//! From a kept artifact to a scorer, or a refusal.

use std::collections::BTreeSet;

use foldhash::fast::FixedState;
use sweetspot_core::fault::{Fault, FaultKind};
use sweetspot_core::normal::NINETY_PERCENT;
use sweetspot_core::{Account, Direction, Fired, Interner, MOST_GATES, Matcher, Severity, Value, is_blank};
use thiserror::Error;

use super::frequencies::Frequencies;
use super::gate::Gate;
use super::hypothesis::Hypothesis;
use super::pair::Pair;
use super::segment::{Segment, Values};
use super::uncertainty::Uncertainty;
use super::{Placed, Scorer, Slot, Term, Told, placed};
use crate::artifact::{Additions, direction_of, format_of, no_value_order, whole_log_odds};
use crate::condition::attributes_beyond;
use crate::encoder::{Encoder, Feature};
use crate::scorer::cell::from_cell;
use crate::{ModelArtifact, stored};

/// Largest size of one coefficient: a hundred thousand of them still add up exactly.
const LARGEST_LOG_ODDS: f64 = 1000.0;

/// Effects below this are shown as none.
const LEAST_SHOWN: f64 = 0.005;

/// Most segments of one model.
const MOST_SEGMENTS: usize = 16;

/// Why an artifact cannot be used.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum CompileError {
    /// The parts do not fit together.
    #[error("the artifact is inconsistent: {what}")]
    Inconsistent {
        /// What does not fit.
        what: String,
    },
    /// A golden row got another score than it had when trained.
    #[error("golden row {row} scores {found}, and must score {expected}")]
    GoldenRow {
        /// Which row.
        row: usize,
        /// The log-odds kept.
        expected: f64,
        /// The log-odds computed.
        found: f64,
    },
}

impl Fault for CompileError {
    fn kind(&self) -> FaultKind {
        FaultKind::DataLoss
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Inconsistent { .. } => "ARTIFACT_INCONSISTENT",
            Self::GoldenRow { .. } => "GOLDEN_ROW_MISMATCH",
        }
    }
}

fn inconsistent(what: impl Into<String>) -> CompileError {
    CompileError::Inconsistent { what: what.into() }
}

impl Scorer {
    /// Checks an artifact and makes it ready. The only way to a scorer.
    ///
    /// # Errors
    /// Where a number is not finite, shapes do not match, or a golden row gets another score.
    pub fn compile(artifact: &ModelArtifact) -> Result<Self, CompileError> {
        let stored = &artifact.0;
        if stored.terms.is_empty() && stored.hypotheses.is_empty() {
            return Err(inconsistent("it has no attributes"));
        }
        check_size(stored.base_log_odds, "base").map_err(inconsistent)?;
        if stored.gates.len() > MOST_GATES {
            return Err(inconsistent(format!("it has {} gates", stored.gates.len())));
        }
        let cuts = stored.tiers.ok_or_else(|| inconsistent("it has no tiers"))?;
        let cuts = [cuts.a, cuts.b, cuts.c];
        if !cuts.is_sorted_by(|above, below| above >= below) {
            return Err(inconsistent("tiers overlap"));
        }
        let mut terms = terms(stored)?;
        mark_raw_rates(&mut terms, stored);
        let frequencies = stored.terms.iter().map(|term| Frequencies::compile(term, &terms).map_err(inconsistent));
        let frequencies = frequencies.collect::<Result<_, _>>()?;
        let pairs = stored.pairs.iter().map(|pair| Pair::compile(pair, &terms).map_err(inconsistent));
        let pairs = pairs.collect::<Result<_, _>>()?;
        let hypotheses = stored.hypotheses.iter().map(|one| Hypothesis::compile(one).map_err(inconsistent));
        let mut hypotheses = hypotheses.collect::<Result<Vec<_>, _>>()?;
        for hypothesis in &mut hypotheses {
            hypothesis.when = in_format_of(hypothesis.when.clone(), &terms);
        }
        let gates = stored.gates.iter().map(|one| gate(one, &terms));
        let gates = gates.collect::<Result<Vec<_>, _>>()?;
        let segments = segments(stored, &terms)?;
        let values = stored.values.as_ref().map(|values| Values::compile(values).map_err(inconsistent)).transpose()?;
        let base_uncertainty = Uncertainty::from_stored(stored.base_variance, &stored.base_factors)
            .ok_or_else(|| inconsistent("the base has no variance"))?;
        let base = stored.base_log_odds;
        let Asking { names, counted, asked_by, blank } = Asking::new(&terms, &hypotheses, &gates);
        let out = out(&gates);
        let scorer = Self {
            base,
            base_uncertainty,
            terms,
            frequencies,
            hypotheses,
            pairs,
            gates,
            out,
            segments,
            values,
            no_value_order: no_value_order(stored.values.as_ref(), &stored.segments),
            names,
            counted,
            asked_by,
            blank,
            cuts,
        };
        for (row, golden) in stored.golden_rows.iter().enumerate() {
            scorer.replay(row, golden)?;
        }
        Ok(scorer)
    }

    fn replay(&self, row: usize, golden: &stored::GoldenRow) -> Result<(), CompileError> {
        if golden.cells.len() != self.counted {
            return Err(inconsistent(format!("golden row {row} has {} values", golden.cells.len())));
        }
        let known = self.in_order().zip(&golden.cells);
        let attributes = known.filter_map(|(name, cell)| Some((name.to_owned(), from_cell(cell)?)));
        let account = Account { id: String::new(), attributes: attributes.collect() };
        // Earlier releases took a blank text for a level; a row with one cannot score today what it did then.
        if account.attributes.values().any(says_nothing) {
            return Ok(());
        }
        let found = self.score(&account).log_odds;
        let expected = golden.log_odds;
        let same = found.to_bits() == expected.to_bits();
        if same { Ok(()) } else { Err(CompileError::GoldenRow { row, expected, found }) }
    }
}

impl Term {
    fn compile(stored: &stored::Term) -> Result<Self, CompileError> {
        let feature = stored.encoder.as_ref().and_then(|encoder| Feature::from_stored(&stored.attribute, encoder));
        let feature =
            feature.ok_or_else(|| inconsistent(format!("attribute {:?} has no encoder", stored.attribute)))?;
        if feature.slots() != stored.slots.len() {
            return Err(inconsistent(format!(
                "attribute {:?} has {} coefficients",
                stored.attribute,
                stored.slots.len()
            )));
        }
        let feature = Feature { format: format_of(stored), ..feature };
        let slots = stored.slots.iter().enumerate();
        let slots = slots.map(|(number, slot)| Slot::compile(slot, &stored.attribute, feature.label(number)));
        let (slots, told): (Vec<_>, Vec<_>) =
            slots.collect::<Result<Vec<_>, _>>().map_err(inconsistent)?.into_iter().unzip();
        if let Some(direction) = direction_of(stored) {
            check_direction(direction, &feature, &slots).map_err(inconsistent)?;
        }
        Ok(Self { feature, slots, told })
    }
}

impl Slot {
    /// From what is kept; an explanation where a number is out of range.
    pub(super) fn compile(stored: &stored::Slot, whose: &str, label: String) -> Result<(Self, Told), String> {
        let stored::Slot { log_odds, customers, ideal, .. } = *stored;
        check_size(log_odds, whose)?;
        let uncertainty = Uncertainty::of(stored).ok_or_else(|| format!("{whose:?} has no variance"))?;
        let ideal_rate = ideal as f64 / customers.max(1) as f64;
        let standard_error = uncertainty.standard_error();
        let told = Told { label, standard_error, customers, ideal_rate, raw_rate_differs: false };
        Ok((Self { log_odds, uncertainty }, told))
    }
}

/// Marks the values whose customers are ideal more often than others beyond chance though the value lowers the fit, or the other
/// way round: the slot itself as well as all that the model says of the value.
fn mark_raw_rates(terms: &mut [Term], stored: &stored::ModelArtifact) {
    let Some(card) = &stored.label_card else { return };
    let rate = card.ideal as f64 / (card.ideal + card.not_ideal).max(1) as f64;
    for (term, kept) in terms.iter_mut().zip(&stored.terms) {
        let whole = whole_log_odds(kept, Additions::of_model(stored));
        for ((told, slot), whole) in term.told.iter_mut().zip(&kept.slots).zip(whole) {
            let beyond_chance = NINETY_PERCENT * (rate * (1.0 - rate) / slot.customers.max(1) as f64).sqrt();
            let more = told.ideal_rate - rate;
            let against = more * slot.log_odds < 0.0 && more * whole < 0.0 && slot.log_odds.abs() >= LEAST_SHOWN;
            told.raw_rate_differs = slot.customers > 0 && more.abs() > beyond_chance && against;
        }
    }
}

fn terms(stored: &stored::ModelArtifact) -> Result<Vec<Term>, CompileError> {
    let terms = stored.terms.iter().map(Term::compile).collect::<Result<Vec<_>, _>>()?;
    let names: BTreeSet<&str> = terms.iter().map(|term| term.feature.attribute.as_str()).collect();
    if names.len() == terms.len() { Ok(terms) } else { Err(inconsistent("an attribute appears twice")) }
}

/// A gate reads the values of an attribute as the attribute's own term does.
fn gate(stored: &stored::Gate, terms: &[Term]) -> Result<Gate, CompileError> {
    let gate = Gate::compile(stored).map_err(inconsistent)?;
    let term = terms.iter().find(|term| term.feature.attribute == gate.when.attribute());
    let when = gate.when.of_kind(term.map(|term| term.feature.kind()));
    Ok(Gate { when: in_format_of(when, terms), ..gate })
}

/// A condition that reads texts as the attribute's own term does.
fn in_format_of(when: Matcher, terms: &[Term]) -> Matcher {
    let term = terms.iter().find(|term| term.feature.attribute == when.attribute());
    when.with_format(term.map(|term| term.feature.format).unwrap_or_default())
}

fn segments(stored: &stored::ModelArtifact, terms: &[Term]) -> Result<Vec<Segment>, CompileError> {
    if stored.segments.len() > MOST_SEGMENTS {
        return Err(inconsistent(format!("it has {} segments", stored.segments.len())));
    }
    stored.segments.iter().map(|one| Segment::compile(one, terms).map_err(inconsistent)).collect()
}

/// Who asks for what.
struct Asking {
    names: Interner<FixedState>,
    counted: usize,
    asked_by: Vec<Vec<usize>>,
    blank: Placed<'static>,
}

impl Asking {
    fn new(terms: &[Term], hypotheses: &[Hypothesis], gates: &[Gate]) -> Self {
        let mut known: BTreeSet<String> = terms.iter().map(|term| term.feature.attribute.clone()).collect();
        let believed = attributes_beyond(&known, hypotheses.iter().map(|hypothesis| &hypothesis.when));
        known.extend(believed.iter().cloned());
        let ruled = attributes_beyond(&known, gates.iter().map(|gate| &gate.when));
        let asking = hypotheses.iter().map(|hypothesis| &hypothesis.when);
        let asking: Vec<&Matcher> = asking.chain(gates.iter().map(|gate| &gate.when)).collect();
        let blank = placed::blank(
            terms.iter().map(|term| term.feature.missing()),
            asking.iter().map(|when| when.holds(None)).collect(),
            believed.len(),
        );
        let (mut names, mut asked_by) = (Interner::default(), Vec::new());
        for name in terms.iter().map(|term| &term.feature.attribute).chain(&believed).chain(&ruled) {
            names.intern(name);
            let asking = asking.iter().enumerate().filter(|(_, when)| when.attribute() == name.as_str());
            asked_by.push(asking.map(|(number, _)| number).collect());
        }
        Self { names, counted: known.len(), asked_by, blank }
    }
}

/// Whether a value is, or has among its items, a blank text.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Text(text) => is_blank(text),
        Value::List(items) => items.iter().any(|item| is_blank(item)),
        Value::Number(_) | Value::Flag(_) | Value::Date(_) => false,
    }
}

/// The gates that put an account out of the pond.
fn out(gates: &[Gate]) -> Fired {
    let mut out = Fired::default();
    let severe = gates.iter().enumerate().filter(|(_, gate)| gate.severity == Severity::Out);
    severe.for_each(|(place, _)| out.add(place));
    out
}

fn check_size(log_odds: f64, whose: &str) -> Result<(), String> {
    let usable = log_odds.is_finite() && log_odds.abs() <= LARGEST_LOG_ODDS;
    if usable { Ok(()) } else { Err(format!("a coefficient of {whose:?} is {log_odds}")) }
}

/// A direction that was promised is kept to the bit, whatever became of the coefficients since they were fitted.
fn check_direction(direction: Direction, feature: &Feature, slots: &[Slot]) -> Result<(), String> {
    let bins = matches!(feature.encoder, Encoder::Number(_) | Encoder::Date(_)).then(|| slots.get(..feature.missing()));
    let kept = |bins: &[Slot]| direction.is_kept(bins.iter().map(|bin| bin.log_odds));
    match bins.flatten() {
        Some(bins) if kept(bins) => Ok(()),
        Some(_) => Err(format!("attribute {:?} goes against its direction", feature.attribute)),
        None => Err(format!("attribute {:?} has a direction and no order", feature.attribute)),
    }
}

#[cfg(test)]
mod tests;
