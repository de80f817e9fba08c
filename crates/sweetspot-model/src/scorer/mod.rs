//! The compiled model: immutable, shareable, and total, which means that every account has a score.
//!
//! Scoring has two steps: values of any format are encoded as slots, and the slots are added up.

mod alternative_values;
mod compile;
mod conditional_frequencies;
mod counterfactual;
mod encode;
mod encoded_account;
mod exclusion_rule;
pub(crate) mod golden_row_value;
mod hypothesis;
mod interaction;
mod note_kinds;
mod reasons;
mod segment;
mod similarity;
mod value_of_information;
mod vocabulary;

pub use alternative_values::Alternatives;
pub use compile::CompileError;
pub use counterfactual::{AttributeChange, Counterfactual};
pub use encoded_account::{Checkpoint, EncodedAccount, EncodedValue};
use foldhash::fast::FixedState;
pub use note_kinds::NoteKinds;
pub use reasons::Reason;
use sweetspot_core::{
    Account, AttributeNote, Contribution, DataSupport, Fit, Interner, MatchedExclusionRules, PondSide, Tier,
};
use sweetspot_solver::probability;
pub use value_of_information::ValueOfInformation;

use self::conditional_frequencies::ConditionalFrequencies;
use self::exclusion_rule::CompiledExclusionRule;
use self::hypothesis::CompiledHypothesis;
use self::interaction::CompiledInteraction;
use self::segment::{CompiledCustomerValues, CompiledSegment};
use super::encoder::{Feature, ValueStatus};
use crate::EarlierSegments;
use crate::score_uncertainty::ScoreUncertainty;

/// A compiled model. Scores and explains accounts.
#[derive(Debug)]
pub struct Scorer {
    base: f64,
    base_uncertainty: ScoreUncertainty,
    terms: Vec<Term>,
    /// One entry per term.
    frequencies: Vec<ConditionalFrequencies>,
    hypotheses: Vec<CompiledHypothesis>,
    interactions: Vec<CompiledInteraction>,
    exclusion_rules: Vec<CompiledExclusionRule>,
    /// The exclusion rules that put an account out of the pond.
    out_rules: MatchedExclusionRules,
    segments: Vec<CompiledSegment>,
    /// The segments for a training that continues their ids, without the name of the version.
    earlier_segments: EarlierSegments,
    customer_values: Option<CompiledCustomerValues>,
    /// The reason why there is no order by expected value; `None` if there is one.
    no_value_order_reason: Option<String>,
    /// The names of all attributes: one per term, in the model's order, then those that only hypotheses use, then those
    /// that only exclusion rules use.
    attribute_names: Interner<FixedState>,
    /// The number of attributes without those that only exclusion rules use.
    attribute_count: usize,
    /// The numbers of the conditions on each attribute: hypotheses first, then exclusion rules.
    conditions_by_attribute: Vec<Vec<usize>>,
    blank_account: EncodedAccount<'static>,
    tier_cuts: [f64; 3],
}

/// A compiled attribute.
#[derive(Debug)]
struct Term {
    feature: Feature,
    slots: Vec<Slot>,
    /// The details of each slot.
    slot_details: Vec<SlotDetails>,
}

/// The effect of one slot on a score.
#[derive(Clone, Copy, Debug)]
struct Slot {
    log_odds: f64,
    uncertainty: ScoreUncertainty,
}

/// The details of a slot that explanations need and scores do not.
#[derive(Clone, Debug)]
struct SlotDetails {
    label: String,
    standard_error: f64,
    customers: u64,
    ideal_rate: f64,
    /// See [`Contribution::raw_rate_differs`].
    raw_rate_differs: bool,
}

/// A fit with all its reasons, in the model's order.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The fit.
    pub fit: Fit,
    /// The contributions of every attribute (for a list, one per item), then of each hypothesis that holds, then of
    /// every interaction.
    pub contributions: Vec<Contribution<'static>>,
    /// The notes in the model's order, those on unknown attributes last.
    pub notes: Vec<AttributeNote<'static>>,
}

impl Scorer {
    /// Scores one account. Total: every account has a score, whatever its values.
    #[must_use]
    pub fn score(&self, account: &Account) -> Fit {
        self.fit(&self.encode_account(account))
    }

    /// Scores one account, with all reasons and with notes on values that could not be used. The fit is identical to
    /// that of [`Self::score`], bit for bit.
    #[must_use]
    pub fn explain(&self, account: &Account) -> Explanation {
        let encoded = self.encode_account(account);
        let fit = self.fit(&encoded);
        let contributions =
            self.reasons(&encoded).iter().map(|reason| reason.contribution(&encoded).into_owned()).collect();
        let notes = self.all_notes(&encoded).map(AttributeNote::into_owned).collect();
        Explanation { fit, contributions, notes }
    }

    /// The number of attributes, including those that only hypotheses use.
    #[must_use]
    pub const fn attribute_count(&self) -> usize {
        self.attribute_count
    }

    /// The number of names that [`Self::attribute_index`] finds.
    #[must_use]
    pub const fn name_count(&self) -> usize {
        self.attribute_names.len()
    }

    /// The names of the first [`Self::attribute_count`] attributes, in the model's order.
    pub(crate) fn attribute_names(&self) -> impl Iterator<Item = &str> {
        self.attribute_names.texts().iter().take(self.attribute_count)
    }

    /// Scores an encoded account by adding up its slots in the model's order. Every score is computed here.
    #[must_use]
    pub fn fit(&self, account: &EncodedAccount<'_>) -> Fit {
        let (mut log_odds, mut uncertainty) = (self.base, self.base_uncertainty);
        let mut add = |slot: &Slot| {
            log_odds += slot.log_odds;
            uncertainty += &slot.uncertainty;
        };
        let mut present = 0;
        for (Term { slots, .. }, encoded_value) in self.terms.iter().zip(&account.values) {
            account.slots(encoded_value).iter().filter_map(|slot| slots.get(*slot as usize)).for_each(&mut add);
            present += usize::from(!matches!(encoded_value.status, ValueStatus::Missing | ValueStatus::Mismatch));
        }
        let matching = self.hypotheses.iter().zip(&account.conditions_met).filter(|(_, holds)| **holds);
        matching.for_each(|(hypothesis, _)| add(&hypothesis.slot));
        self.interactions.iter().filter_map(|pair| pair.find_cell(&account.values)).for_each(|(_, slot)| add(slot));
        present += account.extra_present.iter().filter(|known| **known).count();
        let fit = self.build_fit(log_odds, uncertainty, present, self.fired_rules(account));
        let segment = self.find_segment(account);
        // A model has few segments, so the index fits.
        let place = segment.map(|(place, _)| place as u8);
        Fit {
            segment: place,
            expected_value: self.expected_value(fit.probability, segment.map(|(_, segment)| segment)),
            ..fit
        }
    }

    /// The exclusion rules that an encoded account matches.
    fn fired_rules(&self, account: &EncodedAccount<'_>) -> MatchedExclusionRules {
        let mut matched = MatchedExclusionRules::default();
        let holds = account.conditions_met.iter().skip(self.hypotheses.len()).enumerate();
        holds.filter(|(_, holds)| **holds).for_each(|(exclusion_rule, _)| matched.insert(exclusion_rule));
        matched
    }

    /// The segment of an encoded account: the first whose rule holds.
    fn find_segment(&self, account: &EncodedAccount<'_>) -> Option<(usize, &CompiledSegment)> {
        self.segments.iter().enumerate().find(|(_, segment)| segment.is_member(account))
    }

    /// The expected value of an account: the mean of the values if ideal and if not, weighted by their probabilities.
    fn expected_value(&self, probability: f64, segment: Option<&CompiledSegment>) -> Option<f64> {
        let CompiledCustomerValues { value_if_ideal: if_ideal, value_if_not: if_not, .. } =
            self.customer_values.as_ref()?;
        let if_ideal = segment.and_then(|segment| segment.value_if_ideal).unwrap_or(*if_ideal);
        Some(probability * if_ideal + (1.0 - probability) * if_not)
    }

    /// The id of the segment with the index in [`Fit::segment`].
    #[must_use]
    pub fn segment_id(&self, place: u8) -> Option<&str> {
        self.segments.get(usize::from(place)).map(|segment| segment.id.as_str())
    }

    /// The ids of the model's segments.
    pub fn segment_ids(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().map(|segment| segment.id.as_str())
    }

    /// The segments as those of the version before, for a training that continues their ids. `version` is the name of
    /// this version.
    #[must_use]
    pub fn earlier_segments(&self, version: String) -> EarlierSegments {
        EarlierSegments { version, ..self.earlier_segments.clone() }
    }

    /// The currency of expected values, empty if it was not specified; `None` if no value is known.
    #[must_use]
    pub fn currency(&self) -> Option<&str> {
        self.customer_values.as_ref().map(|values| values.currency.as_str())
    }

    /// The reason why accounts have no order by expected value, in one sentence; `None` if they have one, or if no
    /// value is known.
    #[must_use]
    pub fn no_value_order_reason(&self) -> Option<&str> {
        self.no_value_order_reason.as_deref()
    }

    /// The ids of matched exclusion rules, in the model's order.
    pub fn exclusion_rule_ids(&self, matched: MatchedExclusionRules) -> impl Iterator<Item = &str> {
        matched
            .indices()
            .filter_map(|place| self.exclusion_rules.get(place))
            .map(|exclusion_rule| exclusion_rule.id.as_str())
    }

    fn build_fit(
        &self,
        log_odds: f64,
        uncertainty: ScoreUncertainty,
        present: usize,
        exclusion_rules: MatchedExclusionRules,
    ) -> Fit {
        let (low, high) = uncertainty.interval(log_odds);
        let (low, probability, high) = (probability(low), probability(log_odds), probability(high));
        let tier = self.tier_of_probability(probability);
        let one_tier = self.tier_of_probability(low) == tier && self.tier_of_probability(high) == tier;
        let evidence = match present {
            0 => DataSupport::None,
            _ if one_tier => DataSupport::Sufficient,
            _ => DataSupport::Thin,
        };
        let coverage = present as f64 / self.attribute_count as f64;
        let (base_log_odds, pond) = (self.base, self.pond_side(tier, exclusion_rules));
        Fit {
            probability,
            log_odds,
            low,
            high,
            data_support: evidence,
            base_log_odds,
            tier,
            coverage,
            pond_side: pond,
            matched_rules: exclusion_rules,
            segment: None,
            expected_value: None,
        }
    }

    /// The pond side: out if an exclusion rule says so, or in tier D. If no account can reach a better tier, tier D is
    /// not informative, and only the rules count.
    fn pond_side(&self, tier: Tier, exclusion_rules: MatchedExclusionRules) -> PondSide {
        let [.., min_probability] = self.tier_cuts;
        let has_tiers = min_probability < 1.0;
        if exclusion_rules.intersects(self.out_rules) || (has_tiers && tier == Tier::D) {
            PondSide::Out
        } else {
            PondSide::In
        }
    }

    /// The minimum probabilities of tiers A, B and C.
    #[must_use]
    pub const fn tier_cuts(&self) -> [f64; 3] {
        self.tier_cuts
    }

    fn tier_of_probability(&self, probability: f64) -> Tier {
        let reached = self.tier_cuts.iter().zip(Tier::ALL).find(|(cut, _)| probability >= **cut);
        reached.map_or(Tier::D, |(_, tier)| tier)
    }
}

#[cfg(test)]
mod tests;
