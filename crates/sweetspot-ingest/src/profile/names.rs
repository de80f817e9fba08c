//! Columns that name an account, a place or a currency rather than describe it: by their names, and by how texts are written.

use sweetspot_core::{Kind, parse_number};

use super::Look;
use super::words::{is_id_name, words};

/// What an account is called, and what several of them are called.
const ACCOUNTS: [(&str, &str); 27] = [
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

/// Words that may stand beside one of these without making it something else.
const BESIDE: [&str; 25] = [
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
const PLACE_KEYS: [&str; 16] = [
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

/// Words for what is coarse, or a place, or somebody on the seller's side: a column of these groups rows without naming accounts.
const COARSE: [&str; 44] = [
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

/// The plural of what the column names, where its name says that it names accounts and nothing else: `Company Name`,
/// `account_id`, `Domain`, but not `Company Size`.
pub(super) fn accounts_named(name: &str) -> Option<&'static str> {
    let words = words(name);
    let noun = |word: &String| ACCOUNTS.iter().find(|(one, _)| one == word).map(|(_, many)| *many);
    let plain = words.iter().all(|word| noun(word).is_some() || BESIDE.contains(&word.as_str()));
    if !plain {
        return None;
    }
    // `Company domain` names domains, `Account ID` accounts.
    words.iter().rev().find_map(noun)
}

/// The same for an id: `Customer ID`, `account_key`; a bare `id` names accounts.
pub(super) fn ids_of_accounts(name: &str) -> Option<&'static str> {
    let bare = || (words(name).len() == 1).then_some("accounts");
    if is_id_name(name) { accounts_named(name).or_else(bare) } else { None }
}

/// Whether the name speaks of something coarse that accounts share.
pub(super) fn is_coarse(name: &str) -> bool {
    words(name).iter().any(|word| COARSE.contains(&word.as_str()))
}

/// Whether the column holds keys of places: coordinates or postal codes.
pub(super) fn is_place_key(look: &Look<'_>) -> bool {
    let words = words(look.name);
    let coordinate = || {
        matches!(words[..], [ref one] if one == "lon" || one == "long")
            && look.kind == Kind::Number
            && look.facts.share(|text| parse_number(text).is_some_and(|number| number.abs() <= 180.0)) >= 1.0
    };
    words.iter().any(|word| PLACE_KEYS.contains(&word.as_str())) || coordinate()
}

/// Whether the numbers look as a spreadsheet rounds long ids: 16 digits or more that end in zeros, or written as `1.2E+17`.
pub(super) fn look_rounded(look: &Look<'_>) -> bool {
    let rounded = |text: &str| {
        let long = text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_digit()) && text.ends_with("000");
        let power = || text.contains("E+") && parse_number(text).is_some();
        long || power()
    };
    look.facts.present > 0 && look.facts.share(rounded) >= 0.9
}

/// The host of an e-mail address at work; nothing for other texts and for mailboxes that anybody can have.
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
            assert_eq!(accounts_named(name), plural, "{name}");
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
            assert_eq!(ids_of_accounts(name), plural, "{name}");
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
