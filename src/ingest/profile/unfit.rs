//! Columns that could be attributes by what they hold, and by what they are cannot: keys of places, dates of the deal, and
//! products of outcomes.

use super::names::is_place_key;
use super::{Look, Verdict, derived};
use crate::domain::{Kind, deal_date_word};
use crate::ingest::mapping::{Attributes, Mapping};

/// Says of each such column what it is, unless somebody lists it as an attribute.
pub(super) fn find(looks: &mut [Look<'_>], mapping: &Mapping) {
    let listed = |name: &str| match &mapping.attributes {
        Attributes::Listed(columns) => columns.iter().any(|column| column == name),
        Attributes::Auto { .. } => false,
    };
    for (place, reason) in derived::find(looks) {
        if let Some(look) = looks.get_mut(place).filter(|look| !listed(look.name)) {
            (look.verdict, look.reason, look.leak, look.caution) = (Verdict::Derived, reason, None, None);
        }
    }
    let since = mapping.outcome.since.is_none();
    for look in looks.iter_mut().filter(|look| look.verdict == Verdict::Attribute && look.leak.is_none()) {
        if let Some((verdict, reason)) = unfit(look, since).filter(|_| !listed(look.name)) {
            (look.verdict, look.reason, look.caution) = (verdict, reason, None);
        }
    }
}

fn unfit(look: &Look<'_>, since_is_open: bool) -> Option<(Verdict, String)> {
    if is_place_key(look) {
        let reason = "a key of places: the model knows no new one; keep city, region or country instead";
        return Some((Verdict::PlaceKey, reason.to_owned()));
    }
    let word = deal_date_word(look.name).filter(|_| look.kind == Kind::Date)?;
    let hint = if since_is_open { "; if customers are customers since then, name it under outcome.since" } else { "" };
    Some((Verdict::DealDate, format!("its name speaks of the deal ({word:?}): it says when, not who{hint}")))
}
