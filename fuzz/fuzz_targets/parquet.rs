//! Any bytes behind the first ones of a Parquet file. Start from a corpus of Parquet files.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use sweetspot_ingest::{Source, profile};

fuzz_target!(|bytes: &[u8]| {
    let mut file = bytes.to_vec();
    if let Some(start) = file.get_mut(..4) {
        start.copy_from_slice(b"PAR1");
    }
    let _ = profile(Source::new("any.parquet", Cursor::new(file)), None);
});
