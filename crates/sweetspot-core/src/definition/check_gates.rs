//! What a set of gates must be like.

use std::collections::BTreeSet;

use super::Gate;
use crate::{Condition, Test};

/// Most gates of one version, and of one definition.
pub const MOST_GATES: usize = 100;
const ID_BYTES: usize = 64;

/// What is wrong with a gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateFault {
    /// Which of them, counted from 0; nothing: all of them together.
    pub index: Option<usize>,
    /// The field, such as `id`; empty for all of them together.
    pub field: &'static str,
    /// What is wrong, and what to do.
    pub text: String,
}

/// Everything that is wrong with these gates, in their order.
#[must_use]
pub fn check_gates(gates: &[Gate]) -> Vec<GateFault> {
    let count = gates.len();
    if count > MOST_GATES {
        let text = format!("{count} gates exceed the limit of {MOST_GATES}");
        return vec![GateFault { index: None, field: "", text }];
    }
    let mut ids = BTreeSet::new();
    let mut faults = Vec::new();
    for (index, gate) in gates.iter().enumerate() {
        let mut add = |field, text: String| faults.push(GateFault { index: Some(index), field, text });
        texts(gate, &mut add);
        if !ids.insert(gate.id.as_str()) {
            add("id", format!("{:?} is the id of an earlier gate: give each gate its own id", gate.id));
        }
        if let Some(text) = no_number(&gate.when) {
            add("when", text);
        }
    }
    faults
}

fn texts(gate: &Gate, add: &mut impl FnMut(&'static str, String)) {
    if gate.id.trim().is_empty() || gate.id.len() > ID_BYTES {
        add("id", format!("an id must have 1 to {ID_BYTES} bytes"));
    }
    let Gate { statement, by, .. } = gate;
    for (field, text, most) in [("statement", statement, 500), ("author", &by.author, 128), ("reason", &by.reason, 500)]
    {
        if text.len() > most {
            add(field, format!("it must have at most {most} bytes"));
        }
    }
}

/// Why no number can pass, where the bounds of a range leave none.
fn no_number(when: &Condition) -> Option<String> {
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
    use crate::{PondSection, Severity, Statement};

    fn gate(id: &str, test: Test) -> Gate {
        Gate {
            id: id.to_owned(),
            statement: String::new(),
            when: Condition { attribute: "country".to_owned(), test },
            severity: Severity::Out,
            section: PondSection::AccountProfile,
            by: Statement::default(),
        }
    }

    #[test]
    fn every_fault_is_told_with_its_gate() {
        let by = Statement { author: "a".repeat(129), reason: "r".repeat(501), ..Statement::default() };
        let bad = Gate { statement: "s".repeat(501), by, ..gate("", Test::Range { gte: Some(2.0), lt: Some(2.0) }) };
        let found = check_gates(&[gate("a", Test::Flag(true)), bad, gate("a", Test::Present(true))]);
        let fields: Vec<_> = found.iter().map(|fault| (fault.index, fault.field)).collect();
        let second = ["id", "statement", "author", "reason", "when"].map(|field| (Some(1), field));
        assert_eq!(fields, second.into_iter().chain([(Some(2), "id")]).collect::<Vec<_>>());
    }

    #[test]
    fn a_hundred_gates_are_enough() {
        let many: Vec<_> = (0..101).map(|n: u32| gate(&n.to_string(), Test::Flag(true))).collect();
        assert_eq!(check_gates(&many[..100]), []);
        assert_eq!(check_gates(&many).len(), 1);
    }
}
