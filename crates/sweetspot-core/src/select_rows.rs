//! Selects some rows of customers. Texts that no remaining row has are removed from the dictionaries.

use std::collections::BTreeMap;

use super::{
    AccountReviews, AccountTable, Column, ColumnData, Customers, FrequencyWeights, NullableLists, NullableVec,
    Outcomes, TableError, Texts,
};

impl Customers {
    /// Returns the customers in these rows, in this order, and nothing of the others. Rows that do not exist are
    /// ignored.
    ///
    /// # Errors
    /// [`TableError::DuplicateId`] if a row is listed twice.
    pub fn select_rows(&self, rows: &[usize]) -> Result<Self, TableError> {
        let accounts = self.accounts();
        let rows: Vec<usize> = rows.iter().copied().filter(|row| *row < accounts.rows()).collect();
        let mut ids = Texts::default();
        ids.extend(rows.iter().filter_map(|row| accounts.ids().get(*row)));
        self.select_with_ids(&rows, ids, self.weights().select(&rows))
    }

    /// Returns one row for each customer: a row that stands for several is repeated, under ids such as `a (2 of 3)`.
    /// `None` if there are more than `max_rows` customers, or an id exists already.
    #[must_use]
    pub fn one_row_per_customer(&self, max_rows: u64) -> Option<Self> {
        if self.count() > max_rows {
            return None;
        }
        let (mut rows, mut ids) = (Vec::new(), Texts::default());
        for row in 0..self.accounts().rows() {
            let (id, count) = (self.accounts().ids().get(row)?, self.weights().get(row));
            for number in 1..=count {
                rows.push(row);
                if count == 1 {
                    ids.push(id);
                } else {
                    ids.push(&format!("{id} ({number} of {count})"));
                }
            }
        }
        self.select_with_ids(&rows, ids, FrequencyWeights::default()).ok()
    }

    fn select_with_ids(&self, rows: &[usize], ids: Texts, weights: FrequencyWeights) -> Result<Self, TableError> {
        let accounts = self.accounts();
        let (mut columns, mut metadata) = (Vec::new(), BTreeMap::new());
        for Column { name, data } in accounts.columns() {
            metadata.extend(accounts.metadata(name).map(|known| (name.clone(), known.clone())));
            columns.push(Column { name: name.clone(), data: select_data(data, rows) });
        }
        let mut review = AccountReviews::default();
        for (field, data) in self.review().columns() {
            review.set(field, select_data(data, rows));
        }
        let outcomes: Outcomes = rows.iter().map(|row| self.outcomes().get(*row)).collect();
        let accounts = AccountTable::new(ids, columns)?.with_metadata(metadata);
        Ok(self.with_parts(accounts, outcomes, review, weights))
    }
}

fn select_data(data: &ColumnData, rows: &[usize]) -> ColumnData {
    match data {
        ColumnData::Numbers(values) => ColumnData::Numbers(select_cells(values, rows)),
        ColumnData::Flags(values) => ColumnData::Flags(select_cells(values, rows)),
        ColumnData::Dates(values) => ColumnData::Dates(select_cells(values, rows)),
        ColumnData::Categories { dictionary, codes } => {
            let codes = select_cells(codes, rows);
            let (dictionary, new_codes) = used_texts(dictionary, codes.iter().flatten());
            let codes = codes.iter().map(|code| new_codes.get(&code?).copied()).collect();
            ColumnData::Categories { dictionary, codes }
        }
        ColumnData::Lists { dictionary, rows: lists } => {
            let selected = || rows.iter().map(|row| lists.get(*row));
            let (dictionary, new_codes) = used_texts(dictionary, selected().flatten().flatten().copied());
            let mut rows = NullableLists::default();
            for list in selected() {
                rows.push(list.map(|codes| codes.iter().filter_map(|code| new_codes.get(code).copied())));
            }
            ColumnData::Lists { dictionary, rows }
        }
    }
}

fn select_cells<T: Copy + Default>(cells: &NullableVec<T>, rows: &[usize]) -> NullableVec<T> {
    rows.iter().map(|row| cells.get(*row)).collect()
}

/// The texts of a dictionary that these codes use, in their order, and the new code of each used one.
fn used_texts(dictionary: &[String], codes: impl Iterator<Item = u32>) -> (Vec<String>, BTreeMap<u32, u32>) {
    let mut new_codes: BTreeMap<u32, u32> = codes.map(|code| (code, 0)).collect();
    let mut texts = Vec::with_capacity(new_codes.len());
    for (new, (code, new_code)) in (0..).zip(&mut new_codes) {
        *new_code = new;
        texts.extend(dictionary.get(*code as usize).cloned());
    }
    (texts, new_codes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{CustomersError, Outcome, ReviewField};
    use super::*;

    /// Customers with a column of each kind and a review, whose texts name their rows.
    fn customers(rows: usize) -> Customers {
        let text = |row: usize| format!("text {row}");
        let dictionary: Vec<String> = (0..rows).map(text).collect();
        let codes = || (0..rows as u32).map(|row| (row % 3 > 0).then_some(row)).collect();
        let mut lists = NullableLists::default();
        for row in 0..rows as u32 {
            lists.push((row % 4 > 0).then(|| vec![row, row / 2]));
        }
        let column = |name: &str, data| Column { name: name.to_owned(), data };
        let columns = vec![
            column("number", ColumnData::Numbers((0..rows).map(|row| Some(row as f64)).collect())),
            column("category", ColumnData::Categories { dictionary: dictionary.clone(), codes: codes() }),
            column("list", ColumnData::Lists { dictionary: dictionary.clone(), rows: lists }),
            column("flag", ColumnData::Flags((0..rows).map(|row| Some(row % 2 == 0)).collect())),
        ];
        let mut ids = Texts::default();
        ids.extend((0..rows).map(|row| format!("id {row}")));
        let of = |row: usize| Outcome { value: Some(row as f64), reason: Some(text(row)), ..Outcome::default() };
        let accounts = AccountTable::new(ids, columns).unwrap();
        let customers = Customers::new(accounts, (0..rows).map(of).collect(), Some("EUR".to_owned())).unwrap();
        let mut review = AccountReviews::default();
        review.set(ReviewField::Notes, ColumnData::Categories { dictionary, codes: codes() });
        customers.with_review(review).unwrap()
    }

    proptest! {
        #[test]
        fn selected_rows_have_their_values_and_nothing_of_the_others(selected in prop::collection::vec(any::<bool>(), 1..30)) {
            let all = customers(selected.len());
            let rows: Vec<usize> = (0..selected.len()).filter(|row| selected[*row]).collect();
            let some = all.select_rows(&rows).unwrap();
            prop_assert_eq!(some.accounts().rows(), rows.len());
            prop_assert_eq!(some.currency(), all.currency());
            for (new, old) in rows.iter().enumerate() {
                prop_assert_eq!(some.accounts().ids().get(new), all.accounts().ids().get(*old));
                prop_assert_eq!(some.outcomes().get(new), all.outcomes().get(*old));
                prop_assert_eq!(some.review().text(ReviewField::Notes, new), all.review().text(ReviewField::Notes, *old));
                for (one, other) in some.accounts().columns().iter().zip(all.accounts().columns()) {
                    prop_assert_eq!(&one.name, &other.name);
                    prop_assert_eq!(one.data.get(new), other.data.get(*old));
                }
            }
            for data in some.accounts().columns().iter().map(|column| &column.data).chain(some.review().columns().map(|(_, data)| data)) {
                if let ColumnData::Categories { dictionary, codes } = data {
                    let used: std::collections::BTreeSet<u32> = codes.iter().flatten().collect();
                    prop_assert_eq!(used.len(), dictionary.len(), "a text of a removed row is left");
                }
            }
        }
    }

    #[test]
    fn all_rows_are_equal_customers_and_rows_that_do_not_exist_are_ignored() {
        let all = customers(3);
        assert_eq!(all.select_rows(&[]).unwrap().accounts().rows(), 0);
        assert_eq!(all.select_rows(&[1, 7]).unwrap().accounts().rows(), 1);
        assert!(matches!(all.select_rows(&[1, 1]), Err(TableError::DuplicateId { .. })));
    }

    #[test]
    fn weights_follow_their_rows_and_can_be_replaced_by_repeated_rows() {
        let weights = |counts: &[u32]| FrequencyWeights::new(counts.to_vec()).unwrap();
        let all = customers(3).with_weights(weights(&[2, 1, 3])).unwrap();
        assert_eq!((all.count(), customers(3).count()), (6, 3));
        assert_eq!(all.select_rows(&[2, 0]).unwrap().weights(), &weights(&[3, 2]));
        let repeated = all.one_row_per_customer(6).unwrap();
        assert!(!repeated.weights().are_stated() && all.one_row_per_customer(5).is_none());
        let ids: Vec<_> = (0..6).filter_map(|row| repeated.accounts().ids().get(row)).collect();
        let expected = ["id 0 (1 of 2)", "id 0 (2 of 2)", "id 1", "id 2 (1 of 3)", "id 2 (2 of 3)", "id 2 (3 of 3)"];
        assert_eq!(ids, expected);
        for (new, old) in [0, 0, 1, 2, 2, 2].into_iter().enumerate() {
            assert_eq!(repeated.outcomes().get(new), all.outcomes().get(old));
            assert_eq!(repeated.accounts().columns()[0].data.get(new), all.accounts().columns()[0].data.get(old));
        }
    }

    #[test]
    fn weights_need_one_entry_per_row_and_no_groups() {
        let wrong = customers(3).with_weights(FrequencyWeights::new(vec![2, 1]).unwrap());
        assert_eq!(wrong, Err(CustomersError::WeightCount { weights: 2, accounts: 3 }));
        assert_eq!(customers(3).with_weights(FrequencyWeights::default()), Ok(customers(3)));
        let grouped = Outcome { group: Some("g".to_owned()), ..Outcome::default() };
        let table = AccountTable::new(["a"].into_iter().map(str::to_owned).collect::<Texts>(), vec![]).unwrap();
        let grouped = Customers::new(table, vec![grouped].into(), None).unwrap();
        let refused = grouped.with_weights(FrequencyWeights::new(vec![2]).unwrap());
        assert_eq!(refused, Err(CustomersError::WeightedGroup { id: "a".to_owned() }));
    }
}
