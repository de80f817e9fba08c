use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::reference::{objective, optimum};
use super::*;
use crate::cross_weights::CrossWeights;
use crate::design::{Design, EncodedTerm, TermSlots};
use crate::design_sums::{slot_sums, weighted_slot_sums};
use crate::estimator::Tolerance;
use crate::fixtures::single_codes;
use crate::grouped_slots::{CoarseDesign, SlotGroups};
use crate::monotonicity::Monotonicity;
use crate::penalized_likelihood::sigmoid;
use crate::term_block::ChainSmoothingIndices;

const ROWS: usize = 70;
const SLOTS: [usize; 3] = [10, 6, 3];
const SMOOTHING_COUNT: usize = 4;

/// Two constrained chains and a ridge.
#[derive(Clone, Debug)]
struct MonotoneFixture {
    design: Design,
    blocks: Vec<TermBlock>,
    smoothing: Vec<f64>,
    labels: Vec<f64>,
    weights: Vec<f64>,
}

impl MonotoneFixture {
    fn problem(&self) -> Problem<'_> {
        let Self { design, blocks, labels, weights, .. } = self;
        Problem { design, blocks, labels, weights, offset: &[] }
    }
}

fn monotone(slots: usize, direction: Monotonicity, walk: usize) -> TermBlock {
    TermBlock::monotone(slots - 1, direction, ChainSmoothingIndices { walk, own: None, missing: 0 })
}

fn blocks(directions: [Monotonicity; 2]) -> Vec<TermBlock> {
    let [first, second] = directions;
    vec![TermBlock::base(), monotone(SLOTS[0], first, 1), monotone(SLOTS[1], second, 2), TermBlock::ridge(SLOTS[2], 3)]
}

fn monotonicity() -> impl Strategy<Value = Monotonicity> {
    prop_oneof![Just(Monotonicity::Increasing), Just(Monotonicity::Decreasing)]
}

fn case() -> impl Strategy<Value = MonotoneFixture> {
    let terms = SLOTS.map(|slots| single_codes(slots, ROWS));
    let smoothing = prop::collection::vec(prop_oneof![0.05..2.0_f64, 2.0..60.0_f64], SMOOTHING_COUNT);
    let weights = prop::collection::vec(prop_oneof![Just(0.0), 0.05..2.0_f64, Just(1.0)], ROWS);
    let labels = prop::collection::vec(any::<bool>().prop_map(|ideal| f64::from(u8::from(ideal))), ROWS);
    (terms, [monotonicity(), monotonicity()], smoothing, weights, labels).prop_map(
        |(terms, directions, smoothing, mut weights, mut labels)| {
            // At least one customer has each label.
            (weights[0], weights[1], labels[0], labels[1]) = (1.0, 1.0, 0.0, 1.0);
            MonotoneFixture { design: Design::new(ROWS, terms), blocks: blocks(directions), smoothing, labels, weights }
        },
    )
}

fn settings(blocks: &[TermBlock], start: Option<WarmStart>) -> SolverSettings<'_> {
    let (max_iterations, precision) = (200, Tolerance::Final);
    SolverSettings {
        blocks,
        smoothing_count: SMOOTHING_COUNT,
        offset: &[],
        case_weights: &[],
        warm_start: start,
        max_iterations,
        tolerance: precision,
        is_cancelled: &|| false,
    }
}

/// Whether the effects of the terms' bins satisfy their constraints.
fn are_monotone(blocks: &[TermBlock], effects: &[f64]) -> bool {
    let mut rest = effects;
    blocks.iter().all(|block| {
        let (own, others) = rest.split_at(block.slots.len());
        rest = others;
        block.monotonicity.is_none_or(|direction| direction.holds(own[..bin_count(block)].iter().copied()))
    })
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |most, (a, b)| most.max((a - b).abs()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_monotone_fit_at_fixed_smoothing_is_the_constrained_optimum(case in case(), from in prop::collection::vec(-1.0..1.0_f64, 20)) {
        let problem = case.problem();
        let expected = optimum(&problem, &case.smoothing);
        for parameters in [from, vec![0.0; 20]] {
            let start = Some(WarmStart { parameters, smoothing: case.smoothing.clone() });
            let fitted = ActiveSetSearch::new(&problem, &settings(&case.blocks, start)).run(0).unwrap();
            prop_assert!(are_monotone(&case.blocks, &fitted.effects));
            prop_assert_eq!(&fitted.smoothing, &case.smoothing);
            let lost = objective(&problem, &expected, &case.smoothing) - objective(&problem, &fitted.parameters, &case.smoothing);
            prop_assert!(lost.abs() < 1e-6, "{lost}");
            let apart = largest_difference(&problem.effects(&expected), &fitted.effects);
            prop_assert!(apart < 2e-3, "{apart} {:?} {:?}", expected, fitted.parameters);
        }
    }

    #[test]
    fn a_monotone_fit_ends_at_the_optimum_for_its_smoothing(case in case()) {
        let problem = case.problem();
        let fitted = fit(&problem, &settings(&case.blocks, None)).unwrap();
        prop_assert!(are_monotone(&case.blocks, &fitted.effects));
        prop_assert_eq!(fitted.parameters.len(), problem.parameters());
        prop_assert_eq!(problem.effects(&fitted.parameters), fitted.effects.clone());
        prop_assert!(is_optimum(&problem, &fitted));
    }

    /// Merged slots have bit-identical uncertainty, and all standard errors are finite.
    #[test]
    fn merged_slots_share_one_uncertainty(case in case()) {
        let problem = case.problem();
        let fitted = fit(&problem, &settings(&case.blocks, None)).unwrap();
        let found = fitted.uncertainty(&case.design, &vec![1.0; case.design.rows], 3).unwrap();
        prop_assert!(found.variances.iter().chain(&found.factors).all(|number| number.is_finite()));
        let mut slot = 1;
        for (block, merging) in case.blocks.iter().zip(ActiveSetSearch::new(&problem, &continued_settings(&case.blocks, &fitted)).active_sets).skip(1) {
            for (bin, _) in merging.merged.iter().enumerate().filter(|(_, one)| **one) {
                let of = |slot: usize| (found.variances[slot], &found.factors[slot * 3..slot * 3 + 3]);
                prop_assert_eq!(of(slot + bin), of(slot + bin + 1));
            }
            slot += block.slots.len();
        }
    }

    /// If only merged slots share a group, H̃ is the information of the merged parameters.
    #[test]
    fn the_system_of_merged_blocks_is_their_information(case in case(), at in prop::collection::vec(0..3_u8, 20)) {
        let at: Vec<f64> = at.into_iter().map(f64::from).collect();
        let problem = case.problem();
        let mergings = problem.split_by_term(&at).map(|(block, own)| ActiveSet::from_parameters(block, own));
        let merged: Vec<TermBlock> = case.blocks.iter().zip(mergings).map(|(block, merging)| merging.merged_block(block)).collect();
        let sums = slot_sums(&case.design, &case.weights);
        let offsets = case.design.offsets();
        let groups = |(term, block): (usize, &TermBlock)| {
            SlotGroups::new(block, &case.design.terms[term].codes, &sums[offsets[term]..offsets[term + 1]], 20)
        };
        let groups: Vec<SlotGroups> = merged.iter().enumerate().map(groups).collect();
        let coarse = CoarseDesign::new(&case.design, &groups);
        let information = CrossWeights::new(&case.design, &coarse, &case.weights).approximate_information(&merged, &groups, &case.smoothing).unwrap();
        let problem = Problem { blocks: &merged, ..case.problem() };
        let x: Vec<f64> = (0..problem.parameters()).map(|i| (i as f64 * 0.7).sin()).collect();
        let sums = weighted_slot_sums(&case.design, &case.weights, &problem.effects(&x));
        let mut image = problem.gather_slots(&sums);
        // Without priors the penalty gradient is linear.
        image.iter_mut().zip(problem.penalty_gradient(&x, &case.smoothing)).for_each(|(value, pull)| *value += pull);
        prop_assert!(largest_difference(&information.precondition(&image), &x) < 1e-6);
    }
}

/// The settings of a fit that continues from another.
fn continued_settings<'a>(blocks: &'a [TermBlock], fitted: &FittedLogistic) -> SolverSettings<'a> {
    let start = WarmStart { parameters: fitted.parameters.clone(), smoothing: fitted.smoothing.clone() };
    settings(blocks, Some(start))
}

/// Whether no neighbors remain to be merged or released.
fn is_optimum(problem: &Problem<'_>, fitted: &FittedLogistic) -> bool {
    let settings = continued_settings(problem.blocks, fitted);
    let rounds = ActiveSetSearch::new(problem, &settings);
    let slopes = Derivatives::new(problem, &fitted.parameters, &fitted.smoothing);
    rounds.next_active_sets(&fitted.parameters, &slopes, 0) == rounds.active_sets
}

/// Customers in one chain, with these rates of ideal customers by bin.
fn chain_with_rates(rates: &[f64], rows: usize, seed: u64) -> (Design, Vec<f64>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let codes: Vec<u16> = (0..rows).map(|row| (row % rates.len()) as u16).collect();
    let labels = codes.iter().map(|code| f64::from(u8::from(rng.random_bool(rates[usize::from(*code)]))));
    let labels = labels.collect();
    (Design::new(rows, [EncodedTerm { slots: rates.len() + 1, codes: TermSlots::One(codes) }]), labels)
}

#[test]
fn a_monotone_unconstrained_optimum_is_unchanged() {
    let (design, labels) = chain_with_rates(&[0.1, 0.3, 0.5, 0.7, 0.9], 2000, 1);
    let weights = vec![1.0; design.rows];
    let of = |direction: Option<Monotonicity>| {
        let blocks =
            [TermBlock::base(), TermBlock { monotonicity: direction, ..monotone(6, Monotonicity::Increasing, 1) }];
        let problem = Problem { design: &design, blocks: &blocks, labels: &labels, weights: &weights, offset: &[] };
        let settings = SolverSettings { smoothing_count: 2, ..settings(&blocks, None) };
        match direction {
            Some(_) => fit(&problem, &settings).unwrap(),
            None => Newton::new(&problem, &settings).run().unwrap(),
        }
    };
    let (free, held) = (of(None), of(Some(Monotonicity::Increasing)));
    assert_eq!((free.parameters, free.smoothing, free.iterations), (held.parameters, held.smoothing, held.iterations));
    assert_eq!((free.effective_parameters, held.monotonicity_score_z), (held.effective_parameters, vec![0.0; 2]));
    let against = of(Some(Monotonicity::Decreasing));
    assert!(against.effects[1..6].iter().all(|effect| *effect == against.effects[1]), "{:?}", against.effects);
    assert!(against.monotonicity_score_z[1] > 10.0 && against.effective_parameters[1] < 1.0, "{against:?}");
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
        let (design, labels) = chain_with_rates(&rates, 6000, seed);
        let weights = vec![1.0; design.rows];
        for direction in [Monotonicity::Increasing, Monotonicity::Decreasing] {
            let blocks = [TermBlock::base(), monotone(bins + 1, direction, 1)];
            let problem = Problem { design: &design, blocks: &blocks, labels: &labels, weights: &weights, offset: &[] };
            let fitted = fit(&problem, &SolverSettings { smoothing_count: 2, ..settings(&blocks, None) }).unwrap();
            assert!(are_monotone(&blocks, &fitted.effects), "{seed} {direction:?}");
            assert!(is_optimum(&problem, &fitted), "{seed} {direction:?}");
            assert!(fitted.iterations < 100, "{seed} {direction:?}: {}", fitted.iterations);
        }
    }
}
