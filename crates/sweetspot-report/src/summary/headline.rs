//! The opening sentence: the few traits that distinguish most ideal customers from others, and the value of those
//! customers.

use sweetspot_core::SamplingWeights;
use sweetspot_model::AttributeEffects;

use super::super::format::join_with_and;
use super::super::{AttributeName, Proportion, ReportInput, format_band, format_percent};
use super::value_share;

/// The maximum number of traits: readers do not remember more.
const MAX_TRAITS: usize = 3;
/// The maximum number of values per trait.
const MAX_VALUES: usize = 3;
/// The minimum share of ideal customers that the traits must describe.
const MIN_DESCRIBED_SHARE: f64 = 0.25;

/// A trait of ideal customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadlineTrait {
    /// The attribute.
    pub attribute: AttributeName,
    /// The value, or the combined values: `200 or more`, `Fintech or Retail`.
    pub value: String,
}

/// The figures of the opening sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Headline {
    /// The common traits, the most informative first.
    pub traits: Vec<HeadlineTrait>,
    /// The ideal customers of those with all traits.
    pub matching: Proportion,
    /// The ideal customers of all labeled customers.
    pub all: Proportion,
    /// The share of all net value that the customers with these traits hold.
    pub value_share: Option<f64>,
    /// The weights of the customers for rates.
    pub weights: SamplingWeights,
}

impl Headline {
    /// Selects traits that describe at least a quarter of the ideal customers, each of which increases the rate of the
    /// others.
    pub(super) fn new(input: &ReportInput) -> Option<Self> {
        let labeled: Vec<usize> = (0..input.rows()).filter(|row| input.ideal(*row).is_some()).collect();
        let ideal = |rows: &[usize]| Proportion::from_bools(rows.iter().map(|row| input.ideal(*row) == Some(true)));
        let all = ideal(&labeled);
        let (mut traits, mut rows, mut best) = (Vec::new(), labeled, all);
        for (effects, values) in candidates(input) {
            if traits.len() == MAX_TRAITS {
                break;
            }
            let matching_rows: Vec<usize> =
                rows.iter().copied().filter(|row| has(input, &effects, &values, *row)).collect();
            let matching = ideal(&matching_rows);
            let describes = matching.part as f64 >= MIN_DESCRIBED_SHARE * all.part as f64 && !matching.is_faint();
            if describes && matching.rate() > best.rate() {
                let label = effects.joint_label(&values);
                let value = if effects.is_amount() { format_band(&label) } else { label };
                traits.push(HeadlineTrait { attribute: input.attribute(&effects.attribute), value });
                (rows, best) = (matching_rows, matching);
            }
        }
        let share = value_share(input, |row| rows.binary_search(&row).is_ok());
        let weights = input.labels.card.row_weights();
        (!traits.is_empty()).then_some(Self { traits, matching: best, all, value_share: share, weights })
    }

    /// The sentence, with real rates if the rows are resampled.
    #[must_use]
    pub fn sentence(&self) -> String {
        let Self { traits, matching, all, value_share, weights } = self;
        let traits: Vec<String> =
            traits.iter().map(|headline_trait| headline_trait.attribute.phrase(&headline_trait.value)).collect();
        let traits = join_with_and(&traits);
        let total = |share: &Proportion| weights.total(share.part, share.total);
        let share_of_all = if all.total > 0 { format_percent(total(matching) / total(all)) } else { String::new() };
        let value =
            value_share.map(|share| format!(" and hold {} of the value", format_percent(share))).unwrap_or_default();
        let rate = |share: &Proportion| share.weighted_rate(*weights).map(format_percent).unwrap_or_default();
        format!(
            "Your best-fit accounts have {traits}; they are {share_of_all} of customers{value}: {} of them are ideal, compared with {} of all.",
            rate(matching),
            rate(all),
        )
    }
}

/// Attributes with their positive values, the most informative first: the number of ideal customers times the effect of
/// the value.
fn candidates(input: &ReportInput) -> Vec<(AttributeEffects, Vec<usize>)> {
    let mut candidates: Vec<(f64, AttributeEffects, Vec<usize>)> = Vec::new();
    for effects in input.effects() {
        let mut values: Vec<(f64, usize)> = Vec::new();
        for (index, value) in effects.values.iter().enumerate() {
            let is_certain = value.log_odds > value.standard_error;
            if value.is_informative && is_certain && value.ideal > 0 {
                values.push((value.log_odds * value.ideal as f64, index));
            }
        }
        values.sort_by(|a, b| b.0.total_cmp(&a.0));
        values.truncate(MAX_VALUES);
        let total_lift: f64 = values.iter().map(|(total_lift, _)| total_lift).sum();
        let mut values: Vec<usize> = values.into_iter().map(|(_, index)| index).collect();
        values.sort_unstable();
        if !values.is_empty() {
            candidates.push((total_lift, effects, values));
        }
    }
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0));
    candidates.into_iter().map(|(_, effects, values)| (effects, values)).collect()
}

fn has(input: &ReportInput, effects: &AttributeEffects, values: &[usize], row: usize) -> bool {
    let column = input.accounts().column(&effects.attribute);
    let value = column.and_then(|column| column.data.get(row));
    effects.value_indices(value.as_ref()).iter().any(|index| values.contains(index))
}
