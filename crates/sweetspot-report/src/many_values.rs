//! Attributes with very many values, such as cities: one sentence each, and their strongest values in the appendix.

use sweetspot_core::{IcpCategory, Stance};

use super::odds_factor::{Factor, factors};
use super::{AttributeName, ReportInput, format_count, plural};

/// The maximum number of values of an attribute that is shown like any other.
const MAX_VALUES: usize = 50;
/// The maximum number of values in the appendix, per attribute.
const MAX_LISTED: usize = 20;
/// The maximum number of values to name in a sentence, per direction.
const MAX_NAMED: usize = 3;

/// An attribute with very many values.
#[derive(Clone, Debug, PartialEq)]
pub struct ManyValues {
    /// The attribute.
    pub attribute: AttributeName,
    /// The category of the attribute.
    pub category: IcpCategory,
    /// The number of values that the version distinguishes.
    pub values: u64,
    /// The values that certainly raise the odds, the largest weight first, at most three.
    pub raising: Vec<String>,
    /// The number of all values that certainly raise the odds.
    pub raising_count: u64,
    /// The values that certainly lower the odds, the largest weight first, at most three.
    pub lowering: Vec<String>,
    /// The number of all values that certainly lower the odds.
    pub lowering_count: u64,
    /// The values with the largest weights, at most twenty; empty if no value certainly moves the odds.
    pub strongest: Vec<Factor>,
}

/// The factors of the attributes with few values, and the attributes with very many, the most influential value first.
pub(super) fn split_factors(input: &ReportInput) -> (Vec<Factor>, Vec<ManyValues>) {
    let all = factors(input);
    let (mut few, mut many): (Vec<Factor>, Vec<Vec<Factor>>) = (Vec::new(), Vec::new());
    let effects = input.effects();
    let has_many = |factor: &Factor| {
        let values = effects.iter().find(|effects| effects.attribute == factor.attribute.key);
        values.is_some_and(|effects| effects.values.iter().filter(|value| value.is_informative).count() > MAX_VALUES)
    };
    for factor in all {
        if !has_many(&factor) {
            few.push(factor);
            continue;
        }
        let known = many.iter_mut().find(|factors| factors.iter().any(|other| other.attribute == factor.attribute));
        match known {
            Some(factors) => factors.push(factor),
            None => many.push(vec![factor]),
        }
    }
    (few, many.into_iter().filter_map(ManyValues::new).collect())
}

impl ManyValues {
    fn new(mut factors: Vec<Factor>) -> Option<Self> {
        let first = factors.first()?;
        let (attribute, category) = (first.attribute.clone(), first.category);
        let side = |stance: Stance| {
            let of_side: Vec<&Factor> = factors.iter().filter(|factor| factor.stance == stance).collect();
            let named = of_side.iter().take(MAX_NAMED).map(|factor| factor.value.clone()).collect();
            (named, of_side.len() as u64)
        };
        let ((raising, raising_count), (lowering, lowering_count)) = (side(Stance::Positive), side(Stance::Negative));
        let values = factors.len() as u64;
        factors.truncate(if raising_count + lowering_count > 0 { MAX_LISTED } else { 0 });
        Some(Self { attribute, category, values, raising, raising_count, lowering, lowering_count, strongest: factors })
    }

    /// `city has 312 values: Berlin, Hamburg and 4 more raise the odds for certain, none lowers them.`
    pub(super) fn sentence(&self) -> String {
        let names = |named: &[String], count: u64| {
            let more = count - named.len() as u64;
            let more = if more > 0 { format!(" and {} more", format_count(more)) } else { String::new() };
            format!("{}{more}", named.join(", "))
        };
        let verb = |count: u64, one: &str, several: &str| if count == 1 { one.to_owned() } else { several.to_owned() };
        let (up, down) = (self.raising_count, self.lowering_count);
        let raise = format!("{} {} the odds", names(&self.raising, up), verb(up, "raises", "raise"));
        let lower = format!("{} {} the odds", names(&self.lowering, down), verb(down, "lowers", "lower"));
        let text = match (up, down) {
            (0, 0) => "none of them certainly moves the odds".to_owned(),
            (_, 0) => format!("{raise} for certain"),
            (0, _) => format!("{lower} for certain"),
            (_, _) => format!("{raise}, {lower}, for certain"),
        };
        let appendix = if self.strongest.is_empty() { "" } else { " The strongest are in the appendix of the proof." };
        format!("{} has {}: {text}.{appendix}", self.attribute, plural(self.values, "value", "values"))
    }
}
