//! Conditions asked of slots: what a rule over a model's own attributes comes to, without looking at values again.

use sweetspot_core::Test;

use super::encoder::{Bins, Encoder, Feature};

/// Which slots of an attribute pass a test; nothing where slots cannot tell: bounds within a bin, or texts of a number.
pub(super) fn passing(feature: &Feature, test: &Test) -> Option<Vec<bool>> {
    let mut pass = vec![false; feature.slots()];
    let mut set = |slot: usize| pass.get_mut(slot).map(|slot| *slot = true);
    match (test, &feature.encoder) {
        (Test::AnyOf(texts), Encoder::Category(levels) | Encoder::List(levels)) => {
            for text in texts {
                set(levels.find(text)?)?;
            }
        }
        (Test::Range { gte, lt }, Encoder::Number(bins) | Encoder::Date(bins)) => {
            let (first, end) = (
                gte.map_or(Some(0), |edge| above(bins, edge))?,
                lt.map_or(Some(bins.len()), |edge| above(bins, edge))?,
            );
            (first..end).for_each(|bin| {
                set(bin);
            });
        }
        (Test::Flag(flag), Encoder::Flag) => set(usize::from(*flag))?,
        (Test::AnyOf(_), Encoder::Number(_) | Encoder::Date(_) | Encoder::Flag)
        | (Test::Range { .. }, Encoder::Category(_) | Encoder::List(_) | Encoder::Flag)
        | (Test::Flag(_), Encoder::Number(_) | Encoder::Date(_) | Encoder::Category(_) | Encoder::List(_))
        | (Test::Present(_), _) => return None,
    }
    Some(pass)
}

/// The bin that begins at an edge.
fn above(bins: &Bins, edge: f64) -> Option<usize> {
    bins.edges.iter().position(|known| *known == edge).map(|below| below + 1)
}

/// The test that these slots pass and no others; nothing where none does, or where they are not neighbours.
pub(super) fn test_of(feature: &Feature, slots: &[usize]) -> Option<Test> {
    match &feature.encoder {
        Encoder::Number(bins) | Encoder::Date(bins) => {
            let (first, last) = (slots.first()?, slots.last()?);
            let neighbours = slots.len() == last + 1 - first && *last < bins.len();
            let gte = first.checked_sub(1).and_then(|edge| bins.edges.get(edge)).copied();
            let lt = bins.edges.get(*last).copied();
            (neighbours && (gte, lt) != (None, None)).then_some(Test::Range { gte, lt })
        }
        Encoder::Category(levels) | Encoder::List(levels) => {
            // A label is one spelling of its key.
            let text =
                |slot: &usize| levels.label(*slot).filter(|label| levels.find(label) == Some(*slot)).map(str::to_owned);
            let texts = slots.iter().map(text).collect::<Option<Vec<_>>>()?;
            (!texts.is_empty()).then_some(Test::AnyOf(texts))
        }
        Encoder::Flag => match slots {
            [slot @ (0 | 1)] => Some(Test::Flag(*slot == 1)),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::made_up::feature;

    proptest! {
        #[test]
        fn slots_make_a_test_that_they_pass_and_no_others(feature in feature(), first in 0..12_usize, more in 0..12_usize) {
            let end = (first + more + 1).min(feature.slots());
            let slots: Vec<usize> = (first..end).collect();
            if let Some(test) = test_of(&feature, &slots) {
                let pass = passing(&feature, &test).unwrap();
                let passed: Vec<usize> = (0..pass.len()).filter(|slot| pass[*slot]).collect();
                prop_assert_eq!(passed, slots, "{:?}", test);
            }
        }
    }
}
