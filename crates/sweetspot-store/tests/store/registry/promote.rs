//! Promotion: compare-and-set, reasons, and repeated requests.

use std::sync::Arc;
use std::thread;

use jiff::Timestamp;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_core::{Digest, ModelVersionAlias, ModelVersionRef};
use sweetspot_store::registry::{
    CheckOverride, MAX_REASON_BYTES, PROMOTION_CHECKS, PromoteRequest, PromotionCheck, RegistryError,
};
use sweetspot_store::store::MemoryStore;

use crate::registry::support::*;

#[test]
fn a_promotion_moves_live_and_remembers_the_version_before() {
    let registry = in_memory();
    publish(&registry, 3);
    let first = promote(&registry, 2);
    assert_eq!((first.from_version, first.to_version, first.alias), (None, 2, ModelVersionAlias::Live));
    assert_eq!((first.actor.as_str(), first.reason.as_str()), ("ann", "it is better"));
    assert_eq!((first.time, first.etag.clone()), (Timestamp::UNIX_EPOCH, etag(&registry)));
    assert_eq!((live_number(&registry), alias_number(&registry, ModelVersionAlias::Previous)), (Some(2), None));
    assert!(registry.has_live_version());
    let second = promote(&registry, 3);
    assert_eq!((second.from_version, second.to_version), (Some(2), 3));
    assert_ne!(first.etag, second.etag);
    assert_eq!((live_number(&registry), alias_number(&registry, ModelVersionAlias::Previous)), (Some(3), Some(2)));
    let aliases = registry.version(&ModelVersionRef::Number(version(3))).unwrap().aliases;
    assert_eq!(aliases, [ModelVersionAlias::Live, ModelVersionAlias::Candidate]);
    assert_eq!(registry.resolve(&alias_ref(ModelVersionAlias::Previous)).unwrap().name, version(2));
    assert_eq!(registry.promotions(&model_name(), None, 9).unwrap(), [(2, second), (1, first.clone())]);
    assert_eq!(registry.promotions(&model_name(), Some(2), 9).unwrap(), [(1, first)]);
}

#[test]
fn other_aliases_move_without_touching_what_is_live() {
    let registry = in_memory();
    publish(&registry, 3);
    promote(&registry, 1);
    let candidate = PromoteRequest { alias: ModelVersionAlias::Candidate, ..promotion(2, etag(&registry)) };
    registry.promote(&candidate).unwrap();
    assert_eq!((live_number(&registry), alias_number(&registry, ModelVersionAlias::Candidate)), (Some(1), Some(2)));
    assert_eq!(history(&registry), [(None, 1), (Some(3), 2)]);
}

#[test]
fn an_etag_is_valid_for_one_change() {
    let registry = in_memory();
    publish(&registry, 2);
    let before = etag(&registry);
    promote(&registry, 1);
    for stale in [before.as_str(), "0", "x"] {
        let error = registry.promote(&promotion(2, stale.to_owned())).unwrap_err();
        assert_eq!((error.kind(), error.reason()), (ErrorKind::Aborted, "STALE_ETAG"));
    }
    let error = registry.promote(&promotion(2, String::new())).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::InvalidArgument, "ETAG_MISSING"));
    assert_eq!(live_number(&registry), Some(1));
    let read = etag(&registry);
    registry.publish(&run("late"), model_with_signal(2)).unwrap();
    assert!(matches!(registry.promote(&promotion(2, read)), Err(RegistryError::StaleEtag { .. })));
}

#[test]
fn a_version_that_does_not_exist_is_not_promoted() {
    let registry = in_memory();
    assert!(matches!(registry.promote(&promotion(1, "x".into())), Err(RegistryError::NoModel { .. })));
    publish(&registry, 1);
    assert!(matches!(registry.promote(&promotion(2, etag(&registry))), Err(RegistryError::NoVersion { .. })));
    assert_eq!(history(&registry), []);
}

#[test]
fn a_model_without_signal_goes_live_only_with_a_reason() {
    let registry = in_memory();
    registry.publish(&run("r"), model_without_signal()).unwrap();
    let error = registry.promote(&promotion(1, etag(&registry))).unwrap_err();
    let RegistryError::ChecksFailed { failed, .. } = &error else { panic!("{error}") };
    assert_eq!(failed.iter().map(|failed| failed.check).collect::<Vec<_>>(), ["signal"]);
    assert_eq!((error.kind(), error.reason()), (ErrorKind::FailedPrecondition, "PROMOTION_CHECK_FAILED"));
    let signal = || vec![overriding("signal")];
    let silent = PromoteRequest { overrides: signal(), reason: "  ".into(), ..promotion(1, etag(&registry)) };
    assert!(matches!(registry.promote(&silent), Err(RegistryError::ReasonMissing { check }) if check == "signal"));
    for unknown in [vec![overriding("exclusion rules")], [signal(), signal()].concat()] {
        let error =
            registry.promote(&PromoteRequest { overrides: unknown, ..promotion(1, etag(&registry)) }).unwrap_err();
        assert_eq!((error.kind(), error.reason()), (ErrorKind::InvalidArgument, "UNKNOWN_CHECK"));
    }
    assert_eq!((live_number(&registry), history(&registry)), (None, vec![]));
    let previous = PromoteRequest { alias: ModelVersionAlias::Previous, ..promotion(1, etag(&registry)) };
    registry.promote(&previous).unwrap();
    let wanted =
        PromoteRequest { overrides: signal(), reason: "a demonstration".into(), ..promotion(1, etag(&registry)) };
    let record = registry.promote(&wanted).unwrap();
    assert_eq!((record.reason.as_str(), record.overrides[0].reason.as_str()), ("a demonstration", "a demonstration"));
    assert_eq!(live_number(&registry), Some(1));
}

#[test]
fn a_reason_has_a_bound() {
    let registry = in_memory();
    publish(&registry, 1);
    for reason in ["x".repeat(MAX_REASON_BYTES), "\0".repeat(MAX_REASON_BYTES / 5)] {
        let error = registry.promote(&PromoteRequest { reason, ..promotion(1, etag(&registry)) }).unwrap_err();
        assert_eq!((error.kind(), error.reason()), (ErrorKind::InvalidArgument, "REASON_TOO_LONG"));
    }
    let reason = "\"".repeat(MAX_REASON_BYTES / 2 - 1);
    let longest = PromoteRequest { reason: reason.clone(), actor: "a".repeat(200), ..promotion(1, etag(&registry)) };
    assert_eq!(registry.promote(&longest).unwrap().reason, reason);
}

#[test]
fn a_repeated_promotion_gets_the_first_answer_also_after_reopening() {
    let store = Arc::new(MemoryStore::new());
    let registry = open(Arc::clone(&store) as _);
    publish(&registry, 2);
    let first = PromoteRequest { request: request("id"), ..promotion(1, etag(&registry)) };
    let answer = registry.promote(&first).unwrap();
    promote(&registry, 2);
    for registry in [registry, open(store)] {
        assert_eq!(registry.promote(&first).unwrap(), answer);
        assert_eq!(live_number(&registry), Some(2), "the repeat has no effect");
        assert_eq!(history(&registry), [(None, 1), (Some(1), 2)]);
        let mut other = first.clone();
        other.request.body = Digest::new(b"other");
        let error = registry.promote(&other).unwrap_err();
        assert!(matches!(&error, RegistryError::RequestIdReused { id } if id == "id"));
        assert_eq!((error.kind(), error.reason()), (ErrorKind::InvalidArgument, "REQUEST_ID_REUSED"));
    }
}

#[test]
fn a_promotion_repeated_at_the_same_time_happens_once() {
    let registry = in_memory();
    publish(&registry, 1);
    let wish = PromoteRequest { request: request("id"), ..promotion(1, etag(&registry)) };
    let answers: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..32).map(|_| scope.spawn(|| registry.promote(&wish).unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(history(&registry), [(None, 1)]);
}

#[test]
fn one_of_many_promotions_with_one_etag_happens() {
    let registry = in_memory();
    publish(&registry, 4);
    for round in 0..5 {
        let etag = etag(&registry);
        // The order of the promotions determines which of the versions would be worse than the live one.
        let any = |check: &PromotionCheck| CheckOverride { check: check.name.to_owned(), reason: "a test".to_owned() };
        let promote = |number: u64| {
            let overrides = PROMOTION_CHECKS.iter().map(any).collect();
            registry.promote(&PromoteRequest { overrides, ..promotion(number % 4 + 1, etag.clone()) })
        };
        let outcomes: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..32)
                .map(|number| {
                    let promote = &promote;
                    scope.spawn(move || promote(number))
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let won: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
        assert_eq!(won.len(), 1);
        assert_eq!(live_number(&registry), Some(won[0].to_version));
        let stale = outcomes.iter().filter(|outcome| matches!(outcome, Err(RegistryError::StaleEtag { .. })));
        assert_eq!(stale.count(), 31);
        assert_eq!(history(&registry).len(), round + 1);
    }
}
