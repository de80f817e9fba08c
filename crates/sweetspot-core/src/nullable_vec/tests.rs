use proptest::prelude::*;

use super::*;

/// A reference model of cells.
fn rows() -> impl Strategy<Value = Vec<Option<u32>>> {
    prop::collection::vec(prop::option::weighted(0.6, 0..4_u32), 0..40)
}

#[test]
fn missing_cells_at_the_end_take_no_memory() {
    let mut cells: NullableVec<f64> = vec![Some(1.0), None].into();
    cells.pad(1_000_000);
    assert_eq!((cells.len(), cells.values.len(), cells.present.len()), (1_000_000, 1, 1));
    assert_eq!(cells.get(999_999), None);
    assert_eq!(std::iter::repeat_n(None::<f64>, 500).collect::<NullableVec<f64>>().present.len(), 0);
}

#[test]
fn padding_never_shortens() {
    let mut cells: NullableVec<bool> = vec![None, Some(true)].into();
    cells.pad(1);
    assert_eq!(cells, vec![None, Some(true)].into());
}

#[test]
fn a_bitmap_is_as_long_as_its_values_need() {
    for (values, bytes) in [(0, 1), (1, 0), (1, 2), (8, 2), (9, 1)] {
        assert_eq!(NullableVec::from_dense(vec![1_u32; values], vec![0xff; bytes]), None, "{values} {bytes}");
    }
    assert_eq!(NullableVec::<u32>::from_dense(vec![], vec![]), Some(NullableVec::default()));
}

#[test]
fn cells_read_like_a_list() {
    let cells: NullableVec<u32> = vec![Some(3), None].into();
    assert_eq!(format!("{cells:?}"), "[Some(3), None]");
}

proptest! {
    #[test]
    fn cells_return_the_rows_they_were_built_from(rows in rows(), more in rows(), gap in 0..20_usize) {
        let mut cells: NullableVec<u32> = rows.iter().copied().collect();
        prop_assert_eq!(cells.iter().collect::<Vec<_>>(), rows.clone());
        prop_assert_eq!(cells.is_empty(), rows.is_empty());
        let mut expected = rows;
        cells.pad(expected.len() + gap);
        expected.resize(expected.len() + gap, None);
        cells.extend(more.iter().copied());
        expected.extend(more);
        prop_assert_eq!(cells.len(), expected.len());
        for row in 0..expected.len() + 2 {
            prop_assert_eq!(cells.get(row), expected.get(row).copied().flatten());
        }
        let middle = expected.len() / 3..expected.len() / 2;
        prop_assert_eq!(cells.range(middle.clone()).collect::<Vec<_>>(), expected[middle].to_vec());
        prop_assert_eq!(&cells, &NullableVec::from(expected));
    }

    #[test]
    fn cells_are_equal_where_their_rows_are(one in rows(), other in rows()) {
        prop_assert_eq!(NullableVec::from(one.clone()) == NullableVec::from(other.clone()), one == other);
    }

    #[test]
    fn cells_come_back_from_their_dense_form(rows in rows()) {
        let cells: NullableVec<u32> = rows.iter().copied().collect();
        let (dense, bitmap): (Vec<u32>, _) = (cells.dense().collect(), cells.bitmap());
        prop_assert_eq!(&dense, &rows.iter().map(|cell| cell.unwrap_or_default()).collect::<Vec<_>>());
        for (row, cell) in rows.iter().enumerate() {
            prop_assert_eq!(bitmap[row / 8] >> (row % 8) & 1 == 1, cell.is_some());
        }
        prop_assert_eq!(NullableVec::from_dense(dense, bitmap), Some(cells));
    }

    /// External bytes can contain any value for a missing cell.
    #[test]
    fn values_of_missing_cells_do_not_matter(values in prop::collection::vec(0..9_u32, 0..40), seed in any::<u64>()) {
        let present: Vec<u8> = seed.to_le_bytes().into_iter().take(values.len().div_ceil(8)).collect();
        prop_assume!(present.len() == values.len().div_ceil(8));
        let rows = values.iter().enumerate().map(|(row, value)| bit(&present, row).then_some(*value));
        let expected: NullableVec<u32> = rows.collect();
        prop_assert_eq!(NullableVec::from_dense(values, present), Some(expected));
    }
}
