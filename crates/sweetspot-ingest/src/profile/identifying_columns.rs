//! Columns that identify an account, a place or a currency instead of describing it, by their names and the form of
//! their texts.

use sweetspot_core::{AttributeKind, parse_number};

use super::InspectedColumn;
use crate::word_lists::{is_id_name, name_words};

/// The singular and plural nouns for accounts.
const ACCOUNT_NOUNS: [(&str, &str); 27] = [
    ("account", "accounts"),
    ("company", "companies"),
    ("organization", "organizations"),
    ("organisation", "organisations"),
    ("org", "organizations"),
    ("firm", "firms"),
    ("employer", "employers"),
    ("business", "businesses"),
    ("client", "clients"),
    ("customer", "customers"),
    ("subscriber", "subscribers"),
    ("tenant", "tenants"),
    ("household", "households"),
    ("policyholder", "policyholders"),
    ("member", "members"),
    ("patient", "patients"),
    ("student", "students"),
    ("buyer", "buyers"),
    ("user", "users"),
    ("person", "people"),
    ("contact", "contacts"),
    ("lead", "leads"),
    ("prospect", "prospects"),
    ("domain", "domains"),
    ("domains", "domains"),
    ("website", "websites"),
    ("url", "websites"),
];

/// Words that do not change the meaning of an account noun next to them.
const NEUTRAL_WORDS: [&str; 25] = [
    "name",
    "names",
    "id",
    "ids",
    "uuid",
    "guid",
    "key",
    "identifier",
    "number",
    "no",
    "nr",
    "num",
    "code",
    "the",
    "full",
    "legal",
    "parent",
    "billing",
    "ultimate",
    "associated",
    "crm",
    "sf",
    "hs",
    "email",
    "primary",
];

/// Words for keys of places.
const PLACE_KEY_WORDS: [&str; 16] = [
    "lat",
    "latitude",
    "lng",
    "longitude",
    "latlong",
    "latlng",
    "coordinates",
    "coordinate",
    "geolocation",
    "geohash",
    "geocode",
    "zip",
    "zipcode",
    "postcode",
    "postal",
    "plz",
];

/// Words for coarse properties, places, or people on the seller's side: columns that group rows without identifying
/// accounts.
const COARSE_WORDS: [&str; 44] = [
    "city",
    "town",
    "village",
    "county",
    "state",
    "province",
    "country",
    "region",
    "territory",
    "area",
    "district",
    "location",
    "place",
    "address",
    "street",
    "branch",
    "store",
    "industry",
    "sector",
    "vertical",
    "sic",
    "naics",
    "product",
    "sku",
    "plan",
    "price",
    "package",
    "source",
    "campaign",
    "channel",
    "medium",
    "owner",
    "agent",
    "rep",
    "manager",
    "seller",
    "salesperson",
    "title",
    "role",
    "job",
    "department",
    "type",
    "category",
    "month",
];

/// Returns the plural of the account noun if the column name refers only to accounts: `Company Name`, `account_id`,
/// `Domain`, but not `Company Size`.
pub(super) fn account_noun(name: &str) -> Option<&'static str> {
    let words = name_words(name);
    let noun = |word: &String| ACCOUNT_NOUNS.iter().find(|(singular, _)| singular == word).map(|(_, plural)| *plural);
    let plain = words.iter().all(|word| noun(word).is_some() || NEUTRAL_WORDS.contains(&word.as_str()));
    if !plain {
        return None;
    }
    // `Company domain` refers to domains, `Account ID` to accounts.
    words.iter().rev().find_map(noun)
}

/// The same for an id: `Customer ID`, `account_key`. A bare `id` refers to accounts.
pub(super) fn account_id_noun(name: &str) -> Option<&'static str> {
    let bare = || (name_words(name).len() == 1).then_some("accounts");
    if is_id_name(name) { account_noun(name).or_else(bare) } else { None }
}

/// Returns whether the name refers to a coarse property that accounts share.
pub(super) fn is_coarse(name: &str) -> bool {
    name_words(name).iter().any(|word| COARSE_WORDS.contains(&word.as_str()))
}

/// Returns whether the column contains keys of places: coordinates or postal codes.
pub(super) fn is_place_key(column: &InspectedColumn<'_>) -> bool {
    let words = name_words(column.name);
    let coordinate = || {
        matches!(words[..], [ref one] if one == "lon" || one == "long")
            && column.kind == AttributeKind::Number
            && column.stats.share_of_cells(|text| parse_number(text).is_some_and(|number| number.abs() <= 180.0)) >= 1.0
    };
    words.iter().any(|word| PLACE_KEY_WORDS.contains(&word.as_str())) || coordinate()
}

/// Returns whether the numbers look like long ids rounded by a spreadsheet: at least 16 digits that end in zeros, or
/// written as `1.2E+17`.
pub(super) fn has_rounded_ids(column: &InspectedColumn<'_>) -> bool {
    let rounded = |text: &str| {
        let long = text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_digit()) && text.ends_with("000");
        let power = || text.contains("E+") && parse_number(text).is_some();
        long || power()
    };
    column.stats.present > 0 && column.stats.share_of_cells(rounded) >= 0.9
}

/// Returns the host of a work e-mail address; `None` for other texts and for free mail providers.
pub(super) fn work_domain(text: &str) -> Option<String> {
    let (user, host) = text.split_once('@')?;
    let address = !user.is_empty() && host.contains('.') && !host.contains(['@', ' ']);
    let host = host.to_lowercase();
    (address && !is_public_mailbox(&host)).then_some(host)
}

fn is_public_mailbox(host: &str) -> bool {
    const PUBLIC: [&str; 16] = [
        "gmail",
        "googlemail",
        "yahoo",
        "ymail",
        "hotmail",
        "outlook",
        "live",
        "msn",
        "icloud",
        "me",
        "aol",
        "gmx",
        "web",
        "mail",
        "proton",
        "protonmail",
    ];
    host.split('.').next().is_some_and(|first| PUBLIC.contains(&first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_accounts() {
        for (name, plural) in [
            ("Company Name", Some("companies")),
            ("account_id", Some("accounts")),
            ("Organization - Name", Some("organizations")),
            ("Company domain", Some("domains")),
            ("Domain", Some("domains")),
            ("Associated Company", Some("companies")),
            ("Company Size", None),
            ("Customer Type", None),
            ("Client since when", None),
            ("City", None),
            ("Name", None),
            ("Product ID", None),
        ] {
            assert_eq!(account_noun(name), plural, "{name}");
        }
    }

    #[test]
    fn ids_of_accounts_and_of_other_things() {
        for (name, plural) in [
            ("Customer ID", Some("customers")),
            ("Account Number", Some("accounts")),
            ("id", Some("accounts")),
            ("Product ID", None),
            ("Company", None),
        ] {
            assert_eq!(account_id_noun(name), plural, "{name}");
        }
    }

    #[test]
    fn domains_of_work() {
        assert_eq!(work_domain("ann@Acme.example").as_deref(), Some("acme.example"));
        for text in ["ann@gmail.com", "ann", "@acme.example", "a@b@c.example", "ann@localhost"] {
            assert_eq!(work_domain(text), None, "{text}");
        }
    }
}
