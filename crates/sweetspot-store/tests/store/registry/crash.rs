//! A fault at every single step: nothing acknowledged is lost, nothing happens by halves or twice.

use std::sync::Arc;

use sweetspot_core::Alias;
use sweetspot_store::registry::{Promote, Registry, Rollback};
use sweetspot_store::store::MemoryStore;

use crate::registry::support::*;

/// Runs `work` over a store that fails at each operation in turn, in each way, until it gets through without meeting the fault.
fn at_every_step<T>(
    prepare: impl Fn(&Registry),
    work: impl Fn(&Registry) -> Option<T>,
    check: impl Fn(Arc<MemoryStore>, Registry, Option<T>),
) {
    for fault in Fault::ALL {
        for step in 0.. {
            let inner = Arc::new(MemoryStore::new());
            prepare(&open(Arc::clone(&inner) as _));
            let opening = Arc::new(FaultyStore::sound(Arc::clone(&inner)));
            let _opened = open(Arc::clone(&opening) as _);
            let at = opening.count() + step;
            let store = Arc::new(FaultyStore::failing(Arc::clone(&inner), at, fault));
            let registry = open(Arc::clone(&store) as _);
            let outcome = work(&registry);
            let met = store.count() > at;
            check(inner, registry, outcome);
            if !met {
                break;
            }
        }
    }
}

fn one_live(registry: &Registry) {
    publish(registry, 2);
    promote(registry, 1);
}

#[test]
fn a_promotion_happens_whole_or_not_at_all() {
    let start = in_memory();
    one_live(&start);
    let wish = Promote { request: request("id"), ..promotion(2, etag(&start)) };
    at_every_step(
        one_live,
        |registry| registry.promote(&wish).ok(),
        |inner, registry, acknowledged| {
            let reopened = open(inner);
            let live = live_number(&reopened);
            assert!(live == Some(1) || live == Some(2));
            assert!(acknowledged.is_none() || live == Some(2), "what was acknowledged is lost");
            assert_eq!(history(&reopened).len() as u64, live.unwrap(), "the alias and its history tell two stories");
            assert!(live_number(&registry) <= live, "something was live before it was durable");
            assert_eq!(reopened.promote(&wish).unwrap().to, 2);
            assert_eq!(history(&reopened), [(None, 1), (Some(1), 2)], "the repeat happened twice");
            assert_eq!((live_number(&reopened), at_alias(&reopened, Alias::Previous)), (Some(2), Some(1)));
        },
    );
}

#[test]
fn a_roll_back_happens_whole_or_not_at_all() {
    let prepare = |registry: &Registry| {
        one_live(registry);
        promote(registry, 2);
    };
    let start = in_memory();
    prepare(&start);
    let wish = Rollback { request: request("id"), ..rolling_back(Alias::Live, etag(&start)) };
    at_every_step(
        prepare,
        |registry| registry.rollback(&wish).ok(),
        |inner, _, acknowledged| {
            let reopened = open(inner);
            let live = live_number(&reopened);
            assert!(acknowledged.is_none() || live == Some(1), "what was acknowledged is lost");
            assert_eq!(history(&reopened).len(), if live == Some(1) { 3 } else { 2 });
            assert_eq!(reopened.rollback(&wish).unwrap().to, 1);
            assert_eq!(history(&reopened), [(None, 1), (Some(1), 2), (Some(2), 1)], "the repeat happened twice");
        },
    );
}

#[test]
fn a_run_publishes_once_whatever_fails() {
    at_every_step(
        one_live,
        |registry| registry.publish(&run("new"), good(2)).ok(),
        |inner, _, acknowledged| {
            let reopened = open(inner);
            let newest = at_alias(&reopened, Alias::Candidate);
            assert!(acknowledged.is_none() || newest == Some(3));
            assert_eq!(reopened.publish(&run("new"), good(2)).unwrap().name, version(3));
            assert_eq!(reopened.versions(&model_name(), None, 9).unwrap().len(), 3);
            assert_eq!(live_number(&reopened), Some(1));
        },
    );
}

#[test]
fn what_is_live_follows_a_commit_that_failed_after_its_effect() {
    let seen = (0..30).any(|step| {
        let inner = Arc::new(MemoryStore::new());
        one_live(&open(Arc::clone(&inner) as _));
        let store = Arc::new(FaultyStore::failing(inner, step, Fault::FailsAfterItsEffect));
        let Ok(registry) = Registry::open(store, Arc::new(sweetspot_store::clock::SystemClock)) else { return false };
        let Ok(record) = registry.version(&at(Alias::Candidate)) else { return false };
        let wish = Promote { request: request("id"), ..promotion(2, record.etag) };
        let failed = registry.promote(&wish).is_err();
        let happened = history(&registry).len() == 2;
        assert_eq!(live_number(&registry), Some(if happened { 2 } else { 1 }));
        assert_eq!(registry.promote(&wish).unwrap().to, 2);
        assert_eq!((live_number(&registry), history(&registry).len()), (Some(2), 2));
        failed && happened
    });
    assert!(seen, "no step failed after its effect");
}
