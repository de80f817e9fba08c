//! Encoded customers: one column of slots per term, without a one-hot matrix.

use std::sync::Arc;

use linfa::dataset::Records;

/// The slots of one term, for all rows.
#[derive(Clone, Debug, PartialEq)]
pub enum TermSlots {
    /// Slot 0 in every row: the base.
    Every,
    /// Exactly one slot per row.
    One(Vec<u16>),
    /// Any number of slots per row: row `i` has `slots[offsets[i]..offsets[i + 1]]`.
    Many {
        /// The start of each row's slots, and the end of the last row's.
        offsets: Vec<u32>,
        /// The slots of all rows.
        slots: Vec<u16>,
    },
}

impl TermSlots {
    /// The number of rows; 0 for [`TermSlots::Every`], which stores no rows.
    #[must_use]
    pub fn row_count(&self) -> usize {
        match self {
            Self::Every => 0,
            Self::One(slots) => slots.len(),
            Self::Many { offsets, .. } => offsets.len().saturating_sub(1),
        }
    }

    /// The slots of a row; empty if the row is out of range.
    #[must_use]
    pub fn row(&self, row: usize) -> &[u16] {
        match self {
            Self::Every => Some(&[0][..]),
            Self::One(slots) => slots.get(row..=row),
            Self::Many { offsets, slots } => match offsets.get(row..row + 2) {
                Some([start, end]) => slots.get(*start as usize..*end as usize),
                Some(_) | None => None,
            },
        }
        .unwrap_or_default()
    }
}

/// A term: its number of slots, and the slots of each row.
#[derive(Clone, Debug, PartialEq)]
pub struct EncodedTerm {
    /// The number of slots of the term; every code is below it.
    pub slots: usize,
    /// The slots of each row.
    pub codes: TermSlots,
}

/// The encoded rows of all terms.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Design {
    /// The number of rows.
    pub rows: usize,
    /// The terms, in the model's order; the first is the base.
    pub terms: Vec<Arc<EncodedTerm>>,
}

impl Design {
    /// Creates a design of the base and these terms.
    pub fn new(rows: usize, terms: impl IntoIterator<Item = EncodedTerm>) -> Self {
        let base = EncodedTerm { slots: 1, codes: TermSlots::Every };
        Self { rows, terms: std::iter::once(base).chain(terms).map(Arc::new).collect() }
    }

    /// Returns the design with these terms appended.
    #[must_use]
    pub fn with_terms(&self, more: impl IntoIterator<Item = EncodedTerm>) -> Self {
        let terms = self.terms.iter().cloned().chain(more.into_iter().map(Arc::new));
        Self { rows: self.rows, terms: terms.collect() }
    }

    /// Returns every `step`-th row.
    #[must_use]
    pub fn every_nth(&self, step: usize) -> Self {
        if step == 1 { self.clone() } else { self.select_rows(&(0..self.rows).step_by(step).collect::<Vec<_>>()) }
    }

    /// Returns these rows, in this order.
    #[must_use]
    pub fn select_rows(&self, rows: &[usize]) -> Self {
        let subset = |codes: &TermSlots| match codes {
            TermSlots::Every => TermSlots::Every,
            TermSlots::One(slots) => TermSlots::One(rows.iter().filter_map(|row| slots.get(*row).copied()).collect()),
            TermSlots::Many { .. } => {
                let (mut offsets, mut slots) = (vec![0], Vec::new());
                for row in rows {
                    slots.extend_from_slice(codes.row(*row));
                    offsets.push(slots.len() as u32);
                }
                TermSlots::Many { offsets, slots }
            }
        };
        let terms =
            self.terms.iter().map(|term| Arc::new(EncodedTerm { slots: term.slots, codes: subset(&term.codes) }));
        Self { rows: rows.len(), terms: terms.collect() }
    }

    /// The index of each term's first slot among all slots, followed by the total number of slots.
    #[must_use]
    pub fn offsets(&self) -> Vec<usize> {
        let mut next = 0;
        let mut offsets = vec![0];
        for term in &self.terms {
            next += term.slots;
            offsets.push(next);
        }
        offsets
    }
}

impl Records for Design {
    type Elem = u16;

    fn nsamples(&self) -> usize {
        self.rows
    }

    fn nfeatures(&self) -> usize {
        self.terms.len()
    }
}

#[cfg(test)]
mod tests;
