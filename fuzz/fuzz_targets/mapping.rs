//! Any text as a mapping; what is read is written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sweetspot_ingest::Mapping;

fuzz_target!(|text: &str| {
    if let Ok(mapping) = Mapping::parse(text, "mapping") {
        let written = Mapping::parse(&mapping.to_toml(), "written").expect("what was written is read");
        assert_eq!(written, mapping);
    }
});
