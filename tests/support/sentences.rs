//! Checks the consistency of sentences: a part does not exceed its whole, a whole does not exceed the number of rows,
//! singular and plural match the number, and ranges ascend.

/// Nouns with totals that may exceed the number of rows.
const OTHER_TOTALS: [&str; 9] =
    ["cases", "field", "fields", "value", "values", "parts", "attribute", "attributes", "use"];
/// Nouns whose count is at most the number of rows, in the plural and the singular.
const COUNTED_NOUNS: [(&str, &str); 3] =
    [("customers", "customer"), ("accounts", "account"), ("hypotheses", "hypothesis")];
/// Texts that must not occur in a sentence.
const FORBIDDEN_TEXTS: [&str; 8] = ["NaN", "inf ", "-0 ", "−0 ", " of 0 ", "not known of", "None(", "Some("];

/// Asserts that a line of a document on a table with `rows` rows has no problems.
pub(crate) fn check(line: &str, rows: usize) {
    let found = problems(line, rows);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Returns the problems of a line of a document on a table with `rows` rows.
pub(crate) fn problems(line: &str, rows: usize) -> Vec<String> {
    let never = FORBIDDEN_TEXTS.iter().filter(|never| line.contains(**never));
    let mut found: Vec<String> = never.map(|never| format!("{never:?} in {line:?}")).collect();
    let mut expect = |holds: bool, what: &str| {
        if !holds {
            found.push(format!("{what} in {line:?}"));
        }
    };
    let words: Vec<&str> = line.split_whitespace().map(trim_punctuation).collect();
    for (place, word) in words.iter().enumerate() {
        let Some(number) = number(word) else { continue };
        let next = |ahead: usize| words.get(place + ahead).copied().unwrap_or_default();
        if next(1) == "of"
            && is_integer(word)
            && let Some(whole) = self::number(next(2))
        {
            expect(number <= whole, "a part is more than its whole");
            expect(whole > 0.0, "a part of nothing");
            let wraps = next(3).is_empty() && whole == 100.0;
            expect(
                wraps || OTHER_TOTALS.contains(&next(3)) || whole <= rows as f64,
                &format!("{whole} of {rows} rows"),
            );
        }
        for (many, one) in COUNTED_NOUNS {
            if next(1) == many || next(1) == one {
                expect(number <= rows as f64, &format!("{number} {many} of {rows}"));
                expect((next(1) == one) == (number == 1.0), "singular and plural");
            }
        }
        if word.ends_with('%')
            && next(1) == "to"
            && next(2).ends_with('%')
            && let Some(high) = self::number(next(2))
        {
            expect(number <= high, "a range goes down");
        }
    }
    found
}

fn trim_punctuation(word: &str) -> &str {
    word.trim_matches(['(', ')', '*', ',', '.', ';', ':', '|'])
}

fn is_integer(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit() || byte == b',')
}

/// Parses a number as documents format it.
fn number(word: &str) -> Option<f64> {
    let plain = word.trim_start_matches("&lt;").trim_start_matches("&gt;").replace(',', "").replace('−', "-");
    let plain = plain.trim_end_matches('%');
    plain.parse().ok().filter(|number: &f64| number.is_finite())
}

#[test]
#[should_panic(expected = "a part is more than its whole")]
fn a_part_above_its_total_is_reported() {
    check("20,000 of 5,119 customers with a value have no cost to serve", 100_000);
}

#[test]
#[should_panic(expected = "of 100 rows")]
fn a_total_above_the_row_count_is_reported() {
    check("34 of 101 customers", 100);
}

#[test]
#[should_panic(expected = "singular and plural")]
fn a_wrong_plural_is_reported() {
    check("**1 customers are good**", 100);
}

#[test]
#[should_panic(expected = "a range goes down")]
fn a_descending_range_is_reported() {
    check("56% (95% 70% to 41%)", 100);
}
