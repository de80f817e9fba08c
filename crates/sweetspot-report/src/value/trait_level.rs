//! Counts who has which value of an attribute, among the best customers and among the others.

use std::collections::BTreeSet;

use sweetspot_core::{Cells, ColumnData, holds_years};

use super::worth::Worth;
use crate::words::bounds;
use crate::{Share, number};

/// Most groups of a number.
const GROUPS: usize = 4;

/// One value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Level {
    /// As a person reads it.
    pub(super) label: String,
    /// Those that have it among the best customers whose attribute is known.
    pub(super) best: Share,
    /// The same among the others.
    pub(super) rest: Share,
}

/// Every value of an attribute. Dates have none: when a customer came is no trait of its own.
pub(super) fn levels(column: &ColumnData, best: &[Worth], rest: &[Worth]) -> Vec<Level> {
    match column {
        ColumnData::Categories { dictionary, codes } => {
            let code = |row| codes.get(row).map(|code| vec![code as usize]);
            counted(dictionary.clone(), code, best, rest)
        }
        ColumnData::Flags(flags) => {
            let code = |row| flags.get(row).map(|flag| vec![usize::from(flag)]);
            counted(["no", "yes"].map(str::to_owned).to_vec(), code, best, rest)
        }
        ColumnData::Lists { dictionary, rows } => {
            // An item that is there twice counts once.
            let distinct = |codes: &[u32]| codes.iter().map(|code| *code as usize).collect::<BTreeSet<_>>();
            let code = |row| rows.get(row).map(|codes| distinct(codes).into_iter().collect());
            counted(dictionary.clone(), code, best, rest)
        }
        ColumnData::Numbers(numbers) => {
            let cuts = cuts(numbers, best.iter().chain(rest));
            let group = |number: f64| cuts.partition_point(|cut| *cut <= number);
            let bound = if holds_years("", numbers) { |cut: f64| cut.to_string() } else { number };
            counted(labels(&cuts, bound), |row| numbers.get(row).map(|number| vec![group(number)]), best, rest)
        }
        ColumnData::Dates(_) => Vec::new(),
    }
}

fn counted(
    labels: Vec<String>,
    codes: impl Fn(usize) -> Option<Vec<usize>>,
    best: &[Worth],
    rest: &[Worth],
) -> Vec<Level> {
    let count = |customers: &[Worth]| {
        let (mut counts, mut known) = (vec![0_u64; labels.len()], 0);
        for codes in customers.iter().filter_map(|worth| codes(worth.row)) {
            known += 1;
            for code in codes {
                counts.get_mut(code).into_iter().for_each(|count| *count += 1);
            }
        }
        (counts, known)
    };
    let ((best, best_known), (rest, others_known)) = (count(best), count(rest));
    let shares = best.into_iter().zip(rest);
    let shares = shares.map(|(a, b)| (Share { part: a, of: best_known }, Share { part: b, of: others_known }));
    labels.into_iter().zip(shares).map(|(label, (best, rest))| Level { label, best, rest }).collect()
}

/// Bounds between groups of about equal size.
fn cuts<'a>(numbers: &Cells<f64>, customers: impl Iterator<Item = &'a Worth>) -> Vec<f64> {
    let mut sorted: Vec<f64> = customers.filter_map(|worth| numbers.get(worth.row)).collect();
    sorted.sort_by(f64::total_cmp);
    let bound = |group| sorted.get(sorted.len() * group / GROUPS).copied();
    let mut cuts: Vec<f64> = (1..GROUPS).filter_map(bound).collect();
    cuts.dedup();
    // A bound at the least number would leave its group empty.
    cuts.retain(|cut| sorted.first().is_some_and(|least| cut > least));
    cuts
}

fn labels(cuts: &[f64], bound: fn(f64) -> String) -> Vec<String> {
    let ends = std::iter::once(None).chain(cuts.iter().copied().map(Some));
    let next = cuts.iter().copied().map(Some).chain(std::iter::once(None));
    let label = |(from, to): (Option<f64>, Option<f64>)| match (from, to) {
        (Some(from), Some(to)) => {
            let (from, to) = bounds(from, to, bound);
            format!("{from} to below {to}")
        }
        (Some(from), None) => format!("{} or more", bound(from)),
        (None, Some(to)) => format!("below {}", bound(to)),
        (None, None) => "any number".to_owned(),
    };
    ends.zip(next).map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Stated;
    use crate::value::made_up::{evidence, won};
    use crate::value::worth::Worths;

    #[test]
    fn every_kind_is_counted() {
        let evidence = evidence(vec![won(4.0), won(3.0), won(2.0), won(1.0)], []);
        let worths = Worths::of(&evidence, &Stated::default());
        let (best, rest) = worths.split(0.5);
        let told = |column: &ColumnData| -> Vec<(String, u64, u64)> {
            levels(column, best, rest)
                .into_iter()
                .map(|level| (level.label, level.best.part, level.rest.part))
                .collect()
        };
        let numbers = ColumnData::Numbers(vec![Some(40.0), Some(30.0), Some(20.0), Some(10.0)].into());
        let groups = ["below 20", "20 to below 30", "30 to below 40", "40 or more"];
        let counts = [(0, 1), (0, 1), (1, 0), (1, 0)];
        let expected: Vec<_> = groups.iter().zip(counts).map(|(label, (a, b))| ((*label).to_owned(), a, b)).collect();
        assert_eq!(told(&numbers), expected);
        let flags = ColumnData::Flags(vec![Some(true), None, Some(false), Some(true)].into());
        assert_eq!(told(&flags), [("no".to_owned(), 0, 1), ("yes".to_owned(), 1, 1)]);
        assert_eq!(levels(&flags, best, rest).first().map(|level| level.best.of), Some(1));
        let rows = vec![Some(vec![0, 0]), Some(vec![0, 1]), None, Some(vec![])].into();
        let lists = ColumnData::Lists { dictionary: vec!["SAP".to_owned(), "Slack".to_owned()], rows };
        assert_eq!(told(&lists), [("SAP".to_owned(), 2, 0), ("Slack".to_owned(), 1, 0)]);
        assert_eq!(told(&ColumnData::Numbers(vec![Some(7.0); 4].into())), [("any number".to_owned(), 2, 2)]);
    }
}
