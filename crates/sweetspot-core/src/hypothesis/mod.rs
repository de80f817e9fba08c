//! Hypotheses about good and bad customers, and their verdicts.

mod validate;
mod verdict;

use jiff::Timestamp;
pub use validate::{HypothesisFault, MAX_HYPOTHESES, check_hypotheses};
pub use verdict::{Effect, Verdict};

use super::{AttributeKind, Condition, Date, Test, date_range_phrase};

/// A statement about good or bad customers. It enters the fit as a prior and is tested against outcomes.
#[derive(Clone, Debug, PartialEq)]
pub struct Hypothesis {
    /// The id, unique among the hypotheses.
    pub id: String,
    /// The statement as written by a person; can be empty.
    pub statement: String,
    /// The accounts that the hypothesis is about.
    pub when: Condition,
    /// The factor by which the condition is stated to multiply the odds of being ideal, all else equal; in
    /// `[1/1000, 1000]`.
    pub odds_ratio: f64,
    /// The weight of the hypothesis, as a number of customers; in `(0, 1e6]`.
    pub confidence_customers: f64,
    /// The person who holds it.
    pub author: String,
    /// The time from which the hypothesis no longer applies.
    pub expires: Option<Timestamp>,
}

impl Hypothesis {
    /// The odds ratio in log-odds.
    #[must_use]
    pub fn log_odds_ratio(&self) -> f64 {
        self.odds_ratio.ln()
    }

    /// The day in UTC on which the hypothesis expired; `None` if it is active at `now`.
    #[must_use]
    pub fn expired_on(&self, now: Timestamp) -> Option<Date> {
        self.expires.filter(|expires| *expires <= now).map(Date::from_timestamp)
    }
}

/// The display name of a hypothesis: its statement, or its condition in words. `kind` is the kind of its attribute, if
/// known.
#[must_use]
pub fn hypothesis_label(statement: &str, when: &Condition, kind: Option<AttributeKind>) -> String {
    let statement = statement.trim();
    if !statement.is_empty() {
        return statement.to_owned();
    }
    let days = match when.test {
        Test::Range { gte, lt } => date_range_phrase(&when.attribute, kind, gte, lt),
        Test::AnyOf(_) | Test::Present(_) | Test::Flag(_) => None,
    };
    days.unwrap_or_else(|| when.test.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hypothesis_expires_at_its_time_and_not_before() {
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
        assert_eq!(hypothesis(Some(at)).expired_on(before), None);
        assert_eq!(hypothesis(Some(at)).expired_on(at), Some(Date { days: 1 }));
        assert_eq!(hypothesis(None).expired_on(at), None);
        assert_eq!(hypothesis_label(" ", &hypothesis(None).when, None), "yes");
        assert_eq!(hypothesis_label("They buy more. ", &hypothesis(None).when, None), "They buy more.");
    }
}
