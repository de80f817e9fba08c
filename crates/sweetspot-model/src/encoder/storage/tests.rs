use proptest::prelude::*;

use super::*;
use crate::fixtures::{feature, value};

proptest! {
    #[test]
    fn a_stored_encoder_encodes_values_the_same(feature in feature(), value in prop::option::of(value())) {
        let read = Feature::from_stored("a", &feature.to_stored()).unwrap();
        prop_assert_eq!(&read, &feature);
        prop_assert_eq!(read.to_stored(), feature.to_stored());
        let value = value.as_ref().map(sweetspot_core::Value::as_ref);
        let placed = |feature: &Feature| {
            let mut slots = Vec::new();
            (feature.encode(value.as_ref(), |slot| slots.push(slot)), slots)
        };
        prop_assert_eq!(placed(&read), placed(&feature));
    }

    #[test]
    fn whatever_a_value_is_it_fills_slots_that_exist_and_have_a_label(feature in feature(), value in value()) {
        let value = value.as_ref();
        let mut slots = Vec::new();
        feature.encode(Some(&value), |slot| slots.push(slot));
        prop_assert!(slots.len() == 1 || matches!(feature.encoder, FeatureEncoder::List(_)));
        prop_assert!(slots.iter().all(|slot| *slot < feature.slot_count()));
        prop_assert!(slots.is_sorted_by(|a, b| a < b), "no slot is filled twice");
        for slot in slots {
            let label = feature.label(slot);
            prop_assert!(label.chars().count() <= 61);
        }
    }
}

#[test]
fn inconsistent_parts_are_not_an_encoder() {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let levels = |keys, labels| stored::LevelEncoder { keys: texts(keys), labels: texts(labels) };
    for levels in [levels(&["a", "b"], &["A"]), levels(&["a"], &["A", "B"]), levels(&["a", "a"], &["A", "B"])] {
        assert_eq!(Feature::from_stored("x", &term::Encoder::Category(levels.clone())), None);
        assert_eq!(Feature::from_stored("x", &term::Encoder::List(levels)), None);
    }
    let bins = |edges: &[f64], least| stored::BinEncoder { edges: edges.to_vec(), least, greatest: 9.0, whole: false };
    for bins in [
        bins(&[2.0, 1.0], 0.0),
        bins(&[1.0, 1.0], 0.0),
        bins(&[f64::NAN], 0.0),
        bins(&[1.0, f64::INFINITY], 0.0),
        bins(&[1.0], f64::NEG_INFINITY),
    ] {
        assert_eq!(Feature::from_stored("x", &term::Encoder::Number(bins.clone())), None);
        assert_eq!(Feature::from_stored("x", &term::Encoder::Date(bins)), None);
    }
}
