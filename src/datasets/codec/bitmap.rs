//! Which rows of a column hold a value: one bit a row, least significant bit first.

/// Splits values into the bitmap of those that are there and the values with `T::default()` for those that are missing.
pub(super) fn split<T: Copy + Default>(values: &[Option<T>]) -> (Vec<u8>, Vec<T>) {
    let bits = values.chunks(8).map(|eight| {
        eight.iter().zip(0..).fold(0_u8, |byte, (value, bit): (_, u32)| byte | u8::from(value.is_some()) << bit)
    });
    (bits.collect(), values.iter().map(|value| value.unwrap_or_default()).collect())
}

/// Joins what [`split`] made of `rows` values; nothing where the lengths do not fit.
pub(super) fn join<T>(present: &[u8], values: Vec<T>, rows: usize) -> Option<Vec<Option<T>>> {
    if values.len() != rows || present.len() != rows.div_ceil(8) {
        return None;
    }
    let bits = present.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
    Some(values.into_iter().zip(bits).map(|(value, there)| there.then_some(value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_is_the_lowest_bit() {
        let mut values = vec![None; 10];
        (values[0], values[9]) = (Some(7), Some(8));
        let (present, dense) = split(&values);
        assert_eq!((present.as_slice(), dense.as_slice()), (&[1, 2][..], &[7, 0, 0, 0, 0, 0, 0, 0, 0, 8][..]));
        assert_eq!(join(&present, dense, 10), Some(values));
    }

    #[test]
    fn lengths_must_fit() {
        assert_eq!(join(&[1], vec![1, 2], 1), None);
        assert_eq!(join(&[1, 0], vec![1], 1), None);
        assert_eq!(join(&[], vec![1], 1), None);
        assert_eq!(join::<u8>(&[], vec![], 0), Some(vec![]));
    }
}
