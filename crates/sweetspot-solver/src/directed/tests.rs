use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::reference::{objective, optimum};
use super::*;
use crate::block::ChainStrengths;
use crate::coarse::{CoarseDesign, Groups};
use crate::counted::Counted;
use crate::design::{Codes, Design, TermCodes};
use crate::estimator::Precision;
use crate::made_up::one;
use crate::monotonicity::Monotonicity;
use crate::passes::{slot_sums, weighted_slot_sums};
use crate::problem::sigmoid;

const ROWS: usize = 70;
const SLOTS: [usize; 3] = [10, 6, 3];
const STRENGTHS: usize = 4;

/// Two directed chains and a ridge.
#[derive(Clone, Debug)]
struct Case {
    design: Design,
    blocks: Vec<Block>,
    strengths: Vec<f64>,
    labels: Vec<f64>,
    weights: Vec<f64>,
}

impl Case {
    fn problem(&self) -> Problem<'_> {
        let Self { design, blocks, labels, weights, .. } = self;
        Problem { design, blocks, labels, weights, offset: &[] }
    }
}

fn directed(slots: usize, direction: Monotonicity, walk: usize) -> Block {
    Block::directed(slots - 1, direction, ChainStrengths { walk, own: None, missing: 0 })
}

fn blocks(directions: [Monotonicity; 2]) -> Vec<Block> {
    let [first, second] = directions;
    vec![Block::base(), directed(SLOTS[0], first, 1), directed(SLOTS[1], second, 2), Block::ridge(SLOTS[2], 3)]
}

fn direction() -> impl Strategy<Value = Monotonicity> {
    prop_oneof![Just(Monotonicity::Increasing), Just(Monotonicity::Decreasing)]
}

fn case() -> impl Strategy<Value = Case> {
    let terms = SLOTS.map(|slots| one(slots, ROWS));
    let strengths = prop::collection::vec(prop_oneof![0.05..2.0_f64, 2.0..60.0_f64], STRENGTHS);
    let weights = prop::collection::vec(prop_oneof![Just(0.0), 0.05..2.0_f64, Just(1.0)], ROWS);
    let labels = prop::collection::vec(any::<bool>().prop_map(|ideal| f64::from(u8::from(ideal))), ROWS);
    (terms, [direction(), direction()], strengths, weights, labels).prop_map(
        |(terms, directions, strengths, mut weights, mut labels)| {
            // Somebody of either label is there.
            (weights[0], weights[1], labels[0], labels[1]) = (1.0, 1.0, 0.0, 1.0);
            Case { design: Design::new(ROWS, terms), blocks: blocks(directions), strengths, labels, weights }
        },
    )
}

fn settings(blocks: &[Block], start: Option<Start>) -> Settings<'_> {
    let (max_iterations, precision) = (200, Precision::Full);
    Settings { blocks, strengths: STRENGTHS, offset: &[], start, max_iterations, precision, stop: &|| false }
}

/// Whether the effects of a term's bins keep its direction.
fn keep_directions(blocks: &[Block], effects: &[f64]) -> bool {
    let mut rest = effects;
    blocks.iter().all(|block| {
        let (own, others) = rest.split_at(block.slots.len());
        rest = others;
        block.direction.is_none_or(|direction| direction.holds(own[..bins(block)].iter().copied()))
    })
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |most, (a, b)| most.max((a - b).abs()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn at_fixed_strengths_it_is_the_optimum_under_the_directions(case in case(), from in prop::collection::vec(-1.0..1.0_f64, 20)) {
        let problem = case.problem();
        let expected = optimum(&problem, &case.strengths);
        for parameters in [from, vec![0.0; 20]] {
            let start = Some(Start { parameters, strengths: case.strengths.clone() });
            let fitted = Rounds::new(&problem, &settings(&case.blocks, start)).run(0).unwrap();
            prop_assert!(keep_directions(&case.blocks, &fitted.effects));
            prop_assert_eq!(&fitted.strengths, &case.strengths);
            let lost = objective(&problem, &expected, &case.strengths) - objective(&problem, &fitted.parameters, &case.strengths);
            prop_assert!(lost.abs() < 1e-6, "{lost}");
            let apart = largest_difference(&problem.effects(&expected), &fitted.effects);
            prop_assert!(apart < 2e-3, "{apart} {:?} {:?}", expected, fitted.parameters);
        }
    }

    #[test]
    fn with_strengths_of_its_own_it_ends_at_the_optimum_for_them(case in case()) {
        let problem = case.problem();
        let fitted = fit(&problem, &settings(&case.blocks, None)).unwrap();
        prop_assert!(keep_directions(&case.blocks, &fitted.effects));
        prop_assert_eq!(fitted.parameters.len(), problem.parameters());
        prop_assert_eq!(problem.effects(&fitted.parameters), fitted.effects.clone());
        prop_assert!(is_optimum(&problem, &fitted));
    }

    /// Slots that were merged are as sure as each other, to the bit, and no standard error is lost.
    #[test]
    fn merged_slots_have_one_uncertainty(case in case()) {
        let problem = case.problem();
        let fitted = fit(&problem, &settings(&case.blocks, None)).unwrap();
        let found = fitted.uncertainty(&case.design, 3).unwrap();
        prop_assert!(found.variances.iter().chain(&found.factors).all(|number| number.is_finite()));
        let mut slot = 1;
        for (block, merging) in case.blocks.iter().zip(Rounds::new(&problem, &again(&case.blocks, &fitted)).mergings).skip(1) {
            for (bin, _) in merging.one.iter().enumerate().filter(|(_, one)| **one) {
                let of = |slot: usize| (found.variances[slot], &found.factors[slot * 3..slot * 3 + 3]);
                prop_assert_eq!(of(slot + bin), of(slot + bin + 1));
            }
            slot += block.slots.len();
        }
    }

    /// Where no two slots but merged ones share a group, H̃ is the information of the merged parameters.
    #[test]
    fn the_system_of_merged_blocks_is_their_information(case in case(), at in prop::collection::vec(0..3_u8, 20)) {
        let at: Vec<f64> = at.into_iter().map(f64::from).collect();
        let problem = case.problem();
        let mergings = problem.by_term(&at).map(|(block, own)| Merging::of(block, own));
        let merged: Vec<Block> = case.blocks.iter().zip(mergings).map(|(block, merging)| merging.block(block)).collect();
        let sums = slot_sums(&case.design, &case.weights);
        let offsets = case.design.offsets();
        let groups = |(term, block): (usize, &Block)| {
            Groups::new(block, &case.design.terms[term].codes, &sums[offsets[term]..offsets[term + 1]], 20)
        };
        let groups: Vec<Groups> = merged.iter().enumerate().map(groups).collect();
        let coarse = CoarseDesign::new(&case.design, &groups);
        let system = Counted::new(&case.design, &coarse, &case.weights).system(&merged, &groups, &case.strengths).unwrap();
        let problem = Problem { blocks: &merged, ..case.problem() };
        let x: Vec<f64> = (0..problem.parameters()).map(|i| (i as f64 * 0.7).sin()).collect();
        let sums = weighted_slot_sums(&case.design, &case.weights, &problem.effects(&x));
        let mut image = problem.gather_slots(&sums);
        // Without beliefs the pull is linear.
        image.iter_mut().zip(problem.penalty_gradient(&x, &case.strengths)).for_each(|(value, pull)| *value += pull);
        prop_assert!(largest_difference(&system.precondition(&image), &x) < 1e-6);
    }
}

/// The settings of a fit that goes on from another.
fn again<'a>(blocks: &'a [Block], fitted: &Fitted) -> Settings<'a> {
    let start = Start { parameters: fitted.parameters.clone(), strengths: fitted.strengths.clone() };
    settings(blocks, Some(start))
}

/// Whether nothing is to be merged or parted any more.
fn is_optimum(problem: &Problem<'_>, fitted: &Fitted) -> bool {
    let settings = again(problem.blocks, fitted);
    let rounds = Rounds::new(problem, &settings);
    let slopes = Slopes::at(problem, &fitted.parameters, &fitted.strengths);
    rounds.revised(&fitted.parameters, &slopes, 0) == rounds.mergings
}

/// Customers in one chain, won at these rates bin by bin.
fn chain_of(rates: &[f64], rows: usize, seed: u64) -> (Design, Vec<f64>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let codes: Vec<u16> = (0..rows).map(|row| (row % rates.len()) as u16).collect();
    let labels = codes.iter().map(|code| f64::from(u8::from(rng.random_bool(rates[usize::from(*code)]))));
    let labels = labels.collect();
    (Design::new(rows, [TermCodes { slots: rates.len() + 1, codes: Codes::One(codes) }]), labels)
}

#[test]
fn where_the_free_optimum_keeps_the_direction_nothing_changes() {
    let (design, labels) = chain_of(&[0.1, 0.3, 0.5, 0.7, 0.9], 2000, 1);
    let weights = vec![1.0; design.rows];
    let of = |direction: Option<Monotonicity>| {
        let blocks = [Block::base(), Block { direction, ..directed(6, Monotonicity::Increasing, 1) }];
        let problem = Problem { design: &design, blocks: &blocks, labels: &labels, weights: &weights, offset: &[] };
        let settings = Settings { strengths: 2, ..settings(&blocks, None) };
        match direction {
            Some(_) => fit(&problem, &settings).unwrap(),
            None => Newton::new(&problem, &settings).run().unwrap(),
        }
    };
    let (free, held) = (of(None), of(Some(Monotonicity::Increasing)));
    assert_eq!((free.parameters, free.strengths, free.iterations), (held.parameters, held.strengths, held.iterations));
    assert_eq!((free.effective, held.objections), (held.effective, vec![0.0; 2]));
    let against = of(Some(Monotonicity::Decreasing));
    assert!(against.effects[1..6].iter().all(|effect| *effect == against.effects[1]), "{:?}", against.effects);
    assert!(against.objections[1] > 10.0 && against.effective[1] < 1.0, "{against:?}");
}

#[test]
fn long_chains_of_every_shape_end_at_the_optimum() {
    let bins = 300;
    let place = |bin: usize| (bin as f64 + 0.5) / bins as f64;
    let shapes: [fn(f64) -> f64; 6] = [
        |_| 0.0,
        |x| 4.0 * x - 2.0,
        |x| if x < 0.5 { -1.0 } else { 1.0 },
        |x| (12.0 * x).sin(),
        |x| 2.0 * (8.0 * x).floor() % 2.0 - 1.0 + x,
        |x| -3.0 * x,
    ];
    for (seed, shape) in (0..).zip(shapes) {
        let rates: Vec<f64> = (0..bins).map(|bin| sigmoid(shape(place(bin)))).collect();
        let (design, labels) = chain_of(&rates, 6000, seed);
        let weights = vec![1.0; design.rows];
        for direction in [Monotonicity::Increasing, Monotonicity::Decreasing] {
            let blocks = [Block::base(), directed(bins + 1, direction, 1)];
            let problem = Problem { design: &design, blocks: &blocks, labels: &labels, weights: &weights, offset: &[] };
            let fitted = fit(&problem, &Settings { strengths: 2, ..settings(&blocks, None) }).unwrap();
            assert!(keep_directions(&blocks, &fitted.effects), "{seed} {direction:?}");
            assert!(is_optimum(&problem, &fitted), "{seed} {direction:?}");
            assert!(fitted.iterations < 100, "{seed} {direction:?}: {}", fitted.iterations);
        }
    }
}
