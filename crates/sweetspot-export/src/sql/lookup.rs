//! From values to slots, and from slots to constants.

use std::collections::BTreeMap;

use super::dialect::{Spellings, fill};
use super::subqueries::concat;

/// The maximum number of comparisons one after the other; with more, they form a tree.
const MAX_FLAT: usize = 16;

/// The number of ascending edges at or below a value. `edges` are the edges as SQL.
pub(super) fn count_edges(spellings: &Spellings, value: &str, edges: &[String], is_number: bool) -> String {
    if let (true, Some(function), [_, ..]) = (is_number, spellings.count_edges, edges) {
        return fill(function, &[value, &edges.join(", ")]);
    }
    edges_between(value, edges, 0, 1)
}

/// A tree of comparisons over edges, the first of which has the index `first`.
fn edges_between(value: &str, edges: &[String], first: usize, depth: usize) -> String {
    let indent = "  ".repeat(depth + 2);
    match edges {
        [] => first.to_string(),
        few if few.len() <= MAX_FLAT => {
            let whens = few.iter().enumerate();
            let whens = whens.map(|(index, edge)| format!("\n{indent}WHEN {value} < {edge} THEN {}", first + index));
            format!("CASE{}\n{indent}ELSE {} END", whens.collect::<String>(), first + few.len())
        }
        many => {
            let middle = many.len() / 2;
            let (below, from) = many.split_at(middle);
            let edge = from.first().map(String::as_str).unwrap_or_default();
            let above = from.get(1..).unwrap_or_default();
            format!(
                "CASE WHEN {value} < {edge} THEN\n{indent}{}\n{indent}ELSE\n{indent}{} END",
                edges_between(value, below, first, depth + 1),
                edges_between(value, above, first + middle + 1, depth + 1),
            )
        }
    }
}

/// The number of a text among keys; `other` if it is not among them.
pub(super) fn find_key(spellings: &Spellings, value: &str, keys: &[String], other: usize) -> String {
    let mut sorted: Vec<(&str, usize)> = keys.iter().enumerate().map(|(index, key)| (key.as_str(), index)).collect();
    sorted.sort_unstable();
    keys_between(spellings, value, &sorted, other, 1)
}

fn keys_between(spellings: &Spellings, value: &str, keys: &[(&str, usize)], other: usize, depth: usize) -> String {
    let indent = "  ".repeat(depth + 2);
    match keys {
        [] => other.to_string(),
        few if few.len() <= MAX_FLAT => {
            let whens = few.iter().map(|(key, index)| format!("\n{indent}WHEN {} THEN {index}", spellings.text(key)));
            format!("CASE {value}{}\n{indent}ELSE {other} END", whens.collect::<String>())
        }
        many => {
            let (below, from) = many.split_at(many.len() / 2);
            let first = from.first().map(|(key, _)| spellings.text(key)).unwrap_or_default();
            format!(
                "CASE WHEN {} < {first} THEN\n{indent}{}\n{indent}ELSE\n{indent}{} END",
                fill(spellings.by_bytes, &[value]),
                keys_between(spellings, value, below, other, depth + 1),
                keys_between(spellings, value, from, other, depth + 1),
            )
        }
    }
}

/// The constant at an index, as a type. `None` if all constants are equal to `zero`, so that there is nothing to add.
pub(super) fn constant(
    spellings: &Spellings,
    index: &str,
    constants: &[String],
    of_type: &str,
    zero: &str,
) -> Option<String> {
    if constants.iter().all(|constant| constant == zero) {
        return None;
    }
    if let (Some(element), true) = (spellings.element, constants.len() > 2) {
        return Some(fill(element, &[index, &constants.join(", "), of_type]));
    }
    Some(case_of_constants(index, constants))
}

/// The constant at an index, by a CASE whose ELSE has the commonest constant.
pub(super) fn case_of_constants(index: &str, constants: &[String]) -> String {
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    for constant in constants {
        *counts.entry(constant).or_default() += 1;
    }
    let Some((commonest, _)) = counts.into_iter().max_by_key(|(_, count)| *count) else { return "NULL".to_owned() };
    let others = constants.iter().enumerate().filter(|(_, constant)| *constant != commonest);
    let whens = concat(others.map(|(index, constant)| format!(" WHEN {index} THEN {constant}")));
    if whens.is_empty() { commonest.clone() } else { format!("CASE {index}{whens} ELSE {commonest} END") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SqlDialect;

    /// Evaluates a tree of CASE for a number, to check it without an engine.
    fn depth(sql: &str) -> usize {
        let (mut depth, mut deepest) = (0_usize, 0);
        for word in sql.split_whitespace() {
            match word {
                "CASE" => depth += 1,
                "END" => depth -= 1,
                _ => {}
            }
            deepest = deepest.max(depth);
        }
        assert_eq!(depth, 0, "{sql}");
        deepest
    }

    #[test]
    fn many_edges_form_a_shallow_tree() {
        let edges: Vec<String> = (0..1_000).map(|edge| (edge * 10).to_string()).collect();
        let sql = count_edges(SqlDialect::DuckDb.spellings(), "x", &edges, true);
        assert!(depth(&sql) <= 8, "{}", depth(&sql));
        assert_eq!(sql.matches("THEN").count() + 1, 1_001);
        assert!(
            sql.contains("WHEN x < 0 THEN 0") && sql.contains("WHEN x < 9990 THEN 999") && sql.contains("ELSE 1000")
        );
        let sql = count_edges(SqlDialect::BigQuery.spellings(), "x", &edges, true);
        assert!(sql.starts_with("RANGE_BUCKET(x, [0, 10, "), "{sql}");
        assert_eq!(count_edges(SqlDialect::Ansi.spellings(), "x", &[], true), "0");
    }

    #[test]
    fn many_keys_form_a_shallow_tree() {
        let keys: Vec<String> = (0..1_000).map(|key| format!("k{key}")).collect();
        let sql = find_key(SqlDialect::Postgres.spellings(), "x", &keys, 1_000);
        assert!(depth(&sql) <= 8, "{}", depth(&sql));
        assert!(sql.contains("x COLLATE \"C\" < 'k") && sql.contains("WHEN 'k7' THEN 7\n"), "{sql}");
        assert_eq!(find_key(SqlDialect::Ansi.spellings(), "x", &[], 0), "0");
    }

    #[test]
    fn constants_are_elements_or_cases() {
        let constants = ["5", "0", "0", "7"].map(str::to_owned);
        let of = |dialect: SqlDialect| constant(dialect.spellings(), "s", &constants, "BIGINT", "0").unwrap();
        assert_eq!(of(SqlDialect::Ansi), "CASE s WHEN 0 THEN 5 WHEN 3 THEN 7 ELSE 0 END");
        assert_eq!(of(SqlDialect::DuckDb), "CAST(([5, 0, 0, 7])[s + 1] AS BIGINT)");
        assert_eq!(constant(SqlDialect::Ansi.spellings(), "s", &["0".to_owned(), "0".to_owned()], "BIGINT", "0"), None);
    }
}
