//! Numbers and flags as written by people.

use proptest::prelude::*;
use sweetspot_core::{parse_flag, parse_number};

/// `1234567` as `1,234,567`.
fn grouped(digits: &str) -> String {
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}

proptest! {
    #[test]
    fn a_number_survives_its_shortest_text(number in any::<f64>().prop_filter("finite", |number| number.is_finite())) {
        prop_assert_eq!(parse_number(&number.to_string()), Some(number));
        prop_assert_eq!(parse_number(&format!("{number:e}")), Some(number));
    }

    #[test]
    fn thousands_separators_change_nothing(whole in 0..1_000_000_000_000_000_u64, cents in 0..100_u8) {
        let plain = format!("{whole}.{cents:02}");
        let number: f64 = plain.parse().unwrap();
        let text = format!("{}.{cents:02}", grouped(&whole.to_string()));
        for (text, expected) in [
            (text.clone(), number),
            (format!("  {text}\t"), number),
            (format!("+{text}"), number),
            (format!("-{text}"), -number),
            (format!("\u{2212}{text}"), -number),
            (format!("({text})"), -number),
            (format!("{text}%"), number),
        ] {
            prop_assert_eq!(parse_number(&text), Some(expected), "{}", text);
        }
    }

    #[test]
    fn a_currency_may_precede_or_follow_a_number(
        number in 0..10_000_000_u32,
        currency in prop::sample::select(vec!["$", "€", "£", "¥", "₹", "US$", "USD", "EUR", "GBP", "CHF", "JPY"]),
    ) {
        let text = grouped(&number.to_string());
        for text in [
            format!("{currency}{text}"),
            format!("{currency} {text}"),
            format!("{text}{currency}"),
            format!("{text} {currency}"),
        ] {
            prop_assert_eq!(parse_number(&text), Some(f64::from(number)), "{}", text);
            prop_assert_eq!(parse_number(&format!("-{text}")), Some(-f64::from(number)), "-{}", text);
            prop_assert_eq!(parse_number(&format!("({text})")), Some(-f64::from(number)), "({})", text);
        }
    }

    #[test]
    fn a_comma_that_separates_no_thousands_is_a_decimal_comma(digits in "[0-9]{1,8}", tail in "[0-9]{1,5}") {
        prop_assume!(tail.len() != 3 || digits.len() > 3);
        let (text, expected) = (format!("{digits},{tail}"), format!("{digits}.{tail}").parse().ok());
        prop_assert_eq!(parse_number(&text), expected);
    }

    #[test]
    fn no_text_panics_and_every_number_is_finite(text in "([-+−(),.%$€ ]|[0-9eE]|inf|nan|US\\$|EUR|\\PC){0,12}") {
        prop_assert!(parse_number(&text).is_none_or(f64::is_finite), "{}", text);
        let _ = parse_flag(&text);
    }
}

#[test]
fn every_word_for_a_flag_in_any_case_and_nothing_else() {
    for (words, flag) in
        [(["yes", "true", "y", "ja", "oui", "1"], true), (["no", "false", "n", "nein", "off", "0"], false)]
    {
        for word in words {
            for text in [word.to_owned(), word.to_uppercase(), format!("\t{word} ")] {
                assert_eq!(parse_flag(&text), Some(flag), "{text:?}");
            }
        }
    }
    for text in ["", " ", "2", "-1", "1.0", "yess", "true false", "у"] {
        assert_eq!(parse_flag(text), None, "{text:?}");
    }
}
