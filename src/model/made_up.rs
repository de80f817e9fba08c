//! Features, values and artifacts made up for tests.

use proptest::prelude::*;

use super::ModelArtifact;
use super::encoder::{Bins, Encoder, Feature, Levels};
use crate::domain::{Condition, Date, Kind, TextFormat, Value};
use crate::generated::stored::{self, term};

/// Texts that can be read as every kind, and as none.
pub(crate) const TEXTS: [&str; 12] =
    ["Fintech", "fintech ", "ZÜRICH", "12.5", "$ 1,200", "yes", "off", "2024-02-29", "a; b", "a|zürich", "", "many"];

/// One of [`TEXTS`].
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop::sample::select(TEXTS.to_vec()).prop_map(str::to_owned)
}

fn bins() -> impl Strategy<Value = Bins> {
    let edges = prop::collection::btree_set(-40..400_i16, 0..9);
    (edges, -50..0_i16, 0..500_i16, any::<bool>()).prop_map(|(edges, least, greatest, whole)| {
        let edges = edges.into_iter().map(|edge| f64::from(edge) / 4.0).collect();
        Bins::new(edges, f64::from(least), f64::from(greatest), whole)
    })
}

fn levels() -> impl Strategy<Value = Levels> {
    let keys = prop::sample::subsequence(vec!["fintech", "zürich", "a", "b", "12.5", "yes"], 0..=6).prop_shuffle();
    keys.prop_map(|keys| Levels::new(keys.into_iter().map(|key| (key.to_owned(), key.to_uppercase())).collect()))
}

/// A feature of any kind.
pub(crate) fn feature() -> impl Strategy<Value = Feature> {
    let encoder = prop_oneof![
        bins().prop_map(Encoder::Number),
        bins().prop_map(Encoder::Date),
        levels().prop_map(Encoder::Category),
        levels().prop_map(Encoder::List),
        Just(Encoder::Flag),
    ];
    encoder.prop_map(|encoder| Feature { attribute: "a".to_owned(), encoder, format: TextFormat::default() })
}

/// A value of any kind.
pub(crate) fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<f64>().prop_map(Value::Number),
        (-50..500_i16).prop_map(|number| Value::Number(f64::from(number) / 4.0)),
        text().prop_map(Value::Text),
        any::<bool>().prop_map(Value::Flag),
        prop::collection::vec(text(), 0..4).prop_map(Value::List),
        any::<i32>().prop_map(|days| Value::Date(Date { days })),
    ]
}

fn slots(numbers: &[(f64, u64, u64)]) -> Vec<stored::Slot> {
    let of = |&(log_odds, customers, ideal)| stored::Slot {
        log_odds,
        customers,
        ideal,
        variance: 0.01,
        factors: vec![log_odds as f32 / 8.0, -0.0625],
    };
    numbers.iter().map(of).collect()
}

/// A small artifact with an attribute of every kind, without golden rows.
pub(crate) fn artifact() -> ModelArtifact {
    let texts = |texts: [&str; 2]| texts.map(str::to_owned).to_vec();
    let levels = || stored::LevelEncoder { keys: texts(["sap", "zürich"]), labels: texts(["SAP", "Zürich"]) };
    let bins = |edges| stored::BinEncoder { edges, least: 0.0, greatest: 99.0, whole: true };
    let term = |attribute: &str, encoder, slots| stored::Term {
        attribute: attribute.to_owned(),
        encoder: Some(encoder),
        slots,
        strength: 1.0,
        effective_parameters: 1.5,
        missing_share: 0.25,
        direction: stored::Direction::Unspecified.into(),
        ..stored::Term::default()
    };
    let four = [(-0.5, 20, 5), (0.25, 10, 6), (0.75, 10, 9), (0.0, 0, 0)];
    ModelArtifact(stored::ModelArtifact {
        format_version: 1,
        data_sha256: "0".repeat(64),
        base_log_odds: 0.125,
        terms: vec![
            term("employees", term::Encoder::Number(bins(vec![10.0, 50.0])), slots(&four)),
            term("city", term::Encoder::Category(levels()), slots(&four)),
            term("remote", term::Encoder::Flag(stored::FlagEncoder {}), slots(&four[..3])),
            term("tools", term::Encoder::List(levels()), slots(&four)),
            term("founded", term::Encoder::Date(bins(vec![0.0, 31.0])), slots(&four)),
        ],
        tiers: Some(stored::TierCuts { a: 0.75, b: 0.5, c: 0.25 }),
        ..stored::ModelArtifact::default()
    })
}

/// A condition of a version, on an attribute of this kind.
pub(crate) fn kept_condition(condition: &Condition, kind: Option<Kind>) -> stored::Condition {
    super::condition::to_stored(condition, kind)
}

/// A pair of [`artifact`]'s employees and city: few or many with SAP, Zürich or anything else.
pub(crate) fn pair() -> stored::Pair {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    stored::Pair {
        first: "employees".to_owned(),
        second: "city".to_owned(),
        first_groups: vec![0, 1, 1, 0],
        second_groups: vec![0, 1, 2, 2],
        first_labels: texts(&["other", "10 or more"]),
        second_labels: texts(&["SAP", "Zürich", "other"]),
        cells: slots(&[(-0.25, 9, 3), (0.5, 8, 7), (0.0, 6, 3), (0.125, 7, 4), (-0.5, 5, 0), (0.0, 5, 2)]),
        strength: 4.0,
        effective_parameters: 2.5,
        evidence: 3.0,
    }
}

/// A rule about [`artifact`]'s city: Bern is out.
pub(crate) fn gate() -> stored::Gate {
    let test = stored::condition::Test::AnyOf(stored::Texts { values: vec!["Bern".to_owned()] });
    stored::Gate {
        id: "bern".to_owned(),
        statement: String::new(),
        when: Some(stored::Condition { attribute: "city".to_owned(), kind: 0, test: Some(test) }),
        severity: stored::gate::Severity::Out.into(),
        section: stored::gate::Section::AccountProfile.into(),
        author: "ann".to_owned(),
        stated: 86_400,
        reason: "No licence there.".to_owned(),
        expires: Some(172_800),
        customers: 3,
        ideal: 1,
    }
}

/// Segments of [`artifact`]: Zürich with 10 to 49 employees, and whoever has SAP among its tools.
pub(crate) fn segments() -> Vec<stored::Segment> {
    let when = |attribute: &str, test| stored::Condition { attribute: attribute.to_owned(), kind: 0, test: Some(test) };
    let any_of = |text: &str| stored::condition::Test::AnyOf(stored::Texts { values: vec![text.to_owned()] });
    let range = stored::condition::Test::Range(stored::Range { gte: Some(10.0), lt: Some(50.0) });
    let segment = |number: u8, conditions, value_if_ideal| stored::Segment {
        id: format!("segment-{number}"),
        name: format!("kind {number}"),
        conditions,
        customers: 12,
        ideal: 9,
        stability: 0.75,
        value_if_ideal,
        valued: 7,
    };
    vec![
        segment(1, vec![when("city", any_of("Zürich")), when("employees", range)], Some(400.0)),
        segment(2, vec![when("tools", any_of("sap"))], None),
    ]
}

/// Values of [`artifact`].
pub(crate) fn values() -> stored::Values {
    stored::Values {
        currency: "CHF".to_owned(),
        value_if_ideal: 100.0,
        ideal: 9,
        value_if_not: -20.0,
        others: 11,
        pooling: 10.0,
    }
}

/// A belief about [`artifact`]'s city, twice the odds with SAP or Zürich, which the customers support.
pub(crate) fn hypothesis() -> stored::Hypothesis {
    let texts = ["SAP", "Zürich"].map(str::to_owned).into();
    let test = stored::condition::Test::AnyOf(stored::Texts { values: texts });
    let slot = stored::Slot { log_odds: 0.5, customers: 12, ideal: 9, variance: 0.0625, factors: Vec::new() };
    stored::Hypothesis {
        id: "h".to_owned(),
        statement: String::new(),
        author: "ann".to_owned(),
        when: Some(stored::Condition {
            attribute: "city".to_owned(),
            kind: stored::condition::Kind::Category.into(),
            test: Some(test),
        }),
        odds_ratio: 2.0,
        confidence_customers: 20.0,
        slot: Some(slot),
        customers_say: Some(stored::Effect { log_odds: 0.75, standard_error: 0.25 }),
        customers_by_slot: Vec::new(),
    }
}
