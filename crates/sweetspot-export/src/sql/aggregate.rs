//! A history of any length as one row for each combination of values, with the number of customers that have it.
//!
//! Two queries: the first finds the edges of numbers and dates, as quantiles of all rows; the second replaces each number
//! and date by the edge at or below it, and counts equal rows. Texts, flags and lists stay as they are, so that they are
//! read as those of single rows are.

use super::dialect::{Spellings, SqlDialect};
use super::literal::{comment, double, number};
use super::{check_columns, check_name, table_name};
use crate::ExportError;

/// The largest number of bins of an attribute: with the maximum, each has a slot of its own in a model.
pub const MAX_AGGREGATED_BINS: u32 = 1_000;

/// What to aggregate.
#[derive(Clone, Debug)]
pub struct AggregateOptions {
    /// The dialect.
    pub dialect: SqlDialect,
    /// The relation with the history, such as `customers` or `crm.customers`.
    pub table: String,
    /// The columns of the result, besides the weight.
    pub columns: Vec<AggregateColumn>,
}

/// A column to aggregate by.
#[derive(Clone, Debug)]
pub struct AggregateColumn {
    /// Its name, in the relation and in the result.
    pub name: String,
    /// What becomes of its values.
    pub values: AggregateValues,
}

/// What becomes of the values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum AggregateValues {
    /// They stay as they are.
    Unchanged,
    /// Each number becomes the largest of these edges at or below it, or the first edge. Ascending.
    Numbers(Vec<f64>),
    /// The same for dates, as days since 1970-01-01.
    Dates(Vec<f64>),
}

impl AggregateValues {
    /// The type of the values, if they are binned.
    const fn binned_type(&self, spellings: &Spellings) -> Option<&'static str> {
        match self {
            Self::Unchanged => None,
            Self::Numbers(_) => Some(spellings.double_type),
            Self::Dates(_) => Some("DATE"),
        }
    }
}

/// Writes the query of the edges of all binned columns: one row for each, with the columns `attribute` and `edge`. Their
/// own edges are not used. Up to `bins` values are edges themselves; of more, each bin has about the same number of rows,
/// and the largest value is one more edge.
///
/// # Errors
///
/// If a name cannot be quoted, or no column is binned.
pub fn write_edges_sql(options: &AggregateOptions, bins: u32) -> Result<String, ExportError> {
    let (spellings, table) = (options.dialect.spellings(), checked_table(options)?);
    let binned = options.columns.iter().filter_map(|column| Some((column, column.values.binned_type(spellings)?)));
    let queries: Vec<String> =
        binned.map(|(column, of_type)| edges_of_column(spellings, &table, column, of_type, bins)).collect();
    if queries.is_empty() {
        return Err(ExportError::NoEdges { what: "no attribute is a number or a date".to_owned() });
    }
    let name = spellings.name;
    let header = format!("-- Edges of the numbers and dates of {}. Dialect: {name}.\n", comment(&options.table));
    Ok(header + &queries.join("\nUNION ALL\n") + "\n")
}

/// The edges of one column. A value belongs to the bin that holds the middle of its rows, so that a frequent value does
/// not share the bin of the values before it.
fn edges_of_column(spellings: &Spellings, table: &str, column: &AggregateColumn, of_type: &str, bins: u32) -> String {
    let (name, double_type) = (spellings.name(&column.name), spellings.double_type);
    let [attribute, edge] = ["attribute", "edge"].map(|name| spellings.name(name));
    let (text, label) = (spellings.text_type, spellings.text(&column.name));
    let value = spellings.read_as(&name, of_type);
    let is_finite = finite_condition("value", &column.values);
    format!(
        "SELECT {label} AS {attribute}, CAST(MIN(value) AS {text}) AS {edge}
FROM (
  SELECT value,
    CASE
      WHEN value_count <= {bins} THEN position
      WHEN position = value_count THEN {bins}
      ELSE FLOOR((2 * row_end - row_count) * {bins} / (2 * total))
    END AS bin
  FROM (
    SELECT value, row_count,
      CAST(SUM(row_count) OVER (ORDER BY value) AS {double_type}) AS row_end,
      CAST(SUM(row_count) OVER () AS {double_type}) AS total,
      ROW_NUMBER() OVER (ORDER BY value) AS position,
      COUNT(*) OVER () AS value_count
    FROM (
      SELECT value, COUNT(*) AS row_count
      FROM (SELECT {value} AS value FROM {table}) AS source_values
      WHERE {is_finite}
      GROUP BY value
    ) AS counted_values
  ) AS ranked_values
) AS binned_values
GROUP BY bin"
    )
}

/// Writes the query of the weighted rows: the columns under their own names, and `weight_column`, the number of rows that
/// are equal in all of them.
///
/// # Errors
///
/// If a name cannot be quoted, the dialect does not distinguish two columns, or a binned column has no edges.
pub fn write_rows_sql(options: &AggregateOptions, weight_column: &str) -> Result<String, ExportError> {
    let (spellings, table) = (options.dialect.spellings(), checked_table(options)?);
    check_name("weight column", weight_column)?;
    check_columns(spellings, options.columns.iter().map(|column| &*column.name).chain([weight_column]))?;
    let (mut inputs, mut names) = (Vec::new(), Vec::new());
    for column in &options.columns {
        let name = spellings.name(&column.name);
        inputs.push(match column.values.binned_type(spellings) {
            None => name.clone(),
            Some(of_type) => format!("{} AS {name}", spellings.read_as(&name, of_type)),
        });
        names.push(name);
    }
    let values: Result<Vec<String>, ExportError> =
        options.columns.iter().zip(&names).map(|(column, name)| binned_value(column, name)).collect();
    let (dialect, values) = (spellings.name, values?.join(",\n    "));
    Ok(format!(
        "-- The rows of {}, one for each combination of values, with their number. Dialect: {dialect}.
SELECT {names}, COUNT(*) AS {weight}
FROM (
  SELECT
    {values}
  FROM (
    SELECT {inputs}
    FROM {table}
  ) AS source_values
) AS binned_values
GROUP BY {names}
",
        comment(&options.table),
        names = names.join(", "),
        weight = spellings.name(weight_column),
        inputs = inputs.join(", "),
    ))
}

/// A column of the result: the value, or the edge at or below it.
fn binned_value(column: &AggregateColumn, name: &str) -> Result<String, ExportError> {
    let literals: Vec<String> = match &column.values {
        AggregateValues::Unchanged => return Ok(name.to_owned()),
        AggregateValues::Numbers(edges) => {
            let is_whole = edges.iter().all(|edge| edge.fract() == 0.0);
            edges.iter().map(|edge| if is_whole { number(*edge) } else { double(*edge) }).collect()
        }
        AggregateValues::Dates(edges) => edges.iter().map(|edge| Spellings::day(*edge)).collect(),
    };
    if literals.is_empty() {
        return Err(ExportError::NoEdges { what: format!("column {:?} has none", column.name) });
    }
    let (is_finite, tree) = (finite_condition(name, &column.values), edge_tree(name, &literals));
    Ok(format!("CASE WHEN {is_finite} THEN {tree} END AS {name}"))
}

/// The condition that a value is known, and finite if it is a number.
fn finite_condition(value: &str, values: &AggregateValues) -> String {
    match values {
        AggregateValues::Numbers(_) => format!("{value} BETWEEN {} AND {}", double(f64::MIN), double(f64::MAX)),
        AggregateValues::Dates(_) | AggregateValues::Unchanged => format!("{value} IS NOT NULL"),
    }
}

/// The largest of these edges at or below a value, or the first: a binary search.
fn edge_tree(value: &str, edges: &[String]) -> String {
    let (lower, upper) = edges.split_at(edges.len() / 2);
    match (lower, upper) {
        ([], [edge]) => edge.clone(),
        (_, [middle, ..]) => {
            format!(
                "CASE WHEN {value} < {middle} THEN {} ELSE {} END",
                edge_tree(value, lower),
                edge_tree(value, upper)
            )
        }
        (_, []) => "NULL".to_owned(),
    }
}

fn checked_table(options: &AggregateOptions) -> Result<String, ExportError> {
    options.columns.iter().try_for_each(|column| check_name("column", &column.name))?;
    table_name(options.dialect.spellings(), &options.table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(dialect: SqlDialect) -> AggregateOptions {
        let column = |name: &str, values| AggregateColumn { name: name.to_owned(), values };
        AggregateOptions {
            dialect,
            table: "crm.customers".to_owned(),
            columns: vec![
                column("Industry", AggregateValues::Unchanged),
                column("Employees", AggregateValues::Numbers(vec![1.0, 20.0, 500.0])),
                column("Founded", AggregateValues::Dates(vec![0.0, 365.0])),
            ],
        }
    }

    #[test]
    fn queries_in_the_common_core() {
        insta::assert_snapshot!("aggregate_edges", write_edges_sql(&options(SqlDialect::Ansi), 32).unwrap());
        insta::assert_snapshot!("aggregate_rows", write_rows_sql(&options(SqlDialect::Ansi), "weight").unwrap());
    }

    #[test]
    fn names_are_quoted_and_wrong_ones_are_refused() {
        let mut bad = options(SqlDialect::BigQuery);
        bad.columns[0].name = "a`b".to_owned();
        assert!(write_rows_sql(&bad, "weight").unwrap().contains("`a\\`b`"));
        bad.columns[0].name = "a\nb".to_owned();
        assert!(matches!(write_rows_sql(&bad, "weight"), Err(ExportError::InvalidName { .. })));
        let long = AggregateOptions { table: "a.b.c.d".to_owned(), ..options(SqlDialect::DuckDb) };
        assert!(matches!(write_edges_sql(&long, 32), Err(ExportError::InvalidName { .. })));
        assert!(matches!(write_rows_sql(&options(SqlDialect::DuckDb), ""), Err(ExportError::InvalidName { .. })));
        let same = write_rows_sql(&options(SqlDialect::DuckDb), "industry");
        assert!(matches!(same, Err(ExportError::NamesDifferInCase { .. })));
    }

    #[test]
    fn columns_without_edges_are_refused() {
        let mut none = options(SqlDialect::DuckDb);
        none.columns[1].values = AggregateValues::Numbers(Vec::new());
        assert!(matches!(write_rows_sql(&none, "weight"), Err(ExportError::NoEdges { .. })));
        none.columns.truncate(1);
        assert!(matches!(write_edges_sql(&none, 32), Err(ExportError::NoEdges { .. })));
    }

    #[test]
    fn a_tree_finds_the_edge_at_or_below() {
        let edges = ["1", "2", "3"].map(str::to_owned);
        let tree = "CASE WHEN x < 2 THEN 1 ELSE CASE WHEN x < 3 THEN 2 ELSE 3 END END";
        assert_eq!((edge_tree("x", &edges).as_str(), edge_tree("x", &edges[..1]).as_str()), (tree, "1"));
    }
}
