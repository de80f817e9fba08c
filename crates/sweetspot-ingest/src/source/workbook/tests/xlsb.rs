use proptest::prelude::*;

use super::{archive, read, refusal, rows};

/// Creates a record of a part.
fn record(number: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes =
        if number < 0x80 { vec![number as u8] } else { vec![(number & 0x7F) as u8 | 0x80, (number >> 7) as u8] };
    bytes.push(u8::try_from(data.len()).unwrap());
    bytes.extend(data);
    bytes
}

fn text(text: &str) -> Vec<u8> {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [&(units.len() as u32 / 2).to_le_bytes()[..], &units].concat()
}

fn cell(number: u16, column: u32, style: u8, value: &[u8]) -> Vec<u8> {
    record(number, &[&column.to_le_bytes()[..], &[style, 0, 0, 0], value].concat())
}

/// Creates three styles: plain, percent and date.
fn styles() -> Vec<u8> {
    let style = |format: u16| record(0x2F, &[[0, 0], format.to_le_bytes()].concat());
    [
        record(0x267, &1_u32.to_le_bytes()),
        record(0x2C, &[&200_u16.to_le_bytes()[..], &text("0.0%")].concat()),
        record(0x268, &[]),
        record(0x269, &3_u32.to_le_bytes()),
        style(0),
        style(200),
        style(14),
        record(0x26A, &[]),
    ]
    .concat()
}

fn sheet() -> Vec<u8> {
    let row = |number: u32| record(0, &[&number.to_le_bytes()[..], &[0; 21]].concat());
    [
        record(0x94, &[0; 16]),
        record(0x91, &[]),
        row(0),
        cell(0x07, 0, 0, &[0; 4]),
        cell(0x06, 2, 0, &text("Größe")),
        row(2),
        cell(0x05, 0, 1, &0.07_f64.to_le_bytes()),
        cell(0x05, 1, 2, &45_000.0_f64.to_le_bytes()),
        cell(0x04, 2, 0, &[1]),
        cell(0x03, 3, 0, &[0x2A]),
        record(0x92, &[]),
    ]
    .concat()
}

fn workbook(sheet: &[u8]) -> Vec<u8> {
    let bundle = [vec![0; 4], vec![1, 0, 0, 0], text("rId1"), text("Accounts")].concat();
    let book = [record(0x9C, &bundle), record(0x90, &[]), record(0x9D, &[])].concat();
    let strings = [record(0x9F, &[1, 0, 0, 0, 1, 0, 0, 0]), record(0x13, &[vec![0], text("Share")].concat())].concat();
    let rels = br#"<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.bin"/></Relationships>"#;
    archive(&[
        ("xl/workbook.bin", &book),
        ("xl/_rels/workbook.bin.rels", rels),
        ("xl/styles.bin", &styles()),
        ("xl/sharedStrings.bin", &strings),
        ("xl/worksheets/sheet1.bin", sheet),
    ])
}

#[test]
fn cells_lie_within_a_sheet() {
    let far = [record(0x94, &[0; 16]), record(0x91, &[]), cell(0x04, u32::MAX, 0, &[1]), record(0x92, &[])].concat();
    assert!(refusal(&workbook(&far)).contains("a cell lies in column 4294967295"));
}

#[test]
fn values_are_those_that_people_type() {
    assert_eq!(rows(&workbook(&sheet()), None), ["1: Share||Größe", "3: 7%|2023-03-15|true"]);
}

proptest! {
    #[test]
    fn a_damaged_sheet_is_read_or_refused(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut damaged = sheet();
        for (place, byte) in changes {
            *place.get_mut(&mut damaged) = byte;
        }
        let _ = read(&workbook(&damaged), None);
    }
}
