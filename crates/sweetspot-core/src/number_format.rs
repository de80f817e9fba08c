//! Formats amounts and percentages for people.

/// Inserts thousands separators: `12345.6` becomes `12,345.6`. The digits do not change.
#[must_use]
pub fn group_thousands(number: &str) -> String {
    let (integer, fraction) = number.split_at(number.find('.').unwrap_or(number.len()));
    let mut text = String::with_capacity(number.len() + integer.len() / 3);
    for (index, digit) in integer.chars().enumerate() {
        if index > 0 && (integer.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text + fraction
}

/// Formats an amount preceded by its currency if known: `USD 35,385`, or with cents if it has any, `USD 35,385.50`.
/// Amounts below one have up to six decimals.
#[must_use]
pub fn amount(value: f64, currency: Option<&str>) -> String {
    let size = value.abs();
    let digits = if size < 1.0 { format!("{size:.6}") } else { format!("{size:.2}") };
    let digits =
        if size < 1.0 { digits.trim_end_matches('0').trim_end_matches('.') } else { digits.trim_end_matches(".00") };
    let digits = group_thousands(digits);
    let sign = if value < 0.0 && digits != "0" { "−" } else { "" };
    currency.map_or_else(|| format!("{sign}{digits}"), |currency| format!("{currency} {sign}{digits}"))
}

/// Formats a share as a percentage: with one decimal below 10% and where it would round to 100%, without decimals
/// otherwise and for whole percentages. A nonzero share is never `0%`, and a share other than one is never `100%`.
#[must_use]
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if !percent.is_finite() {
        return "not known".to_owned();
    }
    let (size, sign) = (percent.abs(), if percent < 0.0 { "−" } else { "" });
    let rounded = size.round();
    // Ignore the rounding error of a sum or a product of fractions.
    if (size - rounded).abs() < 1e-9 {
        return if rounded == 0.0 { "0%".to_owned() } else { format!("{sign}{rounded:.0}%") };
    }
    match size {
        _ if size < 0.05 && percent < 0.0 => ">−0.1%".to_owned(),
        _ if size < 0.05 => "<0.1%".to_owned(),
        _ if (99.95..100.0).contains(&size) && percent > 0.0 => ">99.9%".to_owned(),
        // 9.95 and above round to ten without decimals; a value near a hundred is not a hundred.
        _ if size < 9.95 || rounded == 100.0 => format!("{sign}{size:.1}%"),
        _ => format!("{sign}{size:.0}%"),
    }
}

/// `400 customers`, or `6,663 rows of 1,500 accounts` if accounts have several rows.
#[must_use]
pub fn customer_count_phrase(rows: u64, accounts: u64) -> String {
    let count = |count: u64, singular: &str| {
        format!("{} {singular}{}", group_thousands(&count.to_string()), if count == 1 { "" } else { "s" })
    };
    if (1..rows).contains(&accounts) {
        format!("{} of {}", count(rows, "row"), count(accounts, "account"))
    } else {
        format!("{} customers", group_thousands(&rows.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_thousands_separators_and_cents() {
        let told =
            [0.0, -1e-9, 0.004, 999.0, 35_385.0, 1_234_567.891, -1200.5, 0.1 + 0.2].map(|value| amount(value, None));
        assert_eq!(told, ["0", "0", "0.004", "999", "35,385", "1,234,567.89", "−1,200.50", "0.3"]);
        assert_eq!(amount(35_385.0, Some("EUR")), "EUR 35,385");
        assert_eq!(amount(-2000.0, Some("EUR")), "EUR −2,000");
    }

    #[test]
    fn only_zero_is_0_percent_and_only_one_is_100_percent() {
        let cases = [
            (0.0, "0%"),
            (-0.0, "0%"),
            (1e-13, "0%"),
            (0.0003, "<0.1%"),
            (-0.0003, ">−0.1%"),
            (0.001, "0.1%"),
            (0.07, "7%"),
            (0.0949, "9.5%"),
            (0.0996, "10%"),
            (0.56, "56%"),
            (-0.098, "−9.8%"),
            (0.994, "99%"),
            (0.997, "99.7%"),
            (0.9999, ">99.9%"),
            (1.0, "100%"),
            (0.1 + 0.2 + 0.7, "100%"),
            (1.003, "100.3%"),
            (1.12, "112%"),
            (f64::NAN, "not known"),
        ];
        for (share, expected) in cases {
            assert_eq!(percent(share), expected, "{share}");
        }
    }

    #[test]
    fn accounts_are_counted_if_they_have_several_rows() {
        assert_eq!(customer_count_phrase(6663, 1500), "6,663 rows of 1,500 accounts");
        assert_eq!([customer_count_phrase(400, 400), customer_count_phrase(400, 0)], ["400 customers"; 2]);
        assert_eq!(customer_count_phrase(3, 1), "3 rows of 1 account");
    }
}
