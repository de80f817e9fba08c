//! The artifact of a trained model.

mod attribute_summary;
mod effect_change;
mod error;
mod evaluated_sample;
mod evaluation;
mod evaluation_details;
mod exclusion_rule;
mod hypothesis;
mod hypothesis_slot_shares;
mod interaction;
mod interaction_cell_counts;
mod policy_from_label_card;
mod scorecard_evaluation;
mod scorecard_formatter;
mod scorecard_hypothesis;
mod scorecard_json;
mod scorecard_rules;
mod segment;
mod stored_label_card;
mod total_effect;
mod value_effect;

pub use attribute_summary::AttributeSummary;
pub(crate) use attribute_summary::text_format;
pub use effect_change::EffectChange;
pub use error::ArtifactError;
pub(crate) use evaluated_sample::stored_evaluated_sample;
pub use evaluation::{Evaluation, LeaveValuesOut};
pub use evaluation_details::{EvaluationDetails, TemporalHoldoutEvaluation};
pub use exclusion_rule::ExclusionRuleSummary;
pub use hypothesis::HypothesisSummary;
pub use interaction::InteractionSummary;
use prost::Message as _;
pub(crate) use segment::no_value_order_reason;
pub use segment::{CustomerValueSummary, SegmentSummary};
pub(crate) use stored_label_card::stored_label_card;
use sweetspot_core::{AccountTable, AttributeKind, Digest, LabelCard, LabelPolicy};
use sweetspot_solver::probability;
pub(crate) use total_effect::{AdditionalTerms, total_log_odds, total_spread};
pub use value_effect::{AttributeEffects, ShapeStep, ValueEffect};

use crate::evaluate::{count_by_tier, gains_intervals};
use crate::evaluated_sample::EvaluatedSample;
use crate::{stored, stored_condition};

/// The format that this program writes.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// The maximum number of customers that are resampled, which is also the maximum that one version is evaluated on.
const MAX_EVALUATED: usize = 10_000_000;

/// A trained version: everything that a scorer needs, and everything that is reported about it. Immutable.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelArtifact(pub(crate) stored::ModelArtifact);

impl ModelArtifact {
    /// Encodes the artifact; equal artifacts have equal bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.encode_to_vec()
    }

    /// Decodes an artifact.
    ///
    /// # Errors
    ///
    /// If the bytes are not an artifact of a known format.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        let stored = stored::ModelArtifact::decode(bytes).map_err(|_| ArtifactError::Decode)?;
        match stored.format_version {
            0 => Err(ArtifactError::Decode),
            1..=FORMAT_VERSION => Ok(Self(stored)),
            found => Err(ArtifactError::NewerFormat { found, known: FORMAT_VERSION }),
        }
    }

    /// The digest of the attributes, their encoders and text formats, and the conditions of hypotheses and exclusion
    /// rules, without coefficients.
    #[must_use]
    pub fn schema_digest(&self) -> Digest {
        let schema = self.0.terms.iter().map(|term| stored::Term {
            attribute: term.attribute.clone(),
            encoder: term.encoder.clone(),
            decimal: term.decimal.clone(),
            date_order: term.date_order.clone(),
            ..stored::Term::default()
        });
        let conditions = self
            .0
            .hypotheses
            .iter()
            .map(|hypothesis| stored::Hypothesis { when: hypothesis.when.clone(), ..stored::Hypothesis::default() });
        let rules = self.0.exclusion_rules.iter();
        let rules =
            rules.map(|rule| stored::ExclusionRule { when: rule.when.clone(), ..stored::ExclusionRule::default() });
        let schema = stored::ModelArtifact {
            terms: schema.collect(),
            hypotheses: conditions.collect(),
            exclusion_rules: rules.collect(),
            ..stored::ModelArtifact::default()
        };
        Digest::new(&schema.encode_to_vec())
    }

    /// The digest of the training data, as 64 hexadecimal digits.
    #[must_use]
    pub fn data_sha256(&self) -> &str {
        &self.0.data_sha256
    }

    /// The seed of the training.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.0.seed
    }

    /// The program version that trained it.
    #[must_use]
    pub fn trainer_version(&self) -> &str {
        &self.0.trainer_version
    }

    /// The evaluation.
    #[must_use]
    pub fn evaluation(&self) -> Evaluation {
        Evaluation::from_stored(self.0.evaluation.as_ref())
    }

    /// The details of the evaluation.
    #[must_use]
    pub fn evaluation_details(&self) -> EvaluationDetails {
        EvaluationDetails::from_stored(self.0.evaluation.as_ref(), self.label_card().row_weights())
    }

    /// The 95% interval of the share of all ideal customers in the best-scored tenths of the list, one for each number
    /// of tenths, out of fold: a bootstrap with the artifact's seed. `None` with fewer than 20 customers of either
    /// label, or if an earlier release trained the version.
    #[must_use]
    pub fn gains_intervals(&self) -> Vec<(f64, f64)> {
        let Some(evaluation) = &self.0.evaluation else { return Vec::new() };
        // A damaged artifact may report more customers than fit into memory.
        let evaluated: u64 = evaluation.tenths.iter().map(|tenth| tenth.customers).fold(0, u64::saturating_add);
        match usize::try_from(evaluated) {
            Ok(evaluated) if evaluated <= MAX_EVALUATED => {
                // Earlier releases did not count accounts.
                let accounts = usize::try_from(evaluation.accounts).ok().filter(|accounts| *accounts > 0);
                let weights = self.label_card().row_weights();
                gains_intervals(&evaluation.parts, evaluated, accounts.unwrap_or(evaluated), weights, self.seed())
            }
            Ok(_) | Err(_) => Vec::new(),
        }
    }

    /// Customers with the prediction of a fit that had not seen them; `None` if an earlier release trained the version,
    /// or nothing was evaluated.
    #[must_use]
    pub fn evaluated_sample(&self) -> Option<EvaluatedSample> {
        self.0.judged.as_ref().and_then(evaluated_sample::from_stored)
    }

    /// The number of training customers whose values are stored to check the artifact.
    #[must_use]
    pub const fn golden_row_count(&self) -> usize {
        self.0.golden_rows.len()
    }

    /// How outcomes were turned into labels.
    #[must_use]
    pub fn label_card(&self) -> LabelCard {
        stored_label_card::from_stored(self.0.label_card.as_ref())
    }

    /// The label policy of the training; for versions of earlier releases, what the label card contains of it.
    #[must_use]
    pub fn label_policy(&self) -> LabelPolicy {
        let stored = self.0.label_policy.and_then(|policy| policy.try_into().ok());
        stored.unwrap_or_else(|| policy_from_label_card::from_label_card(&self.label_card()))
    }

    /// The minimum probabilities of tiers A, B and C; `None` if they are not stored, in which case the model does not
    /// compile.
    #[must_use]
    pub fn tier_cuts(&self) -> Option<[f64; 3]> {
        self.0.tiers.map(|cuts| [cuts.a, cuts.b, cuts.c])
    }

    /// The same version with other tier cuts. The tiers are counted again on the stored evaluated customers and scaled
    /// to the number of customers that were evaluated; their value is then unknown.
    #[must_use]
    pub fn with_tier_cuts(mut self, cuts: [f64; 3]) -> Self {
        let [a, b, c] = cuts;
        self.0.tiers = Some(stored::TierCuts { a, b, c });
        let sample = self.evaluated_sample().unwrap_or_default();
        if let Some(evaluation) = &mut self.0.evaluation {
            evaluation.tiers = count_tiers(&sample, cuts, evaluation.rows);
        }
        self
    }

    /// The attributes, in the model's order.
    #[must_use]
    pub fn attributes(&self) -> Vec<AttributeSummary> {
        self.0
            .terms
            .iter()
            .map(|term| AttributeSummary::from_stored(term, AdditionalTerms::from_model(&self.0)))
            .collect()
    }

    /// The kind of an attribute of the model, or of one that only hypotheses or exclusion rules use, if the training
    /// dataset had it.
    #[must_use]
    pub fn kind(&self, attribute: &str) -> Option<AttributeKind> {
        let term = self.0.terms.iter().find(|term| term.attribute == attribute);
        let word = term.map(|term| attribute_summary::kind_word(term.encoder.as_ref()));
        let of_term = word.and_then(|word| AttributeKind::ALL.into_iter().find(|kind| kind.as_str() == word));
        let hypotheses = self.0.hypotheses.iter().map(|entry| entry.when.as_ref());
        let mut conditions = hypotheses.chain(self.0.exclusion_rules.iter().map(|entry| entry.when.as_ref()));
        of_term.or_else(|| {
            conditions.find_map(|when| {
                stored_condition::matcher_from_stored(when).filter(|when| when.attribute() == attribute)?.kind()
            })
        })
    }

    /// The effect of each value of each attribute, including its interactions and hypotheses, in the model's order.
    /// Interactions are averaged over those of `rows` that have the value; `rows` are the training customers.
    #[must_use]
    pub fn value_effects(&self, accounts: &AccountTable, rows: &[usize]) -> Vec<AttributeEffects> {
        let mut meetings = interaction_cell_counts::cooccurrences(&self.0, accounts, rows);
        let attribute_summary = |term: &stored::Term| {
            let pair_counts = meetings.remove(term.attribute.as_str()).unwrap_or_default();
            AttributeEffects::from_stored(term, &pair_counts, &self.0.hypotheses)
        };
        self.0.terms.iter().filter_map(attribute_summary).collect()
    }

    /// The changes in the effects of values of attributes that another version has as well, in this model's order.
    #[must_use]
    pub fn effect_changes(&self, earlier: &Self) -> Vec<EffectChange> {
        let terms_of_pair = self.0.terms.iter().filter_map(|term| {
            let before = earlier.0.terms.iter().find(|other| other.attribute == term.attribute)?;
            let (then, now) = (AdditionalTerms::from_model(&earlier.0), AdditionalTerms::from_model(&self.0));
            Some(effect_change::effect_changes((before, then), (term, now)))
        });
        terms_of_pair.flatten().collect()
    }

    /// The calibration, as intercept and slope: the line that corrects raw log-odds on customers that the fit had not
    /// seen. It is already applied to the coefficients. A base rate shifts the base further. `None` if it is not
    /// stored.
    #[must_use]
    pub fn calibration(&self) -> Option<(f64, f64)> {
        self.0.calibration.map(|line| (line.intercept, line.slope))
    }

    /// The log-odds to which the effects are added: those of the average customer or, without customers, of an account
    /// for which no hypothesis holds.
    #[must_use]
    pub const fn base_log_odds(&self) -> f64 {
        self.0.base_log_odds
    }

    /// The interactions, in the model's order.
    #[must_use]
    pub fn interactions(&self) -> Vec<InteractionSummary> {
        self.0.pairs.iter().map(InteractionSummary::from_stored).collect()
    }

    /// The hypotheses with their verdicts, by id.
    #[must_use]
    pub fn hypotheses(&self) -> Vec<HypothesisSummary> {
        self.0.hypotheses.iter().filter_map(HypothesisSummary::from_stored).collect()
    }

    /// The exclusion rules, in the order of the training spec.
    #[must_use]
    pub fn exclusion_rules(&self) -> Vec<ExclusionRuleSummary> {
        self.0.exclusion_rules.iter().filter_map(ExclusionRuleSummary::from_stored).collect()
    }

    /// The segments, in the order in which their rules are evaluated.
    #[must_use]
    pub fn segments(&self) -> Vec<SegmentSummary> {
        self.0.segments.iter().filter_map(SegmentSummary::from_stored).collect()
    }

    /// Why there are fewer than three segments, in one sentence; empty if there are three or more, and if an earlier
    /// release trained the version.
    #[must_use]
    pub fn segment_note(&self) -> &str {
        &self.0.segment_note
    }

    /// The value of customers; `None` if no ideal customer's value is known.
    #[must_use]
    pub fn value_summary(&self) -> Option<CustomerValueSummary> {
        self.0.values.as_ref().map(CustomerValueSummary::from_stored)
    }

    /// The reason why accounts have no order by expected value, in one sentence; `None` if they have one, or if no
    /// value is known.
    #[must_use]
    pub fn no_value_order_reason(&self) -> Option<String> {
        no_value_order_reason(self.0.values.as_ref(), &self.0.segments)
    }

    /// Warnings to read before the version is used.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.0.warnings
    }

    /// The scorecard as JSON: everything needed to compute a score by hand.
    #[must_use]
    pub fn to_json(&self) -> String {
        scorecard_json::scorecard_json(&self.0)
    }
}

/// The number of customers in each tier with these `cuts`, scaled to `rows`; empty if no evaluated customers are
/// stored.
fn count_tiers(sample: &EvaluatedSample, cuts: [f64; 3], rows: u64) -> Vec<stored::TierCount> {
    let (labels, probabilities): (Vec<f64>, Vec<f64>) =
        sample.rows().iter().map(|row| (f64::from(u8::from(row.ideal)), probability(row.log_odds))).unzip();
    if labels.is_empty() {
        return Vec::new();
    }
    let scale = rows as f64 / labels.len() as f64;
    let scaled = |count: u64| (count as f64 * scale).round() as u64;
    let counts = count_by_tier(&labels, &probabilities, cuts);
    counts
        .map(|(customers, ideal)| stored::TierCount { customers: scaled(customers), ideal: scaled(ideal), value: None })
        .to_vec()
}

#[cfg(test)]
mod tests;
