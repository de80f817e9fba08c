//! Amounts as people write them.

/// Thousands apart: `12345.6` becomes `12,345.6`. The digits are those of the text.
#[must_use]
pub(crate) fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let mut text = String::with_capacity(number.len() + whole.len() / 3);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}

/// An amount to the cent, below one to the millionth, with its currency where that is known: `USD 35,385.5`.
#[must_use]
pub(crate) fn amount(value: f64, currency: Option<&str>) -> String {
    let size = value.abs();
    let digits = if size < 1.0 { format!("{size:.6}") } else { format!("{size:.2}") };
    let digits = grouped(digits.trim_end_matches('0').trim_end_matches('.'));
    let sign = if value < 0.0 && digits != "0" { "−" } else { "" };
    currency.map_or_else(|| format!("{sign}{digits}"), |currency| format!("{currency} {sign}{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart_and_cents_are_kept() {
        let told =
            [0.0, -1e-9, 0.004, 999.0, 35_385.0, 1_234_567.891, -1200.5, 0.1 + 0.2].map(|value| amount(value, None));
        assert_eq!(told, ["0", "0", "0.004", "999", "35,385", "1,234,567.89", "−1,200.5", "0.3"]);
        assert_eq!(amount(35_385.0, Some("EUR")), "EUR 35,385");
        assert_eq!(amount(-2000.0, Some("EUR")), "EUR −2,000");
    }
}
