//! Changes of a model, or any bytes: they are refused, or the model scores.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prost::Message as _;
use sweetspot::fuzz::{check_artifact, splice};
use sweetspot_stored::{ModelArtifact, example};

/// A stored model of an earlier release, with golden rows.
const GOLDEN: &[u8] = include_bytes!("../../crates/sweetspot-model/tests/golden/artifact-v1-rules.bin");

fuzz_target!(|edits: &[u8]| {
    check_artifact(edits);
    for seed in [&example::complete().encode_to_vec(), GOLDEN] {
        let changed = splice(seed, edits);
        check_artifact(&changed);
        // The golden rows refuse most changes of figures.
        if let Ok(model) = ModelArtifact::decode(&*changed) {
            check_artifact(&ModelArtifact { golden_rows: Vec::new(), ..model }.encode_to_vec());
        }
    }
});
