use std::io::Cursor;

use cfb::CompoundFile;
use proptest::prelude::*;
use sweetspot_core::reportable_error::ReportableError as _;

use super::{read, refusal, rows};

/// Invented customers, as written by a program.
const ACCOUNTS: &[u8] = include_bytes!("../../../../tests/ingest/workbooks/accounts.xls");

/// Creates a record of a stream.
fn record(number: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    [&number.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
}

/// Creates a cell with a number.
fn number(row: u16, column: u16, value: f64) -> Vec<u8> {
    let place = [row.to_le_bytes(), column.to_le_bytes(), [0, 0]].concat();
    record(0x0203, &[place, value.to_le_bytes().to_vec()].concat())
}

/// Creates a workbook with these global records, and with sheets that each contain the same cells.
fn workbook(globals: &[u8], sheets: usize, cells: &[u8]) -> Vec<u8> {
    let begin = record(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0]);
    let end = record(0x000A, &[]);
    let start = begin.len() + globals.len() + sheets * (4 + 10) + end.len();
    let sheet = record(0x0085, &[&u32::try_from(start).unwrap().to_le_bytes()[..], &[0, 0, 2, 0, b'S', b'1']].concat());
    let stream = [&begin, globals, &sheet.repeat(sheets), &end, &begin, cells, &end].concat();
    let mut file = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    std::io::Write::write_all(&mut file.create_stream("/Workbook").unwrap(), &stream).unwrap();
    file.into_inner().into_inner()
}

#[test]
fn a_file_is_read_with_its_days_flags_and_percentages() {
    let found = rows(ACCOUNTS, None);
    assert_eq!(found.len(), 13);
    assert_eq!(
        found[..2],
        ["3: id|Industry|Employees|Margin|Since|Public|Stage", "4: A-1|Logistics|12.5|7%|2020-01-15|true|Lost"]
    );
    assert_eq!(found[4], "7: A-4|Łódź Textiles|15.5|10%|2020-04-17|false|Lost");
    assert_eq!(found[5], "8: A-5||110|11%|2020-05-18|true|Won", "a cell without a value");
    assert_eq!(rows(ACCOUNTS, Some("Old")).len(), 3);
    assert_eq!(rows(ACCOUNTS, Some("Cover")), ["1: Made-up customers"]);
}

#[test]
fn what_would_take_too_much_room_is_not_read() {
    let corners = [number(0, 0, 1.0), number(u16::MAX, 255, 2.0)].concat();
    // A sheet may claim to be larger than it is.
    let dimensions = record(0x0200, &[[0, 0, 0, 0], [255; 4], [0, 0, 255, 255], [0; 4]].concat()[..14]);
    assert_eq!(rows(&workbook(&[], 1, &[dimensions, number(0, 0, 5.0)].concat()), None), ["1: 5"]);
    for broken in [workbook(&[], 1, &corners), workbook(&shared_texts(), 1, &label_cells(2_000))] {
        let error = read(&broken, None).unwrap_err();
        assert_eq!(error.reason(), "FILE_TOO_LARGE", "{error}");
    }
    assert_eq!(rows(&workbook(&shared_texts(), 1, &label_cells(2)), None).len(), 2);
    let far = refusal(&workbook(&[], 1, &number(0, u16::MAX, 1.0)));
    assert!(far.contains("a cell lies in column 65535"), "{far}");
}

/// Creates a table of one text of a thousand characters.
fn shared_texts() -> Vec<u8> {
    record(0x00FC, &[&[1, 0, 0, 0, 1, 0, 0, 0, 0xE8, 3, 0][..], &[b'x'; 1_000]].concat())
}

/// Creates cells in one column with the first text of the table.
fn label_cells(count: u16) -> Vec<u8> {
    (0..count).flat_map(|row| record(0x00FD, &[&row.to_le_bytes()[..], &[0; 8]].concat())).collect()
}

#[test]
fn sheets_that_overlap_are_damage() {
    let refusal = refusal(&workbook(&[], 50, &number(0, 0, 1.0).repeat(500)));
    assert!(refusal.contains("is not a readable .xls workbook (its sheets overlap)"), "{refusal}");
}

#[test]
fn passwords_are_named() {
    let refusal = refusal(&workbook(&record(0x002F, &[1, 0, 0, 0]), 1, &[]));
    assert!(refusal.contains("is a workbook with a password: open it"), "{refusal}");
}

proptest! {
    #[test]
    fn a_damaged_file_is_read_or_refused(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut damaged = ACCOUNTS.to_vec();
        for (place, byte) in changes {
            *place.get_mut(&mut damaged) = byte;
        }
        let _ = read(&damaged, None);
        let _ = read(&ACCOUNTS[..cut.index(ACCOUNTS.len())], None);
    }
}
