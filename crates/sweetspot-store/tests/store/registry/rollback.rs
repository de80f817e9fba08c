//! Repeated roll-backs follow the history instead of alternating between two versions.

use std::sync::Arc;

use sweetspot_core::ModelVersionAlias;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_store::registry::{PromoteRequest, RegistryError, RollbackRequest};
use sweetspot_store::store::MemoryStore;

use crate::registry::support::*;

#[test]
fn each_roll_back_goes_one_further_back() {
    let registry = in_memory();
    publish(&registry, 4);
    for number in [1, 2, 3] {
        promote(&registry, number);
    }
    let first = roll_back(&registry, ModelVersionAlias::Live).unwrap();
    assert_eq!((first.from_version, first.to_version), (Some(3), 2));
    assert_eq!((first.actor.as_str(), first.reason.as_str()), ("ben", "it was worse"));
    assert_eq!((live_number(&registry), alias_number(&registry, ModelVersionAlias::Previous)), (Some(2), Some(3)));
    assert_eq!(roll_back(&registry, ModelVersionAlias::Live).unwrap().to_version, 1);
    let error = roll_back(&registry, ModelVersionAlias::Live).unwrap_err();
    assert!(matches!(error, RegistryError::NothingToRollBack { alias: ModelVersionAlias::Live, .. }));
    assert_eq!((error.kind(), error.reason()), (ErrorKind::FailedPrecondition, "NOTHING_TO_ROLL_BACK"));
    promote(&registry, 4);
    assert_eq!(roll_back(&registry, ModelVersionAlias::Live).unwrap().to_version, 1);
    let all = [(None, 1), (Some(1), 2), (Some(2), 3), (Some(3), 2), (Some(2), 1), (Some(1), 4), (Some(4), 1)];
    assert_eq!(history(&registry), all);
}

#[test]
fn rollbacks_work_after_reopening() {
    let store = Arc::new(MemoryStore::new());
    let registry = open(Arc::clone(&store) as _);
    publish(&registry, 3);
    for number in [1, 2, 3] {
        promote(&registry, number);
    }
    roll_back(&registry, ModelVersionAlias::Live).unwrap();
    let registry = open(store);
    assert_eq!(live_number(&registry), Some(2));
    assert_eq!(roll_back(&registry, ModelVersionAlias::Live).unwrap().to_version, 1);
    assert_eq!(live_number(&registry), Some(1));
}

#[test]
fn rollbacks_skip_promotion_checks() {
    let registry = in_memory();
    registry.publish(&run("noise"), model_without_signal()).unwrap();
    publish(&registry, 1);
    let mut wanted = promotion(1, etag(&registry));
    (wanted.overrides, wanted.reason) = (vec![overriding("signal")], "to start with".to_owned());
    registry.promote(&wanted).unwrap();
    // The model without signal has a different rate of ideal customers too.
    let other = PromoteRequest { overrides: vec![overriding("label_rate")], ..promotion(2, etag(&registry)) };
    registry.promote(&other).unwrap();
    assert_eq!(roll_back(&registry, ModelVersionAlias::Live).unwrap().to_version, 1);
    assert_eq!(live_number(&registry), Some(1));
}

#[test]
fn candidates_go_back_to_the_candidate_before() {
    let registry = in_memory();
    publish(&registry, 2);
    let record = roll_back(&registry, ModelVersionAlias::Candidate).unwrap();
    assert_eq!((record.alias, record.from_version, record.to_version), (ModelVersionAlias::Candidate, Some(2), 1));
    assert_eq!((alias_number(&registry, ModelVersionAlias::Candidate), live_number(&registry)), (Some(1), None));
}

#[test]
fn a_roll_back_needs_the_etag_and_is_repeated_safely() {
    let registry = in_memory();
    publish(&registry, 3);
    for number in [1, 2, 3] {
        promote(&registry, number);
    }
    let wish = |etag: &str, id| RollbackRequest {
        request: request(id),
        ..rolling_back(ModelVersionAlias::Live, etag.to_owned())
    };
    assert!(matches!(registry.rollback(&wish("", "a")), Err(RegistryError::EtagMissing)));
    assert!(matches!(registry.rollback(&wish("x", "b")), Err(RegistryError::StaleEtag { .. })));
    let wish = wish(&etag(&registry), "c");
    let answer = registry.rollback(&wish).unwrap();
    assert_eq!(registry.rollback(&wish).unwrap(), answer);
    assert_eq!((live_number(&registry), history(&registry).len()), (Some(2), 4));
}
