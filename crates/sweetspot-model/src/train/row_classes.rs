//! Rows that a fit cannot tell apart: equal slots, label and case weight.
//!
//! With very many customers, most rows are equal to others. A fit then uses each class of equal rows once, in an order
//! that depends on their content alone. It has the same bits whether equal customers are rows of their own or one row
//! with a weight.

use rayon::prelude::*;
use sweetspot_solver::Design;

use super::duplicates::token::mix_bits;

/// The classes of equal rows of a sample.
#[derive(Clone, Debug)]
pub(super) struct RowClasses {
    /// All rows, class by class.
    pub(super) order: Vec<u32>,
    /// The end of each class in `order`.
    pub(super) ends: Vec<u32>,
}

impl RowClasses {
    /// The classes of the rows of a design with these labels and case weights of one customer.
    pub(super) fn new(design: &Design, labels: &[f64], weights: &[f64]) -> Self {
        let contents = RowContents { design, labels, weights };
        let mut hashed: Vec<(u64, u32)> = Vec::new();
        (0..design.rows as u32)
            .into_par_iter()
            .map(|row| (contents.hash(row as usize), row))
            .collect_into_vec(&mut hashed);
        hashed.par_sort_unstable();
        let starts_class = |pair: &[(u64, u32)]| match pair {
            [(first_hash, first), (hash, row)] => {
                first_hash != hash || !contents.are_equal(*first as usize, *row as usize)
            }
            _ => true,
        };
        let inner = hashed.windows(2).enumerate().filter(|(_, pair)| starts_class(pair));
        let last = (!hashed.is_empty()).then_some(hashed.len() as u32);
        let ends = inner.map(|(index, _)| index as u32 + 1).chain(last).collect();
        Self { order: hashed.into_iter().map(|(_, row)| row).collect(), ends }
    }

    /// The rows of each class.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, end)| self.order.get(start as usize..*end as usize))
    }
}

/// What a fit knows about rows.
#[derive(Clone, Copy)]
struct RowContents<'a> {
    design: &'a Design,
    labels: &'a [f64],
    weights: &'a [f64],
}

impl RowContents<'_> {
    fn numbers(self, row: usize) -> [u64; 2] {
        [self.labels, self.weights].map(|values| values.get(row).map_or(0, |value| value.to_bits()))
    }

    /// A hash of the content. Collisions are resolved by comparing rows.
    fn hash(self, row: usize) -> u64 {
        let mut hash = self.numbers(row).into_iter().fold(0, |hash, number| mix_bits(hash ^ number));
        for term in &self.design.terms {
            let slots = term.codes.row(row);
            hash = mix_bits(hash.wrapping_add(slots.len() as u64));
            for slot in slots {
                hash = mix_bits(hash ^ u64::from(*slot));
            }
        }
        hash
    }

    fn are_equal(self, first: usize, second: usize) -> bool {
        let same_slots = self.design.terms.iter().all(|term| term.codes.row(first) == term.codes.row(second));
        same_slots && self.numbers(first) == self.numbers(second)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sweetspot_solver::{EncodedTerm, TermSlots};

    use super::*;

    type Row = (u16, Vec<u16>, bool);

    fn classes(rows: &[Row]) -> Vec<Vec<&Row>> {
        let one = TermSlots::One(rows.iter().map(|row| row.0).collect());
        let (mut offsets, mut slots) = (vec![0], Vec::new());
        for (_, items, _) in rows {
            slots.extend(items);
            offsets.push(slots.len() as u32);
        }
        let terms = [one, TermSlots::Many { offsets, slots }].map(|codes| EncodedTerm { slots: 4, codes });
        let labels: Vec<f64> = rows.iter().map(|row| f64::from(u8::from(row.2))).collect();
        let found = RowClasses::new(&Design::new(rows.len(), terms), &labels, &vec![1.0; rows.len()]);
        found.iter().map(|class| class.iter().map(|row| &rows[*row as usize]).collect()).collect()
    }

    proptest! {
        #[test]
        fn classes_hold_equal_rows_in_an_order_that_repetitions_do_not_change(
            rows in prop::collection::vec((0..3_u16, prop::collection::vec(0..2_u16, 0..3), any::<bool>()), 0..40),
            turn in any::<prop::sample::Index>(),
        ) {
            let found = classes(&rows);
            prop_assert_eq!(found.iter().map(Vec::len).sum::<usize>(), rows.len());
            prop_assert!(found.iter().all(|class| class.iter().all(|row| *row == class[0])));
            let firsts = |classes: &[Vec<&Row>]| classes.iter().map(|class| class[0].clone()).collect::<Vec<Row>>();
            let distinct = firsts(&found);
            prop_assert!((1..distinct.len()).all(|index| !distinct[..index].contains(&distinct[index])));
            let mut turned = distinct.clone();
            turned.rotate_left(if distinct.is_empty() { 0 } else { turn.index(distinct.len()) });
            prop_assert_eq!(firsts(&classes(&turned)), distinct);
        }
    }
}
