//! Beliefs about good and bad customers, and what becomes of them.

mod check;
mod verdict;

pub use check::{HypothesisFault, MOST_HYPOTHESES, check_hypotheses};
use jiff::Timestamp;
pub use verdict::{Effect, Verdict};

use super::{Condition, Date, Kind, Test, range_of_days};

/// A belief that a person holds about good or bad customers. It enters the fit as a prior and is tested against outcomes.
#[derive(Clone, Debug, PartialEq)]
pub struct Hypothesis {
    /// Tells it from the others.
    pub id: String,
    /// The belief in a person's words; may be empty.
    pub statement: String,
    /// Whom it is about.
    pub when: Condition,
    /// What being so is believed to multiply the odds of being ideal by, all else equal; in `[1/1000, 1000]`.
    pub odds_ratio: f64,
    /// How many customers of evidence the belief is worth; in `(0, 1e6]`.
    pub confidence_customers: f64,
    /// Who holds it.
    pub author: String,
    /// From when on it does not count any more.
    pub expires: Option<Timestamp>,
}

impl Hypothesis {
    /// The belief in log-odds.
    #[must_use]
    pub fn log_odds_ratio(&self) -> f64 {
        self.odds_ratio.ln()
    }

    /// The day from which on it does not count any more, in UTC, if that is past at this time.
    #[must_use]
    pub fn expired(&self, now: Timestamp) -> Option<Date> {
        self.expires.filter(|expires| *expires <= now).map(Date::of)
    }
}

/// What people call a hypothesis: its statement, or else its condition in words. `kind` is that of its attribute, where it is known.
#[must_use]
pub fn hypothesis_label(statement: &str, when: &Condition, kind: Option<Kind>) -> String {
    let statement = statement.trim();
    if !statement.is_empty() {
        return statement.to_owned();
    }
    let days = match when.test {
        Test::Range { gte, lt } => range_of_days(&when.attribute, kind, gte, lt),
        Test::AnyOf(_) | Test::Present(_) | Test::Flag(_) => None,
    };
    days.unwrap_or_else(|| when.test.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_belief_expires_at_its_time_and_not_before() {
        let hypothesis = |expires| Hypothesis {
            id: "h".to_owned(),
            statement: " ".to_owned(),
            when: Condition { attribute: "b2b".to_owned(), test: Test::Flag(true) },
            odds_ratio: 2.0,
            confidence_customers: 10.0,
            author: String::new(),
            expires,
        };
        let [before, at] = [86_399, 86_400].map(|second| Timestamp::from_second(second).unwrap());
        assert_eq!(hypothesis(Some(at)).expired(before), None);
        assert_eq!(hypothesis(Some(at)).expired(at), Some(Date { days: 1 }));
        assert_eq!(hypothesis(None).expired(at), None);
        assert_eq!(hypothesis_label(" ", &hypothesis(None).when, None), "yes");
        assert_eq!(hypothesis_label("They buy more. ", &hypothesis(None).when, None), "They buy more.");
    }
}
