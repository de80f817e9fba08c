//! Compiles a stored artifact into a scorer, or rejects it.

use std::collections::BTreeSet;

use foldhash::fast::FixedState;
use sweetspot_core::normal_quantiles::NINETY_PERCENT;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use sweetspot_core::{
    Account, Interner, MAX_EXCLUSION_RULES, MatchedExclusionRules, Matcher, MonotonicityConstraint, Severity, Value,
    is_blank,
};
use thiserror::Error;

use super::conditional_frequencies::ConditionalFrequencies;
use super::exclusion_rule::CompiledExclusionRule;
use super::hypothesis::CompiledHypothesis;
use super::interaction::CompiledInteraction;
use super::segment::{CompiledCustomerValues, CompiledSegment};
use super::{EncodedAccount, Scorer, Slot, SlotDetails, Term, encoded_account};
use crate::artifact::{AdditionalTerms, no_value_order_reason, text_format, total_log_odds};
use crate::encoder::{Feature, FeatureEncoder};
use crate::score_uncertainty::ScoreUncertainty;
use crate::scorer::golden_row_value::value_from_cell;
use crate::stored::StoredField as _;
use crate::stored_condition::additional_attributes;
use crate::{EarlierSegments, ModelArtifact, stored};

/// The maximum absolute value of one coefficient: sums of a hundred thousand of them are still exact.
const MAX_LOG_ODDS: f64 = 1000.0;

/// Smaller effects are shown as zero.
const MIN_SHOWN_EFFECT: f64 = 0.005;

/// The maximum number of segments of a model.
const MAX_SEGMENTS: usize = 16;

/// The error of compiling an artifact.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum CompileError {
    /// The parts of the artifact are inconsistent.
    #[error("the stored model is inconsistent: {what}; restore a backup of the store, or train again")]
    Inconsistent {
        /// The inconsistency.
        what: String,
    },
    /// A golden row's score differs from its score at training.
    #[error("the model does not reproduce a score stored at its training (row {row}: {found} instead of {expected})")]
    GoldenRow {
        /// The index of the row.
        row: usize,
        /// The stored log-odds.
        expected: f64,
        /// The computed log-odds.
        found: f64,
    },
}

impl ReportableError for CompileError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::DataLoss
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
    /// Checks an artifact and compiles it. The only way to create a scorer.
    ///
    /// # Errors
    ///
    /// If a number is not finite, shapes do not match, or a golden row's score differs.
    pub fn compile(artifact: &ModelArtifact) -> Result<Self, CompileError> {
        let stored = &artifact.0;
        if stored.terms.is_empty() && stored.hypotheses.is_empty() {
            return Err(inconsistent("it has no attributes"));
        }
        check_magnitude(stored.base_log_odds, "base").map_err(inconsistent)?;
        if stored.exclusion_rules.len() > MAX_EXCLUSION_RULES {
            return Err(inconsistent(format!("it has {} exclusion rules", stored.exclusion_rules.len())));
        }
        let cuts = stored.tiers.ok_or_else(|| inconsistent("it has no tiers"))?;
        let cuts = [cuts.a, cuts.b, cuts.c];
        if !cuts.is_sorted_by(|above, below| above >= below) {
            return Err(inconsistent("tiers overlap"));
        }
        let mut terms = compile_terms(stored)?;
        mark_raw_rates(&mut terms, stored);
        let frequencies =
            stored.terms.iter().map(|term| ConditionalFrequencies::compile(term, &terms).map_err(inconsistent));
        let frequencies = frequencies.collect::<Result<_, _>>()?;
        let pairs = stored.pairs.iter().map(|pair| CompiledInteraction::compile(pair, &terms).map_err(inconsistent));
        let pairs = pairs.collect::<Result<_, _>>()?;
        let hypotheses = stored.hypotheses.iter().map(|entry| CompiledHypothesis::compile(entry).map_err(inconsistent));
        let mut hypotheses = hypotheses.collect::<Result<Vec<_>, _>>()?;
        for hypothesis in &mut hypotheses {
            hypothesis.matcher = with_term_format(hypothesis.matcher.clone(), &terms);
        }
        let exclusion_rules = stored.exclusion_rules.iter().map(|entry| compile_exclusion_rule(entry, &terms));
        let exclusion_rules = exclusion_rules.collect::<Result<Vec<_>, _>>()?;
        let segments = compile_segments(stored, &terms)?;
        let compile_values = |values| CompiledCustomerValues::compile(values).map_err(inconsistent);
        let values = stored.values.as_ref().map(compile_values).transpose()?;
        let base_uncertainty = ScoreUncertainty::from_stored(stored.base_variance, &stored.base_factors)
            .ok_or_else(|| inconsistent("the base has no variance"))?;
        let base = stored.base_log_odds;
        let ConditionIndex { attribute_names, attribute_count, conditions_by_attribute, blank_account } =
            ConditionIndex::new(&terms, &hypotheses, &exclusion_rules);
        let out_rules = out_rules(&exclusion_rules);
        let scorer = Self {
            base,
            base_uncertainty,
            terms,
            frequencies,
            hypotheses,
            interactions: pairs,
            exclusion_rules,
            out_rules,
            segments,
            earlier_segments: EarlierSegments::from_artifact(stored, String::new()),
            customer_values: values,
            no_value_order_reason: no_value_order_reason(stored.values.as_ref(), &stored.segments),
            attribute_names,
            attribute_count,
            conditions_by_attribute,
            blank_account,
            tier_cuts: cuts,
        };
        for (row, golden) in stored.golden_rows.iter().enumerate() {
            scorer.check_golden_row(row, golden)?;
        }
        Ok(scorer)
    }

    fn check_golden_row(&self, row: usize, golden: &stored::GoldenRow) -> Result<(), CompileError> {
        if golden.cells.len() != self.attribute_count {
            return Err(inconsistent(format!("golden row {row} has {} values", golden.cells.len())));
        }
        let known = self.attribute_names().zip(&golden.cells);
        let attributes = known.filter_map(|(name, cell)| Some((name.to_owned(), value_from_cell(cell)?)));
        let account = Account { id: String::new(), attributes: attributes.collect() };
        // Earlier releases treated a blank text as a level; the score of a row with one may differ.
        if account.attributes.values().any(has_blank_text) {
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
        if feature.slot_count() != stored.slots.len() {
            return Err(inconsistent(format!(
                "attribute {:?} has {} coefficients",
                stored.attribute,
                stored.slots.len()
            )));
        }
        let feature = Feature { format: text_format(stored), ..feature };
        let slots = stored.slots.iter().enumerate();
        let slots = slots.map(|(number, slot)| Slot::compile(slot, &stored.attribute, feature.label(number)));
        let (slots, details): (Vec<_>, Vec<_>) =
            slots.collect::<Result<Vec<_>, _>>().map_err(inconsistent)?.into_iter().unzip();
        if let Ok(direction) = MonotonicityConstraint::from_stored(stored.direction, "direction") {
            check_monotonicity(direction, &feature, &slots).map_err(inconsistent)?;
        }
        Ok(Self { feature, slots, slot_details: details })
    }
}

impl Slot {
    /// Compiles a stored slot; the error describes a number that is out of range.
    pub(super) fn compile(stored: &stored::Slot, name: &str, label: String) -> Result<(Self, SlotDetails), String> {
        let stored::Slot { log_odds, customers, ideal, .. } = *stored;
        check_magnitude(log_odds, name)?;
        let uncertainty = ScoreUncertainty::from_slot(stored).ok_or_else(|| format!("{name:?} has no variance"))?;
        let ideal_rate = ideal as f64 / customers.max(1) as f64;
        let standard_error = uncertainty.standard_error();
        let details = SlotDetails { label, standard_error, customers, ideal_rate, raw_rate_differs: false };
        Ok((Self { log_odds, uncertainty }, details))
    }
}

/// Marks the values whose customers are ideal more often than others, beyond chance, although the value lowers the
/// score, or vice versa. Both the slot itself and the total effect of the value must contradict the rate.
fn mark_raw_rates(terms: &mut [Term], stored: &stored::ModelArtifact) {
    let Some(card) = &stored.label_card else { return };
    let rate = card.ideal as f64 / (card.ideal + card.not_ideal).max(1) as f64;
    for (term, stored_term) in terms.iter_mut().zip(&stored.terms) {
        let total_effects = total_log_odds(stored_term, AdditionalTerms::from_model(stored));
        for ((details, slot), total_effects) in term.slot_details.iter_mut().zip(&stored_term.slots).zip(total_effects)
        {
            let beyond_chance = NINETY_PERCENT * (rate * (1.0 - rate) / slot.customers.max(1) as f64).sqrt();
            let difference = details.ideal_rate - rate;
            let contradicts = difference * slot.log_odds < 0.0
                && difference * total_effects < 0.0
                && slot.log_odds.abs() >= MIN_SHOWN_EFFECT;
            details.raw_rate_differs = slot.customers > 0 && difference.abs() > beyond_chance && contradicts;
        }
    }
}

fn compile_terms(stored: &stored::ModelArtifact) -> Result<Vec<Term>, CompileError> {
    let terms = stored.terms.iter().map(Term::compile).collect::<Result<Vec<_>, _>>()?;
    let names: BTreeSet<&str> = terms.iter().map(|term| term.feature.attribute.as_str()).collect();
    if names.len() == terms.len() { Ok(terms) } else { Err(inconsistent("an attribute appears twice")) }
}

/// Compiles an exclusion rule. It reads the values of an attribute as the attribute's own term does.
fn compile_exclusion_rule(
    stored: &stored::ExclusionRule,
    terms: &[Term],
) -> Result<CompiledExclusionRule, CompileError> {
    let exclusion_rule = CompiledExclusionRule::compile(stored).map_err(inconsistent)?;
    let term = terms.iter().find(|term| term.feature.attribute == exclusion_rule.matcher.attribute());
    let when = exclusion_rule.matcher.with_kind(term.map(|term| term.feature.kind()));
    Ok(CompiledExclusionRule { matcher: with_term_format(when, terms), ..exclusion_rule })
}

/// Sets a condition's text format to that of the attribute's own term.
fn with_term_format(when: Matcher, terms: &[Term]) -> Matcher {
    let term = terms.iter().find(|term| term.feature.attribute == when.attribute());
    when.with_format(term.map(|term| term.feature.format).unwrap_or_default())
}

fn compile_segments(stored: &stored::ModelArtifact, terms: &[Term]) -> Result<Vec<CompiledSegment>, CompileError> {
    if stored.segments.len() > MAX_SEGMENTS {
        return Err(inconsistent(format!("it has {} segments", stored.segments.len())));
    }
    stored.segments.iter().map(|segment| CompiledSegment::compile(segment, terms).map_err(inconsistent)).collect()
}

/// The attributes of a model, and the conditions on each of them.
struct ConditionIndex {
    attribute_names: Interner<FixedState>,
    attribute_count: usize,
    conditions_by_attribute: Vec<Vec<usize>>,
    blank_account: EncodedAccount<'static>,
}

impl ConditionIndex {
    fn new(terms: &[Term], hypotheses: &[CompiledHypothesis], exclusion_rules: &[CompiledExclusionRule]) -> Self {
        let mut known: BTreeSet<String> = terms.iter().map(|term| term.feature.attribute.clone()).collect();
        let hypothesis_attributes =
            additional_attributes(&known, hypotheses.iter().map(|hypothesis| &hypothesis.matcher));
        known.extend(hypothesis_attributes.iter().cloned());
        let rule_attributes =
            additional_attributes(&known, exclusion_rules.iter().map(|exclusion_rule| &exclusion_rule.matcher));
        let conditions = hypotheses.iter().map(|hypothesis| &hypothesis.matcher);
        let conditions: Vec<&Matcher> =
            conditions.chain(exclusion_rules.iter().map(|exclusion_rule| &exclusion_rule.matcher)).collect();
        let blank = encoded_account::blank_account(
            terms.iter().map(|term| term.feature.missing_slot()),
            conditions.iter().map(|condition| condition.holds(None)).collect(),
            hypothesis_attributes.len(),
        );
        let (mut names, mut conditions_by_attribute) = (Interner::default(), Vec::new());
        for name in
            terms.iter().map(|term| &term.feature.attribute).chain(&hypothesis_attributes).chain(&rule_attributes)
        {
            names.intern(name);
            let conditions =
                conditions.iter().enumerate().filter(|(_, condition)| condition.attribute() == name.as_str());
            conditions_by_attribute.push(conditions.map(|(number, _)| number).collect());
        }
        Self { attribute_names: names, attribute_count: known.len(), conditions_by_attribute, blank_account: blank }
    }
}

/// Whether a value is a blank text, or a list with one.
fn has_blank_text(value: &Value) -> bool {
    match value {
        Value::Text(text) => is_blank(text),
        Value::List(items) => items.iter().any(|item| is_blank(item)),
        Value::Number(_) | Value::Flag(_) | Value::Date(_) => false,
    }
}

/// The exclusion rules that put an account out of the pond.
fn out_rules(exclusion_rules: &[CompiledExclusionRule]) -> MatchedExclusionRules {
    let mut out = MatchedExclusionRules::default();
    let severe =
        exclusion_rules.iter().enumerate().filter(|(_, exclusion_rule)| exclusion_rule.severity == Severity::Out);
    severe.for_each(|(place, _)| out.insert(place));
    out
}

fn check_magnitude(log_odds: f64, name: &str) -> Result<(), String> {
    let usable = log_odds.is_finite() && log_odds.abs() <= MAX_LOG_ODDS;
    if usable { Ok(()) } else { Err(format!("a coefficient of {name:?} is {log_odds}")) }
}

/// A required direction must hold exactly, including after calibration and rounding of the coefficients.
fn check_monotonicity(direction: MonotonicityConstraint, feature: &Feature, slots: &[Slot]) -> Result<(), String> {
    let bins = matches!(feature.encoder, FeatureEncoder::Number(_) | FeatureEncoder::Date(_))
        .then(|| slots.get(..feature.missing_slot()));
    let is_monotone = |bins: &[Slot]| direction.holds(bins.iter().map(|bin| bin.log_odds));
    match bins.flatten() {
        Some(bins) if is_monotone(bins) => Ok(()),
        Some(_) => Err(format!("attribute {:?} goes against its direction", feature.attribute)),
        None => Err(format!("attribute {:?} has a direction and no order", feature.attribute)),
    }
}

#[cfg(test)]
mod tests;
