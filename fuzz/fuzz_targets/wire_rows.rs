//! Changes of a request with rows: the reader of encoded accounts agrees with prost on what is accepted, the values and
//! the scores.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use prost::Message as _;
use sweetspot::fuzz::{check_score_request, example_request, splice};
use sweetspot_model::{ModelArtifact, Scorer};
use sweetspot_stored::example;

static SCORER: LazyLock<Scorer> = LazyLock::new(|| {
    let artifact = ModelArtifact::from_bytes(&example::complete().encode_to_vec()).expect("the example is valid");
    Scorer::compile(&artifact).expect("the example is consistent")
});

fuzz_target!(|edits: &[u8]| check_score_request(&SCORER, &splice(&example_request(), edits)));
