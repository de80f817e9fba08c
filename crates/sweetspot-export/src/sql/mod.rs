//! A version as one SQL query over a relation of accounts.
//!
//! The query is a chain of subqueries, each of which adds columns: the values as they are read, the slot of each
//! attribute, the conditions, the sums, the score. It uses neither joins nor aggregates, so each row is computed by
//! itself. Log-odds are sums of integers; tiers are found from these integers.

mod aggregate;
mod condition;
mod dialect;
mod fit;
mod inputs;
mod literal;
mod lookup;
mod range;
mod reasons;
mod slots;
mod subqueries;
mod sums;

use std::collections::BTreeMap;

pub use aggregate::{
    AggregateColumn, AggregateOptions, AggregateValues, MAX_AGGREGATED_BINS, write_edges_sql, write_rows_sql,
};
pub use dialect::SqlDialect;

use self::dialect::Spellings;
use self::inputs::Inputs;
use self::literal::comment;
use self::subqueries::{Subqueries, concat};
use crate::{ExportError, ParsedScorecard};

/// The maximum number of bytes of a query.
pub const MAX_SQL_BYTES: usize = 64 << 20;
/// The maximum number of bytes of the name of a relation or a column.
const MAX_NAME_BYTES: usize = 256;
/// The maximum number of parts of the name of a relation: catalog, schema, table.
const MAX_NAME_PARTS: usize = 3;

/// What the query is for.
#[derive(Clone, Debug)]
pub struct SqlOptions {
    /// The dialect.
    pub dialect: SqlDialect,
    /// The relation with the accounts, such as `prospects` or `crm.prospects`.
    pub table: String,
    /// Its column with the ids of accounts.
    pub id_column: String,
    /// The name of the version, for a comment and a column.
    pub model_version: String,
    /// Whether lists are texts such as `a; b`, and not arrays.
    pub lists_as_text: bool,
    /// Whether the result has intervals.
    pub intervals: bool,
    /// Whether the result has reasons.
    pub reasons: bool,
}

/// What all parts of a query need.
struct QueryContext<'c> {
    card: &'c ParsedScorecard,
    options: &'c SqlOptions,
    spellings: &'static Spellings,
    inputs: Inputs<'c>,
}

/// Writes the query of a scorecard.
///
/// # Errors
///
/// If a name cannot be quoted, the dialect does not distinguish two columns, or the query would be longer than [`MAX_SQL_BYTES`].
pub fn write_sql(card: &ParsedScorecard, options: &SqlOptions) -> Result<String, ExportError> {
    check_name("id column", &options.id_column)?;
    let spellings = options.dialect.spellings();
    let table = table_name(spellings, &options.table)?;
    let inputs = Inputs::new(card);
    check_columns(spellings, std::iter::once(options.id_column.as_str()).chain(inputs.attributes()))?;
    let context = QueryContext { card, options, spellings, inputs };
    let mut query = Subqueries::new(header(&context), spellings.fence);
    inputs::write(&context, &mut query, &table);
    slots::write(&context, &mut query);
    condition::write(&context, &mut query)?;
    sums::write(&context, &mut query);
    if options.reasons {
        reasons::write(&context, &mut query);
    }
    let text = fit::write(&context, query);
    if text.len() > MAX_SQL_BYTES { Err(ExportError::TooLong { limit: MAX_SQL_BYTES }) } else { Ok(text) }
}

/// The comment at the start of the query.
fn header(context: &QueryContext<'_>) -> String {
    let QueryContext { card, options, spellings, .. } = context;
    let mut lines = vec![
        format!("Sweetspot model version {}", comment(&options.model_version)),
        format!("SHA-256 {}", comment(&card.artifact_sha256)),
        format!("Dialect: {}. One row for each row of {}.", spellings.name, comment(&options.table)),
        "Values are read as the types in the subquery inputs; docs/SCORECARD.md describes the rules.".to_owned(),
    ];
    lines.extend(spellings.limits.iter().map(|limit| format!("This dialect does not cover {limit}.")));
    concat(lines.iter().map(|line| format!("-- {line}\n")))
}

/// The quoted name of a relation.
fn table_name(spellings: &Spellings, table: &str) -> Result<String, ExportError> {
    let parts: Vec<&str> = table.split('.').collect();
    if parts.len() > MAX_NAME_PARTS {
        return Err(invalid_name("table", table));
    }
    parts.iter().try_for_each(|part| check_name("table", part))?;
    Ok(parts.iter().map(|part| spellings.name(part)).collect::<Vec<_>>().join("."))
}

fn check_name(what: &'static str, name: &str) -> Result<(), ExportError> {
    let valid = !name.is_empty() && name.len() <= MAX_NAME_BYTES && !name.chars().any(char::is_control);
    if valid { Ok(()) } else { Err(invalid_name(what, name)) }
}

/// Checks that a dialect distinguishes all columns of a relation.
fn check_columns<'n>(spellings: &Spellings, names: impl Iterator<Item = &'n str>) -> Result<(), ExportError> {
    if spellings.distinguishes_case {
        return Ok(());
    }
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    for name in names {
        let first = *known.entry(name.to_lowercase()).or_insert(name);
        if first != name {
            let (first, second) = (first.to_owned(), name.to_owned());
            return Err(ExportError::NamesDifferInCase { dialect: spellings.name, first, second });
        }
    }
    Ok(())
}

fn invalid_name(what: &'static str, name: &str) -> ExportError {
    let name = name.chars().take(MAX_NAME_BYTES).collect();
    ExportError::InvalidName {
        what,
        name,
        rule: "a name has 1 to 256 bytes without control characters; a table has at most three names, with dots between",
    }
}

#[cfg(test)]
mod tests;
