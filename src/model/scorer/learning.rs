//! Which missing attribute is most worth learning.

use super::steps::Steps;
use super::{Placed, Scorer};
use crate::domain::Fit;
use crate::model::encoder::Reading;
use crate::model::solve::probability;

/// A missing attribute, and what knowing it would change.
#[derive(Clone, Debug, PartialEq)]
pub struct WorthLearning {
    /// The attribute.
    pub attribute: String,
    /// How far the probability would move on average, up or down, in `[0, 1]`, over the values that training customers have.
    pub expected_change: f64,
    /// The share of those customers whose value would lift the account to the goal, in `[0, 1]`.
    pub lifts: f64,
    /// Training customers of whom it is known.
    pub customers: u64,
}

impl Scorer {
    /// The missing attribute that would move the probability furthest on average. The average is exact, over every slot by its
    /// customers; it takes the attribute to be spread over accounts like this one as over all customers. Lists are left out:
    /// what is known of single items does not tell how often lists are what.
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
        let customers: u64 = steps_of.iter().map(|step| step.customers).sum();
        let (mut expected_change, mut lifts) = (0.0, 0.0);
        for step in steps_of {
            let share = step.customers as f64 / customers.max(1) as f64;
            let gain = changing.as_ref().map_or(0.0, |changing| changing.gain(step));
            let then = probability(fit.log_odds + gain);
            expected_change += share * (then - fit.probability).abs();
            lifts += if goal.is_some_and(|goal| then >= goal) { share } else { 0.0 };
        }
        WorthLearning { attribute: String::new(), expected_change, lifts, customers }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Account, Value};
    use crate::model::made_up::{artifact, hypothesis, pair};

    #[test]
    fn the_average_is_that_of_scoring_every_value() {
        let mut kept = artifact().0;
        kept.pairs = vec![pair()];
        kept.hypotheses = vec![hypothesis()];
        let scorer = Scorer::compile(&crate::model::ModelArtifact(kept)).unwrap();
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
        let best = scorer.worth_learning(&Steps::of(&scorer), &scorer.placed(&account), &fit, None).unwrap();
        assert_eq!((best.attribute.as_str(), best.lifts), ("founded", 0.0), "of what is missing, lists left out");
    }
}
