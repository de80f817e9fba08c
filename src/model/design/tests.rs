use proptest::prelude::*;

use super::*;
use crate::domain::Date;
use crate::model::made_up::{TEXTS, feature, text};

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
    /// Any feature meets any column: a model trained on numbers may be given texts.
    #[test]
    fn a_column_is_encoded_as_its_values_one_by_one(
        feature in feature(),
        data in column(),
        rows in prop::collection::vec(0..ROWS, 0..20),
    ) {
        let column = Column { name: "a".to_owned(), data };
        let term = encode_column(&feature, &column, &rows);
        prop_assert_eq!(term.slots, feature.slots());
        for (index, row) in rows.iter().enumerate() {
            let mut expected = Vec::new();
            feature.place(column.data.get(*row).as_ref(), |slot| expected.push(slot as u16));
            prop_assert_eq!(term.codes.row(index), expected.as_slice());
        }
        prop_assert_eq!(term.codes.row(rows.len()), &[] as &[u16]);
    }
}

#[test]
fn rows_and_offsets_by_hand() {
    let one = TermCodes { slots: 4, codes: Codes::One(vec![3, 0]) };
    let many = TermCodes { slots: 3, codes: Codes::Many { offsets: vec![0, 2, 2], slots: vec![0, 2] } };
    assert_eq!((one.codes.row(0), one.codes.row(1), one.codes.row(2)), (&[3][..], &[0][..], &[][..]));
    assert_eq!((many.codes.row(0), many.codes.row(1), many.codes.row(2)), (&[0, 2][..], &[][..], &[][..]));
    assert_eq!((Codes::Every.row(0), Codes::Every.row(1)), (&[0][..], &[0][..]));
    let alone = Design::new(2, [one.clone()]);
    let design = alone.with([many]);
    assert_eq!(design.offsets(), [0, 1, 5, 8], "the base comes first");
    assert_eq!((design.nsamples(), design.nfeatures()), (2, 3));
    assert_eq!((alone.offsets(), alone.terms[1].as_ref()), (vec![0, 1, 5], &one));
    assert_eq!(Design::default().offsets(), [0]);
    let kept = design.rows(&[1, 0, 1]);
    assert_eq!((kept.rows, kept.offsets()), (3, design.offsets()));
    let rows = |term: usize| (0..3).map(|row| kept.terms[term].codes.row(row).to_vec()).collect::<Vec<_>>();
    assert_eq!((rows(0), rows(1)), (vec![vec![0]; 3], vec![vec![0], vec![3], vec![0]]));
    assert_eq!(rows(2), [vec![], vec![0, 2], vec![]]);
}
