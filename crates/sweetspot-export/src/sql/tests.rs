use super::*;

const SCORECARD: &str = include_str!("../../tests/golden/scorecard.json");

fn options(dialect: SqlDialect) -> SqlOptions {
    SqlOptions {
        dialect,
        table: "crm.prospects".to_owned(),
        id_column: "id".to_owned(),
        model_version: "workspaces/w/models/m/versions/3".to_owned(),
        lists_as_text: false,
        intervals: true,
        reasons: true,
    }
}

fn sql(json: &str, options: &SqlOptions) -> String {
    write_sql(&ParsedScorecard::from_json(json).unwrap(), options).unwrap()
}

#[test]
fn a_query_of_every_kind_of_attribute() {
    insta::assert_snapshot!(sql(SCORECARD, &options(SqlDialect::DuckDb)));
}

/// Every dialect has the same query, in its own spellings.
#[test]
fn dialects_differ_in_spellings() {
    let subqueries = |sql: &str| -> Vec<String> {
        sql.lines().filter_map(|line| line.strip_suffix(" AS (")).map(|name| name.replace("WITH ", "")).collect()
    };
    let of = |dialect| sql(SCORECARD, &options(dialect));
    let names = subqueries(&of(SqlDialect::Ansi));
    assert!(names.len() > 15, "{names:?}");
    for dialect in SqlDialect::ALL {
        assert_eq!(subqueries(&of(dialect)), names, "{}", dialect.as_str());
    }
    for (dialect, expected) in [
        (SqlDialect::Ansi, "TRY_CAST(\"employees\" AS DOUBLE) AS value_1"),
        (SqlDialect::Postgres, "width_bucket(value_1, CAST(ARRAY[10, 5.05e1] AS double precision[]))"),
        (SqlDialect::Postgres, "(CAST(ARRAY[-4294967296, 0, 4294967296, 0] AS bigint[]))[slot_1 + 1]"),
        (SqlDialect::Postgres, "FROM \"crm\".\"prospects\" OFFSET 0"),
        (SqlDialect::Spark, "WHEN 'it\\'s' THEN 1"),
        (SqlDialect::Spark, "FROM `crm`.`prospects`"),
        (SqlDialect::Snowflake, "MOD(largest_1, 2)"),
        (SqlDialect::BigQuery, "RANGE_BUCKET(value_1, [10, 5.05e1])"),
        (SqlDialect::BigQuery, "SAFE_CAST(`since` AS DATE) AS value_5"),
    ] {
        assert!(of(dialect).contains(expected), "{} has no {expected}: {}", dialect.as_str(), of(dialect));
    }
    assert!(of(SqlDialect::Ansi).contains("-- This dialect does not cover Unicode normalization"));
    assert!(!of(SqlDialect::DuckDb).contains("does not cover"));
}

#[test]
fn options_leave_out_columns_and_change_how_lists_are_read() {
    let plain = options(SqlDialect::Ansi);
    let short = sql(SCORECARD, &SqlOptions { intervals: false, reasons: false, ..plain.clone() });
    assert!(!short.contains("variance") && !short.contains("reason_1") && !short.contains("AS low"), "{short}");
    assert!(short.contains("artifact_sha256") && short.contains("log_odds"));
    assert!(sql(SCORECARD, &plain).contains("array_to_string(\"tools\""));
    let texts = sql(SCORECARD, &SqlOptions { lists_as_text: true, ..plain });
    assert!(!texts.contains("array_to_string") && texts.contains("replace(CAST(\"tools\" AS VARCHAR), ', ', chr(31))"));
}

#[test]
fn names_are_quoted_and_cannot_end_a_comment() {
    let hostile = SCORECARD.replace("\"city\"", "\"ci\\\"ty\\n; DROP TABLE t; --\"").replace("\"tiny\"", "\"ti\\nny\"");
    let sql = sql(&hostile, &options(SqlDialect::DuckDb));
    assert!(sql.contains("CAST(\"ci\"\"ty\n; DROP TABLE t; --\" AS VARCHAR)"), "{sql}");
    assert!(sql.contains("-- ci\"ty ; DROP TABLE t; -- (category)") && sql.contains("-- exclusion rule ti ny (OUT)"));
    let card = ParsedScorecard::from_json(SCORECARD).unwrap();
    for table in ["", "a.b.c.d", "a..b", "a\nb", &"x".repeat(300)] {
        let options = SqlOptions { table: table.to_owned(), ..options(SqlDialect::Ansi) };
        let error = write_sql(&card, &options).unwrap_err();
        assert!(error.to_string().starts_with("invalid table"), "{error}");
    }
    let options = SqlOptions { id_column: String::new(), ..options(SqlDialect::Ansi) };
    assert!(write_sql(&card, &options).unwrap_err().to_string().starts_with("invalid id column"));
}

#[test]
fn a_scorecard_whose_parts_do_not_fit_is_refused() {
    for (part, replacement, message) in [
        ("\"scorecard_version\": 1", "\"scorecard_version\": 2", "the scorecard has format 2"),
        ("[10, 50.5]", "[10]", "attribute \"employees\" has 4 slots"),
        ("[0, 1, 1, 1]", "[0, 1, 1]", "does not fit its attributes"),
        ("[0, 1, 1, 1]", "[0, 1, 1, 2]", "does not fit its attributes"),
        ("\"first\": \"employees\"", "\"first\": \"unknown\"", "does not fit its attributes"),
        ("\"base_units\": -2147483648,", "", "cannot be read"),
    ] {
        let json = SCORECARD.replace(part, replacement);
        assert_ne!(json, SCORECARD);
        let error = ParsedScorecard::from_json(&json).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
    let json = SCORECARD
        .replace("{\"attribute\": \"tools\", \"any_of\": [\"sap\"]}", "{\"attribute\": \"x\", \"flag\": true}");
    let error = write_sql(&ParsedScorecard::from_json(&json).unwrap(), &options(SqlDialect::Ansi)).unwrap_err();
    assert!(error.to_string().contains("there is no attribute \"x\""), "{error}");
}
