//! Encoded customers: one column of slots a term, never a one-hot matrix.

use std::sync::Arc;

use linfa::dataset::Records;

/// The slots of one term, for every row.
#[derive(Clone, Debug, PartialEq)]
pub enum Codes {
    /// Slot 0 in every row: the base.
    Every,
    /// Exactly one slot a row.
    One(Vec<u16>),
    /// Any number of slots a row: row `i` has `slots[offsets[i]..offsets[i + 1]]`.
    Many {
        /// Rows + 1 of them.
        offsets: Vec<u32>,
        /// The slots of all rows.
        slots: Vec<u16>,
    },
}

impl Codes {
    /// How many rows; of the base, whose slot is the same in all, none is counted.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Every => 0,
            Self::One(slots) => slots.len(),
            Self::Many { offsets, .. } => offsets.len().saturating_sub(1),
        }
    }

    /// The slots of a row.
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

/// One term's slots over all rows.
#[derive(Clone, Debug, PartialEq)]
pub struct TermCodes {
    /// How many slots the term has; every code is below it.
    pub slots: usize,
    /// The codes.
    pub codes: Codes,
}

/// All terms over all rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Design {
    /// How many rows.
    pub rows: usize,
    /// The terms, in the model's order; the first is the base.
    pub terms: Vec<Arc<TermCodes>>,
}

impl Design {
    /// A design of these terms after the base.
    pub fn new(rows: usize, terms: impl IntoIterator<Item = TermCodes>) -> Self {
        let base = TermCodes { slots: 1, codes: Codes::Every };
        Self { rows, terms: std::iter::once(base).chain(terms).map(Arc::new).collect() }
    }

    /// The same terms, and these behind them.
    #[must_use]
    pub fn with(&self, more: impl IntoIterator<Item = TermCodes>) -> Self {
        let terms = self.terms.iter().cloned().chain(more.into_iter().map(Arc::new));
        Self { rows: self.rows, terms: terms.collect() }
    }

    /// Every `step`-th row.
    #[must_use]
    pub fn every(&self, step: usize) -> Self {
        if step == 1 { self.clone() } else { self.rows(&(0..self.rows).step_by(step).collect::<Vec<_>>()) }
    }

    /// These rows only.
    #[must_use]
    pub fn rows(&self, rows: &[usize]) -> Self {
        let kept = |codes: &Codes| match codes {
            Codes::Every => Codes::Every,
            Codes::One(slots) => Codes::One(rows.iter().filter_map(|row| slots.get(*row).copied()).collect()),
            Codes::Many { .. } => {
                let (mut offsets, mut slots) = (vec![0], Vec::new());
                for row in rows {
                    slots.extend_from_slice(codes.row(*row));
                    offsets.push(slots.len() as u32);
                }
                Codes::Many { offsets, slots }
            }
        };
        let terms = self.terms.iter().map(|term| Arc::new(TermCodes { slots: term.slots, codes: kept(&term.codes) }));
        Self { rows: rows.len(), terms: terms.collect() }
    }

    /// Where each term's slots start among all slots, and behind the last one their number.
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
