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
    assert!(!of(SqlDialect::DuckDb).contains("does not cover Unicode"));
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

/// The test of the only condition on `country`, for a dialect.
fn country_test(dialect: SqlDialect, when: &str) -> String {
    let when = format!("{{\"attribute\": \"country\", {when}}}");
    let json = SCORECARD.replace("{\"attribute\": \"country\", \"any_of\": [\"ch\", \"de\"]}", &when);
    let sql = sql(&json, &options(dialect));
    sql.lines().find(|line| line.ends_with(" AS hypothesis_2")).unwrap().trim().to_owned()
}

/// Without a kind, the text of a column decides whether it is a number, a day or a flag. No cast can fail.
#[test]
fn a_range_of_an_attribute_without_data_reads_columns_of_any_type() {
    let range = "\"at_least\": 16801, \"below\": 1e9";
    let test = country_test(SqlDialect::Postgres, range);
    assert!(
        test.contains("CAST(value_6 AS double precision) >= 16801 AND CAST(value_6 AS double precision) < 1000000000")
    );
    assert!(test.contains("WHEN value_6 ~ '^([0-9]{4}-"), "{test}");
    let day = "SUBSTR(value_6, 1, 10) COLLATE \"C\"";
    assert!(test.contains(&format!("{day} >= '2016-01-01' AND {day} < '9999-99' ELSE 1 = 0 END")), "{test}");
    for (range, flags) in [
        ("\"at_least\": 0, \"below\": 2", "ELSE value_6 IN ('true', 'false') END"),
        ("\"at_least\": 1", "ELSE value_6 IN ('true') END"),
        ("\"below\": 1", "ELSE value_6 IN ('false') END"),
    ] {
        for dialect in SqlDialect::ALL {
            let test = country_test(dialect, range);
            assert!(test.contains(flags), "{}: {test}", dialect.as_str());
        }
        let of_category = country_test(SqlDialect::Postgres, &format!("\"kind\": \"category\", {range}"));
        assert!(of_category.contains("ELSE 1 = 0 END"), "the text true is not a number: {of_category}");
    }
}

/// No column of dates has a day after 9999-12-31.
#[test]
fn a_bound_beyond_the_last_date_is_left_out() {
    let test = |range: &str| country_test(SqlDialect::Postgres, &format!("\"kind\": \"date\", {range}"));
    let expected = "CASE WHEN value_6 IS NOT NULL AND value_6 >= DATE '2016-01-01' THEN 1 ELSE 0 END AS hypothesis_2";
    assert_eq!(test("\"at_least\": 16801, \"below\": 1e9"), expected);
    assert_eq!(test("\"at_least\": 1e9"), "CASE WHEN 1 = 0 THEN 1 ELSE 0 END AS hypothesis_2");
}

#[test]
fn a_word_is_a_flag_of_a_category_and_a_number_of_a_flag() {
    let test = country_test(SqlDialect::DuckDb, "\"kind\": \"category\", \"flag\": true");
    assert_eq!(test, "CASE WHEN value_6 IN ('yes', '1') THEN 1 ELSE 0 END AS hypothesis_2");
    let test = country_test(SqlDialect::DuckDb, "\"kind\": \"flag\", \"flag\": true");
    let expected = "(value_6 IN ('yes', '1') OR regexp_matches(value_6, '^[+]?0*1([.]0*)?$'))";
    assert_eq!(test, format!("CASE WHEN {expected} THEN 1 ELSE 0 END AS hypothesis_2"));
}

#[test]
fn columns_that_a_dialect_does_not_distinguish_are_refused() {
    let with = |city: &str| ParsedScorecard::from_json(&SCORECARD.replace("\"city\"", &format!("{city:?}"))).unwrap();
    for (dialect, refuses) in [
        (SqlDialect::DuckDb, true),
        (SqlDialect::Spark, true),
        (SqlDialect::BigQuery, true),
        (SqlDialect::Postgres, false),
        (SqlDialect::Snowflake, false),
        (SqlDialect::Ansi, false),
    ] {
        for (attribute, names) in [("Employees", "\"employees\" and \"Employees\""), ("ID", "\"id\" and \"ID\"")] {
            match write_sql(&with(attribute), &options(dialect)) {
                Err(error) => assert!(refuses && error.to_string().contains(names), "{error}"),
                Ok(_) => assert!(!refuses, "{}", dialect.as_str()),
            }
        }
    }
    assert!(write_sql(&with("id"), &options(SqlDialect::DuckDb)).is_ok(), "one column");
}
