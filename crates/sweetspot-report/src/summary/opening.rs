//! The opening sentence: the few traits that most ideal customers share and others do not, and what those customers are worth.

use sweetspot_core::RowWeights;
use sweetspot_model::AttributeEffects;

use super::super::{Evidence, Share, band, percent, plain};
use super::value_share;

/// Most traits of one sentence: more are not read, and not remembered.
const MOST_TRAITS: usize = 3;
/// Most values of one trait.
const MOST_VALUES: usize = 3;
/// The share of ideal customers that the traits must still describe.
const DESCRIBED: f64 = 0.25;

/// A trait that ideal customers share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trait {
    /// The attribute.
    pub attribute: String,
    /// The value, or the values together: `200 or more`, `Fintech or Retail`.
    pub value: String,
}

/// Who the ideal customers are, in figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// What they have in common, what tells most first.
    pub traits: Vec<Trait>,
    /// Customers with all of these traits, and how many of them are ideal.
    pub matching: Share,
    /// All customers whose outcome says something, and how many of them are ideal.
    pub all: Share,
    /// The share of all net value that those with these traits hold.
    pub value_share: Option<f64>,
    /// What the customers count for where rates are told.
    pub weights: RowWeights,
}

impl Opening {
    /// The traits that describe at least a quarter of the ideal customers, each of which makes the others' rate higher.
    pub(super) fn new(evidence: &Evidence) -> Option<Self> {
        let labelled: Vec<usize> = (0..evidence.rows()).filter(|row| evidence.ideal(*row).is_some()).collect();
        let ideal = |rows: &[usize]| Share::of(rows.iter().map(|row| evidence.ideal(*row) == Some(true)));
        let all = ideal(&labelled);
        let (mut traits, mut rows, mut best) = (Vec::new(), labelled, all);
        for (effects, values) in candidates(evidence) {
            if traits.len() == MOST_TRAITS {
                break;
            }
            let kept: Vec<usize> = rows.iter().copied().filter(|row| has(evidence, &effects, &values, *row)).collect();
            let matching = ideal(&kept);
            let describes = matching.part as f64 >= DESCRIBED * all.part as f64 && !matching.is_faint();
            if describes && matching.rate() > best.rate() {
                let together = effects.together(&values);
                let value = if effects.is_amount() { band(&together) } else { together };
                traits.push(Trait { attribute: effects.attribute, value });
                (rows, best) = (kept, matching);
            }
        }
        let share = value_share(evidence, |row| rows.binary_search(&row).is_ok());
        let weights = evidence.labels.card.row_weights();
        (!traits.is_empty()).then_some(Self { traits, matching: best, all, value_share: share, weights })
    }

    /// The sentence, with the real rates where the rows were resampled.
    #[must_use]
    pub fn sentence(&self) -> String {
        let Self { traits, matching, all, value_share, weights } = self;
        let traits: Vec<String> = traits.iter().map(|one| format!("{} {}", plain(&one.attribute), one.value)).collect();
        let traits = match traits.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
            None => String::new(),
        };
        let total = |share: &Share| weights.total(share.part, share.of);
        let of_all = if all.of > 0 { percent(total(matching) / total(all)) } else { String::new() };
        let value = value_share.map(|share| format!(" and hold {} of the value", percent(share))).unwrap_or_default();
        let rate = |share: &Share| share.weighted_rate(*weights).map(percent).unwrap_or_default();
        format!(
            "Your best-fit accounts have {traits}; they are {of_all} of customers{value}: {} of them are ideal, compared with {} of all.",
            rate(matching),
            rate(all),
        )
    }
}

/// Attributes with the values that speak for an account, what tells most first: ideal customers times what the value adds.
fn candidates(evidence: &Evidence) -> Vec<(AttributeEffects, Vec<usize>)> {
    let mut candidates: Vec<(f64, AttributeEffects, Vec<usize>)> = Vec::new();
    for effects in evidence.effects() {
        let mut values: Vec<(f64, usize)> = Vec::new();
        for (index, value) in effects.values.iter().enumerate() {
            let sure = value.log_odds > value.standard_error;
            if value.telling && sure && value.ideal > 0 {
                values.push((value.log_odds * value.ideal as f64, index));
            }
        }
        values.sort_by(|a, b| b.0.total_cmp(&a.0));
        values.truncate(MOST_VALUES);
        let told: f64 = values.iter().map(|(told, _)| told).sum();
        let mut values: Vec<usize> = values.into_iter().map(|(_, index)| index).collect();
        values.sort_unstable();
        if !values.is_empty() {
            candidates.push((told, effects, values));
        }
    }
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0));
    candidates.into_iter().map(|(_, effects, values)| (effects, values)).collect()
}

fn has(evidence: &Evidence, effects: &AttributeEffects, values: &[usize], row: usize) -> bool {
    let column = evidence.accounts().column(&effects.attribute);
    let value = column.and_then(|column| column.data.get(row));
    effects.values_of(value.as_ref()).iter().any(|one| values.contains(one))
}
