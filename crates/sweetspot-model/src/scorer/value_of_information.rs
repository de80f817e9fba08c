//! The value of information: which missing attribute is most worth learning.

use sweetspot_core::Fit;
use sweetspot_solver::probability;

use super::alternative_values::Alternatives;
use super::{EncodedAccount, Scorer};
use crate::encoder::ValueStatus;

/// A missing attribute, and the effect of knowing it.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueOfInformation {
    /// The attribute's name.
    pub attribute: String,
    /// The mean absolute change of the probability, in `[0, 1]`, over the values of `customers`.
    pub expected_change: f64,
    /// The share of `customers` whose value would lift the account to the goal, in `[0, 1]`.
    pub goal_share: f64,
    /// The mean change in log-odds compared with a missing value: the gain from any value.
    pub mean_gain: f64,
    /// The number of training customers whose values are weighted.
    pub customers: u64,
    /// The attribute and value in which these customers are similar to the account. `None` if they are all customers
    /// with a value.
    pub similar_by: Option<(String, String)>,
}

impl Scorer {
    /// The missing attribute that would change the probability most on average. Its values are weighted by their
    /// frequency among similar customers: those who share the account's value of the known attribute that is most
    /// informative about the missing one. If no known attribute is informative, or fewer than 20 customers share its
    /// value, all customers count. Lists are excluded, because the frequencies of items do not determine those of
    /// lists.
    #[must_use]
    pub fn value_of_information(
        &self,
        alternatives: &Alternatives,
        encoded_account: &EncodedAccount<'_>,
        fit: &Fit,
        goal: Option<f64>,
    ) -> Option<ValueOfInformation> {
        let mut best: Option<ValueOfInformation> = None;
        for (term, (known, spot)) in self.terms.iter().zip(&encoded_account.values).enumerate() {
            if spot.status != ValueStatus::Missing || known.feature.is_list() {
                continue;
            }
            let mut found = self.term_value_of_information(alternatives, encoded_account, fit, goal, term);
            found.attribute.clone_from(&known.feature.attribute);
            let min_change = best.as_ref().map_or(0.0, |best| best.expected_change);
            if found.expected_change > min_change {
                best = Some(found);
            }
        }
        best
    }

    fn term_value_of_information(
        &self,
        steps: &Alternatives,
        encoded_account: &EncodedAccount<'_>,
        fit: &Fit,
        goal: Option<f64>,
        term: usize,
    ) -> ValueOfInformation {
        let (steps_of, changing) = (steps.term_alternatives(term), self.change_evaluator(encoded_account, steps, term));
        let similar =
            self.frequencies.get(term).and_then(|known| known.similar_customers(&self.terms, &encoded_account.values));
        let all: u64 = steps_of.iter().map(|step| step.customers).sum();
        let shares = similar.map_or_else(
            || steps_of.iter().map(|step| step.customers as f64 / all.max(1) as f64).collect(),
            |similar| similar.alternative_shares(steps_of),
        );
        let (mut expected_change, mut lifts, mut average) = (0.0, 0.0, 0.0);
        for (step, share) in steps_of.iter().zip(shares) {
            let gain = changing.as_ref().map_or(0.0, |changing| changing.gain(step));
            let then = probability(fit.log_odds + gain);
            expected_change += share * (then - fit.probability).abs();
            average += share * gain;
            lifts += if goal.is_some_and(|goal| then >= goal) { share } else { 0.0 };
        }
        ValueOfInformation {
            attribute: String::new(),
            expected_change,
            // Rounding may make the sum of shares slightly greater than one.
            goal_share: lifts.min(1.0),
            mean_gain: average,
            customers: similar.map_or(all, |similar| similar.customer_count()),
            similar_by: similar.map(|similar| (similar.attribute.to_owned(), similar.value.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use sweetspot_core::{Account, Value};

    use super::*;
    use crate::fixtures::{artifact, hypothesis, pair};
    use crate::stored;

    #[test]
    fn the_value_of_information_is_the_mean_over_all_values() {
        let mut kept = artifact().0;
        kept.pairs = vec![pair()];
        kept.hypotheses = vec![hypothesis()];
        let scorer = Scorer::compile(&crate::ModelArtifact(kept)).unwrap();
        let attributes = [("employees", Value::Number(20.0)), ("remote", Value::Flag(true))];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value));
        let mut account = Account { id: "a".to_owned(), attributes: attributes.into() };
        let (encoded_account, fit) = (scorer.encode_account(&account), scorer.score(&account));
        let found = scorer.term_value_of_information(&Alternatives::new(&scorer), &encoded_account, &fit, Some(0.7), 1);
        let then = ["SAP", "Zürich", "elsewhere"].map(|city| {
            account.attributes.insert("city".to_owned(), Value::Text(city.to_owned()));
            scorer.score(&account).probability
        });
        let weights = [20.0, 10.0, 10.0];
        let mean: f64 =
            then.iter().zip(weights).map(|(then, weight)| (then - fit.probability).abs() * weight / 40.0).sum();
        let lifts: f64 =
            then.iter().zip(weights).filter(|(then, _)| **then >= 0.7).map(|(_, weight)| weight / 40.0).sum();
        assert!((found.expected_change - mean).abs() < 1e-12, "{found:?} {mean}");
        assert!((found.goal_share - lifts).abs() < 1e-12 && found.customers == 40, "{found:?} {lifts}");
        let average: f64 =
            then.iter().zip(weights).map(|(then, weight)| (then / (1.0 - then)).ln() * weight / 40.0).sum();
        assert!(
            (found.mean_gain - (average - fit.log_odds)).abs() < 1e-9 && found.similar_by.is_none(),
            "{found:?} {average}"
        );
        let best = scorer
            .value_of_information(&Alternatives::new(&scorer), &scorer.encode_account(&account), &fit, None)
            .unwrap();
        assert_eq!((best.attribute.as_str(), best.goal_share), ("founded", 0.0), "lists are excluded");
    }

    /// Of the customers with 10 to 49 employees, 24 of 30 are in Zürich and none elsewhere; all of those with more are
    /// elsewhere.
    #[test]
    fn the_value_of_information_weights_values_by_similar_customers() {
        let mut kept = artifact().0;
        let given = stored::GivenAttribute {
            attribute: "employees".to_owned(),
            groups: vec![0, 1, 2, 0],
            labels: ["below 10", "10 to 49", "50 or more"].map(str::to_owned).into(),
            customers: vec![3, 2, 1, 6, 24, 0, 0, 0, 40],
        };
        kept.terms[1].value_frequencies =
            Some(stored::ValueFrequencies { groups: vec![0, 1, 2, 0], given: vec![given] });
        let scorer = Scorer::compile(&crate::ModelArtifact(kept.clone())).unwrap();
        let learned = |employees: Option<f64>| {
            let attributes = employees.map(|employees| ("employees".to_owned(), Value::Number(employees)));
            let account = Account { id: "a".to_owned(), attributes: attributes.into_iter().collect() };
            let (encoded_account, fit) = (scorer.encode_account(&account), scorer.score(&account));
            let found =
                scorer.term_value_of_information(&Alternatives::new(&scorer), &encoded_account, &fit, Some(0.0), 1);
            assert!((found.goal_share - 1.0).abs() < 1e-12, "shares add up to one: {found:?}");
            (found.customers, found.similar_by.map(|(_, value)| value), found.mean_gain)
        };
        let gains = [-0.5, 0.25, 0.75];
        let average = |shares: [f64; 3]| shares.iter().zip(gains).map(|(share, gain)| share * gain).sum::<f64>();
        assert_eq!(learned(Some(20.0)), (30, Some("10 to 49".to_owned()), average([0.2, 0.8, 0.0])));
        assert_eq!(learned(Some(80.0)), (40, Some("50 or more".to_owned()), average([0.0, 0.0, 1.0])));
        let of_all = (40, None, average([0.5, 0.25, 0.25]));
        assert_eq!(learned(Some(3.0)), of_all, "six customers are too few");
        assert_eq!(learned(None), of_all);
        for damage in [
            |kept: &mut stored::ValueFrequencies| kept.groups.truncate(2),
            |kept: &mut stored::ValueFrequencies| kept.given[0].customers.truncate(8),
            |kept: &mut stored::ValueFrequencies| kept.given[0].groups[0] = 3,
            |kept: &mut stored::ValueFrequencies| kept.given[0].attribute = "tools".to_owned(),
        ] {
            let mut damaged = kept.clone();
            damaged.terms[1].value_frequencies.as_mut().into_iter().for_each(damage);
            assert!(Scorer::compile(&crate::ModelArtifact(damaged)).is_err());
        }
    }
}
