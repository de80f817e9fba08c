//! Test fixtures: generated features, values and artifacts.

use proptest::prelude::*;
use sweetspot_core::{Date, TextFormat, Value};

use super::ModelArtifact;
use super::encoder::{Bins, Feature, FeatureEncoder, Levels};
use crate::stored::example;

/// Texts that can be read as each kind, and some that can only be texts.
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
        bins().prop_map(FeatureEncoder::Number),
        bins().prop_map(FeatureEncoder::Date),
        levels().prop_map(FeatureEncoder::Category),
        levels().prop_map(FeatureEncoder::List),
        Just(FeatureEncoder::Flag),
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

/// The example of the stored format: an attribute of every kind, without golden rows.
pub(crate) fn artifact() -> ModelArtifact {
    ModelArtifact(example::artifact())
}

pub(crate) use crate::stored::example::{exclusion_rule, hypothesis, pair, segments, values};
