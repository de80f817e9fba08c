//! Signs and codes of currencies beside numbers.

use super::DecimalMark;

/// What may stand before or after an amount, and the currency (ISO 4217) that it means; `kr` is that of several countries.
/// A sign that ends with another one comes before it.
pub const CURRENCIES: [(&str, &str); 73] = [
    ("US$", "USD"),
    ("R$", "BRL"),
    ("CA$", "CAD"),
    ("C$", "CAD"),
    ("AU$", "AUD"),
    ("A$", "AUD"),
    ("NZ$", "NZD"),
    ("HK$", "HKD"),
    ("MX$", "MXN"),
    ("S$", "SGD"),
    ("$", "USD"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("¥", "JPY"),
    ("₹", "INR"),
    ("₩", "KRW"),
    ("₺", "TRY"),
    ("₪", "ILS"),
    ("฿", "THB"),
    ("₱", "PHP"),
    ("₽", "RUB"),
    ("₴", "UAH"),
    ("zł", "PLN"),
    ("Kč", "CZK"),
    ("Ft", "HUF"),
    ("lei", "RON"),
    ("Rs.", "INR"),
    ("Rs", "INR"),
    ("SFr.", "CHF"),
    ("SFr", "CHF"),
    ("Fr.", "CHF"),
    ("kr.", "kr"),
    ("kr", "kr"),
    ("AED", "AED"),
    ("ARS", "ARS"),
    ("AUD", "AUD"),
    ("BGN", "BGN"),
    ("BRL", "BRL"),
    ("CAD", "CAD"),
    ("CHF", "CHF"),
    ("CLP", "CLP"),
    ("CNY", "CNY"),
    ("COP", "COP"),
    ("CZK", "CZK"),
    ("DKK", "DKK"),
    ("EGP", "EGP"),
    ("EUR", "EUR"),
    ("GBP", "GBP"),
    ("HKD", "HKD"),
    ("HUF", "HUF"),
    ("IDR", "IDR"),
    ("ILS", "ILS"),
    ("INR", "INR"),
    ("JPY", "JPY"),
    ("KRW", "KRW"),
    ("MXN", "MXN"),
    ("MYR", "MYR"),
    ("NGN", "NGN"),
    ("NOK", "NOK"),
    ("NZD", "NZD"),
    ("PHP", "PHP"),
    ("PLN", "PLN"),
    ("RON", "RON"),
    ("RUB", "RUB"),
    ("SAR", "SAR"),
    ("SEK", "SEK"),
    ("SGD", "SGD"),
    ("THB", "THB"),
    ("TRY", "TRY"),
    ("TWD", "TWD"),
    ("UAH", "UAH"),
    ("USD", "USD"),
    ("ZAR", "ZAR"),
];

/// Currencies of countries that all write a decimal point.
const WITH_POINT: [&str; 12] = ["AUD", "CNY", "GBP", "HKD", "INR", "JPY", "KRW", "MYR", "NZD", "PHP", "SGD", "USD"];
/// Currencies of countries that all write a decimal comma.
const WITH_COMMA: [&str; 13] =
    ["ARS", "BGN", "BRL", "CLP", "COP", "CZK", "DKK", "HUF", "NOK", "PLN", "RON", "SEK", "TRY"];

/// How the countries of a currency write decimals, where they agree.
pub(super) fn habit(code: &str) -> Option<DecimalMark> {
    if WITH_POINT.contains(&code) {
        Some(DecimalMark::Point)
    } else {
        (code == "kr" || WITH_COMMA.contains(&code)).then_some(DecimalMark::Comma)
    }
}
