//! Proposes a mapping: assigns a role to each column, by name and content.

use std::collections::BTreeMap;

use sweetspot_core::{AttributeKind, DocumentSettings, LabelPolicy, LabelPreset, ReviewField, TextFormat};

use super::amount_meaning::Currencies;
use super::identifying_columns::{account_id_noun, has_rounded_ids};
use super::{ColumnRole, InspectedColumn, MappingRemarks, review_columns, status_column};
use crate::mapping::{AttributeSelection, Mapping, OutcomeColumns, StatusColumn};
use crate::source::FileOptions;
use crate::word_lists::{has_all_words, has_any_word, is_id_name};

/// The minimum share of distinct and of present cells in an id column.
pub(super) const MIN_UNIQUE_SHARE: f64 = 0.95;

/// Names of the column with the lifetime value, the most likely first.
const VALUE_NAMES: [&[&str]; 25] = [
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

/// Words in headings of the date since which an account is a customer, the most likely first, followed by those of the
/// date on which a relationship starts. In German, Dutch and Swedish they start longer words: `Vertragsbeginn`.
const SINCE_NAMES: [&[&str]; 40] = [
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
const COST_TO_SERVE_NAMES: [&[&str]; 3] = [&["cost", "serve"], &["support", "cost"], &["service", "cost"]];
const COST_TO_ACQUIRE_NAMES: [&[&str]; 4] =
    [&["cost", "acquire"], &["acquisition", "cost"], &["cac"], &["cost", "acquisition"]];
/// The reason why customers left is more informative than the reason why they bought.
const REASON_NAMES: [&[&str]; 4] = [&["churn", "reason"], &["loss", "reason"], &["lost", "reason"], &["reason"]];
/// The minimum number of distinct texts of a repeated id.
const MIN_IDS: u64 = 5;

/// Proposes id, outcome and label policy. The group and the attributes are added later.
pub(super) fn roles(
    columns: &mut [InspectedColumn<'_>],
    missing: Vec<String>,
    remarks: &mut MappingRemarks,
) -> Mapping {
    let mut review = review_columns::columns(columns);
    let mut outcome = outcome(columns, &review);
    Currencies::find(columns).settle(columns, &mut outcome, remarks);
    review.retain(|_, column| !remarks.unmapped.iter().any(|(_, unmapped, _)| unmapped == column));
    let valued = outcome.value.is_some();
    outcome.status = outcome.status.filter(|status| is_informative(status, valued));
    outcome.undecided = outcome.undecided.filter(|_| outcome.status.is_some());
    let label = LabelPolicy { preset: policy(&outcome), ..LabelPolicy::default() };
    Mapping {
        id: id_column(columns).or_else(|| repeated_id_column(columns)),
        weight: None,
        file: FileOptions::default(),
        missing,
        format: TextFormat::default(),
        columns: BTreeMap::new(),
        attributes: AttributeSelection::default(),
        kinds: BTreeMap::new(),
        outcome,
        review,
        label,
        documents: DocumentSettings::default(),
    }
}

fn outcome(columns: &[InspectedColumn<'_>], review: &BTreeMap<ReviewField, String>) -> OutcomeColumns {
    let status = status_column::find(columns);
    let undecided = status.as_ref().and_then(|status| status_column::undecided(columns, status));
    let status_columns = [
        status.as_ref().map(|proposal| proposal.column.clone()),
        undecided.as_ref().map(|proposal| proposal.column.clone()),
    ];
    let free = |column: &InspectedColumn<'_>| !status_columns.iter().flatten().any(|name| name == column.name);
    // The spend in a quarter or the product usage is not a lifetime value.
    let reviewed = |column: &InspectedColumn<'_>| {
        review.iter().any(|(field, name)| *field != ReviewField::DealSize && name == column.name)
    };
    let number = |column: &InspectedColumn<'_>| {
        free(column) && column.kind == AttributeKind::Number && column.stats.distinct() > 2
    };
    OutcomeColumns {
        value: column_by_name(columns, &VALUE_NAMES, |column| {
            number(column) && !reviewed(column) && !has_any_word(column.name, &["churn"])
        }),
        cost_to_serve: column_by_name(columns, &COST_TO_SERVE_NAMES, number),
        cost_to_acquire: column_by_name(columns, &COST_TO_ACQUIRE_NAMES, number),
        since: since_column(columns, free),
        group: None,
        reason: column_by_name(columns, &REASON_NAMES, |column| {
            free(column) && column.kind == AttributeKind::Category && column.stats.present > 0
        }),
        currency: None,
        status,
        undecided,
    }
}

/// Returns the column with the date since which an account is a customer: a date whose heading says so. Of several, the
/// one that is earliest in most rows.
fn since_column(columns: &[InspectedColumn<'_>], free: impl Fn(&InspectedColumn<'_>) -> bool) -> Option<String> {
    let rank = |column: &InspectedColumn<'_>| SINCE_NAMES.iter().position(|words| has_all_words(column.name, words));
    let dates = columns.iter().filter(|column| free(column) && column.kind == AttributeKind::Date);
    let named: Vec<(usize, &InspectedColumn<'_>)> = dates.filter_map(|column| Some((rank(column)?, column))).collect();
    let best = named.iter().map(|(rank, _)| *rank).min()?;
    let likeliest = named.iter().filter(|(rank, _)| *rank == best).map(|(_, column)| *column);
    let first = likeliest.reduce(
        |first_look, second_look| if is_mostly_before(second_look, first_look) { second_look } else { first_look },
    );
    first.map(|column| column.name.to_owned())
}

/// Returns whether the dates of one column precede those of another in most rows that have both.
fn is_mostly_before(first: &InspectedColumn<'_>, second: &InspectedColumn<'_>) -> bool {
    let days = |column: &InspectedColumn<'_>| {
        let reader = column.reader();
        column.texts.row_texts().map(|text| text.and_then(|text| reader.date(text))).collect::<Vec<_>>()
    };
    let pairs = days(first).into_iter().zip(days(second)).filter_map(|(first, second)| first.zip(second));
    let (before, after) = pairs.fold((0_u64, 0_u64), |(before, after), (first, second)| {
        (before + u64::from(first.days < second.days), after + u64::from(first.days > second.days))
    });
    before > after
}

/// Adds the attributes, after leaks are known.
pub(super) fn attributes(columns: &[InspectedColumn<'_>], mapping: Mapping) -> Mapping {
    let good = columns.iter().filter(|column| column.role == ColumnRole::Attribute && column.leak.is_none());
    let listed: Vec<String> = good.map(|column| column.name.to_owned()).collect();
    if listed.is_empty() {
        return mapping;
    }
    Mapping { attributes: AttributeSelection::Listed(listed), ..mapping }
}

/// Returns whether a status is informative. A single status text is informative only if there is also a value.
fn is_informative(status: &StatusColumn, valued: bool) -> bool {
    let StatusColumn { column: _, won, lost, churned } = status;
    valued || [won, lost, churned].into_iter().filter(|texts| !texts.is_empty()).count() > 1
}

/// Returns the ideal-customer policy if there are three outcomes and values; otherwise the question that the outcomes
/// can answer.
fn policy(outcome: &OutcomeColumns) -> LabelPreset {
    let Some(status) = &outcome.status else { return LabelPreset::Ideal };
    let has_texts = |texts: &[String]| !texts.is_empty();
    // If all customers stayed, only their value distinguishes them.
    if has_texts(&status.won) && !has_texts(&status.lost) && !has_texts(&status.churned) && outcome.value.is_some() {
        return LabelPreset::Ideal;
    }
    match (has_texts(&status.won), has_texts(&status.lost), has_texts(&status.churned)) {
        (true, true, true) => LabelPreset::Ideal,
        (_, true, _) => LabelPreset::Won,
        (_, false, _) => LabelPreset::Retained,
    }
}

/// Returns the first column with the most likely name.
fn column_by_name(
    columns: &[InspectedColumn<'_>],
    names: &[&[&str]],
    fits: impl Fn(&InspectedColumn<'_>) -> bool,
) -> Option<String> {
    let found =
        names.iter().find_map(|words| columns.iter().find(|column| has_all_words(column.name, words) && fits(column)));
    found.map(|column| column.name.to_owned())
}

/// Returns the column with a unique value in every row and the most likely name.
fn id_column(columns: &[InspectedColumn<'_>]) -> Option<String> {
    let unique = |column: &&InspectedColumn<'_>| {
        let stats = &column.stats;
        stats.distinct_share() >= MIN_UNIQUE_SHARE && stats.present as f64 >= MIN_UNIQUE_SHARE * stats.rows as f64
    };
    let score = |column: &InspectedColumn<'_>| {
        if has_any_word(column.name, &["id", "uuid", "guid"]) {
            3
        } else if is_id_name(column.name)
            || has_any_word(column.name, &["name", "company", "account", "customer", "domain"])
        {
            2
        } else {
            u32::from(column.role == ColumnRole::Identifier)
        }
    };
    let candidates = columns
        .iter()
        .filter(unique)
        .filter(|column| matches!(column.kind, AttributeKind::Category | AttributeKind::Number));
    let scored = candidates.map(|column| (score(column), column.name)).filter(|(score, _)| *score > 0);
    scored.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, name)| name.to_owned())
}

/// Returns the id of accounts that have several rows, if no column has a unique value in every row.
fn repeated_id_column(columns: &[InspectedColumn<'_>]) -> Option<String> {
    let repeats = columns.iter().filter(|column| {
        let filled = column.stats.present as f64 >= MIN_UNIQUE_SHARE * column.stats.rows as f64;
        let is_plain = matches!(column.kind, AttributeKind::Category | AttributeKind::Number);
        is_plain && filled && column.stats.distinct() >= MIN_IDS && !has_rounded_ids(column)
    });
    let named = repeats.filter(|column| account_id_noun(column.name).is_some());
    named.max_by_key(|column| column.stats.distinct()).map(|column| column.name.to_owned())
}
