//! Tests on one attribute, from the wire and back.

use sweetspot_core::{Condition, Test};
use sweetspot_proto::v1::{self, condition};

use super::value::{quoted, texts, usable_name};
use crate::api::problems::Problems;

/// Reads a condition; `path` is where it stands in the request. Nothing without a test that can be used.
pub(super) fn condition(wire: v1::Condition, path: &str, problems: &mut Problems) -> Option<Condition> {
    const REASON: &str = "INVALID_CONDITION";
    let v1::Condition { attribute, test: wire } = wire;
    if !usable_name(&attribute) {
        let text = format!("{} is not a valid attribute name: a name must have 1 to 256 bytes", quoted(&attribute));
        problems.add(REASON, format!("{path}.attribute"), text);
    }
    let test = test(wire).map_err(|text| problems.add(REASON, path, text)).ok()?;
    Some(Condition { attribute, test })
}

fn test(wire: Option<condition::Test>) -> Result<Test, &'static str> {
    match wire {
        None => Err("the condition has no test: set any_of, range, present or flag"),
        Some(condition::Test::AnyOf(list)) => {
            let list = texts(list).map_err(|(_, text)| text)?;
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

/// A condition as it is answered.
pub(in crate::api) fn wire_condition(condition: Condition) -> v1::Condition {
    let Condition { attribute, test } = condition;
    let test = match test {
        Test::AnyOf(values) => condition::Test::AnyOf(v1::TextList { values }),
        Test::Range { gte, lt } => condition::Test::Range(v1::Range { gte, lt }),
        Test::Present(present) => condition::Test::Present(present),
        Test::Flag(flag) => condition::Test::Flag(flag),
    };
    v1::Condition { attribute, test: Some(test) }
}
