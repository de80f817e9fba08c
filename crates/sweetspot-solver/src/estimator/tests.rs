use linfa_logistic::LogisticRegression;
use ndarray::Array2;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::design::{EncodedTerm, TermSlots};
use crate::penalized_likelihood::{TIE_BREAK, sigmoid};
use crate::term_block::ChainSmoothingIndices;

const SLOTS: [usize; 3] = [4, 3, 6];

fn design(rows: usize, seed: u64) -> (Design, Array1<f64>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let codes: Vec<Vec<u16>> =
        SLOTS.iter().map(|slots| (0..rows).map(|_| rng.random_range(0..*slots as u16)).collect()).collect();
    let labels = (0..rows)
        .map(|row| {
            let log_odds = f64::from(codes[0][row]) * 0.7 - 1.5 + if codes[1][row] == 2 { 1.0 } else { 0.0 };
            f64::from(u8::from(rng.random_bool(sigmoid(log_odds))))
        })
        .collect();
    let terms = codes.into_iter().zip(SLOTS).map(|(codes, slots)| EncodedTerm { slots, codes: TermSlots::One(codes) });
    (Design::new(rows, terms), labels)
}

/// Two ridges and a chain, each with its own smoothing parameters.
fn blocks() -> Vec<TermBlock> {
    let chain = TermBlock::chain(5, &[2], ChainSmoothingIndices { walk: 2, own: Some(3), missing: 4 });
    vec![TermBlock::base(), TermBlock::ridge(4, 0), TermBlock::ridge(3, 1), chain]
}

fn settings(blocks: &[TermBlock], smoothing_count: usize) -> SolverSettings<'_> {
    let (max_iterations, precision) = (100, Tolerance::Final);
    SolverSettings {
        blocks,
        smoothing_count,
        offset: &[],
        case_weights: &[],
        warm_start: None,
        max_iterations,
        tolerance: precision,
        is_cancelled: &|| false,
    }
}

/// One ridge over all slots; linfa's plain logistic regression uses its estimated λ.
#[test]
fn agrees_with_linfa_logistic_on_the_one_hot_matrix() {
    let (design, labels) = design(500, 1);
    let blocks: Vec<TermBlock> =
        std::iter::once(TermBlock::base()).chain(SLOTS.iter().map(|slots| TermBlock::ridge(*slots, 0))).collect();
    let dataset = DatasetBase::new(&design, labels.clone());
    let fitted = AdditiveLogistic(settings(&blocks, 1)).fit(&dataset).unwrap();
    let mut one_hot = Array2::zeros((design.rows, SLOTS.iter().sum()));
    for (term, offset) in design.terms.iter().zip(design.offsets()).skip(1) {
        for row in 0..design.rows {
            one_hot[(row, offset - 1 + usize::from(term.codes.row(row)[0]))] = 1.0;
        }
    }
    // linfa treats the label `true` as positive only if the labels are booleans.
    let classes = labels.mapv(|label| label > 0.5);
    let oracle = LogisticRegression::default()
        .alpha(fitted.smoothing[0] + TIE_BREAK)
        .max_iterations(10_000)
        .gradient_tolerance(1e-9)
        .fit(&DatasetBase::new(one_hot.clone(), classes))
        .unwrap();
    let expected = oracle.predict_probabilities(&one_hot);
    let positive = if oracle.labels().pos.class { 1.0 } else { -1.0 };
    let mut log_odds = fitted.default_target(&design);
    fitted.predict_inplace(&design, &mut log_odds);
    for (found, expected) in log_odds.iter().zip(&expected) {
        assert!((sigmoid(positive * found) - expected).abs() < 1e-5, "{found} {expected}");
    }
}

#[test]
fn a_case_weight_of_two_is_a_row_twice() {
    let (design, labels) = design(200, 2);
    let blocks = blocks();
    let weights: Vec<f64> = (0..200).map(|row| if row < 50 { 2.0 } else { 1.0 }).collect();
    let weighted = SolverSettings { case_weights: &weights, ..settings(&blocks, 5) };
    let weighted = AdditiveLogistic(weighted).fit(&DatasetBase::new(&design, labels.clone())).unwrap();
    let rows: Vec<usize> = (0..200).flat_map(|row| vec![row; if row < 50 { 2 } else { 1 }]).collect();
    let terms = design.terms.iter().skip(1).map(|term| EncodedTerm {
        slots: term.slots,
        codes: TermSlots::One(rows.iter().map(|row| term.codes.row(*row)[0]).collect()),
    });
    let doubled = Design::new(rows.len(), terms);
    let dataset = DatasetBase::new(&doubled, rows.iter().map(|row| labels[*row]).collect::<Array1<f64>>());
    let doubled = AdditiveLogistic(settings(&blocks, 5)).fit(&dataset).unwrap();
    assert_eq!(weighted.parameters.len(), 1 + 4 + 3 + 7);
    for (a, b) in weighted.parameters.iter().zip(&doubled.parameters) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
}

/// Known log-odds that are the same for all customers change the base and nothing else.
#[test]
fn a_common_offset_is_subtracted_from_the_base() {
    let (design, labels) = design(300, 4);
    let blocks = blocks();
    let dataset = DatasetBase::new(&design, labels);
    let plain = AdditiveLogistic(settings(&blocks, 5)).fit(&dataset).unwrap();
    let offset = vec![0.75; design.rows];
    let start = Some(WarmStart { parameters: plain.parameters.clone(), smoothing: plain.smoothing.clone() });
    let moved = SolverSettings { offset: &offset, warm_start: start, ..settings(&blocks, 5) };
    let moved = AdditiveLogistic(moved).fit(&dataset).unwrap();
    assert!((plain.effects[0] - moved.effects[0] - 0.75).abs() < 0.05, "{:?} {:?}", plain.effects, moved.effects);
    for (a, b) in plain.effects.iter().zip(&moved.effects).skip(1) {
        assert!((a - b).abs() < 0.05, "{a} {b}");
    }
}

#[test]
fn invalid_settings_and_too_few_iterations_are_errors() {
    let (design, labels) = design(100, 3);
    let blocks = blocks();
    let dataset = DatasetBase::new(&design, labels);
    let none = SolverSettings { max_iterations: 0, ..settings(&blocks, 5) };
    assert!(matches!(AdditiveLogistic(none).fit(&dataset), Err(FitError::Parameter(_))));
    let once = SolverSettings { max_iterations: 1, ..settings(&blocks, 5) };
    assert!(matches!(AdditiveLogistic(once).fit(&dataset), Err(FitError::NotConverged { iterations: 1, .. })));
    let stopped = SolverSettings { is_cancelled: &|| true, ..settings(&blocks, 5) };
    assert!(matches!(AdditiveLogistic(stopped).fit(&dataset), Err(FitError::Cancelled)));
}
