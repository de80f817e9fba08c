//! Which missing attribute is most worth learning.

use sweetspot_core::Fit;
use sweetspot_solver::probability;

use super::steps::Steps;
use super::{Placed, Scorer};
use crate::encoder::Reading;

/// A missing attribute, and what knowing it would change.
#[derive(Clone, Debug, PartialEq)]
pub struct WorthLearning {
    /// The attribute.
    pub attribute: String,
    /// How far the probability would move on average, up or down, in `[0, 1]`, over the values as `customers` have them.
    pub expected_change: f64,
    /// The share of them whose value would lift the account to the goal, in `[0, 1]`.
    pub lifts: f64,
    /// What the values add to the log-odds on average, compared with missing: so much comes with any value.
    pub average: f64,
    /// The training customers whose values are weighed.
    pub customers: u64,
    /// In what they are like the account: an attribute and its value. Nothing where they are all of whom the attribute is known.
    pub given: Option<(String, String)>,
}

impl Scorer {
    /// The missing attribute that would move the probability furthest on average, over every slot as often as customers like this
    /// account have it: those who share its value of that known attribute which tells most of the missing one. Where none is
    /// known that tells anything, or fewer than 20 customers share it, all customers count. Lists are left out: what is known of
    /// single items does not tell how often lists are what.
    #[must_use]
    pub fn worth_learning(
        &self,
        steps: &Steps,
        placed: &Placed<'_>,
        fit: &Fit,
        goal: Option<f64>,
    ) -> Option<WorthLearning> {
        let mut best: Option<WorthLearning> = None;
        for (term, (known, spot)) in self.terms.iter().zip(&placed.spots).enumerate() {
            if spot.reading != Reading::Missing || known.feature.is_list() {
                continue;
            }
            let mut found = self.learned(steps, placed, fit, goal, term);
            found.attribute.clone_from(&known.feature.attribute);
            let least = best.as_ref().map_or(0.0, |best| best.expected_change);
            if found.expected_change > least {
                best = Some(found);
            }
        }
        best
    }

    fn learned(&self, steps: &Steps, placed: &Placed<'_>, fit: &Fit, goal: Option<f64>, term: usize) -> WorthLearning {
        let (steps_of, changing) = (steps.of_term(term), self.changing(placed, steps, term));
        let alike = self.frequencies.get(term).and_then(|known| known.alike(&self.terms, &placed.spots));
        let all: u64 = steps_of.iter().map(|step| step.customers).sum();
        let shares = alike.map_or_else(
            || steps_of.iter().map(|step| step.customers as f64 / all.max(1) as f64).collect(),
            |alike| alike.shares(steps_of),
        );
        let (mut expected_change, mut lifts, mut average) = (0.0, 0.0, 0.0);
        for (step, share) in steps_of.iter().zip(shares) {
            let gain = changing.as_ref().map_or(0.0, |changing| changing.gain(step));
            let then = probability(fit.log_odds + gain);
            expected_change += share * (then - fit.probability).abs();
            average += share * gain;
            lifts += if goal.is_some_and(|goal| then >= goal) { share } else { 0.0 };
        }
        WorthLearning {
            attribute: String::new(),
            expected_change,
            // Shares may add up to a little more than one.
            lifts: lifts.min(1.0),
            average,
            customers: alike.map_or(all, |alike| alike.customers()),
            given: alike.map(|alike| (alike.attribute.to_owned(), alike.value.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use sweetspot_core::{Account, Value};

    use super::*;
    use crate::made_up::{artifact, hypothesis, pair};
    use crate::stored;

    #[test]
    fn the_average_is_that_of_scoring_every_value() {
        let mut kept = artifact().0;
        kept.pairs = vec![pair()];
        kept.hypotheses = vec![hypothesis()];
        let scorer = Scorer::compile(&crate::ModelArtifact(kept)).unwrap();
        let attributes = [("employees", Value::Number(20.0)), ("remote", Value::Flag(true))];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value));
        let mut account = Account { id: "a".to_owned(), attributes: attributes.into() };
        let (placed, fit) = (scorer.placed(&account), scorer.score(&account));
        let found = scorer.learned(&Steps::of(&scorer), &placed, &fit, Some(0.7), 1);
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
        assert!((found.lifts - lifts).abs() < 1e-12 && found.customers == 40, "{found:?} {lifts}");
        let average: f64 =
            then.iter().zip(weights).map(|(then, weight)| (then / (1.0 - then)).ln() * weight / 40.0).sum();
        assert!(
            (found.average - (average - fit.log_odds)).abs() < 1e-9 && found.given.is_none(),
            "{found:?} {average}"
        );
        let best = scorer.worth_learning(&Steps::of(&scorer), &scorer.placed(&account), &fit, None).unwrap();
        assert_eq!((best.attribute.as_str(), best.lifts), ("founded", 0.0), "of what is missing, lists left out");
    }

    /// Of customers with 10 to 49 employees 24 of 30 are in Zürich and none elsewhere, of those with more all are elsewhere.
    #[test]
    fn values_are_weighed_by_customers_like_the_account() {
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
            let (placed, fit) = (scorer.placed(&account), scorer.score(&account));
            let found = scorer.learned(&Steps::of(&scorer), &placed, &fit, Some(0.0), 1);
            assert!((found.lifts - 1.0).abs() < 1e-12, "shares add up to one: {found:?}");
            (found.customers, found.given.map(|(_, value)| value), found.average)
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
