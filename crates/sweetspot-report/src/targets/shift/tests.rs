use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::{Block, Tone};

#[test]
fn an_index_is_that_of_its_formula() {
    // By hand, with half an account in each cell: p = 60.5/101 and 40.5/101, q = 30.5/101 and 70.5/101.
    let (index, by_chance) = stability(&[(60, 30), (40, 70)]).unwrap();
    assert!((index - 0.368_09).abs() < 1e-4, "{index}");
    // The 95% quantile of χ² with one degree of freedom is 3.841, of which the approximation misses 0.1.
    assert!((by_chance - 3.841 * 0.02).abs() < 0.1 * 0.02, "{by_chance}");
    // With ten it is 18.307.
    let (_, by_chance) = stability(&[(10, 10); 11]).unwrap();
    assert!((by_chance * 55.0 - 18.307).abs() < 0.02, "{by_chance}");
}

#[test]
fn nobody_is_compared_with_nobody() {
    assert_eq!(stability(&[(0, 5), (0, 1)]), None);
    assert_eq!(stability(&[(3, 0)]), None);
    assert_eq!(stability(&[]), None);
    assert_eq!(stability(&[(3, 9)]), Some((0.0, 0.0)), "one value cannot be spread differently");
}

/// Counts of so many draws from values that are met as often as told.
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
fn chance_alone_seldom_reaches_what_is_told_of_it() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    for (weights, customers, list) in
        [(vec![1.0; 5], 500, 200), (vec![8.0, 4.0, 2.0, 1.0], 2_000, 60), (vec![1.0, 1.0], 300, 300)]
    {
        let beyond = (0..1_000).filter(|_| {
            let [a, b] = [customers, list].map(|count| draws(&mut random, &weights, count));
            let (index, by_chance) = stability(&a.into_iter().zip(b).collect::<Vec<_>>()).unwrap();
            index > by_chance
        });
        let beyond = beyond.count();
        assert!((25..=75).contains(&beyond), "{beyond} of 1000 with {weights:?}");
    }
    // Sparse values make it careful, not eager.
    let rare = vec![1.0; 200];
    let beyond = (0..200).filter(|_| {
        let [a, b] = [2_000, 40].map(|count| draws(&mut random, &rare, count));
        let (index, by_chance) = stability(&a.into_iter().zip(b).collect::<Vec<_>>()).unwrap();
        index > by_chance
    });
    assert!(beyond.count() <= 10);
}

fn shift_of(index: f64, by_chance: f64) -> Shift {
    let share = Share { part: 1, of: 20 };
    let (attribute, value) = ("employee_count".to_owned(), "below 1,000".to_owned());
    Shift { attribute, index, by_chance, spread: 1.0, value, customers: share, list: share }
}

/// The first sentence of a section, and whether it has a caution.
fn told_of(shifts: &[Shift]) -> (String, bool) {
    let blocks = blocks(shifts, |_| false);
    let told = |wanted: Tone| {
        let text = |block: &Block| {
            if let Block::Told(tone, text) = block { (*tone == wanted).then(|| text.clone()) } else { None }
        };
        blocks.iter().find_map(text)
    };
    (told(Tone::Finding).unwrap(), told(Tone::Caution).is_some())
}

#[test]
fn what_is_told_depends_on_the_index_and_on_chance() {
    let [alike, open, different, far] =
        [(0.05, 0.01), (0.2, 0.3), (0.2, 0.1), (0.25, 0.1)].map(|(a, b)| shift_of(a, b));
    assert_eq!(
        [&alike, &open, &different, &far].map(Shift::size),
        [ShiftSize::Alike, ShiftSize::Alike, ShiftSize::Different, ShiftSize::Far]
    );
    let (told, caution) = told_of(std::slice::from_ref(&alike));
    assert_eq!(
        (told.as_str(), caution),
        ("This list is distributed over the 1 attribute of the model much like the customers.", false)
    );
    let (told, caution) = told_of(&[alike.clone(), open.clone()]);
    assert!(
        told.starts_with("There are too few accounts to tell")
            && told.contains("in 1 of 2 attributes it does")
            && !caution,
        "{told}"
    );
    let (told, caution) = told_of(&[alike.clone(), different.clone(), open]);
    assert!(told.ends_with("among the customers: employee count.") && told.starts_with("1 of 3") && !caution, "{told}");
    let (told, caution) = told_of(&[different, alike, far]);
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
        if let Some((index, by_chance)) = stability(&counts) {
            prop_assert!(index >= 0.0 && by_chance >= 0.0 && index.is_finite());
            let (other, chance) = stability(&turned).unwrap();
            prop_assert!((index - other).abs() <= 1e-9 * index.max(1.0) && (by_chance - chance).abs() < 1e-12);
        }
        prop_assert!(stability(&same).is_none_or(|(index, _)| index == 0.0));
    }
}
