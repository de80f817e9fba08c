//! What the best customers have in common: why do they pay a lot?

use sweetspot_core::normal::NINETY_FIVE_PERCENT as Z;
use sweetspot_core::{Category, PondSection, guess};

use super::trait_level::{Level, levels};
use super::worth::Worth;
use crate::{Evidence, Share};

/// Most traits that are told of one part.
const TOLD: usize = 10;
/// Customers with a trait, at least: fewer say nothing.
const FEWEST: u64 = 10;
/// Best customers with a trait, at least.
const FEWEST_BEST: u64 = 3;

/// The three parts of an ideal customer ("How to build verified ICPs"), and who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// A valuable problem to solve.
    ValuableProblem,
    /// Can they solve it?
    AbilityToSolve,
    /// Can they grow?
    GrowthPotential,
    /// Facts about the company.
    WhoTheyAre,
}

impl Part {
    /// Every part, in its order.
    pub const ALL: [Self; 4] = [Self::ValuableProblem, Self::AbilityToSolve, Self::GrowthPotential, Self::WhoTheyAre];

    /// The part of an attribute: by its category and section, told by people or else guessed from its name.
    fn of(evidence: &Evidence, attribute: &str) -> Self {
        let (guessed, section) = guess(attribute);
        let category = evidence.definition.categories.get(attribute).copied().unwrap_or(guessed);
        let section = evidence.definition.sections.get(attribute).copied().unwrap_or(section);
        match category {
            Category::Firmographics => Self::WhoTheyAre,
            Category::BusinessProblem => Self::ValuableProblem,
            Category::ImpactPotential => match section {
                PondSection::UrgencyDrivers => Self::GrowthPotential,
                PondSection::AccountProfile | PondSection::Needs | PondSection::Beliefs | PondSection::TippingPoint => {
                    Self::AbilityToSolve
                }
            },
        }
    }
}

/// A value that the best customers have more often than the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Trait {
    /// Where it belongs.
    pub part: Part,
    /// The attribute.
    pub attribute: String,
    /// Its value as a person reads it.
    pub value: String,
    /// Who has it among the best customers whose attribute is known.
    pub best: Share,
    /// Who has it among the others.
    pub rest: Share,
    /// How many times as often the best have it: the ratio of the two rates. Where none of the others has it, half a customer is
    /// added to every count.
    pub lift: f64,
    /// The 95% interval of the lift (Katz et al. 1978, Biometrics 34:469).
    pub interval: (f64, f64),
}

/// What the best customers have in common.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Common {
    /// How many customers count as the best.
    pub best: u64,
    /// How many others there are.
    pub rest: u64,
    /// How many values were looked at.
    pub looked_at: u64,
    /// The clearest traits of each part, clearest first; at most 10 a part.
    pub traits: Vec<Trait>,
    /// How many more stood out.
    pub more: u64,
}

impl Common {
    /// Looks at the attributes that the model knows: others were refused, or are known only after the sale.
    pub(super) fn of(evidence: &Evidence, best: &[Worth], rest: &[Worth]) -> Self {
        let known = evidence.model.attributes();
        let columns = evidence.accounts().columns().iter();
        let columns = columns.filter(|column| known.iter().any(|summary| summary.attribute == column.name));
        let mut tried = Vec::new();
        for column in columns {
            let enough = levels(&column.data, best, rest).into_iter().filter(enough);
            tried.extend(enough.map(|level| (column.name.as_str(), level)));
        }
        let least = least(tried.len());
        let mut common =
            Self { best: best.len() as u64, rest: rest.len() as u64, looked_at: tried.len() as u64, ..Self::default() };
        let mut clear: Vec<(f64, Trait)> = tried
            .into_iter()
            .map(|(attribute, level)| told(Part::of(evidence, attribute), attribute, level))
            .filter(|(clearness, _)| *clearness >= least)
            .collect();
        clear.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        for part in Part::ALL {
            let of_part: Vec<Trait> =
                clear.iter().map(|(_, one)| one).filter(|one| one.part == part).cloned().collect();
            common.more += of_part.len().saturating_sub(TOLD) as u64;
            common.traits.extend(of_part.into_iter().take(TOLD));
        }
        common
    }
}

fn enough(level: &Level) -> bool {
    level.best.part + level.rest.part >= FEWEST && level.best.part >= FEWEST_BEST && level.rest.of > 0
}

/// How many standard errors a trait has to stand out: what the clearest of so many that mean nothing would reach by chance
/// (Donoho and Johnstone 1994, Biometrika 81:425), but no less than one alone would need.
fn least(tried: usize) -> f64 {
    (2.0 * (tried.max(1) as f64).ln()).sqrt().max(Z)
}

/// A trait, and by how many standard errors its lift is above 1.
fn told(part: Part, attribute: &str, level: Level) -> (f64, Trait) {
    let Level { label, best, rest } = level;
    let add = if rest.part == 0 { 0.5 } else { 0.0 };
    let [(a, of_a), (b, of_b)] = [best, rest].map(|share| (share.part as f64 + add, share.of as f64 + add));
    let log_lift = ((a / of_a) / (b / of_b)).ln();
    let error = (1.0 / a - 1.0 / of_a + 1.0 / b - 1.0 / of_b).max(0.0).sqrt();
    let interval = ((log_lift - Z * error).exp(), (log_lift + Z * error).exp());
    // Without an error everybody has it, and nothing stands out.
    let clearness = if error > 0.0 { log_lift / error } else { 0.0 };
    (
        clearness,
        Trait { part, attribute: attribute.to_owned(), value: label, best, rest, lift: log_lift.exp(), interval },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Stated;
    use crate::value::made_up::{texts, with_attributes, won};
    use crate::value::worth::Worths;

    /// The best twenty of a hundred customers have the pain, and ten of the others.
    fn common(pain: impl Fn(usize) -> bool) -> Common {
        let values = (0..100).map(|row| won(f64::from(100 - row))).collect();
        let pains: Vec<&str> = (0..100).map(|row| if pain(row) { "late invoices" } else { "none" }).collect();
        let industries: Vec<&str> = (0..100).map(|row| if row % 2 == 0 { "a" } else { "b" }).collect();
        let columns = [("pain", &pains), ("industry", &industries), ("unknown to the model", &pains)];
        let columns = columns.map(|(name, values)| texts(name, values)).to_vec();
        let evidence = with_attributes(values, columns, []);
        let worths = Worths::of(&evidence, &Stated::default());
        let (best, rest) = worths.split(0.2);
        Common::of(&evidence, best, rest)
    }

    #[test]
    fn what_the_best_have_more_often_is_told_and_nothing_else() {
        let common = common(|row| row < 18 || row % 8 == 4);
        assert_eq!((common.best, common.rest, common.looked_at, common.more), (20, 80, 3, 0));
        let [one] = common.traits.as_slice() else { panic!("{:?}", common.traits) };
        assert_eq!(
            (one.part, one.attribute.as_str(), one.value.as_str()),
            (Part::ValuableProblem, "pain", "late invoices")
        );
        assert_eq!((one.best, one.rest), (Share { part: 18, of: 20 }, Share { part: 10, of: 80 }));
        assert!((one.lift - 7.2).abs() < 1e-12);
        // By hand: exp(ln 7.2 ± 1.96 × √(1/18 − 1/20 + 1/10 − 1/80)).
        assert!((one.interval.0 - 3.9598).abs() < 1e-3 && (one.interval.1 - 13.092).abs() < 1e-2, "{:?}", one.interval);
    }

    #[test]
    fn chance_is_not_told() {
        assert_eq!(common(|row| row % 3 == 0).traits, []);
        let nobody_else = common(|row| row < 18);
        assert!(nobody_else.traits.iter().all(|one| one.lift.is_finite() && one.interval.1.is_finite()));
        assert_eq!(nobody_else.traits.len(), 1);
    }

    #[test]
    fn more_looks_ask_for_more() {
        assert_eq!((least(0), least(1)), (Z, Z));
        assert!(least(1000) > 3.7);
    }
}
