//! The store in a database: several processes, and a database that fails.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_store::audit_log::{AuditEvent, AuditLog, AuditLogKind, AuditedCaller};
use sweetspot_store::clock::FixedClock;
use sweetspot_store::store::{ChangedKeys, Commit, DatabaseUrl, PostgresStore, Store, StoreError, StoreLocation};

use crate::backends::postgres_server::PostgresServer;
use crate::backends::set_row;

const LIMIT: Duration = Duration::from_secs(30);

pub(super) fn url(text: &str) -> DatabaseUrl {
    match StoreLocation::new(text) {
        StoreLocation::Database(url) => url,
        StoreLocation::Folder(folder) => panic!("{} is not a URL", folder.display()),
    }
}

pub(crate) fn open(text: &str) -> PostgresStore {
    PostgresStore::open(&url(text)).unwrap()
}

/// Repeats a call until it succeeds. Every error must be that of a database that does not answer.
fn until_it_answers(store: &PostgresStore) -> Duration {
    let started = Instant::now();
    loop {
        match store.check_writable() {
            Ok(()) => return started.elapsed(),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}"),
        }
        assert!(started.elapsed() < LIMIT);
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn until_it_fails(store: &PostgresStore) -> StoreError {
    let started = Instant::now();
    loop {
        if let Err(error) = store.get("a") {
            return error;
        }
        assert!(started.elapsed() < LIMIT);
    }
}

#[test]
fn every_process_sees_the_changes_of_the_others_in_their_order() {
    let Some(server) = PostgresServer::shared() else { return };
    let schema = server.new_schema();
    let [writer, reader] = [open(&schema), open(&schema)];
    let feed = reader.changes().unwrap();
    let start = feed.position().unwrap();
    assert!(!feed.wait_after(start, Duration::from_millis(1)));
    writer.commit(&set_row("a", b"1").merge(set_row("b", b"1"))).unwrap();
    let written = Instant::now();
    assert!(feed.wait_after(start, LIMIT));
    assert!(written.elapsed() < Duration::from_secs(1), "{:?}", written.elapsed());
    writer.commit(&Commit { writes: vec![("a".into(), None)], ..Commit::default() }).unwrap();
    let keys = |keys: &[&str]| ChangedKeys::Some(keys.iter().map(|key| (*key).to_owned()).collect::<BTreeSet<_>>());
    let (middle, end) = (start + 1, start + 2);
    assert_eq!(feed.changes_after(start).unwrap(), (end, keys(&["a", "b"])));
    assert_eq!(feed.changes_after(middle).unwrap(), (end, keys(&["a"])));
    assert_eq!(feed.changes_after(end).unwrap(), (end, keys(&[])));
    assert_eq!(feed.changes_after(end + 1).unwrap(), (end, ChangedKeys::All), "the database is an older copy");
    let refused = writer.commit(&Commit::default().create("b", Vec::new()));
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    assert_eq!(feed.position().unwrap(), end, "a commit that is refused is not a change");
    reader.discard_removed_rows().unwrap();
    assert_eq!(feed.changes_after(start).unwrap(), (end, ChangedKeys::All), "they are forgotten");
    assert_eq!(feed.changes_after(end).unwrap(), (end, keys(&[])));
}

#[test]
fn many_changes_are_all_changes() {
    let Some(server) = PostgresServer::shared() else { return };
    let store = open(&server.new_schema());
    let feed = store.changes().unwrap();
    let start = feed.position().unwrap();
    let rows = (0..10_001).map(|number| (format!("{number}"), Some(Vec::new()))).collect();
    store.commit(&Commit { writes: rows, ..Commit::default() }).unwrap();
    assert_eq!(feed.changes_after(start).unwrap(), (start + 1, ChangedKeys::All));
}

#[test]
fn records_of_several_servers_are_one_chain() {
    let Some(server) = PostgresServer::shared() else { return };
    let schema = server.new_schema();
    let open_log = || {
        let (store, clock) = (Arc::new(open(&schema)), Arc::new(FixedClock(Timestamp::UNIX_EPOCH)));
        AuditLog::open(store, clock, AuditLogKind::Changes, 1000).unwrap()
    };
    let caller = AuditedCaller { principal: "ann".to_owned(), ..AuditedCaller::default() };
    let event = || AuditEvent::Denied {
        method: "m".to_owned(),
        reason: "R".to_owned(),
        request_id: "r".to_owned(),
        omitted: 0,
    };
    let logs = [open_log(), open_log(), open_log()];
    std::thread::scope(|scope| {
        for log in &logs {
            scope.spawn(|| {
                for _ in 0..20 {
                    log.append(&caller, event()).unwrap();
                }
            });
        }
    });
    let verified = logs[0].verify(None).unwrap();
    assert_eq!((verified.first, verified.last, logs[1].list(None, 100).unwrap().len()), (1, 60, 60));
}

#[test]
fn a_hold_of_one_process_defers_the_removals_of_another() {
    let Some(server) = PostgresServer::shared() else { return };
    let schema = server.new_schema();
    let [holder, remover] = [open(&schema), open(&schema)];
    let [first, second] = ["a", "b"].map(|text| remover.put_blob(text.as_bytes()).unwrap());
    holder.maintenance().hold_blobs();
    remover.remove_blob(&first).unwrap();
    assert!(holder.blob(&first).is_ok());
    holder.maintenance().release_blobs();
    assert!(holder.blob(&first).is_err());
    // A process that ends during a hold holds nothing.
    holder.maintenance().hold_blobs();
    remover.remove_blob(&second).unwrap();
    drop(holder);
    let started = Instant::now();
    while remover.blob(&second).is_ok() {
        assert!(started.elapsed() < LIMIT);
        remover.remove_blob(&first).unwrap();
    }
}

#[test]
fn damage_of_a_blob_is_found_and_repaired_by_the_next_put() {
    let Some(server) = PostgresServer::shared() else { return };
    let schema = server.new_schema();
    let store = open(&schema);
    let digest = store.put_blob(b"bytes").unwrap();
    let path = schema.rsplit("%3D").next().unwrap();
    for damage in ["UPDATE {}.sweetspot_blob_part SET content = 'bytez'", "DELETE FROM {}.sweetspot_blob_part"] {
        server.sql("postgres", &damage.replace("{}", path));
        assert!(matches!(store.blob(&digest), Err(StoreError::BlobCorrupt { .. })));
        let mut content = store.maintenance().open_blob(&digest).unwrap().content;
        let read = std::io::copy(&mut content, &mut std::io::sink()).unwrap_err();
        assert!(matches!(StoreError::from_read(read), StoreError::BlobCorrupt { .. }));
        store.put_blob(b"bytes").unwrap();
        assert_eq!(store.blob(&digest).unwrap(), b"bytes");
    }
}

#[test]
fn tables_of_a_newer_release_are_refused_by_their_format() {
    let Some(server) = PostgresServer::shared() else { return };
    let schema = server.new_schema();
    let store = open(&schema);
    store.commit(&set_row("a", b"1")).unwrap();
    drop(store);
    let path = schema.rsplit("%3D").next().unwrap();
    server.sql("postgres", &format!("UPDATE {path}.sweetspot_state SET format = 2"));
    let error = PostgresStore::open(&url(&schema)).unwrap_err();
    assert!(matches!(error, StoreError::NewerFormat { found: 2, .. }), "{error}");
    server.sql("postgres", &format!("UPDATE {path}.sweetspot_state SET format = 1"));
    assert_eq!(open(&schema).get("a").unwrap(), Some(b"1".to_vec()));
}

#[test]
fn a_database_that_is_missing_or_refuses_is_named_without_the_password() {
    let Some(server) = PostgresServer::shared() else { return };
    let port = server.port();
    for (text, cause) in [
        (format!("postgres://postgres:s3cret@127.0.0.1:{port}/missing?sslmode=disable"), "does not exist"),
        (format!("postgres://stranger:s3cret@127.0.0.1:{port}/postgres?sslmode=disable"), "does not exist"),
        ("postgres://postgres:s3cret@127.0.0.1:1/postgres?sslmode=disable".to_owned(), "refused"),
        (format!("postgres://postgres:s3cret@127.0.0.1:{port}/postgres"), "TLS"),
    ] {
        let error = PostgresStore::open(&url(&text)).unwrap_err();
        assert_eq!((error.kind(), error.reason()), (ErrorKind::Unavailable, "STORE_UNREACHABLE"));
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(cause) && !shown.contains("s3cret"), "{shown}");
    }
}

#[test]
fn a_store_recovers_from_a_killed_database() {
    let Some(server) = PostgresServer::start() else { return };
    let store = open(&server.new_schema());
    store.commit(&set_row("a", b"1")).unwrap();
    for _ in 0..2 {
        server.kill();
        let error = until_it_fails(&store);
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        let started = Instant::now();
        assert!(store.commit(&set_row("a", b"2")).is_err());
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        server.run();
        until_it_answers(&store);
        assert_eq!(store.get("a").unwrap(), Some(b"1".to_vec()));
        store.commit(&set_row("a", b"1")).unwrap();
    }
}

#[test]
fn a_store_recovers_from_a_paused_database_and_fails_at_once_meanwhile() {
    let Some(server) = PostgresServer::start() else { return };
    let store = open(&server.new_schema());
    store.commit(&set_row("a", b"1")).unwrap();
    server.pause();
    let started = Instant::now();
    let error = store.commit(&set_row("a", b"2")).unwrap_err();
    assert!(matches!(error, StoreError::Undecided { .. }), "{error}");
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    let started = Instant::now();
    for _ in 0..100 {
        assert!(matches!(store.get("a"), Err(StoreError::Unreachable { .. })));
    }
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    server.resume();
    until_it_answers(&store);
    store.commit(&set_row("a", b"3")).unwrap();
    assert_eq!(store.get("a").unwrap(), Some(b"3".to_vec()));
}

#[test]
fn a_store_that_starts_before_its_database_opens_later() {
    let Some(server) = PostgresServer::start() else { return };
    let schema = server.new_schema();
    server.kill();
    let store = PostgresStore::start(&url(&schema)).unwrap();
    assert!(store.wait_until_open().is_err());
    server.run();
    until_it_answers(&store);
    store.commit(&set_row("a", b"1")).unwrap();
}

#[tokio::test]
async fn calls_from_a_runtime_work_and_the_store_may_be_dropped_there() {
    let Some(server) = PostgresServer::shared() else { return };
    let store = open(&server.new_schema());
    store.commit(&set_row("a", b"1")).unwrap();
    assert_eq!(store.get("a").unwrap(), Some(b"1".to_vec()));
    drop(store);
}
