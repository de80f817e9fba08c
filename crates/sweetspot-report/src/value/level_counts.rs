//! Counts the values of an attribute among the best customers and among the others.

use std::collections::BTreeSet;

use sweetspot_core::{ColumnData, NullableVec, is_year_column};

use super::customer_value::CustomerValue;
use crate::format::format_bounds;
use crate::{Proportion, format_number};

/// The maximum number of groups of a numeric attribute.
const MAX_GROUPS: usize = 4;

/// One value of an attribute, with its frequency among the best customers and among the others.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LevelCounts {
    /// The value as text.
    pub(super) label: String,
    /// The best customers with the value, of those with the attribute.
    pub(super) best: Proportion,
    /// The other customers with the value, of those with the attribute.
    pub(super) rest: Proportion,
}

/// Every value of an attribute. Dates have none, because a start date is not a trait.
pub(super) fn levels(column: &ColumnData, best: &[CustomerValue], rest: &[CustomerValue]) -> Vec<LevelCounts> {
    match column {
        ColumnData::Categories { dictionary, codes } => {
            let code = |row| codes.get(row).map(|code| vec![code as usize]);
            count_groups(dictionary.clone(), code, best, rest)
        }
        ColumnData::Flags(flags) => {
            let code = |row| flags.get(row).map(|flag| vec![usize::from(flag)]);
            count_groups(["no", "yes"].map(str::to_owned).to_vec(), code, best, rest)
        }
        ColumnData::Lists { dictionary, rows } => {
            // Repeated items count once.
            let distinct = |codes: &[u32]| codes.iter().map(|code| *code as usize).collect::<BTreeSet<_>>();
            let code = |row| rows.get(row).map(|codes| distinct(codes).into_iter().collect());
            count_groups(dictionary.clone(), code, best, rest)
        }
        ColumnData::Numbers(numbers) => {
            let cuts = cuts(numbers, best.iter().chain(rest));
            let group = |number: f64| cuts.partition_point(|cut| *cut <= number);
            let bound = if is_year_column("", numbers) { |cut: f64| cut.to_string() } else { format_number };
            count_groups(labels(&cuts, bound), |row| numbers.get(row).map(|number| vec![group(number)]), best, rest)
        }
        ColumnData::Dates(_) => Vec::new(),
    }
}

fn count_groups(
    labels: Vec<String>,
    codes: impl Fn(usize) -> Option<Vec<usize>>,
    best: &[CustomerValue],
    rest: &[CustomerValue],
) -> Vec<LevelCounts> {
    let count = |customers: &[CustomerValue]| {
        let (mut counts, mut known) = (vec![0_u64; labels.len()], 0);
        for codes in customers.iter().filter_map(|customer| codes(customer.row)) {
            known += 1;
            for code in codes {
                counts.get_mut(code).into_iter().for_each(|count| *count += 1);
            }
        }
        (counts, known)
    };
    let ((best, best_known), (rest, others_known)) = (count(best), count(rest));
    let shares = best.into_iter().zip(rest);
    let shares =
        shares.map(|(a, b)| (Proportion { part: a, total: best_known }, Proportion { part: b, total: others_known }));
    labels.into_iter().zip(shares).map(|(label, (best, rest))| LevelCounts { label, best, rest }).collect()
}

/// Bounds that separate groups of about equal size.
fn cuts<'a>(numbers: &NullableVec<f64>, customers: impl Iterator<Item = &'a CustomerValue>) -> Vec<f64> {
    let mut sorted: Vec<f64> = customers.filter_map(|customer| numbers.get(customer.row)).collect();
    sorted.sort_by(f64::total_cmp);
    let bound = |group| sorted.get(sorted.len() * group / MAX_GROUPS).copied();
    let mut cuts: Vec<f64> = (1..MAX_GROUPS).filter_map(bound).collect();
    cuts.dedup();
    // A bound at the minimum would leave its group empty.
    cuts.retain(|cut| sorted.first().is_some_and(|min| cut > min));
    cuts
}

fn labels(cuts: &[f64], bound: fn(f64) -> String) -> Vec<String> {
    let ends = std::iter::once(None).chain(cuts.iter().copied().map(Some));
    let next = cuts.iter().copied().map(Some).chain(std::iter::once(None));
    let label = |(from, to): (Option<f64>, Option<f64>)| match (from, to) {
        (Some(from), Some(to)) => {
            let (from, to) = format_bounds(from, to, bound);
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
    use crate::value::MoneyAssumptions;
    use crate::value::customer_value::CustomerValues;
    use crate::value::fixtures::{input, won};

    #[test]
    fn every_kind_is_counted() {
        let input = input(vec![won(4.0), won(3.0), won(2.0), won(1.0)], []);
        let worths = CustomerValues::new(&input, &MoneyAssumptions::default());
        let (best, rest) = worths.split_top(0.5);
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
        assert_eq!(levels(&flags, best, rest).first().map(|level| level.best.total), Some(1));
        let rows = vec![Some(vec![0, 0]), Some(vec![0, 1]), None, Some(vec![])].into();
        let lists = ColumnData::Lists { dictionary: vec!["SAP".to_owned(), "Slack".to_owned()], rows };
        assert_eq!(told(&lists), [("SAP".to_owned(), 2, 0), ("Slack".to_owned(), 1, 0)]);
        assert_eq!(told(&ColumnData::Numbers(vec![Some(7.0); 4].into())), [("any number".to_owned(), 2, 2)]);
    }
}
