use proptest::prelude::*;

use super::reference::{objective, optimum};
use super::*;
use crate::domain::Direction;
use crate::model::design::Design;
use crate::model::solve::block::ChainStrengths;
use crate::model::solve::estimator::Precision;
use crate::model::solve::made_up::one;

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

fn directed(slots: usize, direction: Direction, walk: usize) -> Block {
    Block::directed(slots - 1, direction, ChainStrengths { walk, own: None, missing: 0 })
}

fn blocks(directions: [Direction; 2]) -> Vec<Block> {
    let [first, second] = directions;
    vec![Block::base(), directed(SLOTS[0], first, 1), directed(SLOTS[1], second, 2), Block::ridge(SLOTS[2], 3)]
}

fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::Increasing), Just(Direction::Decreasing)]
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
        block.direction.is_none_or(|direction| direction.is_kept(own[..bins(block)].iter().copied()))
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
    fn with_strengths_of_its_own_it_ends_and_keeps_the_directions(case in case()) {
        let problem = case.problem();
        let fitted = fit(&problem, &settings(&case.blocks, None)).unwrap();
        prop_assert!(keep_directions(&case.blocks, &fitted.effects));
        prop_assert_eq!(fitted.parameters.len(), problem.parameters());
        prop_assert_eq!(problem.effects(&fitted.parameters), fitted.effects);
    }
}
