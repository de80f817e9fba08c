//! Currency signs and codes next to numbers.

use super::DecimalMark;

/// Signs and codes that can precede or follow an amount, with their currency (ISO 4217); `kr` is used by several
/// countries. A sign that ends with another one comes before it.
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

/// Currencies of countries that all use a decimal point.
const POINT_CURRENCIES: [&str; 12] =
    ["AUD", "CNY", "GBP", "HKD", "INR", "JPY", "KRW", "MYR", "NZD", "PHP", "SGD", "USD"];
/// Currencies of countries that all use a decimal comma.
const COMMA_CURRENCIES: [&str; 13] =
    ["ARS", "BGN", "BRL", "CLP", "COP", "CZK", "DKK", "HUF", "NOK", "PLN", "RON", "SEK", "TRY"];

/// The decimal mark of the countries with a currency; `None` if they differ.
pub(super) fn currency_decimal_mark(code: &str) -> Option<DecimalMark> {
    if POINT_CURRENCIES.contains(&code) {
        Some(DecimalMark::Point)
    } else {
        (code == "kr" || COMMA_CURRENCIES.contains(&code)).then_some(DecimalMark::Comma)
    }
}
