//! Common traits of the best customers: why do they pay a lot?

use sweetspot_core::normal_quantiles::NINETY_FIVE_PERCENT as Z;
use sweetspot_core::{IcpCategory, PondMapSectionKind, guess_category};

use super::customer_value::CustomerValue;
use super::level_counts::{LevelCounts, levels};
use crate::{AttributeName, Proportion, ReportInput};

/// The maximum number of traits per part.
const MAX_TRAITS: usize = 10;
/// The minimum number of customers with a trait.
const MIN_CUSTOMERS: u64 = 10;
/// The minimum number of best customers with a trait.
const MIN_BEST_CUSTOMERS: u64 = 3;

/// The three parts of an ideal customer ("How to build verified ICPs"), and firmographics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IcpPart {
    /// A valuable problem to solve.
    ValuableProblem,
    /// Can they solve it?
    AbilityToSolve,
    /// Can they grow?
    GrowthPotential,
    /// Facts about the company.
    WhoTheyAre,
}

impl IcpPart {
    /// Every part, in order.
    pub const ALL: [Self; 4] = [Self::ValuableProblem, Self::AbilityToSolve, Self::GrowthPotential, Self::WhoTheyAre];

    /// The part of an attribute: by its category and section, as stated or else derived from its name.
    fn from_attribute(input: &ReportInput, attribute: &str) -> Self {
        let (guessed, section) = guess_category(attribute);
        let category = input.definition.categories.get(attribute).copied().unwrap_or(guessed);
        let section = input.definition.sections.get(attribute).copied().unwrap_or(section);
        match category {
            IcpCategory::Firmographics => Self::WhoTheyAre,
            IcpCategory::BusinessProblem => Self::ValuableProblem,
            IcpCategory::ImpactPotential => match section {
                PondMapSectionKind::UrgencyDrivers => Self::GrowthPotential,
                PondMapSectionKind::AccountProfile
                | PondMapSectionKind::Needs
                | PondMapSectionKind::Beliefs
                | PondMapSectionKind::TippingPoint => Self::AbilityToSolve,
            },
        }
    }
}

/// A value that is more frequent among the best customers than among the others.
#[derive(Clone, Debug, PartialEq)]
pub struct CommonTrait {
    /// The part that the attribute belongs to.
    pub part: IcpPart,
    /// The attribute.
    pub attribute: AttributeName,
    /// Its value, as text.
    pub value: String,
    /// The best customers with the value, of those with the attribute.
    pub best: Proportion,
    /// The other customers with the value, of those with the attribute.
    pub rest: Proportion,
    /// The ratio of the two rates. If none of the others has the value, half a customer is added to every count.
    pub lift: f64,
    /// The 95% interval of the lift (Katz et al. 1978, Biometrics 34:469).
    pub interval: (f64, f64),
}

/// The common traits of the best customers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CommonTraits {
    /// The number of best customers.
    pub best: u64,
    /// The number of other customers.
    pub rest: u64,
    /// The number of values examined.
    pub examined_count: u64,
    /// The most significant traits of each part, at most 10 per part, in descending order.
    pub traits: Vec<CommonTrait>,
    /// The number of other traits that stand out.
    pub omitted_count: u64,
}

impl CommonTraits {
    /// Examines the attributes of the model: others were refused, or are known only after the sale.
    pub(super) fn new(input: &ReportInput, best: &[CustomerValue], rest: &[CustomerValue]) -> Self {
        let known = input.model.attributes();
        let columns = input.accounts().columns().iter();
        let columns = columns.filter(|column| known.iter().any(|summary| summary.attribute == column.name));
        let mut levels_examined = Vec::new();
        for column in columns {
            let enough = levels(&column.data, best, rest).into_iter().filter(has_enough_customers);
            levels_examined.extend(enough.map(|level| (column.name.as_str(), level)));
        }
        let min_score = min_z(levels_examined.len());
        let mut common = Self {
            best: best.len() as u64,
            rest: rest.len() as u64,
            examined_count: levels_examined.len() as u64,
            ..Self::default()
        };
        let mut clear: Vec<(f64, CommonTrait)> = levels_examined
            .into_iter()
            .map(|(attribute, level)| {
                trait_with_z(IcpPart::from_attribute(input, attribute), input.attribute(attribute), level)
            })
            .filter(|(clearness, _)| *clearness >= min_score)
            .collect();
        clear.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        for part in IcpPart::ALL {
            let of_part: Vec<CommonTrait> = clear
                .iter()
                .map(|(_, common_trait)| common_trait)
                .filter(|common_trait| common_trait.part == part)
                .cloned()
                .collect();
            common.omitted_count += of_part.len().saturating_sub(MAX_TRAITS) as u64;
            common.traits.extend(of_part.into_iter().take(MAX_TRAITS));
        }
        common
    }
}

fn has_enough_customers(level: &LevelCounts) -> bool {
    level.best.part + level.rest.part >= MIN_CUSTOMERS && level.best.part >= MIN_BEST_CUSTOMERS && level.rest.total > 0
}

/// The minimum number of standard errors of a trait: what the maximum of this many null effects would reach by chance
/// (Donoho and Johnstone 1994, Biometrika 81:425), but at least the bound for a single one.
fn min_z(tried: usize) -> f64 {
    (2.0 * (tried.max(1) as f64).ln()).sqrt().max(Z)
}

/// A trait, and the number of standard errors by which its lift exceeds 1.
fn trait_with_z(part: IcpPart, attribute: AttributeName, level: LevelCounts) -> (f64, CommonTrait) {
    let LevelCounts { label, best, rest } = level;
    let add = if rest.part == 0 { 0.5 } else { 0.0 };
    let [(a, of_a), (b, of_b)] = [best, rest].map(|share| (share.part as f64 + add, share.total as f64 + add));
    let log_lift = ((a / of_a) / (b / of_b)).ln();
    let error = (1.0 / a - 1.0 / of_a + 1.0 / b - 1.0 / of_b).max(0.0).sqrt();
    let interval = ((log_lift - Z * error).exp(), (log_lift + Z * error).exp());
    // Without a standard error all customers have the value, and it does not stand out.
    let clearness = if error > 0.0 { log_lift / error } else { 0.0 };
    (clearness, CommonTrait { part, attribute, value: label, best, rest, lift: log_lift.exp(), interval })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::MoneyAssumptions;
    use crate::value::customer_value::CustomerValues;
    use crate::value::fixtures::{texts, with_attributes, won};

    /// A hundred customers: the best twenty and ten of the others have the pain.
    fn common(pain: impl Fn(usize) -> bool) -> CommonTraits {
        let values = (0..100).map(|row| won(f64::from(100 - row))).collect();
        let pains: Vec<&str> = (0..100).map(|row| if pain(row) { "late invoices" } else { "none" }).collect();
        let industries: Vec<&str> = (0..100).map(|row| if row % 2 == 0 { "a" } else { "b" }).collect();
        let columns = [("pain", &pains), ("industry", &industries), ("unknown to the model", &pains)];
        let columns = columns.map(|(name, values)| texts(name, values)).to_vec();
        let input = with_attributes(values, columns, []);
        let worths = CustomerValues::new(&input, &MoneyAssumptions::default());
        let (best, rest) = worths.split_top(0.2);
        CommonTraits::new(&input, best, rest)
    }

    #[test]
    fn what_the_best_have_more_often_is_reported_and_nothing_else() {
        let common = common(|row| row < 18 || row % 8 == 4);
        assert_eq!((common.best, common.rest, common.examined_count, common.omitted_count), (20, 80, 3, 0));
        let [one] = common.traits.as_slice() else { panic!("{:?}", common.traits) };
        assert_eq!(
            (one.part, one.attribute.key.as_str(), one.value.as_str()),
            (IcpPart::ValuableProblem, "pain", "late invoices")
        );
        assert_eq!((one.best, one.rest), (Proportion { part: 18, total: 20 }, Proportion { part: 10, total: 80 }));
        assert!((one.lift - 7.2).abs() < 1e-12);
        // Computed by hand: exp(ln 7.2 ± 1.96 × √(1/18 − 1/20 + 1/10 − 1/80)).
        assert!((one.interval.0 - 3.9598).abs() < 1e-3 && (one.interval.1 - 13.092).abs() < 1e-2, "{:?}", one.interval);
    }

    #[test]
    fn traits_within_chance_are_not_reported() {
        assert_eq!(common(|row| row % 3 == 0).traits, []);
        let nobody_else = common(|row| row < 18);
        assert!(nobody_else.traits.iter().all(|one| one.lift.is_finite() && one.interval.1.is_finite()));
        assert_eq!(nobody_else.traits.len(), 1);
    }

    #[test]
    fn more_tested_values_require_stronger_evidence() {
        assert_eq!((min_z(0), min_z(1)), (Z, Z));
        assert!(min_z(1000) > 3.7);
    }
}
