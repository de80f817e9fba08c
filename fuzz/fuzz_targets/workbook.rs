//! Any bytes behind the first ones of a ZIP archive, so that they are read as a workbook. Start from a corpus of workbooks.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use sweetspot::ingest::{Source, profile};

fuzz_target!(|bytes: &[u8]| {
    let mut archive = bytes.to_vec();
    if let Some(start) = archive.get_mut(..4) {
        start.copy_from_slice(b"PK\x03\x04");
    }
    let _ = profile(Source::new("any.xlsx", Cursor::new(archive)), None);
});
