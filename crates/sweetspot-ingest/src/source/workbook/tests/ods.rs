use proptest::prelude::*;
use sweetspot_core::reportable_error::ReportableError as _;

use super::{archive, read, refusal, rows};

const MIMETYPE: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";
const MANIFEST: &[u8] = b"<manifest:manifest/>";

/// Creates a spreadsheet with these tables.
fn workbook(tables: &str) -> Vec<u8> {
    let hidden = r#"<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>"#;
    let content = format!(
        r#"<?xml version="1.0"?><office:document-content><office:automatic-styles>{hidden}</office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"#
    );
    archive(&[("mimetype", MIMETYPE), ("META-INF/manifest.xml", MANIFEST), ("content.xml", content.as_bytes())])
}

fn table(rows: &str) -> String {
    format!(r#"<table:table table:name="Accounts">{rows}</table:table>"#)
}

fn row(cells: &str) -> String {
    format!("<table:table-row>{cells}</table:table-row>")
}

fn text(text: &str) -> String {
    format!(r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#)
}

#[test]
fn values_are_those_that_people_type() {
    for (cell, expected) in [
        (r#"office:value-type="float" office:value="1200""#, "1200"),
        (r#"office:value-type="currency" office:currency="EUR" office:value="12.5""#, "12.5"),
        (r#"office:value-type="percentage" office:value="0.07""#, "7%"),
        (r#"office:value-type="date" office:date-value="2023-03-15T12:30:00""#, "2023-03-15"),
        (r#"office:value-type="time" office:time-value="PT06H00M00S""#, "0.25"),
        (r#"office:value-type="boolean" office:boolean-value="true""#, "true"),
        (r#"office:value-type="string" office:string-value="a &amp; b""#, "a & b"),
    ] {
        let rows = rows(
            &workbook(&table(&row(&format!("<table:table-cell {cell}><text:p>shown</text:p></table:table-cell>")))),
            None,
        );
        assert_eq!(rows, [format!("1: {expected}")]);
    }
}

#[test]
fn texts_are_what_the_cell_shows() {
    for (content, expected) in [
        ("<text:p>K&#246;ln &amp; <text:span>Bonn</text:span></text:p>", "Köln & Bonn"),
        ("<text:p>a<text:s text:c=\"2\"/>b<text:tab/>c</text:p>", "a  b\tc"),
        ("<text:p>one</text:p>\n<text:p>two</text:p>", "one\ntwo"),
        ("<office:annotation><text:p>a remark</text:p></office:annotation><text:p>x</text:p>", "x"),
        ("<draw:frame><table:table><table:table-row/></table:table></draw:frame><text:p>x</text:p>", "x"),
    ] {
        let cell = format!(r#"<table:table-cell office:value-type="string">{content}</table:table-cell>"#);
        assert_eq!(rows(&workbook(&table(&row(&cell))), None), [format!("1: {expected}")]);
    }
}

#[test]
fn repeated_cells_and_rows_count() {
    let blank = r#"<table:table-row table:number-rows-repeated="3"><table:table-cell table:number-columns-repeated="9"/></table:table-row>"#;
    let twice = format!(
        r#"<table:table-row table:number-rows-repeated="2">{}<table:table-cell table:number-columns-repeated="2" office:value-type="float" office:value="5"/></table:table-row>"#,
        text("b")
    );
    let end = r#"<table:table-row table:number-rows-repeated="9999999"><table:table-cell table:number-columns-repeated="99999"/></table:table-row>"#;
    let rows_of = row(&(text("a") + "<table:table-cell/>" + &text("c"))) + blank + &twice + end;
    assert_eq!(rows(&workbook(&table(&rows_of)), None), ["1: a||c", "5: b|5|5", "6: b|5|5"]);
}

#[test]
fn sheets_are_chosen_as_in_other_workbooks() {
    let tables = format!(
        r#"<table:table table:name="Cover">{}</table:table>{}<table:table table:name="Old" table:style-name="ta2">{}</table:table>"#,
        row(&text("Report")),
        table(&row(&(text("id") + &text("city"))).repeat(2)),
        row(&(text("x") + &text("y"))).repeat(3),
    );
    let workbook = workbook(&tables);
    assert_eq!(rows(&workbook, None), ["1: id|city", "2: id|city"]);
    assert_eq!(rows(&workbook, Some("old")).len(), 3);
}

#[test]
fn formulas_without_a_value_are_counted_and_errors_are_missing() {
    let cells = text("id")
        + r#"<table:table-cell table:formula="of:=1"/>"#
        + r#"<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>"#;
    let (rows, formulas) = read(&workbook(&table(&row(&cells))), None).unwrap();
    assert_eq!((rows, formulas), (vec!["1: id".to_owned()], vec![(1, 1)]));
}

#[test]
fn repeated_texts_take_no_more_room_than_there_is() {
    let row = format!(r#"<table:table-row table:number-rows-repeated="1000000">{}</table:table-row>"#, text("full"));
    let error = read(&workbook(&table(&row)), None).unwrap_err();
    assert_eq!(error.reason(), "FILE_TOO_LARGE");
}

#[test]
fn passwords_and_damage_are_named() {
    let manifest = b"<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>";
    let locked = archive(&[("mimetype", MIMETYPE), ("META-INF/manifest.xml", manifest), ("content.xml", b"\x01\x02")]);
    assert!(refusal(&locked).contains("is a workbook with a password: open it"));
    let cut = b"<table:table table:name=\"A\"><table:table-row>";
    let cut = archive(&[("mimetype", MIMETYPE), ("content.xml", cut)]);
    assert!(refusal(&cut).contains("truncated"));
    for (rows, words) in [
        ("<table:table-row>", "ill-formed"),
        (r#"<table:table-row><table:table-cell table:number-columns-repeated="-1"/></table:table-row>"#, "-1"),
        (
            r#"<table:table-row><table:table-cell office:value-type="float" office:value="x"/></table:table-row>"#,
            "\"x\"",
        ),
    ] {
        let refusal = refusal(&workbook(&format!(r#"<table:table table:name="A">{rows}"#)));
        assert!(refusal.contains("is not a readable .ods workbook") && refusal.contains(words), "{refusal}");
    }
}

proptest! {
    #[test]
    fn damaged_content_is_read_or_refused(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..8),
    ) {
        let whole = table(&(row(&(text("id") + r#"<table:table-cell table:number-columns-repeated="2" office:value-type="percentage" office:value="0.5"/>"#)) + &row(&text("a &amp; b"))));
        let mut damaged = whole.clone().into_bytes();
        for (from, to) in changes {
            *to.get_mut(&mut damaged) = *from.get(whole.as_bytes());
        }
        let _ = read(&workbook(&String::from_utf8(damaged).unwrap()), None);
    }
}
