//! Other servers that act between two steps, and object stores that fail.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use object_store::aws::AmazonS3Builder;
use object_store::memory::InMemory;

use super::blob_rows::{BLOB_PREFIX, REMOVAL_PREFIX, UNUSED_PREFIX, UnusedRow, encode, unused_key};
use super::error::ObjectError;
use super::http_client::HyperConnector;
use super::*;
use crate::clock::FixedClock;
use crate::store::MemoryStore;

/// What happens before a commit.
type Event = Box<dyn FnOnce() + Send>;

/// Rows, with an event before the first commit that writes a key with a prefix.
#[derive(Default)]
struct EventfulRows {
    rows: MemoryStore,
    event: Mutex<Option<(&'static str, Event)>>,
}

impl fmt::Debug for EventfulRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows.fmt(f)
    }
}

impl EventfulRows {
    fn before_commit_of(&self, prefix: &'static str, event: impl FnOnce() + Send + 'static) {
        *self.event.lock().unwrap() = Some((prefix, Box::new(event)));
    }
}

impl Store for EventfulRows {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.rows.get(key)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.rows.scan(prefix, after, limit)
    }

    fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        let is_due =
            |(prefix, _): &mut (&'static str, Event)| commit.writes.iter().any(|(key, _)| key.starts_with(*prefix));
        let event = self.event.lock().unwrap().take_if(is_due);
        if let Some((_, event)) = event {
            event();
        }
        self.rows.commit(commit)
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        self.rows.put_blob(bytes)
    }

    fn blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        self.rows.blob(digest)
    }

    fn remove_blob(&self, digest: &Digest) -> Result<(), StoreError> {
        self.rows.remove_blob(digest)
    }

    fn maintenance(&self) -> &dyn MaintenanceAccess {
        self.rows.maintenance()
    }

    fn leases(&self) -> &dyn LeaseAccess {
        self.rows.leases()
    }
}

/// Two servers with the same rows and objects. The clock of the second is two hours ahead of the first's.
fn two_servers() -> (Arc<EventfulRows>, ObjectBlobStore, Arc<ObjectBlobStore>) {
    let rows = Arc::new(EventfulRows::default());
    let objects: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let open = |seconds| {
        let shared: Arc<dyn Store> = Arc::<EventfulRows>::clone(&rows);
        let store =
            ObjectBlobStore::with_client(shared, Arc::clone(&objects), Path::default(), "memory".into()).unwrap();
        let clock = FixedClock(Timestamp::from_second(seconds).unwrap());
        ObjectBlobStore { clock: Arc::new(clock), ..store }
    };
    let (now, later) = (open(1_000_000), open(1_000_000 + 2 * 60 * 60));
    (rows, now, Arc::new(later))
}

fn is_clean(rows: &EventfulRows) -> bool {
    [UNUSED_PREFIX, REMOVAL_PREFIX].iter().all(|prefix| rows.scan(prefix, None, 1).unwrap().is_empty())
}

#[test]
fn old_blobs_are_removed_unless_any_server_has_stored_them_again() {
    let (rows, store, later) = two_servers();
    let [kept, removed] = ["a", "b"].map(|text| store.put(text.as_bytes()).unwrap());
    assert_eq!(store.remove(&[kept, removed], RemovalScope::Old).unwrap(), []);
    later.put(b"a").unwrap();
    let listed = later.list(kept.first_byte()).unwrap();
    assert_eq!(listed[0].modified, Some(later.clock.now()));
    assert_eq!(later.remove(&[kept, removed], RemovalScope::Old).unwrap(), [removed]);
    assert_eq!(store.read(&kept).unwrap(), b"a");
    assert!(store.read(&removed).is_err() && is_clean(&rows));
}

#[test]
fn a_blob_that_is_stored_again_while_it_is_removed_stays() {
    let (rows, store, later) = two_servers();
    let digest = store.put(b"a").unwrap();
    let other = Arc::clone(&later);
    rows.before_commit_of(BLOB_PREFIX, move || assert_eq!(other.put(b"a").unwrap(), digest));
    assert_eq!(later.remove(&[digest], RemovalScope::Old).unwrap(), []);
    assert_eq!(store.read(&digest).unwrap(), b"a");
    assert!(rows.event.lock().unwrap().is_none() && is_clean(&rows));
}

#[test]
fn a_blob_that_is_removed_while_it_is_stored_again_is_written_again() {
    let (rows, store, later) = two_servers();
    let digest = store.put(b"a").unwrap();
    let before = store.blob_row(&digest).unwrap().unwrap().0.object;
    let other = Arc::clone(&later);
    rows.before_commit_of(BLOB_PREFIX, move || {
        assert_eq!(other.remove(&[digest], RemovalScope::Old).unwrap(), [digest]);
    });
    later.put(b"a").unwrap();
    assert_eq!(store.read(&digest).unwrap(), b"a");
    assert_ne!(store.blob_row(&digest).unwrap().unwrap().0.object, before);
    assert!(rows.event.lock().unwrap().is_none() && is_clean(&rows));
}

#[test]
fn an_object_that_is_removed_before_it_is_named_is_written_under_another_name() {
    let (rows, store, later) = two_servers();
    // To the other server, the upload has taken two hours.
    rows.before_commit_of(BLOB_PREFIX, move || drop(later.remove(&[], RemovalScope::All).unwrap()));
    let digest = store.put(b"a").unwrap();
    assert!(rows.event.lock().unwrap().is_none());
    assert_eq!(store.read(&digest).unwrap(), b"a");
    assert!(is_clean(&rows));
}

#[test]
fn a_hold_that_begins_during_a_removal_defers_it() {
    let (rows, store, later) = two_servers();
    let digest = store.put(b"a").unwrap();
    let holder = Arc::clone(&later);
    rows.before_commit_of(BLOB_PREFIX, move || holder.begin_hold());
    store.remove(&[digest], RemovalScope::All).unwrap();
    assert_eq!(later.read(&digest).unwrap(), b"a");
    later.end_hold().unwrap();
    assert!(later.read(&digest).is_err() && is_clean(&rows));
}

#[test]
fn the_object_of_an_interrupted_upload_is_removed_once_it_is_old() {
    let (rows, store, later) = two_servers();
    store.check_identity().unwrap();
    let row = UnusedRow { since: store.clock.now().as_microsecond(), is_removed: false };
    rows.commit(&Commit::default().create(unused_key("ab/half"), encode(&row).unwrap())).unwrap();
    store.objects.put("ab/half", b"half").unwrap();
    store.remove(&[], RemovalScope::All).unwrap();
    assert_eq!(store.objects.size("ab/half").unwrap(), 4);
    later.remove(&[], RemovalScope::All).unwrap();
    assert!(matches!(store.objects.size("ab/half"), Err(ObjectError::Missing)) && is_clean(&rows));
}

/// Answers each request with the next of these responses, and every later one with the last. Returns the address, and the
/// first line of each request.
fn serve(responses: Vec<String>) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, requests) = channel();
    thread::spawn(move || {
        for number in 0.. {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read(&mut buffer) {
                    Ok(count) if count > 0 => request.extend(&buffer[..count]),
                    _ => break,
                }
            }
            let text = String::from_utf8_lossy(&request).into_owned();
            let response: &String = responses.get(number).or(responses.last()).unwrap();
            let line = text.lines().next().unwrap_or_default().to_owned();
            // A client that ends early, or a test that does.
            if sender.send(line).is_err() || stream.write_all(response.as_bytes()).is_err() {
                return;
            }
        }
    });
    (address, requests)
}

fn response(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\netag: \"1\"\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

fn s3_at(endpoint: &str) -> ObjectBlobStore {
    let url: ObjectUrl = "s3://bucket/folder".parse().unwrap();
    let builder = AmazonS3Builder::new()
        .with_endpoint(endpoint)
        .with_allow_http(endpoint.starts_with("http://127."))
        .with_region("eu-central-1")
        .with_access_key_id("an-id")
        .with_secret_access_key("s3cret");
    let connector = HyperConnector { response_timeout: Duration::from_millis(200) };
    let client = connect::s3(builder, &url, connector).unwrap();
    let rows = Arc::new(MemoryStore::new());
    ObjectBlobStore::with_client(rows, client, url.path().into(), url.to_string()).unwrap()
}

/// The text of the error with which a put fails, which must be that of an object store that does not answer.
fn unreachable(store: &ObjectBlobStore) -> String {
    let error = store.put(b"a").unwrap_err();
    assert!(matches!(&error, StoreError::Unreachable { store, .. } if store == "s3://bucket/folder"), "{error}");
    let text = format!("{error} {error:?}");
    assert!(!text.contains("s3cret") && !text.contains("Authorization"), "{text}");
    text
}

#[test]
fn an_object_store_that_is_down_is_named_and_later_calls_fail_at_once() {
    let store = s3_at("http://127.0.0.1:1");
    let started = Instant::now();
    let text = unreachable(&store);
    assert!(text.contains("refused"), "{text}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    let started = Instant::now();
    for _ in 0..100 {
        unreachable(&store);
    }
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

#[test]
fn an_object_store_that_does_not_answer_fails_after_a_bounded_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let store = s3_at(&format!("http://{}", listener.local_addr().unwrap()));
    let started = Instant::now();
    let text = unreachable(&store);
    assert!(text.contains("no response within 200ms"), "{text}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[test]
fn refused_credentials_and_a_missing_bucket_are_reported_by_their_codes() {
    let body = |code: &str| {
        format!(
            "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>No</Message><StringToSign>x</StringToSign></Error>"
        )
    };
    for (status, code) in [("403 Forbidden", "InvalidAccessKeyId"), ("404 Not Found", "NoSuchBucket")] {
        let (address, _requests) = serve(vec![response(status, &body(code))]);
        let text = s3_at(&address).objects.part("ab/c", 0..1);
        let Err(ObjectError::Store(error)) = text else { panic!("{code}") };
        assert!(matches!(error, StoreError::Unreachable { .. }) && error.to_string().contains(code), "{error}");
        assert!(!error.to_string().contains("StringToSign"), "{error}");
    }
}

#[test]
fn a_request_that_fails_is_repeated() {
    let (address, requests) = serve(vec![response("503 Slow Down", ""), response("200 OK", "")]);
    s3_at(&address).objects.put("ab/c", b"").unwrap();
    let sent: Vec<String> = requests.try_iter().collect();
    assert_eq!(sent, ["PUT /bucket/folder/ab/c HTTP/1.1"; 2]);
}

#[test]
fn requests_are_encrypted_unless_the_environment_allows_it() {
    let (address, requests) = serve(vec![response("200 OK", "")]);
    let store = s3_at(&address.replace("127.0.0.1", "localhost"));
    assert!(store.objects.put("ab/c", b"").is_err());
    assert_eq!(requests.try_iter().count(), 0);
}
