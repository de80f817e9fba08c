use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::design::{Design, EncodedTerm, TermSlots};
use crate::estimator::{FittedLogistic, SolverSettings, Tolerance};
use crate::newton::Newton;
use crate::penalized_likelihood::{Problem, sigmoid};
use crate::term_block::{ChainSmoothingIndices, Prior};

const ROWS: usize = 800;

/// A term whose levels differ by `effect`, a term without effect, and a chain.
fn fitted(effect: f64, seed: u64) -> FittedLogistic {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let [telling, noise, chain] = [4, 6, 9].map(|slots| {
        let codes: Vec<u16> = (0..ROWS).map(|_| rng.random_range(0..slots as u16)).collect();
        EncodedTerm { slots, codes: TermSlots::One(codes) }
    });
    let rate = |row: usize| sigmoid(effect * (f64::from(telling.codes.row(row)[0]) - 1.5));
    let labels: Vec<f64> = (0..ROWS).map(|row| f64::from(u8::from(rng.random_bool(rate(row))))).collect();
    let chain_block = TermBlock::chain(8, &[], ChainSmoothingIndices { walk: 2, own: None, missing: 3 });
    let blocks = [TermBlock::base(), TermBlock::ridge(4, 0), TermBlock::ridge(6, 1), chain_block];
    let design = Design::new(ROWS, [telling, noise, chain]);
    let problem = Problem { design: &design, blocks: &blocks, labels: &labels, weights: &[1.0; ROWS], offset: &[] };
    let precision = Tolerance::Final;
    let (start, max_iterations, stop) = (None, 200, &|| false);
    let settings = SolverSettings {
        blocks: &blocks,
        smoothing_count: 4,
        offset: &[],
        case_weights: &[],
        warm_start: start,
        max_iterations,
        tolerance: precision,
        is_cancelled: stop,
    };
    Newton::new(&problem, &settings).run().unwrap()
}

#[test]
fn log_bayes_factor_is_positive_for_an_effect_and_negative_for_noise() {
    let mut noise = Vec::new();
    for seed in 0..12 {
        let [strong, weak, none] = [0.8, 0.4, 0.0].map(|effect| fitted(effect, seed).log_bayes_factors);
        assert!(strong[1].unwrap() > 20.0, "{seed}: {strong:?}");
        assert!(weak[1].unwrap() > 2.0 && weak[1] < strong[1], "{seed}: {weak:?} {strong:?}");
        noise.extend([strong[2], weak[2], none[1], none[2]].map(Option::unwrap));
    }
    // λ is estimated from the same noise, so some of it looks like a small effect.
    noise.sort_by(f64::total_cmp);
    let at_most = |most: f64| noise.iter().filter(|evidence| **evidence <= most).count();
    assert!(at_most(0.1) * 4 >= noise.len() * 3 && at_most(1.0) + 3 >= noise.len(), "{noise:?}");
}

#[test]
fn only_a_term_with_one_ridge_has_a_bayes_factor() {
    let evidence = fitted(0.8, 1).log_bayes_factors;
    assert_eq!(evidence.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true, true, false]);
}

#[test]
fn terms_with_priors_or_many_parameters_have_no_bayes_factor() {
    let of = |block: &TermBlock| {
        let slots = block.slots.len();
        let groups =
            super::super::grouped_slots::SlotGroups::new(block, &TermSlots::One(vec![]), &vec![1.0; slots], 64);
        let own = block.information(&vec![1.0; slots]).plus(&block.penalty_matrix(&[2.0], TIE_BREAK));
        let information = ApproximateInformation::new(std::slice::from_ref(block), &[groups], vec![own], &[]).unwrap();
        log_bayes_factor(&information, 0, block, &vec![0.0; block.parameters], &[2.0])
    };
    // Variance 1 / (1 + λ), prior precision λ: ½ k log(λ / (1 + λ)).
    let expected = |slots: f64| 0.5 * slots * ((2.0 + TIE_BREAK) / (3.0 + TIE_BREAK)).ln();
    assert!((of(&TermBlock::ridge(3, 0)).unwrap() - expected(3.0)).abs() < 1e-9);
    assert!((of(&TermBlock::ridge(MAX_PARAMETERS, 0)).unwrap() - expected(MAX_PARAMETERS as f64)).abs() < 1e-6);
    assert_eq!(of(&TermBlock::ridge(MAX_PARAMETERS + 1, 0)), None);
    let mut believed = TermBlock::ridge(3, 0);
    believed.priors.push(Prior { parameter: 1, mean: 0.5, precision: 4.0 });
    assert_eq!(of(&believed), None);
}
