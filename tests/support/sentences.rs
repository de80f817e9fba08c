//! A sentence as a reader checks it: a part is no more than its whole, no whole is more than there are, one is singular, a range goes up.

/// What is counted and is no customer.
const OTHER_WHOLES: [&str; 9] =
    ["cases", "field", "fields", "value", "values", "parts", "attribute", "attributes", "use"];
/// What there are no more of than rows of the table, in the plural and the singular.
const COUNTED: [(&str, &str); 3] = [("customers", "customer"), ("accounts", "account"), ("hypotheses", "hypothesis")];
/// What no sentence says.
const NEVER: [&str; 8] = ["NaN", "inf ", "-0 ", "−0 ", " of 0 ", "not known of", "None(", "Some("];

/// Asserts that one line of a document of a table with so many rows has no problem.
pub(crate) fn check(line: &str, rows: usize) {
    let found = problems(line, rows);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// What is wrong with one line of a document of a table with so many rows.
pub(crate) fn problems(line: &str, rows: usize) -> Vec<String> {
    let never = NEVER.iter().filter(|never| line.contains(**never));
    let mut found: Vec<String> = never.map(|never| format!("{never:?} in {line:?}")).collect();
    let mut expect = |holds: bool, what: &str| {
        if !holds {
            found.push(format!("{what} in {line:?}"));
        }
    };
    let words: Vec<&str> = line.split_whitespace().map(trimmed).collect();
    for (place, word) in words.iter().enumerate() {
        let Some(number) = number(word) else { continue };
        let next = |ahead: usize| words.get(place + ahead).copied().unwrap_or_default();
        if next(1) == "of"
            && is_whole(word)
            && let Some(whole) = self::number(next(2))
        {
            expect(number <= whole, "a part is more than its whole");
            expect(whole > 0.0, "a part of nothing");
            let wraps = next(3).is_empty() && whole == 100.0;
            expect(
                wraps || OTHER_WHOLES.contains(&next(3)) || whole <= rows as f64,
                &format!("{whole} of {rows} rows"),
            );
        }
        for (many, one) in COUNTED {
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

fn trimmed(word: &str) -> &str {
    word.trim_matches(['(', ')', '*', ',', '.', ';', ':', '|'])
}

fn is_whole(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit() || byte == b',')
}

/// A number as documents write it.
fn number(word: &str) -> Option<f64> {
    let plain = word.trim_start_matches("&lt;").trim_start_matches("&gt;").replace(',', "").replace('−', "-");
    let plain = plain.trim_end_matches('%');
    plain.parse().ok().filter(|number: &f64| number.is_finite())
}

#[test]
#[should_panic(expected = "a part is more than its whole")]
fn a_part_that_is_more_than_its_whole_is_found() {
    check("20,000 of 5,119 customers with a value have no cost to serve", 100_000);
}

#[test]
#[should_panic(expected = "of 100 rows")]
fn a_whole_that_is_more_than_there_are_is_found() {
    check("34 of 101 customers", 100);
}

#[test]
#[should_panic(expected = "singular and plural")]
fn a_wrong_plural_is_found() {
    check("**1 customers are good**", 100);
}

#[test]
#[should_panic(expected = "a range goes down")]
fn a_range_that_goes_down_is_found() {
    check("56% (95% 70% to 41%)", 100);
}
