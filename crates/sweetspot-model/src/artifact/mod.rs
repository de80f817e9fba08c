//! A trained model as it is kept.

mod believed;
mod believed_effect;
mod card;
mod changed;
mod details;
mod direction;
mod effect;
mod error;
mod evaluation;
mod gate;
mod hypothesis;
mod judged;
mod meeting;
mod pair;
mod policy;
mod ruled;
mod sample;
mod scorecard;
mod segment;
mod summary;
mod whole;

pub(crate) use card::stored_card;
pub use changed::EffectChange;
pub use details::{EvaluationDetails, NewestEvaluation};
pub(crate) use direction::{direction_of, stored_direction};
pub use effect::{AttributeEffects, ValueEffect};
pub use error::ArtifactError;
pub use evaluation::{Evaluation, LeaveValuesOut};
pub use gate::GateSummary;
pub(crate) use gate::severity;
pub use hypothesis::HypothesisSummary;
pub use pair::PairSummary;
pub(crate) use policy::stored_policy;
use prost::Message as _;
pub(crate) use sample::stored_sample;
pub(crate) use segment::no_value_order;
pub use segment::{SegmentSummary, ValueSummary};
pub use summary::AttributeSummary;
pub(crate) use summary::format_of;
use sweetspot_core::{AccountTable, Digest, Kind, LabelCard, LabelPolicy};
use sweetspot_solver::probability;
pub(crate) use whole::{Additions, whole_log_odds, whole_spread};

use crate::compare::JudgedSample;
use crate::evaluate::{count_by_tier, gains_intervals};
use crate::{condition, stored};

/// The format that this program writes.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// Customers that are drawn anew at most: as many as one version can be judged by.
const MOST_JUDGED: usize = 10_000_000;

/// Everything a scorer needs, and everything a person may ask about a version. Immutable.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelArtifact(pub(crate) stored::ModelArtifact);

impl ModelArtifact {
    /// The bytes that are kept; equal artifacts have equal bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.encode_to_vec()
    }

    /// Reads kept bytes.
    ///
    /// # Errors
    /// Where they are not an artifact of a known format.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        let stored = stored::ModelArtifact::decode(bytes).map_err(|_| ArtifactError::Decode)?;
        match stored.format_version {
            0 => Err(ArtifactError::Decode),
            1..=FORMAT_VERSION => Ok(Self(stored)),
            found => Err(ArtifactError::NewerFormat { found, known: FORMAT_VERSION }),
        }
    }

    /// Digest of the attributes, their encoders and text formats, and of the hypotheses' and gates' conditions, without coefficients.
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
        let gates = self.0.gates.iter();
        let gates = gates.map(|gate| stored::Gate { when: gate.when.clone(), ..stored::Gate::default() });
        let schema = stored::ModelArtifact {
            terms: schema.collect(),
            hypotheses: conditions.collect(),
            gates: gates.collect(),
            ..stored::ModelArtifact::default()
        };
        Digest::of(&schema.encode_to_vec())
    }

    /// Digest of the data it was trained on, as 64 hexadecimal digits.
    #[must_use]
    pub fn data_sha256(&self) -> &str {
        &self.0.data_sha256
    }

    /// The seed of its training.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.0.seed
    }

    /// The version of the program that trained it.
    #[must_use]
    pub fn trainer_version(&self) -> &str {
        &self.0.trainer_version
    }

    /// How good it is.
    #[must_use]
    pub fn evaluation(&self) -> Evaluation {
        Evaluation::from_stored(self.0.evaluation.as_ref())
    }

    /// How good it is, in detail.
    #[must_use]
    pub fn evaluation_details(&self) -> EvaluationDetails {
        EvaluationDetails::from_stored(self.0.evaluation.as_ref(), self.label_card().row_weights())
    }

    /// The 95% interval of the share of all ideal customers that each tenth of the list and all better ones hold, out of fold: a
    /// bootstrap with its seed. Nothing with fewer than 20 customers of either label, or where an earlier release trained it.
    #[must_use]
    pub fn gains_intervals(&self) -> Vec<(f64, f64)> {
        let Some(evaluation) = &self.0.evaluation else { return Vec::new() };
        // What is damaged may tell of more customers than there is room for.
        let judged: u64 = evaluation.tenths.iter().map(|tenth| tenth.customers).fold(0, u64::saturating_add);
        match usize::try_from(judged) {
            Ok(judged) if judged <= MOST_JUDGED => {
                // Earlier releases did not count accounts.
                let accounts = usize::try_from(evaluation.accounts).ok().filter(|accounts| *accounts > 0);
                let weights = self.label_card().row_weights();
                gains_intervals(&evaluation.parts, judged, accounts.unwrap_or(judged), weights, self.seed())
            }
            Ok(_) | Err(_) => Vec::new(),
        }
    }

    /// Customers with the prediction of a fit that had not seen them; nothing where an earlier release trained it, or nothing was
    /// judged.
    #[must_use]
    pub fn judged_sample(&self) -> Option<JudgedSample> {
        self.0.judged.as_ref().and_then(sample::from_stored)
    }

    /// How outcomes became labels.
    #[must_use]
    pub fn label_card(&self) -> LabelCard {
        card::from_stored(self.0.label_card.as_ref())
    }

    /// The policy by which it was trained; what its card tells of it where an earlier release trained it.
    #[must_use]
    pub fn label_policy(&self) -> LabelPolicy {
        self.0.label_policy.as_ref().map_or_else(|| policy::of_card(&self.label_card()), policy::from_stored)
    }

    /// The probabilities at which tiers A, B and C begin; nothing where it was kept without them, with which no model compiles.
    #[must_use]
    pub fn tier_cuts(&self) -> Option<[f64; 3]> {
        self.0.tiers.map(|cuts| [cuts.a, cuts.b, cuts.c])
    }

    /// The same version with tiers that begin at these probabilities. What its tiers would have held is counted again on the judged
    /// customers that it has kept, for as many customers as were judged; their value is not known then.
    #[must_use]
    pub fn with_tier_cuts(mut self, cuts: [f64; 3]) -> Self {
        let [a, b, c] = cuts;
        self.0.tiers = Some(stored::TierCuts { a, b, c });
        let judged = self.judged_sample().unwrap_or_default();
        if let Some(evaluation) = &mut self.0.evaluation {
            evaluation.tiers = count_tiers(&judged, cuts, evaluation.rows);
        }
        self
    }

    /// Its attributes, in the model's order.
    #[must_use]
    pub fn attributes(&self) -> Vec<AttributeSummary> {
        self.0.terms.iter().map(|term| AttributeSummary::of(term, Additions::of_model(&self.0))).collect()
    }

    /// The kind of an attribute: of one that it has, or that its hypotheses or gates ask for and the dataset of its training had.
    #[must_use]
    pub fn kind(&self, attribute: &str) -> Option<Kind> {
        let term = self.0.terms.iter().find(|term| term.attribute == attribute);
        let word = term.map(|term| summary::kind(term.encoder.as_ref()));
        let of_term = word.and_then(|word| Kind::ALL.into_iter().find(|kind| kind.word() == word));
        let hypotheses = self.0.hypotheses.iter().map(|one| one.when.as_ref());
        let mut asked = hypotheses.chain(self.0.gates.iter().map(|one| one.when.as_ref()));
        of_term.or_else(|| {
            asked.find_map(|when| condition::from_stored(when).filter(|when| when.attribute() == attribute)?.kind())
        })
    }

    /// What each value of its attributes does, with the pairs that it takes part in and what is believed of it, in the model's order.
    /// What pairs add is averaged over those of these rows that have the value: the customers of its training.
    #[must_use]
    pub fn effects(&self, accounts: &AccountTable, rows: &[usize]) -> Vec<AttributeEffects> {
        let mut meetings = meeting::meetings(&self.0, accounts, rows);
        let of = |term: &stored::Term| {
            let met = meetings.remove(term.attribute.as_str()).unwrap_or_default();
            AttributeEffects::of(term, &met, &self.0.hypotheses)
        };
        self.0.terms.iter().filter_map(of).collect()
    }

    /// What became of each value of the attributes that another version has as well, in this model's order.
    #[must_use]
    pub fn effects_since(&self, earlier: &Self) -> Vec<EffectChange> {
        let both = self.0.terms.iter().filter_map(|term| {
            let before = earlier.0.terms.iter().find(|other| other.attribute == term.attribute)?;
            let (then, now) = (Additions::of_model(&earlier.0), Additions::of_model(&self.0));
            Some(changed::changes((before, then), (term, now)))
        });
        both.flatten().collect()
    }

    /// The line by which raw log-odds were corrected on customers that the fit had not seen, intercept and slope; folded into the
    /// coefficients. A base rate moves the base further. Nothing where it was kept without.
    #[must_use]
    pub fn calibration(&self) -> Option<(f64, f64)> {
        self.0.calibration.map(|line| (line.intercept, line.slope))
    }

    /// Its pairs of attributes, in the model's order.
    #[must_use]
    pub fn pairs(&self) -> Vec<PairSummary> {
        self.0.pairs.iter().map(PairSummary::of).collect()
    }

    /// Its hypotheses, each with its verdict, by id.
    #[must_use]
    pub fn hypotheses(&self) -> Vec<HypothesisSummary> {
        self.0.hypotheses.iter().filter_map(HypothesisSummary::of).collect()
    }

    /// Its gates, in the order of the training.
    #[must_use]
    pub fn gates(&self) -> Vec<GateSummary> {
        self.0.gates.iter().filter_map(GateSummary::of).collect()
    }

    /// The kinds of ideal customers that it knows, in the order in which their rules are asked.
    #[must_use]
    pub fn segments(&self) -> Vec<SegmentSummary> {
        self.0.segments.iter().filter_map(SegmentSummary::of).collect()
    }

    /// What customers are worth; nothing where no ideal customer's value was known.
    #[must_use]
    pub fn values(&self) -> Option<ValueSummary> {
        self.0.values.as_ref().map(ValueSummary::of)
    }

    /// Why accounts have no order by expected value, in one sentence; nothing where they have one, or where no value is known.
    #[must_use]
    pub fn no_value_order(&self) -> Option<String> {
        no_value_order(self.0.values.as_ref(), &self.0.segments)
    }

    /// What a person should know before trusting it.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.0.warnings
    }

    /// The scorecard as JSON: everything needed to compute a score by hand.
    #[must_use]
    pub fn to_json(&self) -> String {
        scorecard::json(&self.0)
    }
}

/// Customers in tiers that begin at `cuts`, out of `rows`; none where no judged customers were kept.
fn count_tiers(judged: &JudgedSample, cuts: [f64; 3], rows: u64) -> Vec<stored::TierCount> {
    let (labels, probabilities): (Vec<f64>, Vec<f64>) =
        judged.rows().iter().map(|row| (f64::from(u8::from(row.ideal)), probability(row.log_odds))).unzip();
    if labels.is_empty() {
        return Vec::new();
    }
    let scale = rows as f64 / labels.len() as f64;
    let whole = |count: u64| (count as f64 * scale).round() as u64;
    let counts = count_by_tier(&labels, &probabilities, cuts);
    counts
        .map(|(customers, ideal)| stored::TierCount { customers: whole(customers), ideal: whole(ideal), value: None })
        .to_vec()
}

#[cfg(test)]
mod tests;
