//! Converts conditions from and to messages.

use sweetspot_core::{Condition, Test};
use sweetspot_proto::v1::{self, condition};

use super::attribute_value::{is_usable_name, parse_texts, quote_name};
use crate::api::violations::Violations;

/// Reads a condition; `path` is its field path in the request. `None` if it has no valid test.
pub(super) fn parse_condition(wire: v1::Condition, path: &str, problems: &mut Violations) -> Option<Condition> {
    const REASON: &str = "INVALID_CONDITION";
    let v1::Condition { attribute, test: wire } = wire;
    if !is_usable_name(&attribute) {
        let text = format!("{} is not a valid attribute name: a name must have 1 to 256 bytes", quote_name(&attribute));
        problems.add(REASON, format!("{path}.attribute"), text);
    }
    let test = parse_test(wire).map_err(|text| problems.add(REASON, path, text)).ok()?;
    Some(Condition { attribute, test })
}

fn parse_test(wire: Option<condition::Test>) -> Result<Test, &'static str> {
    match wire {
        None => Err("the condition has no test: set any_of, range, present or flag"),
        Some(condition::Test::AnyOf(list)) => {
            let list = parse_texts(list).map_err(|(_, text)| text)?;
            if list.is_empty() { Err("any_of is empty: no account can pass") } else { Ok(Test::AnyOf(list)) }
        }
        Some(condition::Test::Range(v1::Range { gte, lt })) => {
            if gte.is_none() && lt.is_none() {
                Err("the range has no bound: set gte, lt or both")
            } else if [gte, lt].into_iter().flatten().all(f64::is_finite) {
                Ok(Test::Range { gte, lt })
            } else {
                Err("the bounds of a range must be finite: omit a bound that you do not need")
            }
        }
        Some(condition::Test::Present(present)) => Ok(Test::Present(present)),
        Some(condition::Test::Flag(flag)) => Ok(Test::Flag(flag)),
    }
}
