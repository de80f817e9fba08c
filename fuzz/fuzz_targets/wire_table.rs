//! Changes of a table: the reader of encoded columns agrees with prost on the values and the scores of what it accepts.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use prost::Message as _;
use sweetspot::fuzz::{check_account_table, example_table, splice};
use sweetspot_model::{ModelArtifact, Scorer};
use sweetspot_stored::example;

static SCORER: LazyLock<Scorer> = LazyLock::new(|| {
    let artifact = ModelArtifact::from_bytes(&example::complete().encode_to_vec()).expect("the example is valid");
    Scorer::compile(&artifact).expect("the example is consistent")
});

fuzz_target!(|edits: &[u8]| check_account_table(&SCORER, &splice(&example_table(), edits)));
