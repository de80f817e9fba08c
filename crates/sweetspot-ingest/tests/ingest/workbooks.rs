//! A workbook is read like the CSV file of its table.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fmt::Write as _;
use std::io::Cursor;
use std::path::Path;

use sweetspot_core::reportable_error::ReportableError as _;
use sweetspot_ingest::{History, Mapping, Source, profile, read_customers};

const MAPPING: &str = r#"
id = "id"
attributes = ["Industry", "Employees", "Margin", "Since", "Public"]
[outcome]
status = { column = "Stage", won = ["Won"], lost = ["Lost"] }
[label]
policy = "won"
"#;

/// Invented customers on the second of three sheets, below an empty row.
const ACCOUNTS: &str = "tests/ingest/workbooks/accounts.xls";

fn customers(source: Source) -> History {
    read_customers(source, &Mapping::parse(MAPPING, "map.toml").unwrap()).unwrap()
}

/// Returns the rows of the table in `tests/ingest/workbooks/accounts.xls`.
fn csv() -> String {
    let mut text = "id,Industry,Employees,Margin,Since,Public,Stage\n".to_owned();
    let industries = ["Logistics", "Food & Drink", "Maschinenbau Köln", "Łódź Textiles"];
    let days = [
        "2020-01-15",
        "2020-02-15",
        "2020-03-17",
        "2020-04-17",
        "2020-05-18",
        "2020-06-18",
        "2020-07-19",
        "2020-08-19",
    ];
    let days = days.into_iter().chain(["2020-09-19", "2020-10-20", "2020-11-20", "2020-12-21"]);
    for (row, day) in days.enumerate() {
        let industry = if row == 4 { "" } else { industries[row % 4] };
        let employees = if row % 3 == 0 { 12.5 + row as f64 } else { 10.0 + row as f64 * 25.0 };
        let stage = if row % 3 == 0 { "Lost" } else { "Won" };
        let (number, margin, is_public) = (row + 1, row + 7, row % 2 == 0);
        writeln!(text, "A-{number},{industry},{employees},{margin}%,{day},{is_public},{stage}").unwrap();
    }
    text
}

#[test]
fn an_old_workbook_is_read_like_its_csv() {
    let workbook = customers(Source::open(Path::new(ACCOUNTS)).unwrap());
    let csv = customers(Source::new("accounts.csv", Cursor::new(csv())));
    assert_eq!(workbook.customers, csv.customers);
    assert_eq!(workbook.customers.accounts().rows(), 12);
}

#[test]
fn a_sheet_is_named_behind_any_workbook() {
    let source = Source::open(Path::new("tests/ingest/workbooks/accounts.xls#Cover")).unwrap();
    let error = profile(source, None).unwrap_err().to_string();
    assert!(error.contains("accounts.xls#Cover has only one column"), "{error}");
    let source = Source::open(Path::new("tests/ingest/workbooks/accounts.xls#2026")).unwrap();
    let error = profile(source, None).unwrap_err().to_string();
    assert!(error.contains("has no sheet called \"2026\": set sheet to one of \"Cover\", \"Accounts\""), "{error}");
}

#[test]
fn a_web_page_that_is_called_a_workbook_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["report.xls", "report.ods", "report.xlsb"] {
        let path = folder.path().join(name);
        std::fs::write(&path, "<html><table><tr><td>1</td></tr></table></html>").unwrap();
        let error = profile(Source::open(&path).unwrap(), None).unwrap_err();
        assert!(error.reason() == "NOT_A_TABLE" && error.to_string().contains("is a web page (HTML)"), "{error}");
    }
}
