//! Any bytes as a file of accounts: text in any encoding, gzip, or what its first bytes say.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use sweetspot_ingest::{Mapping, ProspectReader, Source, profile, read_customers};

fuzz_target!(|bytes: &[u8]| {
    let source = || Source::new("any", Cursor::new(bytes.to_vec()));
    let mapping = Mapping::parse("attributes = \"auto\"", "mapping").expect("the mapping is valid");
    let _ = profile(source(), None);
    let _ = read_customers(source(), &mapping);
    let _ = ProspectReader::open(source(), &mapping).map(Iterator::count);
});
