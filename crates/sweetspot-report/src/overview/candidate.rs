//! Kinds of accounts that a person can recognize: one value of an attribute, two of different attributes, or the rule of
//! a segment.

use sweetspot_core::normal_quantiles::NINETY_FIVE_PERCENT;
use sweetspot_core::{Condition, Matcher, Test};
use sweetspot_model::{AttributeEffects, SegmentSummary, ValueEffect};

use super::row_set::RowSet;
use crate::format::{capitalize, format_band};
use crate::segments::condition_phrase;
use crate::{AttributeName, ReportInput};

/// The divisor of all customers that gives the minimum number with a single value: bounds the memory of attributes with
/// very many values.
const MIN_VALUE_DIVISOR: usize = 100;
/// The maximum number of single values that are combined into one.
const MAX_JOINED_VALUES: usize = 3;

/// A rule, with the customers that it holds for.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// The conditions, each as a phrase.
    pub conditions: Vec<String>,
    /// The attributes of the conditions.
    pub attributes: Vec<String>,
    /// The bounds of numbers, each with its attribute.
    pub bounds: Vec<(String, String)>,
    /// The labeled customers for which all conditions hold.
    pub rows: RowSet,
}

impl Candidate {
    /// Both rules together; `None` if they have an attribute in common.
    pub(super) fn and(&self, other: &Self) -> Option<Self> {
        let is_shared = self.attributes.iter().any(|attribute| other.attributes.contains(attribute));
        (!is_shared).then(|| Self {
            conditions: [self.conditions.as_slice(), &other.conditions].concat(),
            attributes: [self.attributes.as_slice(), &other.attributes].concat(),
            bounds: [self.bounds.as_slice(), &other.bounds].concat(),
            rows: self.rows.intersection(&other.rows),
        })
    }

    /// The rule as text: `Industry: Fintech, and at least 200 employees`.
    pub(super) fn description(&self) -> String {
        let text = match self.conditions.as_slice() {
            [others @ .., last] if !others.is_empty() => format!("{}, and {last}", others.join(", ")),
            conditions => conditions.concat(),
        };
        capitalize(&text)
    }
}

/// The rules of all segments. `labeled` has the labeled customers, by position.
pub(super) fn segment_candidates(input: &ReportInput, labeled: &[usize]) -> Vec<Candidate> {
    let candidate = |segment: SegmentSummary| {
        let mut rows = RowSet::from_fn(labeled.len(), |_| true);
        for condition in &segment.conditions {
            let matcher = Matcher::new(condition.clone(), input.kind(&condition.attribute));
            let column = input.accounts().column(&condition.attribute);
            let holds = |position: usize| {
                let value = labeled.get(position).and_then(|row| column?.data.get(*row));
                matcher.holds(value.as_ref())
            };
            rows = rows.intersection(&RowSet::from_fn(labeled.len(), holds));
        }
        let phrase = |condition: &Condition| match &condition.test {
            Test::AnyOf(texts) => input.attribute(&condition.attribute).with_value(&texts.join(" or ")),
            Test::Range { .. } | Test::Present(_) | Test::Flag(_) => condition_phrase(input, condition),
        };
        let phrases: Vec<String> = segment.conditions.iter().map(phrase).collect();
        Candidate {
            bounds: segment
                .conditions
                .iter()
                .zip(&phrases)
                .filter(|(condition, _)| matches!(condition.test, Test::Range { .. }))
                .map(|(condition, phrase)| (condition.attribute.clone(), phrase.clone()))
                .collect(),
            conditions: phrases,
            attributes: segment.conditions.into_iter().map(|condition| condition.attribute).collect(),
            rows,
        }
    };
    input.model.segments().into_iter().map(candidate).collect()
}

/// The values of one attribute that the customers have.
pub(super) struct AttributeCandidates {
    /// The attribute.
    pub attribute: String,
    /// Every value, and every range from a bound on or below it.
    pub all: Vec<Candidate>,
    /// Those that raise the odds, and the clearest single ones together.
    pub positive: Vec<Candidate>,
    /// Those that lower the odds, and the clearest single ones together.
    pub negative: Vec<Candidate>,
}

impl AttributeCandidates {
    /// The values of every attribute.
    pub(super) fn of_all(input: &ReportInput, labeled: &[usize]) -> Vec<Self> {
        input.effects().iter().map(|effects| Self::new(input, effects, labeled)).collect()
    }

    fn new(input: &ReportInput, effects: &AttributeEffects, labeled: &[usize]) -> Self {
        let values = AttributeRows::new(input, effects, labeled);
        let informative: Vec<usize> =
            (0..effects.values.len()).filter(|index| values.rows.get(*index).is_some_and(Option::is_some)).collect();
        let attribute = effects.attribute.clone();
        if effects.is_ordered() {
            let splits = (1..informative.len()).map(|middle| informative.split_at(middle));
            let ranges: Vec<(f64, Candidate)> = splits
                .flat_map(|(below, above)| {
                    let bound = effects.joint_label(above);
                    [(below, bound.clone()), (above, bound)]
                })
                .map(|(range, bound)| (mean_log_odds(effects, range), values.candidate(range, Some(bound))))
                .collect();
            let side = |sign: f64| {
                let on_side = ranges.iter().filter(|(log_odds, _)| log_odds * sign > 0.0);
                on_side.map(|(_, candidate)| candidate.clone()).collect()
            };
            let (positive, negative) = (side(1.0), side(-1.0));
            return Self { attribute, positive, negative, all: ranges.into_iter().map(|(_, range)| range).collect() };
        }
        let side = |sign: f64| {
            let clear = clear_values(effects, &informative, sign);
            let joined = (2..=clear.len().min(MAX_JOINED_VALUES)).filter_map(|count| clear.get(..count));
            clear.chunks(1).chain(joined).map(|chosen| values.candidate(chosen, None)).collect()
        };
        let all = informative.chunks(1).map(|value| values.candidate(value, None)).collect();
        Self { attribute, positive: side(1.0), negative: side(-1.0), all }
    }
}

/// The values whose whole interval is on one side, the most notable first.
fn clear_values(effects: &AttributeEffects, values: &[usize], sign: f64) -> Vec<usize> {
    let mut clear: Vec<(f64, usize)> = Vec::new();
    for index in values {
        let Some(value) = effects.values.get(*index) else { continue };
        if value.log_odds * sign > NINETY_FIVE_PERCENT * value.standard_error {
            clear.push((value.log_odds * sign * (value.customers as f64).sqrt(), *index));
        }
    }
    clear.sort_by(|a, b| b.0.total_cmp(&a.0));
    clear.into_iter().map(|(_, index)| index).collect()
}

/// The customers of each value of an attribute.
struct AttributeRows<'a> {
    effects: &'a AttributeEffects,
    name: AttributeName,
    /// `None` for values that do not describe an account, and for rare single values.
    rows: Vec<Option<RowSet>>,
    labeled: usize,
}

impl<'a> AttributeRows<'a> {
    fn new(input: &ReportInput, effects: &'a AttributeEffects, labeled: &[usize]) -> Self {
        let column = input.accounts().column(&effects.attribute);
        let min_customers = if effects.is_ordered() { 1 } else { (labeled.len() / MIN_VALUE_DIVISOR).max(1) as u64 };
        let is_used = |value: &ValueEffect| value.is_informative && value.customers >= min_customers;
        let mut rows: Vec<Option<RowSet>> =
            effects.values.iter().map(|value| is_used(value).then(|| RowSet::empty(labeled.len()))).collect();
        for (position, row) in labeled.iter().enumerate() {
            let value = column.and_then(|column| column.data.get(*row));
            for index in effects.value_indices(value.as_ref()) {
                rows.get_mut(index).into_iter().flatten().for_each(|rows| rows.insert(position));
            }
        }
        Self { effects, name: input.attribute(&effects.attribute), rows, labeled: labeled.len() }
    }

    /// These values together; a range has a bound.
    fn candidate(&self, values: &[usize], bound: Option<String>) -> Candidate {
        let Self { effects, name, rows, labeled } = self;
        let label = effects.joint_label(values);
        let phrase = if bound.is_some() {
            let label = if effects.is_amount() { format_band(&label) } else { label };
            name.phrase(&label)
        } else {
            name.with_value(&label)
        };
        let of_values = values.iter().filter_map(|value| rows.get(*value)?.as_ref());
        Candidate {
            conditions: vec![phrase],
            attributes: vec![effects.attribute.clone()],
            bounds: bound.map(|bound| (effects.attribute.clone(), bound)).into_iter().collect(),
            rows: of_values.fold(RowSet::empty(*labeled), |all, rows| all.union(rows)),
        }
    }
}
/// The mean effect of the customers with these values.
fn mean_log_odds(effects: &AttributeEffects, values: &[usize]) -> f64 {
    let values = || values.iter().filter_map(|index| effects.values.get(*index));
    let customers: u64 = values().map(|value| value.customers).sum();
    values().map(|value| value.log_odds * value.customers as f64).sum::<f64>() / customers.max(1) as f64
}
