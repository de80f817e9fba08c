//! A value that fills a given slot: what an account would have to be for it.

use sweetspot_core::{Date, Value};

use super::{Bins, Encoder, Feature, Reading};

impl Feature {
    /// A value of the slot: nothing for missing, pooled and empty ones. Of a list, one item.
    pub(crate) fn example(&self, slot: usize) -> Option<Value> {
        match &self.encoder {
            Encoder::Number(bins) => bins.inside(slot).map(Value::Number),
            Encoder::Date(bins) => {
                let days = bins.inside(slot).filter(|days| days.abs() <= f64::from(i32::MAX))?;
                // Whole, and within the range just checked.
                Some(Value::Date(Date { days: days as i32 })).filter(|date| self.fills(date, slot))
            }
            Encoder::Category(levels) | Encoder::List(levels) => {
                let (key, label) = levels.in_order().nth(slot)?;
                // A label that is no spelling of its key would not be found.
                let text = if levels.find(label) == Some(slot) { label } else { key };
                Some(Value::Text(text.to_owned()))
            }
            Encoder::Flag => (slot < 2).then_some(Value::Flag(slot == 1)),
        }
    }

    fn fills(&self, value: &Value, slot: usize) -> bool {
        let mut found = None;
        self.place(Some(&value.as_ref()), |slot| found = Some(slot));
        found == Some(slot)
    }
}

impl Bins {
    /// A number in a bin: its lower edge, or else one that is near to its upper one.
    fn inside(&self, bin: usize) -> Option<f64> {
        let lower = bin.checked_sub(1).and_then(|below| self.edges.get(below).copied());
        let upper = self.edges.get(bin).copied();
        let below = upper.map(|upper| if self.whole { upper - 1.0 } else { self.least.midpoint(upper) });
        let candidates = [lower, below, Some(self.least), Some(self.greatest), upper.map(|upper| upper - 1.0)];
        let fills = |number: &f64| number.is_finite() && self.place(*number).0 == bin;
        let seen = |number: &f64| self.place(*number).1 == Reading::Used;
        let inside = || candidates.into_iter().flatten().filter(fills).filter(|_| bin < self.len());
        inside().find(seen).or_else(|| inside().next())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::made_up::feature;

    proptest! {
        #[test]
        fn an_example_fills_its_slot(feature in feature()) {
            for slot in 0..feature.slots() {
                if let Some(example) = feature.example(slot) {
                    prop_assert!(feature.fills(&example, slot), "{:?} for {} of {:?}", example, slot, feature);
                } else {
                    let named = matches!(&feature.encoder, Encoder::Number(_) | Encoder::Flag);
                    prop_assert!(!named || slot == feature.missing(), "{} of {:?}", slot, feature);
                }
            }
        }
    }
}
