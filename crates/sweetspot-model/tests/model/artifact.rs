//! Artifacts: equal training gives equal bytes, and a damaged artifact never scores.

use proptest::prelude::*;
use sweetspot_core::reportable_error::ReportableError as _;
use sweetspot_model::{ModelArtifact, Scorer};

use crate::customer_fixtures::{customers, train_default};
use crate::hypothesis_fixtures;

#[test]
fn the_same_customers_give_the_same_bytes_whatever_the_threads() {
    let customers = customers(400, 1.0, 7);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| train_default(&customers)).unwrap().to_bytes()
    };
    let one = with(1);
    assert_eq!(one, with(2));
    assert_eq!(one, with(5));
}

#[test]
fn an_artifact_survives_encoding() {
    let artifact = train_default(&customers(300, 1.0, 3)).unwrap();
    let read = ModelArtifact::from_bytes(&artifact.to_bytes()).unwrap();
    assert_eq!(read, artifact);
    assert_eq!(read.schema_digest(), artifact.schema_digest());
    let names: Vec<_> =
        artifact.attributes().into_iter().map(|attribute| (attribute.attribute, attribute.kind)).collect();
    let expected =
        [("employees", "number"), ("industry", "category"), ("remote", "flag"), ("tools", "list"), ("founded", "date")];
    assert_eq!(names, expected.map(|(name, kind)| (name.to_owned(), kind)));
    assert_eq!(artifact.label_card().policy, "won");
}

#[test]
fn a_newer_format_is_refused_by_name() {
    let artifact = train_default(&customers(300, 1.0, 3)).unwrap();
    let mut bytes = artifact.to_bytes();
    // The format is field 1, a varint, and comes first.
    assert_eq!(bytes[..2], [8, 1]);
    bytes[1] = 9;
    let error = ModelArtifact::from_bytes(&bytes).unwrap_err();
    assert_eq!(error.reason(), "ARTIFACT_TOO_NEW");
    assert!(error.to_string().contains("format 9"), "{error}");
    assert_eq!(ModelArtifact::from_bytes(&[]).unwrap_err().reason(), "ARTIFACT_CORRUPT");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// The digest of the file guards against damage; even without it, a damaged artifact never panics.
    #[test]
    fn a_damaged_artifact_is_refused_or_harmless(at in any::<prop::sample::Index>(), bit in 0_u8..8, cut in any::<prop::sample::Index>()) {
        static BYTES: std::sync::LazyLock<Vec<u8>> =
            std::sync::LazyLock::new(|| hypothesis_fixtures::train_with_hypotheses(hypothesis_fixtures::example_hypotheses(), &customers(300, 1.0, 3)).unwrap().to_bytes());
        let mut flipped = BYTES.clone();
        let index = at.index(flipped.len());
        flipped[index] ^= 1 << bit;
        for bytes in [&flipped[..], &BYTES[..cut.index(BYTES.len())]] {
            if let Ok(artifact) = ModelArtifact::from_bytes(bytes) {
                let _ = Scorer::compile(&artifact);
                let _ = artifact.to_json();
                let _ = artifact.attributes();
                let _ = artifact.hypotheses();
            }
        }
    }
}

#[test]
fn a_changed_coefficient_is_caught_by_the_golden_rows() {
    let artifact = train_default(&customers(300, 2.0, 3)).unwrap();
    let scorer = Scorer::compile(&artifact).unwrap();
    let explained = scorer.explain(&sweetspot_core::Account::default());
    let base = explained.fit.base_log_odds.to_le_bytes();
    let mut bytes = artifact.to_bytes();
    let at = bytes.windows(8).position(|window| window == base).unwrap();
    bytes[at + 4] ^= 1;
    let error = Scorer::compile(&ModelArtifact::from_bytes(&bytes).unwrap()).unwrap_err();
    assert_eq!(error.reason(), "GOLDEN_ROW_MISMATCH", "{error}");
}
