//! The synthetic accounts, read with their own mapping like any other file.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::Cursor;

use sweetspot_core::{AttributeKind, ColumnData, LabelPreset, OutcomeStatus, ValueRef};
use sweetspot_ingest::{ColumnRole, History, Mapping, ProspectReader, Source, profile, read_customers, synth};

fn mapping() -> Mapping {
    Mapping::parse(synth::MAPPING, "synthetic accounts").unwrap()
}

fn source(text: String) -> Source {
    Source::new("synthetic.csv", Cursor::new(text))
}

fn history(seed: u64, count: usize) -> History {
    read_customers(source(synth::customers(seed, count)), &mapping()).unwrap()
}

fn share(history: &History, status: OutcomeStatus) -> f64 {
    let outcomes = history.customers.outcomes();
    outcomes.iter().filter(|outcome| outcome.status == Some(status)).count() as f64 / outcomes.len() as f64
}

/// Returns the share of won rows among those for which the test on an attribute holds.
fn win_rate(history: &History, holds: impl Fn(&dyn Fn(&str) -> Option<ValueRef<'static>>) -> bool) -> f64 {
    let table: &'static _ = Box::leak(Box::new(history.customers.accounts().clone()));
    let (mut rows, mut won) = (0.0, 0.0);
    for (row, outcome) in history.customers.outcomes().iter().enumerate() {
        if holds(&|name| table.column(name).and_then(|column| column.data.get(row))) {
            rows += 1.0;
            won += f64::from(u8::from(outcome.status == Some(OutcomeStatus::Won)));
        }
    }
    won / rows
}

#[test]
fn every_row_is_usable_and_the_shares_are_as_promised() {
    let history = history(1, synth::DEMO_CUSTOMER_COUNT);
    assert_eq!((history.rejected, history.customers.accounts().rows()), (0, synth::DEMO_CUSTOMER_COUNT));
    for (status, expected) in [(OutcomeStatus::Won, 0.40), (OutcomeStatus::Lost, 0.45), (OutcomeStatus::Churned, 0.15)]
    {
        let found = share(&history, status);

        assert!((found - expected).abs() < 0.05, "{status:?} {found}");
    }
    let kinds: Vec<AttributeKind> =
        history.customers.accounts().columns().iter().map(|column| column.data.kind()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == AttributeKind::Number).count(), 5);
    assert_eq!(kinds.iter().filter(|kind| **kind == AttributeKind::List).count(), 1);
}

#[test]
fn there_is_something_to_learn_and_nothing_is_certain() {
    let history = history(2, 6000);
    let text = |value: Option<ValueRef<'_>>, wanted: &str| value == Some(ValueRef::Text(wanted));
    let number =
        |value: Option<ValueRef<'_>>| if let Some(ValueRef::Number(number)) = value { number } else { f64::NAN };
    let rates = [
        win_rate(&history, |get| text(get("industry"), "Logistics")),
        win_rate(&history, |get| text(get("industry"), "Construction")),
        win_rate(&history, |get| {
            text(get("industry"), "Manufacturing") && number(get("skilled_staff_percent")) >= 35.0
        }),
        win_rate(&history, |get| text(get("industry"), "Manufacturing") && number(get("skilled_staff_percent")) < 35.0),
        win_rate(&history, |get| number(get("employees")) < 50.0),
        win_rate(&history, |get| (150.0..500.0).contains(&number(get("employees")))),
    ];
    let [logistics, construction, skilled, unskilled, small, middle] = rates;
    assert!(logistics > construction + 0.2, "{rates:?}");
    assert!(skilled > unskilled + 0.25, "{rates:?}");
    assert!(middle > small + 0.25, "{rates:?}");
    assert!(rates.iter().all(|rate| (0.02..0.9).contains(rate)), "{rates:?}");
    let regions = ["DACH", "Nordics"].map(|region| win_rate(&history, |get| text(get("region"), region)));
    assert!((regions[0] - regions[1]).abs() < 0.06, "{regions:?}");
}

#[test]
fn both_labels_occur_under_the_own_policy() {
    let history = history(1, synth::DEMO_CUSTOMER_COUNT);
    let labels = mapping().label.label(&history.customers).unwrap();
    assert!(labels.card.ideal >= 80 && labels.card.not_ideal >= 300, "{:?}", labels.card);
    assert!(history.customers.outcomes().iter().any(|outcome| outcome.net_value().is_some_and(|net| net < 0.0)));
}

#[test]
fn prospects_have_the_attributes_of_the_customers() {
    let mut prospects = ProspectReader::open(source(synth::prospects(1, 50)), &mapping()).unwrap();
    assert!(prospects.absent_columns().is_empty());
    let all: Vec<_> = prospects.by_ref().map(|row| row.unwrap().unwrap()).collect();
    assert_eq!(all.len(), 50);
    assert_eq!(all[0].id, "P00001");
    assert!(all.iter().any(|prospect| matches!(
        prospect.account.attributes.get("technologies"),
        Some(sweetspot_core::Value::List(items)) if items.len() > 1
    )));
}

#[test]
fn a_first_look_proposes_much_the_same_mapping() {
    let profile = profile(source(synth::customers(1, synth::DEMO_CUSTOMER_COUNT)), None).unwrap();
    let (own, proposed) = (mapping(), &profile.mapping);
    assert_eq!((&proposed.id, &proposed.outcome.status), (&own.id, &own.outcome.status));
    assert_eq!((&proposed.outcome.value, &proposed.outcome.since), (&own.outcome.value, &own.outcome.since));
    assert_eq!(proposed.outcome.cost_to_serve, own.outcome.cost_to_serve);
    assert_eq!(proposed.outcome.cost_to_acquire, own.outcome.cost_to_acquire);
    assert_eq!(proposed.label.preset, LabelPreset::Ideal);
    let verdict = |name: &str| profile.columns.iter().find(|column| column.name == name).unwrap();
    assert_eq!(verdict("technologies").kind, AttributeKind::List);
    assert_eq!(verdict("churn_reason").role, ColumnRole::Outcome);
    assert!(verdict("loss_reason").leak.is_some());
    assert_eq!(verdict("win_reason").role, ColumnRole::Review);
    assert_eq!(Mapping::parse(&profile.mapping_toml, "proposed").unwrap(), profile.mapping);
}

#[test]
fn synthetic_tables_have_missing_cells() {
    let history = history(1, synth::DEMO_CUSTOMER_COUNT);
    let revenue = &history.customers.accounts().column("revenue_eur").unwrap().data;
    let ColumnData::Numbers(values) = revenue else { unreachable!("revenue is a number") };
    let missing = values.iter().filter(Option::is_none).count();
    assert!((values.len() / 6..values.len() / 3).contains(&missing), "{missing}");
}
