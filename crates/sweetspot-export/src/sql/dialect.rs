//! The dialects of SQL, as data: each is a table of spellings.

/// A dialect of SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlDialect {
    /// The common core, as `DataFusion` reads it.
    Ansi,
    /// `DuckDB`.
    DuckDb,
    /// `PostgreSQL` 13 or later, built with ICU.
    Postgres,
    /// `Spark` 3.4 or later, and Databricks.
    Spark,
    /// Snowflake.
    Snowflake,
    /// `BigQuery`.
    BigQuery,
}

/// How a dialect spells what differs. In templates, `{0}` and `{1}` are the operands.
#[derive(Debug)]
pub(super) struct Spellings {
    /// The name of the dialect.
    pub name: &'static str,
    /// The mark around names.
    pub name_mark: char,
    /// This mark within a name.
    pub escaped_name_mark: &'static str,
    /// Whether a backslash in a text begins an escape.
    pub backslash_escapes: bool,
    /// How a text contains characters that cannot be seen.
    pub invisible: Invisible,
    pub text_type: &'static str,
    pub double_type: &'static str,
    pub integer_type: &'static str,
    /// Reads a value as a type; NULL if it cannot be read, where the dialect has that.
    pub read_as: &'static str,
    /// Removes the characters {1} at both ends of {0}.
    pub trim: &'static str,
    /// Unicode normalization to NFC, if the dialect has it.
    pub nfc: Option<&'static str>,
    pub lower: &'static str,
    /// Writes Σ at the end of a word as ς, where `lower` does not; used only if a model has such words.
    pub final_sigma: Option<&'static str>,
    /// The texts of an array with {1} between them.
    pub join: &'static str,
    /// Replaces all matches of the pattern {1} by {2}.
    pub replace_pattern: &'static str,
    /// Whether the text {0} contains {1}.
    pub contains: &'static str,
    /// A text to be compared by its bytes.
    pub by_bytes: &'static str,
    /// The number of ascending edges {1} at or below {0}, if the dialect has such a function.
    pub count_edges: Option<&'static str>,
    /// The element number {0}, counted from 0, of the list {1} of type {2}; `None`: by a CASE.
    pub element: Option<&'static str>,
    pub modulo: &'static str,
    /// Whether the text {0} matches the pattern {1}, which has anchors at both ends.
    pub matches: &'static str,
    /// Whether quoted names that differ only in case are names of different columns.
    pub distinguishes_case: bool,
    /// What keeps an optimizer from computing a subquery's columns again wherever they are used.
    pub fence: &'static str,
    /// What the dialect cannot express, for the reader of the SQL.
    pub limits: &'static [&'static str],
}

/// How a text contains characters that cannot be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Invisible {
    /// By a function from a code point to a character.
    Function(&'static str),
    /// By `\uXXXX`, in a text that begins with this prefix.
    Escape(&'static str),
}

const NO_NFC: &str = "Unicode normalization: texts have to be in NFC";
const SIGMA_BESIDE_MARKS: &str = "the lower case of Σ beside a mark within a word, as in ΑΣ.Α";

const ANSI: Spellings = Spellings {
    name: "ansi",
    name_mark: '"',
    escaped_name_mark: "\"\"",
    backslash_escapes: false,
    invisible: Invisible::Function("chr"),
    text_type: "VARCHAR",
    double_type: "DOUBLE",
    integer_type: "BIGINT",
    read_as: "TRY_CAST({0} AS {1})",
    trim: "btrim({0}, {1})",
    nfc: None,
    lower: "lower({0})",
    final_sigma: None,
    join: "array_to_string({0}, {1})",
    replace_pattern: "regexp_replace({0}, {1}, {2}, 'g')",
    contains: "strpos({0}, {1}) > 0",
    by_bytes: "{0}",
    count_edges: None,
    element: None,
    modulo: "({0} % {1})",
    matches: "regexp_like({0}, {1})",
    distinguishes_case: true,
    fence: "",
    limits: &[NO_NFC],
};

const DUCKDB: Spellings = Spellings {
    name: "duckdb",
    trim: "trim({0}, {1})",
    nfc: Some("nfc_normalize({0})"),
    // It has no rule for this one letter, whose lower case is two.
    lower: "lower(replace({0}, 'İ', 'i̇'))",
    final_sigma: Some("regexp_replace({0}, '(\\pL)Σ(\\PL|$)', '\\1ς\\2', 'g')"),
    contains: "contains({0}, {1})",
    element: Some("CAST(([{1}])[{0} + 1] AS {2})"),
    matches: "regexp_matches({0}, {1})",
    distinguishes_case: false,
    limits: &[SIGMA_BESIDE_MARKS],
    ..ANSI
};

const POSTGRES: Spellings = Spellings {
    name: "postgres",
    invisible: Invisible::Escape("E"),
    text_type: "text",
    double_type: "double precision",
    integer_type: "bigint",
    read_as: "CAST({0} AS {1})",
    nfc: Some("normalize({0}, NFC)"),
    lower: "lower({0} COLLATE \"und-x-icu\")",
    by_bytes: "{0} COLLATE \"C\"",
    count_edges: Some("width_bucket({0}, CAST(ARRAY[{1}] AS double precision[]))"),
    element: Some("(CAST(ARRAY[{1}] AS {2}[]))[{0} + 1]"),
    // A function for it exists from PostgreSQL 15 on.
    matches: "{0} ~ {1}",
    fence: " OFFSET 0",
    limits: &["values that cannot be read as their column's type: they are errors"],
    ..ANSI
};

const SPARK: Spellings = Spellings {
    name: "spark",
    name_mark: '`',
    escaped_name_mark: "``",
    backslash_escapes: true,
    invisible: Invisible::Escape(""),
    text_type: "STRING",
    read_as: "try_cast({0} AS {1})",
    trim: "trim(BOTH {1} FROM {0})",
    join: "array_join({0}, {1})",
    replace_pattern: "regexp_replace({0}, {1}, {2})",
    contains: "contains({0}, {1})",
    element: Some("CAST(element_at(array({1}), CAST({0} + 1 AS INT)) AS {2})"),
    matches: "{0} RLIKE {1}",
    distinguishes_case: false,
    limits: &[NO_NFC],
    ..ANSI
};

const SNOWFLAKE: Spellings = Spellings {
    name: "snowflake",
    backslash_escapes: true,
    invisible: Invisible::Escape(""),
    trim: "TRIM({0}, {1})",
    // TRY_CAST reads texts only.
    read_as: "TRY_CAST(CAST({0} AS VARCHAR) AS {1})",
    lower: "lower(replace({0}, 'İ', 'i̇'))",
    replace_pattern: "regexp_replace({0}, {1}, {2})",
    contains: "contains({0}, {1})",
    modulo: "MOD({0}, {1})",
    limits: &[NO_NFC, "the lower case of Σ at the end of a word, which is σ here and ς in Sweetspot"],
    ..ANSI
};

const BIGQUERY: Spellings = Spellings {
    name: "bigquery",
    name_mark: '`',
    escaped_name_mark: "\\`",
    backslash_escapes: true,
    invisible: Invisible::Escape(""),
    text_type: "STRING",
    double_type: "FLOAT64",
    integer_type: "INT64",
    read_as: "SAFE_CAST({0} AS {1})",
    trim: "TRIM({0}, {1})",
    nfc: Some("NORMALIZE({0}, NFC)"),
    lower: "LOWER(REPLACE({0}, 'İ', 'i̇'))",
    final_sigma: Some("REGEXP_REPLACE({0}, r'(\\pL)Σ(\\PL|$)', r'\\1ς\\2')"),
    join: "ARRAY_TO_STRING({0}, {1})",
    replace_pattern: "REGEXP_REPLACE({0}, {1}, {2})",
    contains: "STRPOS({0}, {1}) > 0",
    count_edges: Some("RANGE_BUCKET({0}, [{1}])"),
    element: Some("CAST([{1}][ORDINAL({0} + 1)] AS {2})"),
    modulo: "MOD({0}, {1})",
    matches: "REGEXP_CONTAINS({0}, {1})",
    distinguishes_case: false,
    limits: &[SIGMA_BESIDE_MARKS],
    ..ANSI
};

impl SqlDialect {
    /// All dialects.
    pub const ALL: [Self; 6] = [Self::Ansi, Self::DuckDb, Self::Postgres, Self::Spark, Self::Snowflake, Self::BigQuery];

    /// The dialect in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.spellings().name
    }

    pub(super) const fn spellings(self) -> &'static Spellings {
        match self {
            Self::Ansi => &ANSI,
            Self::DuckDb => &DUCKDB,
            Self::Postgres => &POSTGRES,
            Self::Spark => &SPARK,
            Self::Snowflake => &SNOWFLAKE,
            Self::BigQuery => &BIGQUERY,
        }
    }
}

/// A template with its operands in place. Operands are not searched for further places.
pub(super) fn fill(template: &str, operands: &[&str]) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (place, after) = after.split_once('}').unwrap_or_default();
        text.push_str(place.parse().ok().and_then(|place: usize| operands.get(place)).copied().unwrap_or_default());
        rest = after;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operands_fill_their_places_once() {
        assert_eq!(fill("f({1}, {0})", &["{1}", "b"]), "f(b, {1})");
        assert_eq!(fill("plain", &[]), "plain");
    }

    #[test]
    fn every_dialect_has_its_own_name() {
        let names: std::collections::BTreeSet<_> = SqlDialect::ALL.map(SqlDialect::as_str).into();
        assert_eq!(names.len(), SqlDialect::ALL.len());
    }
}
