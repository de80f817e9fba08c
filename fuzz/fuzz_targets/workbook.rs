//! Any bytes behind the first ones of a ZIP archive or an OLE2 file, so that they are read as a workbook. Start from a corpus of
//! workbooks.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use sweetspot_ingest::{Source, profile};

fuzz_target!(|bytes: &[u8]| {
    for magic in [&b"PK\x03\x04"[..], b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"] {
        let mut file = bytes.to_vec();
        if let Some(start) = file.get_mut(..magic.len()) {
            start.copy_from_slice(magic);
        }
        let _ = profile(Source::new("any", Cursor::new(file)), None);
    }
});
