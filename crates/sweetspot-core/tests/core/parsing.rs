//! Dates and lists are read as they are written.

use jiff::civil;
use proptest::prelude::*;
use sweetspot_core::{Date, parse_date, parse_list};

fn day() -> impl Strategy<Value = civil::Date> {
    (-9999..=9999_i16, 1..=12_i8, 1..=31_i8)
        .prop_filter_map("a day of the calendar", |(year, month, day)| civil::Date::new(year, month, day).ok())
}

proptest! {
    #[test]
    fn a_day_of_the_calendar_has_one_number(one in day(), other in day()) {
        let date = Date::from_civil(one);
        prop_assert_eq!(date.to_civil(), Some(one));
        prop_assert_eq!(date.cmp(&Date::from_civil(other)), one.cmp(&other));
        let next = Date { days: date.days + 1 };
        if let Some(tomorrow) = next.to_civil() {
            prop_assert_eq!(one.tomorrow().ok(), Some(tomorrow));
        }
    }

    #[test]
    fn a_date_survives_its_text(day in day()) {
        let date = Date::from_civil(day);
        let expected = (day.year() >= 0).then_some(date);
        prop_assert_eq!(parse_date(&date.to_string()), expected, "{}", date);
    }

    #[test]
    fn the_usual_spellings_are_one_day(date in day().prop_filter("AD", |day| day.year() >= 1000)) {
        let (year, month, day) = (date.year(), date.month(), date.day());
        for text in [
            format!("{year}-{month:02}-{day:02}"),
            format!("{year}-{month}-{day}"),
            format!("{year}-{month:02}-{day:02}T23:59:59+02:00"),
            format!(" {year}-{month:02}-{day:02} 00:00 "),
            format!("{day:02}.{month:02}.{year}"),
            format!("{day}.{month}.{year}"),
            format!("{year}/{month:02}/{day:02}"),
            format!("{month}/{day}/{year}"),
        ] {
            prop_assert_eq!(parse_date(&text), Some(Date::from_civil(date)), "{}", text);
        }
    }

    #[test]
    fn any_number_of_days_has_a_text(days in any::<i32>()) {
        let date = Date { days };
        if let Some(civil) = date.to_civil() {
            prop_assert_eq!(Date::from_civil(civil), date);
        } else {
            prop_assert_eq!(date.to_string(), format!("day {days}"));
        }
    }

    #[test]
    fn no_text_panics(text in "([0-9]{1,5}|[-./T :]|\\PC){0,9}") {
        let _ = parse_date(&text);
        let _ = parse_list(&text);
    }

    #[test]
    fn a_list_joined_and_read_again_is_the_same_list(text in "([a-c]|[;|,] ?| |\\PC){0,20}") {
        let items = parse_list(&text);
        // A single item without a separator would be split at its own commas.
        let joined = format!("{};", items.join("; "));
        prop_assert_eq!(parse_list(&joined), items);
    }

    #[test]
    fn items_are_trimmed_whole_and_distinct(text in "([a-c]|[;|,] ?| |\\PC){0,20}") {
        let items = parse_list(&text);
        let distinct: std::collections::BTreeSet<_> = items.iter().collect();
        prop_assert_eq!(distinct.len(), items.len());
        for item in items {
            prop_assert!(!item.is_empty() && item.trim() == item && text.contains(item));
            prop_assert!(!item.contains([';', '|']));
        }
    }

    #[test]
    fn the_three_separators_mean_the_same(items in prop::collection::btree_set("[a-z]{1,5}", 2..6)) {
        let items: Vec<&str> = items.iter().map(String::as_str).collect();
        for separator in ["; ", ";", "|", " | ", ", "] {
            let text = items.join(separator);
            prop_assert_eq!(&parse_list(&text), &items, "{:?}", separator);
        }
    }
}

#[test]
fn the_ends_of_the_calendar() {
    for (year, month, day) in [(-9999, 1, 1), (9999, 12, 31), (0, 2, 29), (1970, 1, 1), (1969, 12, 31), (2000, 2, 29)] {
        let civil = civil::date(year, month, day);
        assert_eq!(Date::from_civil(civil).to_civil(), Some(civil));
    }
    assert_eq!(Date::from_civil(civil::date(1970, 1, 1)).days, 0);
    assert_eq!(Date::from_civil(civil::date(1969, 12, 31)).days, -1);
    for days in [i32::MIN, i32::MAX, 3_000_000, -5_000_000] {
        assert_eq!(Date { days }.to_civil(), None, "{days}");
    }
}
