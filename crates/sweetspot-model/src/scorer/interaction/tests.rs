use super::*;
use crate::fixtures::{artifact, pair};
use crate::{CompileError, Scorer};

fn compile_changed(change: fn(&mut stored::Pair)) -> Result<Scorer, String> {
    let mut kept = artifact();
    kept.0.pairs = vec![pair()];
    change(&mut kept.0.pairs[0]);
    Scorer::compile(&kept).map_err(|error| match error {
        CompileError::Inconsistent { what } => what,
        other @ CompileError::GoldenRow { .. } => panic!("{other}"),
    })
}

#[test]
fn an_interaction_that_fits_its_attributes_compiles() {
    assert!(compile_changed(|_| {}).is_ok());
    assert!(compile_changed(|pair| pair.cells[0].log_odds = 1000.0).is_ok());
}

#[test]
fn an_inconsistent_interaction_is_refused_by_name() {
    type InteractionEdit = fn(&mut stored::Pair);
    let cases: [(InteractionEdit, &str); 16] = [
        (|pair| pair.first = "staff".to_owned(), "pair \"staff * city\" does not fit its attributes"),
        (|pair| pair.second = String::new(), "pair \"employees * \" does not fit its attributes"),
        (|pair| pair.second = "tools".to_owned(), "pair \"employees * tools\" does not fit its attributes"),
        (|pair| pair.first = "tools".to_owned(), "pair \"tools * city\" does not fit its attributes"),
        (|pair| pair.first = "city".to_owned(), "pair \"city * city\" has 6 coefficients"),
        (|pair| pair.first_groups.truncate(3), "pair \"employees * city\" does not fit its attributes"),
        (|pair| pair.second_groups.push(0), "pair \"employees * city\" does not fit its attributes"),
        (|pair| pair.first_groups[3] = 2, "pair \"employees * city\" does not fit its attributes"),
        (|pair| pair.second_groups[0] = u32::MAX, "pair \"employees * city\" does not fit its attributes"),
        (|pair| pair.first_labels.clear(), "pair \"employees * city\" does not fit its attributes"),
        (|pair| pair.second_labels.push("d".to_owned()), "pair \"employees * city\" has 6 coefficients"),
        (|pair| pair.cells.truncate(5), "pair \"employees * city\" has 5 coefficients"),
        (|pair| pair.cells.clear(), "pair \"employees * city\" has 0 coefficients"),
        (|pair| pair.cells[5].log_odds = f64::NAN, "a coefficient of \"employees * city\" is NaN"),
        (|pair| pair.cells[0].log_odds = -1000.5, "a coefficient of \"employees * city\" is -1000.5"),
        (|pair| pair.cells[2].variance = -1.0, "\"employees * city\" has no variance"),
    ];
    for (change, words) in cases {
        assert_eq!(compile_changed(change).unwrap_err(), words);
    }
}
