//! Estimates the memory of a training before it starts: an upper bound from the size of the data, not a forecast.
//!
//! The constants come from measured trainings plus a margin: `benches/memory.py` compares measurements with estimates.

use crate::datasets::{DatasetRecord, DatasetSize};

/// The program, a live model, and memory that allocators retain.
const BASE_BYTES: u64 = 48 << 20;
/// The stored bytes exist twice for a moment: encoded, and as decoded texts and values.
const DECODE_COPIES: u64 = 2;
/// Per customer: id, label, weight, group, and the per-row state of two fits of all customers.
const BYTES_PER_ROW: u64 = 160;
/// Per value of a customer, in addition to the stored bytes: decoded, sorted once, and encoded as a slot.
const BYTES_PER_CELL: u64 = 12;
/// Per list item, for the same purposes.
const BYTES_PER_ITEM: u64 = 12;
/// Per bin or level: the state of one fit.
const BYTES_PER_SLOT: u64 = 640;
/// The usual maximum of bins or levels per attribute, and the minimum number of customers for each.
const MAX_SLOTS: u64 = 1024;
const MIN_ROWS_PER_SLOT: u64 = 5;
/// The maximum number of evaluation fits that run in parallel, given enough threads.
const MAX_PARALLEL_FITS: u64 = 6;

/// The estimated memory in bytes of a training on this dataset. `None` if an earlier release imported the dataset.
pub(super) fn required_bytes(dataset: &DatasetRecord, threads: usize) -> Option<u64> {
    let DatasetSize { attributes, items, bytes } = dataset.size?;
    let rows = dataset.accounts;
    // The fit of the model itself remains in memory during the fits of its evaluation.
    let fits = 1 + MAX_PARALLEL_FITS.min(threads as u64);
    let slots = attributes.saturating_mul(MAX_SLOTS.min(rows / MIN_ROWS_PER_SLOT));
    let parts = [
        BASE_BYTES,
        bytes.saturating_mul(DECODE_COPIES),
        rows.saturating_mul(BYTES_PER_ROW),
        rows.saturating_mul(attributes).saturating_mul(BYTES_PER_CELL),
        items.saturating_mul(BYTES_PER_ITEM),
        slots.saturating_mul(BYTES_PER_SLOT).saturating_mul(fits),
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
        DatasetRecord { name, version: None, accounts, outcomes: 0, data: Digest::new(b""), size, created: None }
    }

    fn required([accounts, attributes, items, bytes]: [u64; 4], threads: usize) -> u64 {
        required_bytes(&record(accounts, Some(DatasetSize { attributes, items, bytes })), threads).unwrap()
    }

    proptest! {
        #[test]
        fn a_larger_dataset_never_requires_less_memory(
            sizes in prop::array::uniform4(prop_oneof![0..5_000_u64, any::<u64>()]),
            more in prop::array::uniform4(0..1000_u64),
            threads in (0..9_usize, 0..9_usize),
        ) {
            let larger = [0, 1, 2, 3].map(|at: usize| sizes[at].saturating_add(more[at]));
            prop_assert!(required(sizes, threads.0) <= required(larger, threads.0 + threads.1));
        }
    }

    /// Measured trainings with two threads: accounts, attributes, items in thousands, stored MiB, and the MiB they
    /// needed.
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
    fn the_estimate_exceeds_measured_memory_by_at_most_a_factor_of_2_5() {
        for (accounts, attributes, thousands, mebibytes, measured) in MEASURED {
            let told = required([accounts, attributes, thousands * 1000, mebibytes << 20], 2) >> 20;
            assert!((measured..=measured * 5 / 2).contains(&told), "{accounts} {attributes}: {told} for {measured}");
        }
    }

    #[test]
    fn memory_is_unknown_for_a_dataset_of_an_earlier_release() {
        assert_eq!(required_bytes(&record(9, None), 2), None);
    }
}
