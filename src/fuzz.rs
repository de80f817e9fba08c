//! What the targets in `fuzz` check, and the messages that they change.
//!
//! The readers of bytes are private, so the targets enter here. Tests check the same with random changes; no other
//! build contains this module.

use std::io::{Cursor, Read as _};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use prost::Message as _;
use sweetspot_core::{Account, Date, Digest, Value};
use sweetspot_model::{ModelArtifact, Scorer};
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::column::Data;
use sweetspot_proto::v1::{self, score_accounts_request::Accounts};
use sweetspot_store::backup::{BackupOptions, BackupSource, BackupStream, unpack};
use sweetspot_store::store::{Commit, MemoryStore, Store};

/// Checks a `ScoreAccountsRequest`: it is read as prost reads it, and its accounts score as if prost had decoded them.
///
/// # Panics
/// If not.
pub fn check_score_request(scorer: &Scorer, bytes: &[u8]) {
    crate::api::prost_agreement::check_request(scorer, bytes);
}

/// Checks an `AccountTable`: it scores as if prost had decoded it, with the same values.
///
/// # Panics
/// If not.
pub fn check_account_table(scorer: &Scorer, bytes: &[u8]) {
    crate::api::prost_agreement::check_table(scorer, bytes);
}

/// Checks the bytes of a connection after its preface: in pieces of `piece` bytes, the frames are charged as a parser
/// of the whole charges them.
///
/// # Panics
/// If not.
pub fn check_frames(bytes: &[u8], piece: usize) {
    crate::app::reference_frame_parser::check_frames(bytes, piece);
}

/// Checks the bytes of a model: they are refused, or the artifact survives encoding, and its scorer scores an account.
///
/// # Panics
/// If not.
pub fn check_artifact(bytes: &[u8]) {
    let Ok(artifact) = ModelArtifact::from_bytes(bytes) else { return };
    let encoded = artifact.to_bytes();
    assert_eq!(ModelArtifact::from_bytes(&encoded).map(|read| read.to_bytes()), Ok(encoded));
    let _json = artifact.to_json();
    let Ok(scorer) = Scorer::compile(&artifact) else { return };
    for account in [Account::default(), example_account()] {
        let explained = scorer.explain(&account);
        assert_eq!(scorer.score(&account), explained.fit, "an explanation has the score of its account");
        assert!((0.0..=1.0).contains(&explained.fit.probability), "{:?}", explained.fit);
        assert!(explained.fit.low <= explained.fit.high, "{:?}", explained.fit);
    }
}

/// Checks the bytes of a backup as a tar file: they are refused and leave nothing behind, or each file that is written is
/// one of [`example_backup`]. Writes to a folder below `place`, which is removed.
///
/// # Panics
/// If not.
pub fn check_backup(bytes: &[u8], place: &Path) {
    let folder = place.join("target");
    let read = unpack(BackupSource::Tar(Box::new(Cursor::new(bytes.to_vec()))), &folder);
    assert_eq!(names(place), ["target"], "something was written beside the folder");
    let found = names(&folder);
    match read {
        Ok(_manifest) => assert_eq!(found, ["SHA256SUMS", "blobs", "journal", "manifest.json"]),
        Err(error) => assert!(found.is_empty(), "{found:?} after {error}"),
    }
    let _removed = std::fs::remove_dir_all(place);
}

/// The names in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The bytes of a backup with two blobs, as a tar file.
#[must_use]
pub fn example_backup() -> Vec<u8> {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    for content in ["first blob", "second blob"] {
        let digest = store.put_blob(content.as_bytes()).unwrap_or_else(|_| Digest::new(b""));
        let _stored = store.commit(&Commit::default().create(format!("blob/{content}"), digest.to_string().into()));
    }
    let mut bytes = Vec::new();
    let stream = BackupStream::start(store, Timestamp::UNIX_EPOCH, BackupOptions::default());
    let _read = stream.map(|mut stream| stream.read_to_end(&mut bytes));
    bytes
}

/// Sets the checksum of each header of a tar file, so that changes of headers are read further.
pub fn repair_tar_headers(bytes: &mut [u8]) {
    const BLOCK_BYTES: usize = 512;
    const SIZE: Range<usize> = 124..136;
    const CHECKSUM: Range<usize> = 148..156;
    let mut rest = bytes;
    while let Some((header, after)) = rest.split_at_mut_checked(BLOCK_BYTES) {
        let counted =
            header.iter().enumerate().map(|(place, byte)| if CHECKSUM.contains(&place) { b' ' } else { *byte });
        let sum: u32 = counted.map(u32::from).sum();
        if let Some(checksum) = header.get_mut(CHECKSUM) {
            checksum.copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
        let size = header.get(SIZE).and_then(|size| std::str::from_utf8(size).ok());
        let size = size.and_then(|size| usize::from_str_radix(size.trim_matches(['\0', ' ']), 8).ok());
        let blocks = size.unwrap_or_default().checked_next_multiple_of(BLOCK_BYTES).unwrap_or(usize::MAX);
        rest = after.split_at_mut(blocks.min(after.len())).1;
    }
}

/// Returns `seed` with edits, so that most inputs are nearly valid. An edit is a place (two bytes), a number of bytes to
/// remove, a number of bytes to insert, and those bytes.
#[must_use]
pub fn splice(seed: &[u8], mut edits: &[u8]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    while let [high, low, removed, inserted, rest @ ..] = edits {
        let place = usize::from(u16::from_be_bytes([*high, *low])) % (bytes.len() + 1);
        let end = bytes.len().min(place + usize::from(*removed));
        let (inserted, rest) = rest.split_at(rest.len().min(usize::from(*inserted)));
        bytes.splice(place..end, inserted.iter().copied());
        edits = rest;
    }
    bytes
}

/// An encoded `ScoreAccountsRequest` with an account for each attribute of `sweetspot_stored::example`. More attributes
/// in one account would be encoded in another order in each run.
#[must_use]
pub fn example_request() -> Vec<u8> {
    let row = |(name, kind): (&str, Kind)| {
        let value = v1::AttributeValue { kind: Some(kind) };
        v1::Account { account_id: format!("with {name}"), attributes: [(name.to_owned(), value)].into() }
    };
    let attributes = [
        ("city", Kind::Text("Zürich".to_owned())),
        ("employees", Kind::Number(12.0)),
        ("founded", Kind::Text("1970-02-01".to_owned())),
        ("remote", Kind::Flag(true)),
        ("tools", Kind::Texts(v1::TextList { values: vec!["SAP".to_owned(), "Jira".to_owned()] })),
    ];
    let filter = v1::TargetFilter { min_probability: Some(0.25), ..v1::TargetFilter::default() };
    let view = v1::ScoreView::TopReasons.into();
    let config = v1::ScoreConfig { view, filter: Some(filter), ..v1::ScoreConfig::default() };
    let rows = v1::AccountRows { rows: attributes.map(row).into() };
    v1::ScoreAccountsRequest { config: Some(config), accounts: Some(Accounts::Rows(rows)) }.encode_to_vec()
}

/// An encoded `AccountTable` with three accounts and each attribute of `sweetspot_stored::example`.
#[must_use]
pub fn example_table() -> Vec<u8> {
    let texts = |texts: [&str; 2]| texts.map(str::to_owned).into();
    let lists = v1::DictionaryListColumn {
        dictionary: texts(["SAP", "Jira"]),
        codes: vec![0, 1, 0],
        offsets: vec![0, 2, 2, 3],
    };
    let columns = [
        ("city", Data::Texts(v1::DictionaryColumn { dictionary: texts(["Zürich", "Bern"]), codes: vec![0, 1, 0] })),
        ("employees", Data::Numbers(v1::DoubleColumn { values: vec![1.0, 12.0, 99.0] })),
        ("founded", Data::Dates(v1::DateColumn { days: vec![-1, 31, 400] })),
        ("remote", Data::Flags(v1::FlagColumn { values: vec![true, false, true] })),
        ("tools", Data::TextLists(lists)),
    ];
    let column = |(name, data): (&str, Data)| v1::Column {
        name: name.to_owned(),
        validity: vec![0b101],
        data: Some(data),
        ..v1::Column::default()
    };
    let account_ids = ["a", "b", "c"].map(str::to_owned).into();
    v1::AccountTable { account_ids, columns: columns.map(column).into() }.encode_to_vec()
}

/// An account with each attribute of `sweetspot_stored::example`.
fn example_account() -> Account {
    let attributes = [
        ("city", Value::Text("Zürich".to_owned())),
        ("employees", Value::Number(12.0)),
        ("founded", Value::Date(Date { days: 31 })),
        ("remote", Value::Flag(true)),
        ("tools", Value::List(vec!["SAP".to_owned(), "Jira".to_owned()])),
    ];
    Account { id: "a".to_owned(), attributes: attributes.map(|(name, value)| (name.to_owned(), value)).into() }
}

#[cfg(test)]
mod tests;
