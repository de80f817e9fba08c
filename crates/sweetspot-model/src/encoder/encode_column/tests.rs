use proptest::prelude::*;
use sweetspot_core::Date;

use super::*;
use crate::fixtures::{TEXTS, feature, text};

const ROWS: usize = 12;

/// A column of any kind with twelve rows.
fn column() -> impl Strategy<Value = ColumnData> {
    let dictionary = || prop::collection::vec(text(), TEXTS.len());
    let code = || 0..TEXTS.len() as u32;
    let number = (-50..500_i16).prop_map(|number| f64::from(number) / 4.0);
    let cells = |rows| prop::collection::vec(prop::option::of(rows), ROWS);
    let lists = prop::collection::vec(prop::option::of(prop::collection::vec(code(), 0..4)), ROWS);
    prop_oneof![
        prop::collection::vec(prop::option::of(number), ROWS).prop_map(|values| ColumnData::Numbers(values.into())),
        (dictionary(), cells(code()))
            .prop_map(|(dictionary, codes)| ColumnData::Categories { dictionary, codes: codes.into() }),
        prop::collection::vec(prop::option::of(any::<bool>()), ROWS)
            .prop_map(|values| ColumnData::Flags(values.into())),
        (dictionary(), lists).prop_map(|(dictionary, rows)| ColumnData::Lists { dictionary, rows: rows.into() }),
        prop::collection::vec(prop::option::of((-99..500_i32).prop_map(|days| Date { days })), ROWS)
            .prop_map(|values| ColumnData::Dates(values.into())),
    ]
}

proptest! {
    /// Any feature accepts any column: a model trained on numbers may receive texts.
    #[test]
    fn a_column_is_encoded_as_its_values_one_by_one(
        feature in feature(),
        data in column(),
        rows in prop::collection::vec(0..ROWS, 0..20),
    ) {
        let column = Column { name: "a".to_owned(), data };
        let term = encode_column(&feature, &column, &rows);
        prop_assert_eq!(term.slots, feature.slot_count());
        for (index, row) in rows.iter().enumerate() {
            let mut expected = Vec::new();
            feature.encode(column.data.get(*row).as_ref(), |slot| expected.push(slot as u16));
            prop_assert_eq!(term.codes.row(index), expected.as_slice());
        }
        prop_assert_eq!(term.codes.row(rows.len()), &[] as &[u16]);
    }
}
