//! What distinguishes ideal customers: values of attributes, with their effects and samples.

use sweetspot_core::normal_quantiles::{NINETY_FIVE_PERCENT, NINETY_PERCENT};
use sweetspot_core::{Definition, IcpCategory, PondMapSectionKind, Stance, guess_category};
use sweetspot_model::{AttributeEffects, ValueEffect};

use super::{AttributeName, Proportion, ReportInput, format_band, format_number, format_percent, plural};

/// One value of an attribute and its effect on the odds of being ideal, all else equal.
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    /// The attribute.
    pub attribute: AttributeName,
    /// The value as text.
    pub value: String,
    /// The category of the attribute.
    pub category: IcpCategory,
    /// The section of the Pond Map that it belongs to.
    pub section: PondMapSectionKind,
    /// The factor by which the value multiplies the odds of being ideal, relative to the average customer, all else
    /// equal.
    pub odds_ratio: f64,
    /// Lower end of its 95% interval.
    pub low: f64,
    /// Upper end of its 95% interval.
    pub high: f64,
    /// The ideal customers of all customers with the value.
    pub customers: Proportion,
    /// The side of 1 that the whole interval is on; neutral if it contains 1.
    pub stance: Stance,
    /// Whether the rate of these customers deviates from the overall rate in the opposite direction of the interval,
    /// beyond chance: they also differ from others in other attributes.
    pub is_rate_contradicted: bool,
}

impl Factor {
    fn new(
        attribute: AttributeName,
        (effects, value): (&AttributeEffects, &ValueEffect),
        definition: &Definition,
        all: Proportion,
    ) -> Self {
        let (category, section) = attribute_place(&attribute.key, definition);
        let margin = NINETY_FIVE_PERCENT * value.standard_error;
        let (low, high) = (value.log_odds - margin, value.log_odds + margin);
        let stance = match (low > 0.0, high < 0.0) {
            (true, _) => Stance::Positive,
            (_, true) => Stance::Negative,
            (false, false) => Stance::Neutral,
        };
        let customers = Proportion { part: value.ideal, total: value.customers };
        Self {
            attribute,
            value: if effects.is_amount() { format_band(&value.label) } else { value.label.clone() },
            category,
            section,
            odds_ratio: value.log_odds.exp(),
            low: low.exp(),
            high: high.exp(),
            customers,
            stance,
            is_rate_contradicted: contradicts_rate(stance, customers, all),
        }
    }

    /// The absolute log-odds times the square root of the number of customers.
    pub(super) fn weight(&self) -> f64 {
        self.odds_ratio.ln().abs() * (self.customers.total as f64).sqrt()
    }

    /// The attribute and its value: `employees: 200 to 499`.
    #[must_use]
    pub fn name(&self) -> String {
        self.attribute.with_value(&self.value)
    }

    /// Whether the odds ratio differs from 1 as displayed.
    pub(super) fn changes_odds(&self) -> bool {
        format_ratio(self.odds_ratio) != "1"
    }

    /// The odds ratio as text: `2.1 ×`.
    pub(super) fn odds_ratio_text(&self) -> String {
        format!("{} ×", format_ratio(self.odds_ratio))
    }

    /// The category as a short phrase.
    pub(super) const fn category_phrase(&self) -> &'static str {
        match self.category {
            IcpCategory::Firmographics => "firmographics",
            IcpCategory::BusinessProblem => "business problem",
            IcpCategory::ImpactPotential => "impact potential",
        }
    }

    /// `2.1 × the odds (95% 1.4 to 3.2), 34 customers, 62% of them ideal`.
    #[must_use]
    pub fn description(&self) -> String {
        let odds = odds(self.odds_ratio, self.low, self.high);
        let rate = self.customers.rate().map(|rate| format!(", {} of them ideal", format_percent(rate)));
        let others = if self.is_rate_contradicted { ", who differ from others in other attributes, too" } else { "" };
        let customers = plural(self.customers.total, "customer", "customers");
        format!("{odds}, {customers}{}{others}", rate.unwrap_or_default())
    }
}

/// Whether the rate of these customers is above the overall rate, beyond chance, although the effect is negative, or
/// vice versa.
fn contradicts_rate(stance: Stance, customers: Proportion, all: Proportion) -> bool {
    let (Some(rate), Some(overall)) = (customers.rate(), all.rate()) else { return false };
    let chance = NINETY_PERCENT * (overall * (1.0 - overall) / customers.total.max(1) as f64).sqrt();
    match stance {
        Stance::Positive => rate < overall - chance,
        Stance::Negative => rate > overall + chance,
        Stance::Neutral => false,
    }
}

/// `2.1 × the odds (95% 1.4 to 3.2)`.
pub(crate) fn odds(ratio: f64, low: f64, high: f64) -> String {
    format!("{} × the odds (95% {} to {})", format_ratio(ratio), format_ratio(low), format_ratio(high))
}

/// An odds ratio with two decimals. It is above zero, and never reads `0`.
pub(super) fn format_ratio(ratio: f64) -> String {
    match ratio {
        _ if ratio >= 99.5 => format_number(ratio),
        _ if ratio < 0.005 => "<0.01".to_owned(),
        _ => format_number((ratio * 100.0).round() / 100.0),
    }
}

/// The category and section of an attribute: as the definition states, or else derived from its name.
pub(super) fn attribute_place(attribute: &str, definition: &Definition) -> (IcpCategory, PondMapSectionKind) {
    let (category, section) = guess_category(attribute);
    let stated_place = (definition.categories.get(attribute), definition.sections.get(attribute));
    (stated_place.0.copied().unwrap_or(category), stated_place.1.copied().unwrap_or(section))
}

/// Every value with an effect that at least one customer has, the largest weight first.
pub(super) fn factors(input: &ReportInput) -> Vec<Factor> {
    let effects = input.effects();
    let labels = || (0..input.rows()).filter_map(|row| input.ideal(row));
    let all = Proportion { part: labels().filter(|ideal| *ideal).count() as u64, total: labels().count() as u64 };
    let values = effects.iter().flat_map(|effects| effects.values.iter().map(move |value| (effects, value)));
    let informative = values.filter(|(_, value)| value.is_informative && value.customers > 0);
    let factor = |value: (&AttributeEffects, &ValueEffect)| {
        Factor::new(input.attribute(&value.0.attribute), value, &input.definition, all)
    };
    let mut factors: Vec<Factor> = informative.map(factor).collect();
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
            is_informative: true,
        };
        let definition = Definition {
            categories: [("industry".to_owned(), IcpCategory::BusinessProblem)].into(),
            ..Definition::default()
        };
        let effects = AttributeEffects::from_flag("industry", vec![value]);
        let attribute = || AttributeName::new("industry", None, None);
        let of_all = |part| {
            let all = Proportion { part, total: 5000 };
            Factor::new(attribute(), (&effects, &effects.values[0]), &definition, all)
        };
        let factor = of_all(2000);
        assert_eq!(
            (factor.category, factor.section),
            (IcpCategory::BusinessProblem, PondMapSectionKind::AccountProfile)
        );
        assert_eq!(factor.description(), "2.12 × the odds (95% 1.43 to 3.13), 1,034 customers, 62% of them ideal");
        assert_eq!((factor.stance, factor.name().as_str()), (Stance::Positive, "industry: Fintech"));
        let told = "2.12 × the odds (95% 1.43 to 3.13), 1,034 customers, 62% of them ideal, who differ from others in other attributes, too";
        assert_eq!(of_all(4000).description(), told);
        assert!(!of_all(3150).is_rate_contradicted, "63% and 62% may be chance");
    }
}
