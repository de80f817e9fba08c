//! Properties of reading: no input causes a panic, and written data is read back.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::{Cursor, Write as _};

use proptest::prelude::*;
use sweetspot_core::Value;
use sweetspot_ingest::{IngestError, Mapping, ProspectReader, Source, profile, read_customers};

fn source(bytes: Vec<u8>) -> Source {
    Source::new("any.csv", Cursor::new(bytes))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Reads in every way. Any result is valid, but nothing may panic.
fn read_all_ways(bytes: &[u8]) {
    let auto = Mapping::parse("attributes = \"auto\"", "m").unwrap();
    if let Ok(history) = read_customers(source(bytes.to_vec()), &auto) {
        let rows = history.customers.accounts().rows() as u64;
        let seen = match profile(source(bytes.to_vec()), None) {
            Err(IngestError::NotTable { what, .. }) if what.contains("one column") => return,
            seen => seen.unwrap(),
        };
        assert_eq!((rows, history.rejected), (seen.rows, seen.rejected));
        assert_eq!(Mapping::parse(&seen.mapping_toml, "proposed").unwrap(), seen.mapping);
        let _ = read_customers(source(bytes.to_vec()), &seen.mapping);
        let streamed =
            ProspectReader::open(source(bytes.to_vec()), &auto).unwrap().filter(|row| matches!(row, Ok(Ok(_))));
        assert_eq!(streamed.count() as u64, rows);
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_cause_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read_all_ways(&bytes);
        read_all_ways(&gzip(&bytes));
    }

    #[test]
    fn texts_like_csv_never_cause_a_panic(text in "(([a-c0-9]|Yes|no|Won|lost|[;,|\"'\r\n\t]|\u{e9}|2026-01-01|, ){0,6}\n){0,12}") {
        read_all_ways(text.as_bytes());
    }

    #[test]
    fn truncated_gzip_never_causes_a_panic(text in "[a-c,\n]{0,300}", cut in 0.0..1.0_f64) {
        let mut bytes = gzip(text.as_bytes());
        bytes.truncate((bytes.len() as f64 * cut) as usize);
        read_all_ways(&bytes);
    }

    #[test]
    fn a_written_table_reads_back_the_same(
        rows in proptest::collection::vec(("([^\u{0}-\u{1f}\u{7f}]|[\r\n\t\u{1}]){0,12}", "x\\PC{0,12}"), 1..20),
        delimiter in proptest::sample::select(vec![b',', b';', b'\t', b'|']),
        crlf in any::<bool>(),
    ) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).terminator(terminator).from_writer(Vec::new());
        writer.write_record(["key", "first", "second"]).unwrap();
        for (number, (first, second)) in rows.iter().enumerate() {
            writer.write_record([&format!("k{number}"), first, second]).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        // Spreadsheet marks are removed.
        prop_assume!(rows.iter().all(|(first, _)| !first.trim().starts_with(['\'', '='])));
        // Many control characters make a file binary, which is a separate error.
        let strange = |byte: &&u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\r' | b'\n');
        prop_assume!(bytes.iter().filter(strange).count() * 20 < bytes.len());
        let mapping = Mapping::parse("id = \"key\"\nattributes = [\"first\", \"second\"]", "m").unwrap();
        let read: Vec<_> = ProspectReader::open(source(bytes), &mapping).unwrap().map(|row| row.unwrap().unwrap()).collect();
        prop_assert_eq!(read.len(), rows.len());
        for (number, (prospect, (first, second))) in read.iter().zip(&rows).enumerate() {
            prop_assert_eq!(&prospect.account.id, &format!("k{number}"));
            for (name, text) in [("first", first), ("second", second)] {
                let expected = Some(text.trim()).filter(|text| !text.is_empty()).map(|text| Value::Text(text.to_owned()));
                prop_assert_eq!(prospect.account.attributes.get(name), expected.as_ref());
            }
        }
    }
}
