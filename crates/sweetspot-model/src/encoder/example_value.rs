//! Example values: a value that fills a given slot.

use sweetspot_core::{Date, Value};

use super::{Bins, Feature, FeatureEncoder, ValueStatus};

impl Feature {
    /// A value that fills the slot; `None` for the slots of missing values, pooled levels and empty lists. For a list,
    /// one item.
    pub(crate) fn example(&self, slot: usize) -> Option<Value> {
        match &self.encoder {
            FeatureEncoder::Number(bins) => bins.number_in_bin(slot).map(Value::Number),
            FeatureEncoder::Date(bins) => {
                let days = bins.number_in_bin(slot).filter(|days| days.abs() <= f64::from(i32::MAX))?;
                // The number of days is whole, and within the range checked above.
                Some(Value::Date(Date { days: days as i32 })).filter(|date| self.fills_slot(date, slot))
            }
            FeatureEncoder::Category(levels) | FeatureEncoder::List(levels) => {
                let (key, label) = levels.entries().nth(slot)?;
                // A label that is not a spelling of its key would not be found.
                let text = if levels.find(label) == Some(slot) { label } else { key };
                Some(Value::Text(text.to_owned()))
            }
            FeatureEncoder::Flag => (slot < 2).then_some(Value::Flag(slot == 1)),
        }
    }

    fn fills_slot(&self, value: &Value, slot: usize) -> bool {
        let mut found = None;
        self.encode(Some(&value.as_ref()), |slot| found = Some(slot));
        found == Some(slot)
    }
}

impl Bins {
    /// A number in a bin: its lower edge, or a number near its upper edge if there is none.
    fn number_in_bin(&self, bin: usize) -> Option<f64> {
        let lower = bin.checked_sub(1).and_then(|below| self.edges.get(below).copied());
        let upper = self.edges.get(bin).copied();
        let below = upper.map(|upper| if self.is_whole { upper - 1.0 } else { self.min.midpoint(upper) });
        let candidates = [lower, below, Some(self.min), Some(self.max), upper.map(|upper| upper - 1.0)];
        let fills = |number: &f64| number.is_finite() && self.encode(*number).0 == bin;
        let seen = |number: &f64| self.encode(*number).1 == ValueStatus::Used;
        let inside = || candidates.into_iter().flatten().filter(fills).filter(|_| bin < self.len());
        inside().find(seen).or_else(|| inside().next())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fixtures::feature;

    proptest! {
        #[test]
        fn an_example_fills_its_slot(feature in feature()) {
            for slot in 0..feature.slot_count() {
                if let Some(example) = feature.example(slot) {
                    prop_assert!(feature.fills_slot(&example, slot), "{:?} for {} of {:?}", example, slot, feature);
                } else {
                    let named = matches!(&feature.encoder, FeatureEncoder::Number(_) | FeatureEncoder::Flag);
                    prop_assert!(!named || slot == feature.missing_slot(), "{} of {:?}", slot, feature);
                }
            }
        }
    }
}
