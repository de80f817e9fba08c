use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::{AttributeName, Block, CalloutKind};

#[test]
fn an_index_is_that_of_its_formula() {
    // Computed by hand, with half an account in each cell: p = 60.5/101 and 40.5/101, q = 30.5/101 and 70.5/101.
    let (index, by_chance) = stability_index(&[(60, 30), (40, 70)]).unwrap();
    assert!((index - 0.368_09).abs() < 1e-4, "{index}");
    // The 95% quantile of χ² with one degree of freedom is 3.841; the approximation is off by 0.1.
    assert!((by_chance - 3.841 * 0.02).abs() < 0.1 * 0.02, "{by_chance}");
    // With ten degrees of freedom it is 18.307.
    let (_, by_chance) = stability_index(&[(10, 10); 11]).unwrap();
    assert!((by_chance * 55.0 - 18.307).abs() < 0.02, "{by_chance}");
}

#[test]
fn no_one_is_compared_with_no_one() {
    assert_eq!(stability_index(&[(0, 5), (0, 1)]), None);
    assert_eq!(stability_index(&[(3, 0)]), None);
    assert_eq!(stability_index(&[]), None);
    assert_eq!(stability_index(&[(3, 9)]), Some((0.0, 0.0)), "the distribution of one value cannot differ");
}

/// The counts of this many draws from values with these weights.
fn draws(random: &mut ChaCha8Rng, weights: &[f64], draws: usize) -> Vec<u64> {
    let mut counts = vec![0; weights.len()];
    let all: f64 = weights.iter().sum();
    for _ in 0..draws {
        let mut left = random.random_range(0.0..all);
        let place = weights.iter().position(|weight| {
            left -= weight;
            left < 0.0
        });
        counts[place.unwrap_or_default()] += 1;
    }
    counts
}

#[test]
fn chance_alone_seldom_reaches_what_is_reported_of_it() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    for (weights, customers, list) in
        [(vec![1.0; 5], 500, 200), (vec![8.0, 4.0, 2.0, 1.0], 2_000, 60), (vec![1.0, 1.0], 300, 300)]
    {
        let beyond = (0..1_000).filter(|_| {
            let [a, b] = [customers, list].map(|count| draws(&mut random, &weights, count));
            let (index, by_chance) = stability_index(&a.into_iter().zip(b).collect::<Vec<_>>()).unwrap();
            index > by_chance
        });
        let beyond = beyond.count();
        assert!((25..=75).contains(&beyond), "{beyond} of 1000 with {weights:?}");
    }
    // With sparse values, the bound is conservative.
    let rare = vec![1.0; 200];
    let beyond = (0..200).filter(|_| {
        let [a, b] = [2_000, 40].map(|count| draws(&mut random, &rare, count));
        let (index, by_chance) = stability_index(&a.into_iter().zip(b).collect::<Vec<_>>()).unwrap();
        index > by_chance
    });
    assert!(beyond.count() <= 10);
}

fn sample_shift(index: f64, by_chance: f64) -> DistributionShift {
    let share = Proportion { part: 1, total: 20 };
    let (attribute, value) = (AttributeName::new("employee_count", None, None), "below 1,000".to_owned());
    DistributionShift { attribute, index, chance_bound: by_chance, spread: 1.0, value, customers: share, list: share }
}

/// The first sentence of a section, and whether it has a caution.
fn section_summary(shifts: &[DistributionShift]) -> (String, bool) {
    let blocks = blocks(shifts, |_| false);
    let told = |wanted: CalloutKind| {
        let text = |block: &Block| {
            if let Block::Callout(tone, text) = block { (*tone == wanted).then(|| text.clone()) } else { None }
        };
        blocks.iter().find_map(text)
    };
    (told(CalloutKind::Finding).unwrap(), told(CalloutKind::Caution).is_some())
}

#[test]
fn the_sentence_depends_on_the_index_and_on_chance() {
    let [alike, open, different, far] =
        [(0.05, 0.01), (0.2, 0.3), (0.2, 0.1), (0.25, 0.1)].map(|(a, b)| sample_shift(a, b));
    assert_eq!(
        [&alike, &open, &different, &far].map(DistributionShift::size),
        [ShiftSize::Similar, ShiftSize::Similar, ShiftSize::Different, ShiftSize::VeryDifferent]
    );
    let (told, caution) = section_summary(std::slice::from_ref(&alike));
    assert_eq!(
        (told.as_str(), caution),
        ("This list is distributed over the 1 attribute of the model much like the customers.", false)
    );
    let (told, caution) = section_summary(&[alike.clone(), open.clone()]);
    assert!(
        told.starts_with("There are too few accounts to tell")
            && told.contains("in 1 of 2 attributes it does")
            && !caution,
        "{told}"
    );
    let (told, caution) = section_summary(&[alike.clone(), different.clone(), open]);
    assert!(told.ends_with("among the customers: employee count.") && told.starts_with("1 of 3") && !caution, "{told}");
    let (told, caution) = section_summary(&[different, alike, far]);
    assert!(
        told.starts_with("2 of 3 attributes are") && told.contains("employee count matters most") && caution,
        "{told}"
    );
    assert!(blocks(&[], |_| false).is_empty());
}

proptest! {
    #[test]
    fn an_index_is_never_negative_the_same_both_ways_and_zero_of_the_same(
        counts in prop::collection::vec((0..1_000_u64, 0..1_000_u64), 1..30)
    ) {
        let turned: Vec<_> = counts.iter().map(|(a, b)| (*b, *a)).collect();
        let same: Vec<_> = counts.iter().map(|(a, _)| (*a, *a)).collect();
        if let Some((index, by_chance)) = stability_index(&counts) {
            prop_assert!(index >= 0.0 && by_chance >= 0.0 && index.is_finite());
            let (other, chance) = stability_index(&turned).unwrap();
            prop_assert!((index - other).abs() <= 1e-9 * index.max(1.0) && (by_chance - chance).abs() < 1e-12);
        }
        prop_assert!(stability_index(&same).is_none_or(|(index, _)| index == 0.0));
    }
}
