//! Validates a set of exclusion rules.

use std::collections::BTreeSet;

use super::ExclusionRule;
use crate::{Condition, Test};

/// The maximum number of exclusion rules in a version or a definition.
pub const MAX_EXCLUSION_RULES: usize = 100;
const MAX_ID_BYTES: usize = 64;

/// A problem of an exclusion rule: the field, and how to fix it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExclusionRuleFault {
    /// The index of the rule, from 0; `None` for all rules together.
    pub index: Option<usize>,
    /// The field, such as `id`; empty for all rules together.
    pub field: &'static str,
    /// The error, and how to fix it.
    pub text: String,
}

/// All errors of these rules, in their order.
#[must_use]
pub fn check_exclusion_rules(exclusion_rules: &[ExclusionRule]) -> Vec<ExclusionRuleFault> {
    let count = exclusion_rules.len();
    if count > MAX_EXCLUSION_RULES {
        let text = format!("{count} exclusion rules exceed the limit of {MAX_EXCLUSION_RULES}");
        return vec![ExclusionRuleFault { index: None, field: "", text }];
    }
    let mut ids = BTreeSet::new();
    let mut faults = Vec::new();
    for (index, exclusion_rule) in exclusion_rules.iter().enumerate() {
        let mut add = |field, text: String| faults.push(ExclusionRuleFault { index: Some(index), field, text });
        check_texts(exclusion_rule, &mut add);
        if !ids.insert(exclusion_rule.id.as_str()) {
            add(
                "id",
                format!(
                    "{:?} is the id of an earlier exclusion rule: give each exclusion rule its own id",
                    exclusion_rule.id
                ),
            );
        }
        if let Some(text) = empty_range(&exclusion_rule.when) {
            add("when", text);
        }
    }
    faults
}

fn check_texts(exclusion_rule: &ExclusionRule, add: &mut impl FnMut(&'static str, String)) {
    if exclusion_rule.id.trim().is_empty() || exclusion_rule.id.len() > MAX_ID_BYTES {
        add("id", format!("an id must have 1 to {MAX_ID_BYTES} bytes"));
    }
    let ExclusionRule { statement, attribution: by, .. } = exclusion_rule;
    for (field, text, max_bytes) in
        [("statement", statement, 500), ("author", &by.author, 128), ("reason", &by.reason, 500)]
    {
        if text.len() > max_bytes {
            add(field, format!("it must have at most {max_bytes} bytes"));
        }
    }
}

/// The error of a range whose bounds exclude every number; `None` for any other test.
fn empty_range(when: &Condition) -> Option<String> {
    match when.test {
        Test::Range { gte: Some(gte), lt: Some(lt) } if gte >= lt => {
            Some(format!("no number is at least {gte} and below {lt}: swap the bounds"))
        }
        Test::Range { .. } | Test::AnyOf(_) | Test::Present(_) | Test::Flag(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Attribution, PondMapSectionKind, Severity};

    fn exclusion_rule(id: &str, test: Test) -> ExclusionRule {
        ExclusionRule {
            id: id.to_owned(),
            statement: String::new(),
            when: Condition { attribute: "country".to_owned(), test },
            severity: Severity::Out,
            section: PondMapSectionKind::AccountProfile,
            attribution: Attribution::default(),
        }
    }

    #[test]
    fn every_fault_is_reported_with_its_exclusion_rule() {
        let by = Attribution { author: "a".repeat(129), reason: "r".repeat(501), ..Attribution::default() };
        let bad = ExclusionRule {
            statement: "s".repeat(501),
            attribution: by,
            ..exclusion_rule("", Test::Range { gte: Some(2.0), lt: Some(2.0) })
        };
        let found = check_exclusion_rules(&[
            exclusion_rule("a", Test::Flag(true)),
            bad,
            exclusion_rule("a", Test::Present(true)),
        ]);
        let fields: Vec<_> = found.iter().map(|fault| (fault.index, fault.field)).collect();
        let second = ["id", "statement", "author", "reason", "when"].map(|field| (Some(1), field));
        assert_eq!(fields, second.into_iter().chain([(Some(2), "id")]).collect::<Vec<_>>());
    }

    #[test]
    fn more_than_100_exclusion_rules_are_refused() {
        let many: Vec<_> = (0..101).map(|n: u32| exclusion_rule(&n.to_string(), Test::Flag(true))).collect();
        assert_eq!(check_exclusion_rules(&many[..100]), []);
        assert_eq!(check_exclusion_rules(&many).len(), 1);
    }
}
