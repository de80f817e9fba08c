//! The condition of a hypothesis or of an exclusion rule.

use sweetspot_core::{Condition, Test};
use toml::Table;
use unicode_normalization::UnicodeNormalization as _;

use super::table_reader::{TableReader, check_keys};

/// The keys of a condition, in the order in which they are documented.
const KEYS: [&str; 6] = ["attribute", "any_of", "at_least", "below", "present", "flag"];

/// Parses a condition: an attribute and exactly one test.
pub(super) fn condition(when: &Table, place: &str, problems: &mut Vec<String>) -> Option<Condition> {
    let place = format!("when of {place}");
    check_keys(when, &KEYS, &place, problems);
    let mut fields = TableReader { table: when, place: &place, problems };
    let attribute = fields.required("attribute", TableReader::text);
    let range = (fields.bound("at_least"), fields.bound("below"));
    let tests = [
        fields.texts("any_of").map(Test::AnyOf),
        (range != (None, None)).then_some(Test::Range { gte: range.0, lt: range.1 }),
        fields.flag("present").map(Test::Present),
        fields.flag("flag").map(Test::Flag),
    ];
    let mut tests = tests.into_iter().flatten();
    let (Some(test), None) = (tests.next(), tests.next()) else {
        problems.push(format!(
            "{place} requires exactly one test: any_of, at_least and below (or one of them), \
                               present, or flag"
        ));
        return None;
    };
    if test == Test::AnyOf(Vec::new()) {
        problems.push(format!("any_of of {place} is empty: no account can pass"));
    }
    // Attribute names are compared in the form that headers have.
    Some(Condition { attribute: attribute?.nfc().collect(), test })
}
