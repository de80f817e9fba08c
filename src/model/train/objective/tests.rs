use proptest::prelude::*;

use super::*;
use crate::model::design::TermCodes;
use crate::model::train::penalty::Form;

const ROWS: usize = 15;
/// Of three terms: one slot a row, any number a row, one slot a row.
const SLOTS: [usize; 3] = [4, 3, 2];

fn one(slots: usize) -> impl Strategy<Value = Codes> {
    prop::collection::vec(0..slots as u32, ROWS).prop_map(Codes::One)
}

fn many(slots: usize) -> impl Strategy<Value = Codes> {
    let row = prop::sample::subsequence((0..slots as u32).collect::<Vec<_>>(), 0..=slots);
    prop::collection::vec(row, ROWS).prop_map(|rows| {
        let mut offsets = vec![0];
        offsets.extend(rows.iter().scan(0, |sum, row| {
            *sum += row.len() as u32;
            Some(*sum)
        }));
        Codes::Many { offsets, slots: rows.concat() }
    })
}

fn design() -> impl Strategy<Value = Design> {
    (one(SLOTS[0]), many(SLOTS[1]), one(SLOTS[2])).prop_map(|(a, b, c)| {
        let terms = [a, b, c].into_iter().zip(SLOTS).map(|(codes, slots)| TermCodes { slots, codes });
        Design { rows: ROWS, terms: terms.collect() }
    })
}

fn numbers(count: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-1.5..1.5, count)
}

fn weights() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![Just(0.0), Just(1.0), 0.1..3.0], ROWS)
}

fn labels() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(any::<bool>().prop_map(|ideal| f64::from(u8::from(ideal))), ROWS)
}

fn penalties() -> (Vec<Penalty>, Vec<f64>) {
    let penalty = |form, ranges| Penalty { form, ranges };
    let walk = penalty(Form::RandomWalk, vec![0..3]);
    let ridges = [penalty(Form::Ridge, vec![4..7, 3..4]), penalty(Form::Ridge, vec![7..9])];
    ([vec![walk], ridges.to_vec()].concat(), vec![2.0, 0.5, 7.0])
}

/// The slope of `f` along each parameter, by small steps either way.
fn slopes(parameters: &[f64], f: impl Fn(Vec<f64>) -> Vec<f64>) -> Vec<Vec<f64>> {
    let step = 1e-5;
    let along = |index: usize, by: f64| {
        let mut moved = parameters.to_vec();
        moved[index] += by;
        f(moved)
    };
    let slope = |index: usize| {
        let (up, down) = (along(index, step), along(index, -step));
        up.iter().zip(down).map(|(up, down)| (up - down) / (2.0 * step)).collect()
    };
    (0..parameters.len()).map(slope).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn gradient_and_information_are_the_slopes_of_the_objective(
        design in design(),
        parameters in numbers(10),
        labels in labels(),
        weights in weights(),
    ) {
        let problem = Problem { design: &design, labels: &labels, weights: &weights };
        prop_assert_eq!(problem.parameters(), parameters.len());
        let (penalties, strengths) = penalties();
        let curvature = |parameters: Vec<f64>| {
            let mut curvature = problem.curvature(&problem.at(parameters.clone()));
            curvature.penalise(&parameters, &penalties, &strengths);
            curvature
        };
        let objective = |parameters: Vec<f64>| {
            let penalty = penalty_sum(&parameters, &penalties, &strengths);
            vec![problem.log_likelihood(&problem.at(parameters)) - penalty]
        };
        let found = curvature(parameters.clone());
        for (gradient, slope) in found.gradient.iter().zip(slopes(&parameters, objective)) {
            prop_assert!((gradient - slope[0]).abs() < 1e-6, "{} {}", gradient, slope[0]);
        }
        let bends = slopes(&parameters, |parameters| curvature(parameters).gradient);
        for (i, bend) in bends.iter().enumerate() {
            for (j, bend) in bend.iter().enumerate().take(i + 1) {
                let information = found.information[(i, j)];
                prop_assert!((information + bend).abs() < 1e-6, "({}, {}): {} {}", i, j, information, bend);
            }
        }
    }

    #[test]
    fn sums_over_slots_agree_with_counting_row_by_row(design in design(), values in numbers(ROWS)) {
        let fills = |term: &TermCodes, row: usize, slot: usize| term.codes.row(row).contains(&(slot as u32));
        let sum = |wanted: &dyn Fn(usize) -> bool| -> f64 { (0..ROWS).filter(|row| wanted(*row)).map(|row| values[row]).sum() };
        for a in &design.terms {
            let sums = slot_sums(&a.codes, a.slots, &values);
            for (slot, found) in sums.iter().enumerate() {
                prop_assert!((found - sum(&|row| fills(a, row, slot))).abs() < 1e-12);
            }
            for b in &design.terms {
                let sums = pair_sums(&a.codes, &b.codes, a.slots, b.slots, &values);
                prop_assert_eq!(sums.len(), a.slots * b.slots);
                for (index, found) in sums.iter().enumerate() {
                    let (i, j) = (index / b.slots, index % b.slots);
                    prop_assert!((found - sum(&|row| fills(a, row, i) && fills(b, row, j))).abs() < 1e-12);
                }
            }
        }
    }

    #[test]
    fn log_odds_are_the_sum_of_the_slots_filled(design in design(), parameters in numbers(10)) {
        let problem = Problem { design: &design, labels: &[], weights: &[] };
        let point = problem.at(parameters.clone());
        for (row, found) in point.log_odds.iter().enumerate() {
            let mut expected = parameters[0];
            for (term, offset) in design.terms.iter().zip(design.offsets()) {
                expected += term.codes.row(row).iter().map(|slot| parameters[1 + offset + *slot as usize]).sum::<f64>();
            }
            prop_assert!((found - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn sigmoid_and_softplus_never_overflow(x in any::<f64>().prop_filter("a number", |x| !x.is_nan())) {
        prop_assert!((0.0..=1.0).contains(&sigmoid(x)));
        prop_assert!((sigmoid(x) + sigmoid(-x) - 1.0).abs() < 1e-15);
        prop_assert!(softplus(x) >= x.max(0.0));
        if x.abs() < 30.0 {
            prop_assert!((softplus(x) - x.exp().ln_1p()).abs() < 1e-10);
        }
    }
}
