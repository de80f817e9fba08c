//! How much memory a training needs, told before it starts: an upper bound by the size of the data, not a forecast.
//!
//! The figures are those of measured trainings with a margin: `benches/memory.py` sets what is needed beside what is told.

use crate::datasets::{DatasetRecord, DatasetSize};

/// The program, a live model, and what allocators keep for later.
const BASE: u64 = 48 << 20;
/// Kept bytes are there twice for a moment: as they are, and as the texts and values that were read.
const READ: u64 = 2;
/// A customer: id, label, weight, group, and what two fits of all customers hold of each.
const ROW: u64 = 160;
/// A value of a customer, beside the kept bytes: decoded, sorted once, and encoded as a slot.
const CELL: u64 = 12;
/// An item of a list: the same.
const ITEM: u64 = 12;
/// A bin or a level: what one fit holds of it.
const SLOT: u64 = 640;
/// Most bins or levels of an attribute, nearly always, and customers for each at least.
const SLOTS: u64 = 1024;
const ROWS_PER_SLOT: u64 = 5;
/// Fits of the evaluation that can be under way at a time, where there are threads for them.
const MOST_FITS: u64 = 6;

/// Bytes that a training on this dataset needs; unknown where an earlier release imported it.
pub(super) fn needed(dataset: &DatasetRecord, threads: usize) -> Option<u64> {
    let DatasetSize { attributes, items, bytes } = dataset.size?;
    let rows = dataset.accounts;
    // The fit of the model itself stays while those of its evaluation come and go.
    let fits = 1 + MOST_FITS.min(threads as u64);
    let slots = attributes.saturating_mul(SLOTS.min(rows / ROWS_PER_SLOT));
    let parts = [
        BASE,
        bytes.saturating_mul(READ),
        rows.saturating_mul(ROW),
        rows.saturating_mul(attributes).saturating_mul(CELL),
        items.saturating_mul(ITEM),
        slots.saturating_mul(SLOT).saturating_mul(fits),
    ];
    Some(parts.into_iter().fold(0, u64::saturating_add))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sweetspot_core::Digest;

    use super::*;

    fn record(accounts: u64, size: Option<DatasetSize>) -> DatasetRecord {
        let name = "workspaces/w/datasets/d".parse().unwrap();
        DatasetRecord { name, version: None, accounts, outcomes: 0, data: Digest::of(b""), size, created: None }
    }

    fn told([accounts, attributes, items, bytes]: [u64; 4], threads: usize) -> u64 {
        needed(&record(accounts, Some(DatasetSize { attributes, items, bytes })), threads).unwrap()
    }

    proptest! {
        #[test]
        fn more_of_anything_never_needs_less(
            sizes in prop::array::uniform4(prop_oneof![0..5_000_u64, any::<u64>()]),
            more in prop::array::uniform4(0..1000_u64),
            threads in (0..9_usize, 0..9_usize),
        ) {
            let larger = [0, 1, 2, 3].map(|at: usize| sizes[at].saturating_add(more[at]));
            prop_assert!(told(sizes, threads.0) <= told(larger, threads.0 + threads.1));
        }
    }

    /// Accounts, attributes, items in thousands and kept MiB of trainings with two threads, and the MiB that they took.
    const MEASURED: [(u64, u64, u64, u64, u64); 10] = [
        (2_000, 30, 0, 0, 33),
        (20_000, 30, 0, 3, 74),
        (20_000, 150, 0, 17, 309),
        (100_000, 20, 0, 10, 85),
        (100_000, 120, 0, 81, 326),
        (200_000, 14, 12_000, 18, 252),
        (400_000, 4, 0, 11, 133),
        (400_000, 25, 0, 68, 232),
        (1_000_000, 6, 0, 51, 294),
        (1_000_000, 20, 0, 138, 434),
    ];

    #[test]
    fn what_was_measured_lies_below_by_no_more_than_a_factor_of_two_and_a_half() {
        for (accounts, attributes, thousands, mebibytes, measured) in MEASURED {
            let told = told([accounts, attributes, thousands * 1000, mebibytes << 20], 2) >> 20;
            assert!((measured..=measured * 5 / 2).contains(&told), "{accounts} {attributes}: {told} for {measured}");
        }
    }

    #[test]
    fn nothing_is_told_of_what_an_earlier_release_imported() {
        assert_eq!(needed(&record(9, None), 2), None);
    }
}
