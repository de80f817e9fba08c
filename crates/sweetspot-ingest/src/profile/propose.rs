//! A mapping to start from: which column plays which part, by name and content.

use std::collections::BTreeMap;

use sweetspot_core::{Kind, LabelPolicy, LabelPreset, ReviewField, TextFormat};

use super::money::Currencies;
use super::names::{ids_of_accounts, look_rounded};
use super::words::{has_all, has_any, is_id_name};
use super::{Look, Remarks, Verdict, review, status};
use crate::mapping::{Attributes, Mapping, OutcomeColumns, StatusColumn};
use crate::source::FileOptions;

/// From this share of distinct and of present cells on, a column can be the id.
pub(super) const UNIQUE: f64 = 0.95;

/// Names of the column with the lifetime value, the likeliest first.
const VALUE: [&[&str]; 25] = [
    &["cltv"],
    &["ltv"],
    &["clv"],
    &["lifetime", "value"],
    &["lifetime", "revenue"],
    &["won", "value"],
    &["close", "value"],
    &["value"],
    &["arr"],
    &["mrr"],
    &["acv"],
    &["tcv"],
    &["amount"],
    &["spend"],
    &["auftragswert"],
    &["betrag"],
    &["montant"],
    &["importe"],
    &["importo"],
    &["valor"],
    &["bedrag"],
    &["kwota"],
    &["belopp"],
    &["beløb"],
    &["beløp"],
];

/// Words of headings of the day on which somebody became a customer, the likeliest first, and then of the day on which a
/// relation begins; in German, Dutch and Swedish they begin longer words: `Vertragsbeginn`.
const SINCE: [&[&str]; 40] = [
    &["since"],
    &["seit"],
    &["depuis"],
    &["desde"],
    &["sinds"],
    &["sedan"],
    &["cliente", "dal"],
    &["klient", "od"],
    &["customer", "from"],
    &["signed"],
    &["signup"],
    &["sign", "up"],
    &["joined"],
    &["join", "date"],
    &["onboarded"],
    &["activated"],
    &["start", "date"],
    &["startdate"],
    &["contract", "start"],
    &["subscription", "start"],
    &["first", "order"],
    &["first", "purchase"],
    &["vertragsbeginn"],
    &["kundenbeginn"],
    &["vertragsstart"],
    &["startdatum"],
    &["eintrittsdatum"],
    &["ingangsdatum"],
    &["date", "début"],
    &["début", "contrat"],
    &["date", "signature"],
    &["fecha", "inicio"],
    &["fecha", "alta"],
    &["data", "inizio"],
    &["data", "início"],
    &["data", "inicio"],
    &["data", "rozpoczęcia"],
    &["avtalsstart"],
    &["kunddatum"],
    &["beginn"],
];
const SERVE: [&[&str]; 3] = [&["cost", "serve"], &["support", "cost"], &["service", "cost"]];
const ACQUIRE: [&[&str]; 4] = [&["cost", "acquire"], &["acquisition", "cost"], &["cac"], &["cost", "acquisition"]];
/// Why customers left says more than why they bought.
const REASON: [&[&str]; 4] = [&["churn", "reason"], &["loss", "reason"], &["lost", "reason"], &["reason"]];
/// Fewest distinct texts of an id that repeats.
const MIN_IDS: u64 = 5;

/// Id, outcome and label policy; the group and the attributes are still open.
pub(super) fn roles(looks: &mut [Look<'_>], missing: Vec<String>, remarks: &mut Remarks) -> Mapping {
    let mut review = review::columns(looks);
    let mut outcome = outcome(looks, &review);
    Currencies::find(looks).settle(looks, &mut outcome, remarks);
    review.retain(|_, column| !remarks.unmapped.iter().any(|(_, unmapped, _)| unmapped == column));
    let valued = outcome.value.is_some();
    outcome.status = outcome.status.filter(|status| tells(status, valued));
    outcome.undecided = outcome.undecided.filter(|_| outcome.status.is_some());
    let label = LabelPolicy { preset: policy(&outcome), ..LabelPolicy::default() };
    Mapping {
        id: id(looks).or_else(|| repeated_id(looks)),
        file: FileOptions::default(),
        missing,
        format: TextFormat::default(),
        columns: BTreeMap::new(),
        attributes: Attributes::default(),
        kinds: BTreeMap::new(),
        outcome,
        review,
        label,
    }
}

fn outcome(looks: &[Look<'_>], review: &BTreeMap<ReviewField, String>) -> OutcomeColumns {
    let status = status::find(looks);
    let undecided = status.as_ref().and_then(|status| status::undecided(looks, status));
    let taken = [status.as_ref().map(|one| one.column.clone()), undecided.as_ref().map(|one| one.column.clone())];
    let free = |look: &Look<'_>| !taken.iter().flatten().any(|column| column == look.name);
    // What was spent in a quarter, or how much the product is used, is no lifetime value.
    let reviewed =
        |look: &Look<'_>| review.iter().any(|(field, name)| *field != ReviewField::DealSize && name == look.name);
    let number = |look: &Look<'_>| free(look) && look.kind == Kind::Number && look.facts.distinct() > 2;
    OutcomeColumns {
        value: named(looks, &VALUE, |look| number(look) && !reviewed(look) && !has_any(look.name, &["churn"])),
        cost_to_serve: named(looks, &SERVE, number),
        cost_to_acquire: named(looks, &ACQUIRE, number),
        since: since(looks, free),
        group: None,
        reason: named(looks, &REASON, |look| free(look) && look.kind == Kind::Category && look.facts.present > 0),
        currency: None,
        status,
        undecided,
    }
}

/// The day from which on an account is a customer: a date whose heading says so, and of several the one that comes first in most
/// rows.
fn since(looks: &[Look<'_>], free: impl Fn(&Look<'_>) -> bool) -> Option<String> {
    let rank = |look: &Look<'_>| SINCE.iter().position(|words| has_all(look.name, words));
    let dates = looks.iter().filter(|look| free(look) && look.kind == Kind::Date);
    let named: Vec<(usize, &Look<'_>)> = dates.filter_map(|look| Some((rank(look)?, look))).collect();
    let best = named.iter().map(|(rank, _)| *rank).min()?;
    let likeliest = named.iter().filter(|(rank, _)| *rank == best).map(|(_, look)| *look);
    let first = likeliest.reduce(|one, other| if is_mostly_before(other, one) { other } else { one });
    first.map(|look| look.name.to_owned())
}

/// Whether the days of one column come before those of another in most rows that have both.
fn is_mostly_before(one: &Look<'_>, other: &Look<'_>) -> bool {
    let days = |look: &Look<'_>| {
        let reader = look.reader();
        look.texts.rows().map(|text| text.and_then(|text| reader.date(text))).collect::<Vec<_>>()
    };
    let pairs = days(one).into_iter().zip(days(other)).filter_map(|(one, other)| one.zip(other));
    let (before, after) = pairs.fold((0_u64, 0_u64), |(before, after), (one, other)| {
        (before + u64::from(one.days < other.days), after + u64::from(one.days > other.days))
    });
    before > after
}

/// The attributes, once leaks are known.
pub(super) fn attributes(looks: &[Look<'_>], mapping: Mapping) -> Mapping {
    let good = looks.iter().filter(|look| look.verdict == Verdict::Attribute && look.leak.is_none());
    let listed: Vec<String> = good.map(|look| look.name.to_owned()).collect();
    if listed.is_empty() {
        return mapping;
    }
    Mapping { attributes: Attributes::Listed(listed), ..mapping }
}

/// Whether a status says something: one text for everybody does only where they have a value beside it.
fn tells(status: &StatusColumn, valued: bool) -> bool {
    let StatusColumn { column: _, won, lost, churned } = status;
    valued || [won, lost, churned].into_iter().filter(|texts| !texts.is_empty()).count() > 1
}

/// Three outcomes and values: the ideal customer. Else the question that the outcomes can answer.
fn policy(outcome: &OutcomeColumns) -> LabelPreset {
    let Some(status) = &outcome.status else { return LabelPreset::Ideal };
    let told = |texts: &[String]| !texts.is_empty();
    // Everybody stays: only what they are worth tells them apart.
    if told(&status.won) && !told(&status.lost) && !told(&status.churned) && outcome.value.is_some() {
        return LabelPreset::Ideal;
    }
    match (told(&status.won), told(&status.lost), told(&status.churned)) {
        (true, true, true) => LabelPreset::Ideal,
        (_, true, _) => LabelPreset::Won,
        (_, false, _) => LabelPreset::Retained,
    }
}

/// The first column with the likeliest name.
fn named(looks: &[Look<'_>], names: &[&[&str]], fits: impl Fn(&Look<'_>) -> bool) -> Option<String> {
    let found = names.iter().find_map(|words| looks.iter().find(|look| has_all(look.name, words) && fits(look)));
    found.map(|look| look.name.to_owned())
}

/// The column with a value of its own in every row and the likeliest name.
fn id(looks: &[Look<'_>]) -> Option<String> {
    let unique = |look: &&Look<'_>| {
        let facts = &look.facts;
        facts.distinct_share() >= UNIQUE && facts.present as f64 >= UNIQUE * facts.rows as f64
    };
    let score = |look: &Look<'_>| {
        if has_any(look.name, &["id", "uuid", "guid"]) {
            3
        } else if is_id_name(look.name) || has_any(look.name, &["name", "company", "account", "customer", "domain"]) {
            2
        } else {
            u32::from(look.verdict == Verdict::Identifier)
        }
    };
    let candidates = looks.iter().filter(unique).filter(|look| matches!(look.kind, Kind::Category | Kind::Number));
    let scored = candidates.map(|look| (score(look), look.name)).filter(|(score, _)| *score > 0);
    scored.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, name)| name.to_owned())
}

/// Where no column has a value of its own in every row: the id of accounts that have several rows.
fn repeated_id(looks: &[Look<'_>]) -> Option<String> {
    let repeats = looks.iter().filter(|look| {
        let filled = look.facts.present as f64 >= UNIQUE * look.facts.rows as f64;
        let whole = matches!(look.kind, Kind::Category | Kind::Number);
        whole && filled && look.facts.distinct() >= MIN_IDS && !look_rounded(look)
    });
    let named = repeats.filter(|look| ids_of_accounts(look.name).is_some());
    named.max_by_key(|look| look.facts.distinct()).map(|look| look.name.to_owned())
}
