//! One optional list of codes per row, in one buffer.

use std::fmt;
use std::ops::Range;

use super::NullableVec;

/// One optional list per row, of codes of texts in a dictionary. An empty list is not missing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NullableLists {
    /// The start and the length of each row's codes.
    spans: NullableVec<(usize, usize)>,
    codes: Vec<u32>,
}

impl NullableLists {
    /// The number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The codes of a row; `None` if the list is missing or the row does not exist.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&[u32]> {
        let (start, len) = self.spans.get(row)?;
        self.codes.get(start..start + len)
    }

    /// Appends a row.
    pub fn push(&mut self, list: Option<impl IntoIterator<Item = u32>>) {
        let span = list.map(|list| {
            let start = self.codes.len();
            self.codes.extend(list);
            (start, self.codes.len() - start)
        });
        self.spans.push(span);
    }

    /// Extends the lists to at least `rows` rows; new rows are missing.
    pub fn pad(&mut self, rows: usize) {
        self.spans.pad(rows);
    }

    /// The lists in row order.
    pub fn iter(&self) -> impl Iterator<Item = Option<&[u32]>> {
        self.range(0..self.len())
    }

    /// The lists of these rows.
    pub fn range(&self, rows: Range<usize>) -> impl Iterator<Item = Option<&[u32]>> {
        rows.map(|row| self.get(row))
    }

    /// The codes of all lists, in row order.
    #[must_use]
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }
}

impl<L: IntoIterator<Item = u32>> FromIterator<Option<L>> for NullableLists {
    fn from_iter<I: IntoIterator<Item = Option<L>>>(lists: I) -> Self {
        let mut all = Self::default();
        for list in lists {
            all.push(list);
        }
        all
    }
}

impl From<Vec<Option<Vec<u32>>>> for NullableLists {
    fn from(lists: Vec<Option<Vec<u32>>>) -> Self {
        lists.into_iter().collect()
    }
}

impl fmt::Debug for NullableLists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows() -> impl Strategy<Value = Vec<Option<Vec<u32>>>> {
        prop::collection::vec(prop::option::of(prop::collection::vec(0..3_u32, 0..3)), 0..9)
    }

    proptest! {
        #[test]
        fn lists_return_the_rows_they_were_built_from(rows in rows(), gap in 0..3_usize) {
            let mut lists = NullableLists::from(rows.clone());
            prop_assert_eq!(lists.iter().map(|list| list.map(<[u32]>::to_vec)).collect::<Vec<_>>(), rows.clone());
            prop_assert_eq!(lists.codes().to_vec(), rows.iter().flatten().flatten().copied().collect::<Vec<_>>());
            prop_assert_eq!(format!("{lists:?}"), format!("{rows:?}"));
            lists.pad(rows.len() + gap);
            lists.push(Some([7]));
            prop_assert_eq!((lists.len(), lists.is_empty()), (rows.len() + gap + 1, false));
            prop_assert_eq!(lists.get(rows.len() + gap), Some(&[7][..]));
            prop_assert_eq!(lists.get(lists.len()), None);
        }

        #[test]
        fn lists_are_equal_where_their_rows_are(one in rows(), other in rows()) {
            prop_assert_eq!(NullableLists::from(one.clone()) == NullableLists::from(other.clone()), one == other);
        }
    }
}
