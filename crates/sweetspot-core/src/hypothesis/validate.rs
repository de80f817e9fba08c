//! Validates a set of hypotheses.

use std::collections::{BTreeMap, BTreeSet};

use super::Hypothesis;
use crate::{Condition, Test};

/// The maximum number of hypotheses in one training.
pub const MAX_HYPOTHESES: usize = 100;
const MAX_ID_BYTES: usize = 64;
const MAX_STATEMENT_BYTES: usize = 500;
const MAX_AUTHOR_BYTES: usize = 128;
/// The largest odds ratio; its reciprocal is the smallest.
const MAX_ODDS_RATIO: f64 = 1000.0;
const MAX_CONFIDENCE_CUSTOMERS: f64 = 1e6;

/// A problem of a hypothesis: the field, and how to fix it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HypothesisFault {
    /// The index of the hypothesis, from 0; `None` for all of them together.
    pub index: Option<usize>,
    /// The field, such as `odds_ratio`; empty for all of them together.
    pub field: &'static str,
    /// The error, and how to fix it.
    pub text: String,
}

/// All errors of these hypotheses, in their order.
#[must_use]
pub fn check_hypotheses(hypotheses: &[Hypothesis]) -> Vec<HypothesisFault> {
    let count = hypotheses.len();
    if count > MAX_HYPOTHESES {
        let text = format!("{count} hypotheses exceed the limit of {MAX_HYPOTHESES}");
        return vec![HypothesisFault { index: None, field: "", text }];
    }
    let (mut ids, mut conditions) = (BTreeSet::new(), BTreeMap::new());
    let mut faults = Vec::new();
    for (index, hypothesis) in hypotheses.iter().enumerate() {
        let mut add = |field, text: String| faults.push(HypothesisFault { index: Some(index), field, text });
        check_texts(hypothesis, &mut add);
        check_numbers(hypothesis, &mut add);
        if !ids.insert(hypothesis.id.as_str()) {
            add(
                "id",
                format!("{:?} is the id of an earlier hypothesis: give each hypothesis its own id", hypothesis.id),
            );
        }
        // A condition that matches no account duplicates no other condition.
        let asks = hypothesis.when.test != Test::AnyOf(Vec::new());
        if let Some(other) = conditions.insert(condition_key(&hypothesis.when), &hypothesis.id).filter(|_| asks) {
            add("when", format!("hypothesis {other:?} is about the same accounts: combine them into one hypothesis"));
        }
    }
    faults
}

fn check_texts(hypothesis: &Hypothesis, add: &mut impl FnMut(&'static str, String)) {
    if hypothesis.id.is_empty() || hypothesis.id.len() > MAX_ID_BYTES {
        add("id", format!("an id must have 1 to {MAX_ID_BYTES} bytes"));
    }
    for (field, text, max_bytes) in
        [("statement", &hypothesis.statement, MAX_STATEMENT_BYTES), ("author", &hypothesis.author, MAX_AUTHOR_BYTES)]
    {
        if text.len() > max_bytes {
            add(field, format!("it must have at most {max_bytes} bytes"));
        }
    }
}

fn check_numbers(hypothesis: &Hypothesis, add: &mut impl FnMut(&'static str, String)) {
    let Hypothesis { odds_ratio, confidence_customers, when, .. } = hypothesis;
    if !(1.0 / MAX_ODDS_RATIO..=MAX_ODDS_RATIO).contains(odds_ratio) {
        add("odds_ratio", format!("{odds_ratio} is not between 1/1000 and 1000: 2 means twice the odds, 0.5 half"));
    }
    if !(*confidence_customers > 0.0 && *confidence_customers <= MAX_CONFIDENCE_CUSTOMERS) {
        let text = format!(
            "{confidence_customers} is not above 0 and at most 1,000,000: set the number of customers that outweigh it"
        );
        add("confidence_customers", text);
    }
    if let Test::Range { gte: Some(gte), lt: Some(lt) } = when.test
        && gte >= lt
    {
        add("when", format!("no number is at least {gte} and below {lt}: swap the bounds"));
    }
}

/// A key that is equal for equivalent conditions, in any order of their texts.
fn condition_key(condition: &Condition) -> (&str, String) {
    let Condition { attribute, test } = condition;
    let test = match test {
        Test::AnyOf(texts) => {
            format!("{:?}", texts.iter().map(|text| text.trim().to_lowercase()).collect::<BTreeSet<_>>())
        }
        Test::Range { .. } | Test::Present(_) | Test::Flag(_) => format!("{test:?}"),
    };
    (attribute, test)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valid_hypothesis(id: &str, test: Test) -> Hypothesis {
        Hypothesis {
            id: id.to_owned(),
            statement: String::new(),
            when: Condition { attribute: "industry".to_owned(), test },
            odds_ratio: 1000.0,
            confidence_customers: 1e6,
            author: String::new(),
            expires: None,
        }
    }

    fn any_of(texts: &[&str]) -> Test {
        Test::AnyOf(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn bounds_are_inclusive_and_every_fault_is_reported() {
        let least =
            Hypothesis { odds_ratio: 0.001, confidence_customers: 1e-9, ..valid_hypothesis("b", Test::Flag(true)) };
        assert_eq!(check_hypotheses(&[valid_hypothesis("a", Test::Present(true)), least]), []);
        let bad = Hypothesis {
            id: String::new(),
            statement: "s".repeat(501),
            author: "a".repeat(129),
            odds_ratio: f64::NAN,
            confidence_customers: 0.0,
            ..valid_hypothesis("", Test::Range { gte: Some(2.0), lt: Some(2.0) })
        };
        let found = check_hypotheses(&[valid_hypothesis("a", Test::Flag(true)), bad]);
        let fields: Vec<_> = found.iter().map(|fault| (fault.index, fault.field)).collect();
        let expected = ["id", "statement", "author", "odds_ratio", "confidence_customers", "when"];
        assert_eq!(fields, expected.map(|field| (Some(1), field)));
    }

    #[test]
    fn duplicate_ids_and_conditions_are_refused() {
        let pair =
            [valid_hypothesis("a", any_of(&["SAP", "Jira"])), valid_hypothesis("a", any_of(&[" jira", "sap", "SAP"]))];
        let fields: Vec<_> = check_hypotheses(&pair).into_iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["id", "when"]);
        let many: Vec<_> = (0..101).map(|n| valid_hypothesis(&n.to_string(), any_of(&[&n.to_string()]))).collect();
        assert_eq!(check_hypotheses(&many[..100]), []);
        assert_eq!(check_hypotheses(&many).len(), 1);
    }
}
