//! Any bytes behind a first object, so that they are read as JSON Lines.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use sweetspot_ingest::{Source, profile};

fuzz_target!(|bytes: &[u8]| {
    let text = [b"{\"id\": \"A1\", \"size\": 5}\n", bytes].concat();
    let _ = profile(Source::new("any.ndjson", Cursor::new(text)), None);
});
