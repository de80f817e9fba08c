//! Evaluation of conditions on slots: a rule over a model's own attributes, without reading values again.

use sweetspot_core::Test;

use super::encoder::{Bins, Feature, FeatureEncoder};

/// Which slots of an attribute pass a test; `None` if slots cannot decide it: a bound within a bin, or texts for a
/// number.
pub(super) fn passing_slots(feature: &Feature, test: &Test) -> Option<Vec<bool>> {
    let mut pass = vec![false; feature.slot_count()];
    let mut set = |slot: usize| pass.get_mut(slot).map(|slot| *slot = true);
    match (test, &feature.encoder) {
        (Test::AnyOf(texts), FeatureEncoder::Category(levels) | FeatureEncoder::List(levels)) => {
            for text in texts {
                set(levels.find(text)?)?;
            }
        }
        (Test::Range { gte, lt }, FeatureEncoder::Number(bins) | FeatureEncoder::Date(bins)) => {
            let (first, end) = (
                gte.map_or(Some(0), |edge| bin_above(bins, edge))?,
                lt.map_or(Some(bins.len()), |edge| bin_above(bins, edge))?,
            );
            (first..end).for_each(|bin| {
                set(bin);
            });
        }
        (Test::Flag(flag), FeatureEncoder::Flag) => set(usize::from(*flag))?,
        (Test::AnyOf(_), FeatureEncoder::Number(_) | FeatureEncoder::Date(_) | FeatureEncoder::Flag)
        | (Test::Range { .. }, FeatureEncoder::Category(_) | FeatureEncoder::List(_) | FeatureEncoder::Flag)
        | (
            Test::Flag(_),
            FeatureEncoder::Number(_) | FeatureEncoder::Date(_) | FeatureEncoder::Category(_) | FeatureEncoder::List(_),
        )
        | (Test::Present(_), _) => return None,
    }
    Some(pass)
}

/// The bin that starts at an edge.
fn bin_above(bins: &Bins, edge: f64) -> Option<usize> {
    bins.edges.iter().position(|known| *known == edge).map(|below| below + 1)
}

/// The test that exactly these slots pass; `None` if there is none, such as for bins that are not adjacent.
pub(super) fn test_from_slots(feature: &Feature, slots: &[usize]) -> Option<Test> {
    match &feature.encoder {
        FeatureEncoder::Number(bins) | FeatureEncoder::Date(bins) => {
            let (first, last) = (slots.first()?, slots.last()?);
            let neighbors = slots.len() == last + 1 - first && *last < bins.len();
            let gte = first.checked_sub(1).and_then(|edge| bins.edges.get(edge)).copied();
            let lt = bins.edges.get(*last).copied();
            (neighbors && (gte, lt) != (None, None)).then_some(Test::Range { gte, lt })
        }
        FeatureEncoder::Category(levels) | FeatureEncoder::List(levels) => {
            // The label is used only if it is a spelling of the slot's key.
            let text =
                |slot: &usize| levels.label(*slot).filter(|label| levels.find(label) == Some(*slot)).map(str::to_owned);
            let texts = slots.iter().map(text).collect::<Option<Vec<_>>>()?;
            (!texts.is_empty()).then_some(Test::AnyOf(texts))
        }
        FeatureEncoder::Flag => match slots {
            [slot @ (0 | 1)] => Some(Test::Flag(*slot == 1)),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fixtures::feature;

    proptest! {
        #[test]
        fn slots_make_a_test_that_they_pass_and_no_others(feature in feature(), first in 0..12_usize, more in 0..12_usize) {
            let end = (first + more + 1).min(feature.slot_count());
            let slots: Vec<usize> = (first..end).collect();
            if let Some(test) = test_from_slots(&feature, &slots) {
                let pass = passing_slots(&feature, &test).unwrap();
                let passed: Vec<usize> = (0..pass.len()).filter(|slot| pass[*slot]).collect();
                prop_assert_eq!(passed, slots, "{:?}", test);
            }
        }
    }
}
