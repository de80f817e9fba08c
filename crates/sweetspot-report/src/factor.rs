//! What sets ideal customers apart: one value of one attribute, with its effect and what it stands on.

use sweetspot_core::normal::{NINETY_FIVE_PERCENT, NINETY_PERCENT};
use sweetspot_core::{Category, Definition, Lean, PondSection, guess};
use sweetspot_model::{AttributeEffects, ValueEffect};

use super::{Evidence, Share, band, number, percent, plain, plural};

/// One value of an attribute and what it does to the odds of being ideal, all else equal.
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    /// The attribute.
    pub attribute: String,
    /// The value as a person reads it.
    pub value: String,
    /// Where the attribute belongs.
    pub category: Category,
    /// Where it stands on the Pond Map.
    pub section: PondSection,
    /// What the value multiplies the odds of being ideal by, against the average customer, all else equal.
    pub odds_ratio: f64,
    /// Lower end of its 95% interval.
    pub low: f64,
    /// Upper end of its 95% interval.
    pub high: f64,
    /// Customers with the value, and how many of them are ideal.
    pub customers: Share,
    /// Which way the whole interval lies; neutral where it holds one.
    pub lean: Lean,
    /// Whether the customers' rate lies on the other side of all customers' rate than the whole interval says, beyond chance: they
    /// differ from others in other attributes, too.
    pub raw_rate_differs: bool,
}

impl Factor {
    fn of(effects: &AttributeEffects, value: &ValueEffect, definition: &Definition, all: Share) -> Self {
        let (category, section) = place(&effects.attribute, definition);
        let reach = NINETY_FIVE_PERCENT * value.standard_error;
        let (low, high) = (value.log_odds - reach, value.log_odds + reach);
        let lean = match (low > 0.0, high < 0.0) {
            (true, _) => Lean::Positive,
            (_, true) => Lean::Negative,
            (false, false) => Lean::Neutral,
        };
        let customers = Share { part: value.ideal, of: value.customers };
        Self {
            attribute: effects.attribute.clone(),
            value: if effects.is_amount() { band(&value.label) } else { value.label.clone() },
            category,
            section,
            odds_ratio: value.log_odds.exp(),
            low: low.exp(),
            high: high.exp(),
            customers,
            lean,
            raw_rate_differs: differs(lean, customers, all),
        }
    }

    /// How far the value moves how many: the log-odds times the root of the number of customers.
    pub(super) fn weight(&self) -> f64 {
        self.odds_ratio.ln().abs() * (self.customers.of as f64).sqrt()
    }

    /// The attribute and its value: `employees: 200 to 499`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}: {}", plain(&self.attribute), self.value)
    }

    /// Whether it moves the odds by as much as their ratio shows.
    pub(super) fn moves(&self) -> bool {
        short(self.odds_ratio) != "1"
    }

    /// What it multiplies the odds by: `2.1 ×`.
    pub(super) fn times(&self) -> String {
        format!("{} ×", short(self.odds_ratio))
    }

    /// What it is about, in a word or two.
    pub(super) const fn about(&self) -> &'static str {
        match self.category {
            Category::Firmographics => "firmographics",
            Category::BusinessProblem => "business problem",
            Category::ImpactPotential => "impact potential",
        }
    }

    /// `2.1 × the odds (95% 1.4 to 3.2), 34 customers, 62% of them ideal`.
    #[must_use]
    pub fn told(&self) -> String {
        let odds = odds(self.odds_ratio, self.low, self.high);
        let rate = self.customers.rate().map(|rate| format!(", {} of them ideal", percent(rate)));
        let others = if self.raw_rate_differs { ", who differ from others in other attributes, too" } else { "" };
        let customers = plural(self.customers.of, "customer", "customers");
        format!("{odds}, {customers}{}{others}", rate.unwrap_or_default())
    }
}

/// Whether customers are ideal more often than all are, beyond chance, though their value leans the other way, or the reverse.
fn differs(lean: Lean, customers: Share, all: Share) -> bool {
    let (Some(rate), Some(usual)) = (customers.rate(), all.rate()) else { return false };
    let chance = NINETY_PERCENT * (usual * (1.0 - usual) / customers.of.max(1) as f64).sqrt();
    match lean {
        Lean::Positive => rate < usual - chance,
        Lean::Negative => rate > usual + chance,
        Lean::Neutral => false,
    }
}

/// `2.1 × the odds (95% 1.4 to 3.2)`.
pub(crate) fn odds(ratio: f64, low: f64, high: f64) -> String {
    format!("{} × the odds (95% {} to {})", short(ratio), short(low), short(high))
}

/// A ratio of odds to two decimals. It is above zero, and never reads `0`.
pub(super) fn short(ratio: f64) -> String {
    match ratio {
        _ if ratio >= 99.5 => number(ratio),
        _ if ratio < 0.005 => "<0.01".to_owned(),
        _ => number((ratio * 100.0).round() / 100.0),
    }
}

/// Where an attribute belongs: as people said, or else as its name suggests.
pub(super) fn place(attribute: &str, definition: &Definition) -> (Category, PondSection) {
    let (category, section) = guess(attribute);
    let told = (definition.categories.get(attribute), definition.sections.get(attribute));
    (told.0.copied().unwrap_or(category), told.1.copied().unwrap_or(section))
}

/// Every value that says something and that a customer has, what weighs most first.
pub(super) fn factors(evidence: &Evidence) -> Vec<Factor> {
    let effects = evidence.effects();
    let labels = || (0..evidence.rows()).filter_map(|row| evidence.ideal(row));
    let all = Share { part: labels().filter(|ideal| *ideal).count() as u64, of: labels().count() as u64 };
    let values = effects.iter().flat_map(|effects| effects.values.iter().map(move |value| (effects, value)));
    let telling = values.filter(|(_, value)| value.telling && value.customers > 0);
    let mut factors: Vec<Factor> =
        telling.map(|(effects, value)| Factor::of(effects, value, &evidence.definition, all)).collect();
    factors.sort_by(|a, b| b.weight().total_cmp(&a.weight()));
    factors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_says_what_it_stands_on() {
        let value = ValueEffect {
            label: "Fintech".into(),
            log_odds: 0.75,
            standard_error: 0.2,
            customers: 1034,
            ideal: 641,
            telling: true,
        };
        let definition = Definition {
            categories: [("industry".to_owned(), Category::BusinessProblem)].into(),
            ..Definition::default()
        };
        let effects = AttributeEffects::of_flag("industry", vec![value]);
        let of_all = |part| Factor::of(&effects, &effects.values[0], &definition, Share { part, of: 5000 });
        let factor = of_all(2000);
        assert_eq!((factor.category, factor.section), (Category::BusinessProblem, PondSection::AccountProfile));
        assert_eq!(factor.told(), "2.12 × the odds (95% 1.43 to 3.13), 1,034 customers, 62% of them ideal");
        assert_eq!((factor.lean, factor.name().as_str()), (Lean::Positive, "industry: Fintech"));
        let told = "2.12 × the odds (95% 1.43 to 3.13), 1,034 customers, 62% of them ideal, who differ from others in other attributes, too";
        assert_eq!(of_all(4000).told(), told);
        assert!(!of_all(3150).raw_rate_differs, "63% and 62% may be chance");
    }
}
