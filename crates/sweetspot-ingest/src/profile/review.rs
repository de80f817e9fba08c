//! Which columns tell what an account review asks, by the names that people give them.

use std::collections::BTreeMap;

use sweetspot_core::{Kind, MOST_QUARTERS, ReviewField, parse_number};

use super::words::words;
use super::{Look, Verdict, review_names};
use crate::mapping::{Attributes, Mapping};

/// From this share of readable cells on, a column can be one of numbers.
const READABLE: f64 = 0.5;

/// From this share of distinct cells on, a column can be one of names.
const DISTINCT: f64 = 0.5;

/// The column of each field that was recognised. No column tells two of them.
pub(super) fn columns(looks: &[Look<'_>]) -> BTreeMap<ReviewField, String> {
    let mut found: BTreeMap<ReviewField, String> = BTreeMap::new();
    let named: Vec<(String, &Look<'_>)> = looks.iter().map(|look| (plain(look.name), look)).collect();
    for (field, names) in review_names::NAMES {
        let open = |look: &Look<'_>| fits(look, field) && !found.values().any(|taken| taken == look.name);
        // The country of customers who are all in one says less than their cities.
        let varied = |look: &Look<'_>| look.facts.distinct() != 1 && open(look);
        let column = first(&named, names, varied).or_else(|| first(&named, names, open));
        if let Some(column) = column {
            found.insert(field, column);
        }
    }
    found.extend(spend(looks));
    found
}

/// The column with the likeliest name.
fn first(looks: &[(String, &Look<'_>)], names: &[&str], fits: impl Fn(&Look<'_>) -> bool) -> Option<String> {
    let column = |wanted: &&str| looks.iter().find(|(name, look)| name == *wanted && fits(look));
    names.iter().find_map(column).map(|(_, look)| look.name.to_owned())
}

/// The quarters of spending as far as they follow each other from the first on.
fn spend(looks: &[Look<'_>]) -> Vec<(ReviewField, String)> {
    let of = |quarter: u8| {
        looks.iter().find(|look| self::quarter(look.name) == Some(quarter) && fits(look, ReviewField::Spend(quarter)))
    };
    let quarters = (1..=MOST_QUARTERS).map_while(|quarter| Some((ReviewField::Spend(quarter), of(quarter)?)));
    quarters.map(|(field, look)| (field, look.name.to_owned())).collect()
}

/// Which quarter a name speaks of: `Spend Q3`, `Q3 revenue`, `spend_quarter_3`.
pub(super) fn quarter(name: &str) -> Option<u8> {
    let words = words(name);
    if !words
        .iter()
        .any(|word| ["spend", "spent", "spending", "revenue", "billed", "billings"].contains(&word.as_str()))
    {
        return None;
    }
    let number = |word: &String| word.parse().ok().filter(|quarter| (1..=MOST_QUARTERS).contains(quarter));
    let short = words.iter().find_map(|word| word.strip_prefix('q').map(str::to_owned)?.parse().ok());
    let long = || words.iter().zip(words.iter().skip(1)).find(|(word, _)| *word == "quarter");
    short.filter(|quarter| (1..=MOST_QUARTERS).contains(quarter)).or_else(|| number(long()?.1))
}

/// Whether the cells can be what the field asks for. An empty column can: nobody has filled it in yet.
fn fits(look: &Look<'_>, field: ReviewField) -> bool {
    if look.facts.present == 0 {
        return true;
    }
    // Others than names are called account or customer too, such as how an account stands.
    let named = field != ReviewField::Name || look.facts.distinct_share() >= DISTINCT;
    named
        && (field.kind() != Kind::Number
            || field.kind() != Kind::Number
            || look.facts.share(|text| parse_number(text).is_some()) >= READABLE)
}

/// A name in lower case, with one space for whatever stands between words, and without a currency at its end.
fn plain(name: &str) -> String {
    let mut words = words(name);
    if words.len() > 1 && words.last().is_some_and(|word| ["eur", "usd", "gbp", "chf"].contains(&word.as_str())) {
        words.pop();
    }
    words.join(" ")
}

/// What the review tells only after the sale is no attribute, unless somebody lists it as one.
pub(super) fn settle(looks: &mut [Look<'_>], mapping: &Mapping) {
    let listed = |name: &str| match &mapping.attributes {
        Attributes::Listed(columns) => columns.iter().any(|column| column == name),
        Attributes::Auto { .. } => false,
    };
    for (field, column) in &mapping.review {
        let Some(look) = looks.iter_mut().find(|look| look.name == column) else { continue };
        let settled = matches!(look.verdict, Verdict::Id | Verdict::Outcome) || listed(look.name);
        if !settled && !field.is_known_before_the_sale() {
            look.verdict = Verdict::Review;
            look.reason = format!("mapped as review.{}", field.key());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_alike_whatever_stands_between_their_words() {
        assert_eq!(plain("Company Size - # of employees"), "company size of employees");
        assert_eq!(plain("deal_size_eur"), "deal size");
        assert_eq!(plain("EUR"), "eur");
    }

    #[test]
    fn quarters_by_name() {
        for (name, expected) in [
            ("Spend Q1", Some(1)),
            ("q12_revenue", Some(12)),
            ("spend_quarter_3", Some(3)),
            ("Spend Q13", None),
            ("Q2", None),
            ("spend", None),
            ("quarter", None),
        ] {
            assert_eq!(quarter(name), expected, "{name}");
        }
    }

    #[test]
    fn no_name_stands_for_two_fields() {
        let mut names: Vec<&str> = review_names::NAMES.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        assert!(names.iter().all(|name| plain(name) == *name), "names stand as they are compared");
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
