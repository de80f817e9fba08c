use proptest::prelude::*;

use super::*;
use crate::fixtures::problem_fixture;
use crate::term_block::ChainSmoothingIndices;

fn weights() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![Just(0.0), 0.01..50.0_f64], 2..300)
}

fn chain(slots: usize) -> TermBlock {
    TermBlock::chain(slots - 1, &[], ChainSmoothingIndices { walk: 0, own: None, missing: 1 })
}

fn members(groups: &SlotGroups, group: usize) -> Vec<usize> {
    (0..groups.group_by_slot.len()).filter(|slot| groups.group(*slot) == Some(group)).collect()
}

/// Each group has a slot, and the shares of its slots sum to one in proportion to their weights.
fn shares_hold(groups: &SlotGroups, weights: &[f64]) -> Result<(), TestCaseError> {
    for group in 0..groups.count {
        let members = members(groups, group);
        prop_assert!(!members.is_empty());
        let total: f64 = members.iter().map(|slot| weights[*slot]).sum();
        prop_assert!((members.iter().map(|slot| groups.slot_shares[*slot]).sum::<f64>() - 1.0).abs() < 1e-12);
        for slot in members {
            prop_assert!(total == 0.0 || (groups.slot_shares[slot] * total - weights[slot]).abs() < 1e-9);
        }
    }
    let alone = |slot: &usize| groups.group(*slot).is_none();
    prop_assert!((0..weights.len()).filter(alone).all(|slot| groups.slot_shares[slot] == 0.0));
    Ok(())
}

proptest! {
    #[test]
    fn groups_of_a_chain_are_neighbors_of_like_weight_and_missing_is_alone(weights in weights(), most in 2_usize..=MAX_GROUPS) {
        let groups = SlotGroups::new(&chain(weights.len()), &TermSlots::Every, &weights, most);
        let of: Vec<usize> = (0..weights.len()).map(|slot| groups.group(slot).unwrap()).collect();
        prop_assert_eq!(of[0], 0);
        prop_assert!(of.windows(2).all(|pair| pair[1] == pair[0] || pair[1] == pair[0] + 1), "{:?}", of);
        prop_assert!(groups.count <= most && groups.count == of[of.len() - 1] + 1);
        prop_assert_eq!(members(&groups, groups.count - 1), [weights.len() - 1]);
        shares_hold(&groups, &weights)?;
        if weights.len() > most {
            let part = weights[..weights.len() - 1].iter().sum::<f64>() / (most - 1) as f64;
            let heaviest = weights.iter().copied().fold(0.0, f64::max);
            for group in 0..groups.count - 1 {
                let weight: f64 = members(&groups, group).iter().map(|slot| weights[*slot]).sum();
                prop_assert!(weight <= part + heaviest + 1e-9, "{weight} {part} {heaviest}");
            }
        }
    }

    #[test]
    fn the_heaviest_levels_are_alone_and_rarer_items_have_no_group(weights in weights(), most in 2_usize..=MAX_GROUPS, list in any::<bool>()) {
        let codes = if list { TermSlots::Many { offsets: vec![0], slots: vec![] } } else { TermSlots::One(vec![]) };
        let groups = SlotGroups::new(&TermBlock::ridge(weights.len(), 0), &codes, &weights, most);
        shares_hold(&groups, &weights)?;
        if weights.len() <= most {
            prop_assert!((0..weights.len()).all(|slot| groups.group(slot) == Some(slot)));
            return Ok(());
        }
        prop_assert_eq!(groups.count, if list { most - 1 } else { most });
        let single = |slot: &usize| groups.group(*slot).is_some_and(|group| group < most - 1);
        let (alone, others): (Vec<usize>, Vec<usize>) = (0..weights.len()).partition(single);
        prop_assert_eq!(alone.len(), most - 1);
        prop_assert!(others.iter().all(|slot| groups.group(*slot) == (!list).then_some(most - 1)));
        let least = alone.iter().map(|slot| weights[*slot]).fold(f64::INFINITY, f64::min);
        prop_assert!(others.iter().all(|slot| weights[*slot] <= least));
    }

    #[test]
    fn slots_that_share_a_parameter_share_a_group(
        weights in weights(),
        most in 2_usize..=MAX_GROUPS,
        one in prop::collection::vec(any::<bool>(), 400),
    ) {
        let mut block = chain(weights.len());
        let mut parameter = 0;
        // The slot for missing stays in a group alone.
        for slot in 1..weights.len() {
            parameter += usize::from(!one[slot % 400] || slot + 1 == weights.len());
            block.slots[slot].0 = parameter;
        }
        let groups = SlotGroups::new(&block, &TermSlots::Every, &weights, most);
        prop_assert!(groups.count <= most);
        for slot in 1..weights.len() {
            let apart = usize::from(block.slots[slot].0 != block.slots[slot - 1].0);
            let step = groups.group(slot).unwrap() - groups.group(slot - 1).unwrap();
            prop_assert!(step <= apart, "{slot}: {step} {apart}");
        }
        shares_hold(&groups, &weights)?;
    }

    #[test]
    fn other_weights_change_shares_and_no_group(weights in weights(), most in 2_usize..=MAX_GROUPS) {
        let groups = SlotGroups::new(&chain(weights.len()), &TermSlots::Every, &weights, most);
        let turned: Vec<f64> = weights.iter().rev().copied().collect();
        let weighed = groups.clone().with_weights(&turned);
        prop_assert_eq!((&weighed.group_by_slot, weighed.count), (&groups.group_by_slot, groups.count));
        shares_hold(&weighed, &turned)?;
    }

    #[test]
    fn tables_and_sums_agree_with_counting_row_by_row(case in problem_fixture(), most in 2_usize..8) {
        let (_, groups, coarse) = case.approximation(most);
        let fills = |term: usize, row: usize, group: usize| {
            let slots = case.design.terms[term].codes.row(row).iter();
            slots.filter(|slot| groups[term].group(usize::from(**slot)) == Some(group)).count() as f64
        };
        let sum = |of: &dyn Fn(usize) -> f64| -> f64 { case.weights.iter().enumerate().map(|(row, weight)| weight * of(row)).sum() };
        let tables = coarse.cross_tables(&case.weights);
        let pairs: Vec<(usize, usize)> = tables.iter().map(|(a, b, _)| (*a, *b)).collect();
        prop_assert_eq!(pairs, [(1, 0), (2, 0), (2, 1), (2, 2), (3, 0), (3, 1), (3, 2)], "the third term is a list");
        for (a, b, table) in &tables {
            let width = groups[*b].count;
            prop_assert_eq!(table.len(), groups[*a].count * width);
            for (cell, found) in table.iter().enumerate() {
                let expected = sum(&|row| fills(*a, row, cell / width) * fills(*b, row, cell % width));
                prop_assert!((found - expected).abs() < 1e-10, "{a} {b} {cell}: {found} {expected}");
            }
        }
        for (term, sums) in coarse.sums(&case.weights).iter().enumerate() {
            for (group, found) in sums.iter().enumerate() {
                prop_assert!((found - sum(&|row| fills(term, row, group))).abs() < 1e-10);
            }
        }
    }
}

#[test]
fn few_terms_have_many_groups_and_many_terms_few() {
    assert_eq!([0, 1, 6, 7, 20, 66, 67, 1000].map(max_groups), [64, 64, 64, 57, 20, 6, 6, 6]);
}
