//! Conversion of the evaluated sample to and from its stored form.

use crate::evaluated_sample::{EvaluatedRow, EvaluatedSample};
use crate::stored;

/// Converts the sample to its stored form.
pub(crate) fn stored_evaluated_sample(sample: &EvaluatedSample) -> stored::JudgedSample {
    let rows = sample.rows();
    let mut ideal = vec![0_u8; rows.len().div_ceil(8)];
    for (number, _) in rows.iter().enumerate().filter(|(_, row)| row.ideal) {
        if let Some(byte) = ideal.get_mut(number / 8) {
            *byte |= 1 << (number % 8);
        }
    }
    let groups =
        if rows.iter().any(|row| row.group > 0) { rows.iter().map(|row| row.group).collect() } else { Vec::new() };
    stored::JudgedSample {
        accounts: rows.iter().map(|row| row.account).collect(),
        ideal,
        log_odds: rows.iter().map(|row| row.log_odds).collect(),
        groups,
        folds: rows.iter().map(|row| row.fold).collect(),
    }
}

/// Reads a stored sample; `None` if its parts are inconsistent.
pub(super) fn from_stored(stored: &stored::JudgedSample) -> Option<EvaluatedSample> {
    let stored::JudgedSample { accounts, ideal, log_odds, groups, folds } = stored;
    let rows = accounts.len();
    let is_optional = |entries: usize| entries == 0 || entries == rows;
    if log_odds.len() != rows
        || ideal.len() != rows.div_ceil(8)
        || !is_optional(groups.len())
        || !is_optional(folds.len())
    {
        return None;
    }
    let row = |(number, (account, log_odds)): (usize, (&u64, &f64))| EvaluatedRow {
        account: *account,
        ideal: ideal.get(number / 8).is_some_and(|byte| byte >> (number % 8) & 1 == 1),
        log_odds: *log_odds,
        group: groups.get(number).copied().unwrap_or(0),
        fold: folds.get(number).copied().unwrap_or(0),
    };
    Some(EvaluatedSample::new(accounts.iter().zip(log_odds).enumerate().map(row).collect()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_evaluated_sample_survives_storage(rows in prop::collection::vec((any::<u64>(), any::<bool>(), -9.0..9.0, 0..4_u32, 0..10_u8), 0..40)) {
            let row = |(account, ideal, log_odds, group, fold): &(u64, bool, f64, u32, u8)| EvaluatedRow { account: *account, ideal: *ideal, log_odds: *log_odds, group: *group, fold: *fold };
            let sample = EvaluatedSample::new(rows.iter().map(row).collect());
            prop_assert_eq!(from_stored(&stored_evaluated_sample(&sample)), Some(sample));
        }
    }

    #[test]
    fn inconsistent_parts_are_not_an_evaluated_sample() {
        let row = EvaluatedRow { account: 7, ideal: true, log_odds: 0.5, group: 0, fold: 0 };
        let whole = stored_evaluated_sample(&EvaluatedSample::new(vec![row]));
        for damaged in [
            stored::JudgedSample { log_odds: vec![], ..whole.clone() },
            stored::JudgedSample { ideal: vec![], ..whole.clone() },
            stored::JudgedSample { groups: vec![0, 0], ..whole.clone() },
            stored::JudgedSample { folds: vec![0, 0], ..whole },
        ] {
            assert_eq!(from_stored(&damaged), None);
        }
    }
}
