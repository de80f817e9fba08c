use super::*;
use crate::clock::FixedClock;
use crate::store::{MemoryStore, Row};

fn open(store: &Arc<MemoryStore>, max_records: u64) -> AuditLog {
    let clock = Arc::new(FixedClock("2026-03-02T10:00:00Z".parse().unwrap()));
    AuditLog::open(Arc::clone(store) as _, clock, AuditLogKind::Changes, max_records).unwrap()
}

fn started(method: &str) -> AuditEvent {
    let resource = "workspaces/w/models/m".to_owned();
    AuditEvent::Started { method: method.to_owned(), resource, request_id: "r-1".to_owned() }
}

fn maria() -> AuditedCaller {
    AuditedCaller {
        principal: "maria".to_owned(),
        credential: "key 0123456789ab".to_owned(),
        address: Some([192, 0, 2, 7].into()),
    }
}

fn rows(store: &MemoryStore) -> Vec<Row> {
    store.scan(AuditLogKind::Changes.prefix(), None, 1000).unwrap()
}

#[test]
fn records_are_numbered_chained_and_listed_newest_first() {
    let store = Arc::new(MemoryStore::new());
    let log = open(&store, 100);
    assert_eq!(log.verify(None).unwrap().last, 0);
    assert_eq!(log.append(&maria(), started("a")).unwrap(), 1);
    let ended = AuditEvent::Ended(CallOutcome { started: 1, code: "OK".to_owned(), reason: String::new() });
    assert_eq!(log.append(&maria(), ended.clone()).unwrap(), 2);
    let log = open(&store, 100);
    assert_eq!(log.append(&AuditedCaller::default(), started("b")).unwrap(), 3);
    let records = log.list(None, 2).unwrap();
    assert_eq!(records.iter().map(|record| record.number).collect::<Vec<_>>(), [3, 2]);
    assert_eq!((&records[1].event, &records[1].caller), (&ended, &maria()));
    assert_eq!(log.list(Some(2), 10).unwrap().len(), 1);
    let verified = log.verify(None).unwrap();
    assert_eq!((verified.first, verified.last, verified.hash), (1, 3, Digest::new(&rows(&store)[2].value)));
}

#[test]
fn every_change_of_a_record_is_noticed() {
    for number in 1..=6_u64 {
        let store = Arc::new(MemoryStore::new());
        let log = open(&store, 100);
        for call in 0..6 {
            log.append(&maria(), started(&call.to_string())).unwrap();
        }
        let row = &rows(&store)[number as usize - 1];
        let text = String::from_utf8(row.value.clone()).unwrap().replace("maria", "peter");
        let commit = Commit::default().replace(row.key.clone(), Some(row.value.clone()), text.into_bytes());
        store.commit(&commit).unwrap();
        let error = log.verify(None).unwrap_err();
        assert!(matches!(error, AuditError::Changed { number: found, .. } if found == (number + 1).min(6)), "{error}");
    }
}

#[test]
fn a_removed_record_is_noticed() {
    for number in 1..=6_u64 {
        let store = Arc::new(MemoryStore::new());
        let log = open(&store, 100);
        for call in 0..6 {
            log.append(&maria(), started(&call.to_string())).unwrap();
        }
        let commit = Commit {
            lease: None,
            expectations: Vec::new(),
            writes: vec![(AuditLogKind::Changes.key_of(number), None)],
        };
        store.commit(&commit).unwrap();
        let error = log.verify(None).unwrap_err();
        assert!(matches!(error, AuditError::Changed { number: found, .. } if found == number), "{error}");
    }
}

#[test]
fn only_the_newest_records_stay() {
    let store = Arc::new(MemoryStore::new());
    let log = open(&store, 10);
    for call in 0..25 {
        log.append(&maria(), started(&call.to_string())).unwrap();
    }
    let verified = log.verify(None).unwrap();
    assert_eq!((verified.first, verified.last, rows(&store).len()), (16, 25, 10));
    let log = open(&store, 4);
    for call in 0..6 {
        log.append(&maria(), started(&call.to_string())).unwrap();
    }
    assert_eq!((log.verify(None).unwrap().first, rows(&store).len()), (28, 4));
    assert_eq!(log.list(None, 100).unwrap().len(), 4);
}

#[test]
fn the_largest_record_fits_a_row() {
    let store = Arc::new(MemoryStore::new());
    let log = open(&store, 10);
    let controls = |bytes: usize| "\u{1}".repeat(bytes);
    let caller = AuditedCaller {
        principal: controls(128),
        credential: "key 0123456789ab".to_owned(),
        address: Some([192, 0, 2, 7].into()),
    };
    let resource = format!("workspaces/{0}/models/{0}/versions/18446744073709551615", "a".repeat(63));
    log.append(&caller, AuditEvent::Started { method: "m".repeat(80), resource, request_id: "~".repeat(128) }).unwrap();
}

#[test]
fn a_noted_record_must_be_in_the_log_with_its_hash() {
    let store = Arc::new(MemoryStore::new());
    let log = open(&store, 3);
    log.append(&maria(), started("a")).unwrap();
    let noted = log.verify(None).unwrap();
    log.append(&maria(), started("b")).unwrap();
    assert_eq!(log.verify(Some((noted.last, noted.hash))).unwrap().last, 2);
    let error = log.verify(Some((1, Digest::new(b"x")))).unwrap_err().to_string();
    assert!(error.contains("record 1 is not the one that was noted"), "{error}");
    for _ in 0..3 {
        log.append(&maria(), started("c")).unwrap();
    }
    let error = log.verify(Some((noted.last, noted.hash))).unwrap_err().to_string();
    assert!(error.contains("record 1 is missing"), "{error}");
}

#[test]
fn refused_calls_are_in_a_log_of_their_own() {
    let store = Arc::new(MemoryStore::new());
    let clock = Arc::new(FixedClock("2026-03-02T10:00:00Z".parse().unwrap()));
    let log = open(&store, 10);
    let denials = AuditLog::open(Arc::clone(&store) as _, clock, AuditLogKind::Denials, 5).unwrap();
    log.append(&maria(), started("a")).unwrap();
    for _ in 0..9 {
        let (method, reason, request_id) = ("m".to_owned(), "SCOPE_MISSING".to_owned(), "r".to_owned());
        denials.append(&maria(), AuditEvent::Denied { method, reason, request_id, omitted: 0 }).unwrap();
    }
    assert_eq!((log.verify(None).unwrap().last, denials.verify(None).unwrap().first), (1, 5));
}

#[test]
fn records_that_cannot_be_stored_are_counted() {
    let store = Arc::new(MemoryStore::new());
    let (log, other) = (open(&store, 10), open(&store, 10));
    // The record with this number exists, although the end of the log is before it.
    store.commit(&Commit::default().create(AuditLogKind::Changes.key_of(1), b"stray".to_vec())).unwrap();
    log.append(&maria(), started("b")).unwrap_err();
    log.append(&maria(), started("b")).unwrap_err();
    assert_eq!((log.failures(), other.failures()), (2, 0));
}

#[test]
fn records_of_several_servers_are_one_chain() {
    let store = Arc::new(MemoryStore::new());
    let logs = [open(&store, 1000), open(&store, 1000), open(&store, 1000)];
    std::thread::scope(|scope| {
        for log in &logs {
            scope.spawn(|| {
                for _ in 0..50 {
                    log.append(&maria(), started("a")).unwrap();
                }
            });
        }
    });
    let verified = open(&store, 1000).verify(None).unwrap();
    assert_eq!((verified.first, verified.last), (1, 150));
}
