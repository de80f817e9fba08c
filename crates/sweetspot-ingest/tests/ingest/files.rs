//! Realistic files: every problem is reported with its location, and nothing else is lost.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fmt::Write as _;
use std::io::Cursor;
use std::path::Path;

use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_core::{AttributeKind, ColumnData, OutcomeStatus, ReviewField, Value, ValueRef};
use sweetspot_ingest::{
    History, IngestError, MAX_CELL_BYTES, MAX_TEXT_BYTES, Mapping, Prospect, ProspectReader, Reject, Source, profile,
    read_customers,
};

const MAPPING: &str = r#"
id = "id"
attributes = ["city", "size"]
[outcome]
status = { column = "status", won = ["won"], lost = ["lost"] }
[label]
policy = "won"
"#;

fn mapping(text: &str) -> Mapping {
    Mapping::parse(text, "test.toml").unwrap()
}

fn source(bytes: impl Into<Vec<u8>>) -> Source {
    Source::new("t.csv", Cursor::new(bytes.into()))
}

fn read(bytes: impl Into<Vec<u8>>) -> Result<History, IngestError> {
    read_customers(source(bytes), &mapping(MAPPING))
}

fn texts(history: &History, column: &str) -> Vec<Option<String>> {
    let table = history.customers.accounts();
    let data = &table.column(column).unwrap().data;
    let text = |value| match value {
        ValueRef::Text(text) => text.to_owned(),
        ValueRef::Number(_) | ValueRef::Flag(_) | ValueRef::List(_) | ValueRef::Date(_) => format!("{value:?}"),
    };
    (0..table.rows()).map(|row| data.get(row).map(text)).collect()
}

fn ids(history: &History) -> Vec<&str> {
    history.customers.accounts().ids().iter().collect()
}

fn reasons(rejects: &[Reject]) -> Vec<(u64, Option<u64>, &str)> {
    rejects.iter().map(|reject| (reject.row, reject.line, reject.reason)).collect()
}

#[cfg(not(feature = "workbooks"))]
#[test]
fn a_workbook_is_reported_how_it_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("review.xlsx");
    let absent = Source::open(&path).err().unwrap();
    assert_eq!(absent.kind(), ErrorKind::NotFound);
    std::fs::write(&path, b"PK\x03\x04").unwrap();
    let error = profile(Source::open(&path).unwrap(), None).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::InvalidArgument, "WORKBOOK_NOT_READ"));
    assert!(error.to_string().contains("--features workbooks"), "{error}");
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_parquet_file_is_refused_with_the_feature_that_reads_it() {
    let error = read(b"PAR1\x15\x04").unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::InvalidArgument, "PARQUET_NOT_READ"));
    assert!(error.to_string().contains("--features parquet"), "{error}");
}

#[cfg(feature = "workbooks")]
#[test]
fn a_file_named_as_a_workbook_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("review.xlsx");
    std::fs::write(&path, b"PK\x03\x04").unwrap();
    let error = profile(Source::open(&path).unwrap(), None).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::InvalidArgument, "WORKBOOK_NOT_READ"));
}

#[test]
fn a_review_is_read_beside_the_attributes() {
    let text = "decimal = \".\"\nattributes = \"auto\"\n[outcome]\nvalue = \"worth\"\n[review]\nname = \"who\"\nindustry = \"sector\"\ndeal_size = \"deal\"\nuse_case = \"for\"\nnotes = \"said\"";
    let file = "who,sector,deal,for,said,worth\nAnn & Co,food,\"1,200\",a; b,hello,5\nBob,,much,,,7\n";
    let history = read_customers(source(file), &mapping(text)).unwrap();
    let attributes: Vec<&str> = history.customers.accounts().columns().iter().map(|c| c.name.as_str()).collect();
    assert_eq!(attributes, ["sector"], "review columns known only after the sale are not attributes");
    let review = history.customers.review();
    assert_eq!(
        (review.text(ReviewField::Name, 0), review.number(ReviewField::DealSize, 0)),
        (Some("Ann & Co"), Some(1200.0))
    );
    assert_eq!((review.list(ReviewField::UseCase, 0), review.text(ReviewField::Industry, 1)), (vec!["a", "b"], None));
    assert!(
        history.notes.iter().any(|note| note.contains("\"deal\": 1 cells cannot be read as a number")),
        "{:?}",
        history.notes
    );
    let error = read_customers(source("who,sector,deal,for,worth\n"), &mapping(text)).unwrap_err();
    assert!(error.to_string().contains("does not have column \"said\""), "{error}");
}

#[test]
fn unreadable_files_are_refused() {
    for (bytes, reason, words) in [
        (&b""[..], "FILE_EMPTY", "t.csv is empty: its first line must name the columns"),
        (b" \n\r\n", "FILE_EMPTY", "is empty"),
        (b"\xEF\xBB\xBF", "FILE_EMPTY", "is empty"),
        (b"PK\x03\x04\x00\x00", "WORKBOOK_NOT_READ", ".xlsx workbook"),
        (b"\x89PNG\r\n\x1a\n", "NOT_A_TABLE", "t.csv is a PNG picture: export the table as CSV in UTF-8"),
        (b"%PDF-1.7\n", "NOT_A_TABLE", "PDF"),
        (b"PARE\x15\x04", "NOT_A_TABLE", "is an encrypted Parquet file"),
        (b"<!DOCTYPE html><html>", "NOT_A_TABLE", "a web page (HTML)"),
        (b"[{\"id\": 1}]", "NOT_A_TABLE", "a JSON list: write one object a line"),
        (b"\x01\x02\x03\x04\x05\x06", "NOT_A_TABLE", "binary data"),
        (b"id,city\n1,M\x87laga\n2,K\x9aln\n3,Orl\x8eans\n", "ENCODING_UNKNOWN", "set encoding in the mapping"),
        (b"Report\n1,Bern,2,won\n2,Basel,3,lost\n", "NOT_A_TABLE", "set header_row in the mapping"),
        (b"just one line of words", "COLUMNS_MISSING", "the columns are \"just one line of words\""),
        (b"id,city,size,status\n", "NO_USABLE_ROWS", "there is nothing below the header"),
        (b"id,city,size,status", "NO_USABLE_ROWS", "nothing below the header"),
        (
            b"id,city,size,status\na,b,c,d,e\n",
            "NO_USABLE_ROWS",
            "all 1 rows are rejected, row 1 because the row has 5 cells",
        ),
        (b"id,city,size,status,city\n", "HEADER_UNUSABLE", "more than one column called \"city\" (columns 2 and 5)"),
        (b"id,cit\xE9,size,status\n", "COLUMNS_MISSING", "the columns are \"id\", \"cit\u{e9}\""),
        (
            b"id,Citty,size,status\nx,y,1,won\n",
            "COLUMNS_MISSING",
            "does not have column \"city\" (did you mean \"Citty\"?): correct the name",
        ),
        (b"id,city\n1,2\n", "COLUMNS_MISSING", "does not have columns \"size\", \"status\": correct"),
        (
            b"id,city,size,status\n1,Bern,3,Won\n2,Bern,3,\n",
            "STATUS_NOT_FOUND",
            "column \"status\" has \"Won\" (1 rows)",
        ),
        (b"id,city,size,status\n1,Bern,3,\n", "STATUS_NOT_FOUND", "only missing cells"),
    ] {
        let error = read(bytes).unwrap_err();
        assert_eq!(error.reason(), reason, "{error}");
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert!(error.to_string().contains(words), "{words:?} not in {error}");
        assert!(!error.to_string().ends_with('.'), "{error}");
    }
}

#[test]
fn a_missing_file_is_an_error() {
    let error = Source::open(Path::new("/nonexistent/accounts.csv")).map(|_| ()).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::NotFound, "FILE_NOT_OPENED"));
    assert!(error.to_string().starts_with("/nonexistent/accounts.csv cannot be opened"), "{error}");
}

#[test]
fn a_directory_is_refused() {
    let folder = env!("CARGO_MANIFEST_DIR");
    let error = Source::open(Path::new(folder)).map(|_| ()).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::InvalidArgument, "FILE_IS_DIRECTORY"));
    assert_eq!(error.to_string(), format!("{folder} is a directory: name a file in it"));
    let error = Mapping::load(Path::new(folder)).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::InvalidArgument, "MAPPING_IS_DIRECTORY"));
    assert_eq!(error.to_string(), format!("the mapping {folder} is a directory: name a file in it"));
}

#[test]
fn dialects_of_one_table_read_the_same() {
    let plain = read("id,city,size,status\n1,Bern,3,won\n2,,4,lost\n").unwrap();
    assert_eq!(texts(&plain, "city"), [Some("Bern".to_owned()), None]);
    for text in [
        "\u{feff}id,city,size,status\n1,Bern,3,won\n2,,4,lost\n",
        "id,city,size,status\r\n1,Bern,3,won\r\n2,,4,lost\r\n",
        "id;city;size;status\n1;Bern;3;won\n2;;4;lost\n",
        "id\tcity\tsize\tstatus\n1\tBern\t3\twon\n2\t\t4\tlost\n",
        "id|city|size|status\n1|Bern|3|won\n2||4|lost\n",
        "id,city,size,status\n1, Bern ,3,won\n\n2,\"  \",4,lost",
        " id ,\"city\",size,status\n1,Bern,3,won\n2,,4,lost\n",
        "status,size,ignored,city,id\nwon,3,x,Bern,1\nlost,4,,,2\n",
    ] {
        assert_eq!(read(text).unwrap(), plain, "{text:?}");
    }
}

#[test]
fn cells_may_contain_quotes_and_line_breaks() {
    let history = read("id,city,size,status\n1,\"Bern, \"\"old\"\" town\nsouth\",3,won\n2,x,4,lost\n").unwrap();
    assert_eq!(texts(&history, "city")[0].as_deref(), Some("Bern, \"old\" town\nsouth"));
}

#[test]
fn bad_rows_are_left_out_one_by_one() {
    let text = "id,city,size,status\n1,Bern,3,won\n2,Bern,,\n3,Zürich,3,won\n6,Bern\n,Bern,3,won\n4,Bern,3,lost,extra\n5,Bern,3,lost\n";
    let text = [text.as_bytes(), b"7,Z\xFCrich,3,won\n"].concat();
    let history = read(text).unwrap();
    assert_eq!(ids(&history), ["1", "2", "3", "5"]);
    let expected =
        [(4, Some(5), "RAGGED_ROW"), (5, Some(6), "EMPTY_ID"), (6, Some(7), "RAGGED_ROW"), (8, Some(9), "NOT_UTF8")];
    assert_eq!(reasons(&history.rejects), expected);
    assert_eq!(history.rejected, 4);
}

#[test]
fn a_huge_cell_costs_its_row_and_nothing_else() {
    let huge = "x".repeat(10 << 20);
    let history = read(format!("id,city,size,status\n1,Bern,3,won\n2,{huge},4,lost\n3,Bern,4,lost\n")).unwrap();
    assert_eq!(ids(&history), ["1", "3"]);
    assert_eq!(reasons(&history.rejects), [(2, Some(3), "CELL_TOO_LARGE")]);
    let long = "x".repeat(MAX_CELL_BYTES);
    let history = read(format!("id,city,size,status\n1,{long},3,won\n")).unwrap();
    assert_eq!(texts(&history, "city")[0].as_ref().unwrap().len(), MAX_TEXT_BYTES);
    let history = read(format!("id,city,size,status\n{long},Bern,3,won\n2,Bern,3,won\n")).unwrap();
    assert_eq!(reasons(&history.rejects), [(1, Some(2), "ID_TOO_LONG")]);
}

#[test]
fn repeated_ids_stay_together() {
    let history = read("id,city,size,status\na,Bern,3,won\nb,Bern,3,lost\na,Basel,3,lost\na,Basel,4,lost\n").unwrap();
    assert_eq!(ids(&history), ["a", "b", "a#2", "a#3"]);
    let groups: Vec<_> = history.customers.outcomes().iter().map(|outcome| outcome.group).collect();
    assert_eq!(groups, [Some("a"), None, Some("a"), Some("a")]);
    assert_eq!(history.notes.len(), 1);
    assert!(history.notes[0].starts_with("2 rows repeat an id, such as \"a\""), "{:?}", history.notes);
}

#[test]
fn without_an_id_column_rows_are_counted() {
    let text = "attributes = [\"city\"]\n[outcome]\nvalue = \"worth\"\ngroup = \"owner\"\n";
    let history =
        read_customers(source("city,worth,owner\nBern,\"$1,200\",x\nBern,oops,x\nBasel,,y\n"), &mapping(text)).unwrap();
    assert_eq!(ids(&history), ["row-1", "row-3"]);
    assert_eq!(reasons(&history.rejects), [(2, Some(3), "NOT_A_NUMBER")]);
    assert_eq!(history.rejects[0].id, "row-2");
    assert!(history.rejects[0].description.contains("\"oops\" in column \"worth\""), "{:?}", history.rejects);
    let [first, third] = [0, 1].map(|row| history.customers.outcomes().get(row));
    assert_eq!((first.value, first.group), (Some(1200.0), Some("x")));
    assert_eq!((third.value, third.group), (None, Some("y")));
}

#[test]
fn every_outcome_column_is_read() {
    let text = r#"
id = "id"
missing = ["n/a"]
attributes = ["city"]
[outcome]
status = { column = "state", won = ["kept", "active"], lost = ["no"], churned = ["gone"] }
value = "value"
cost_to_serve = "serve"
cost_to_acquire = "acquire"
since = "since"
reason = "why"
currency = "CHF"
"#;
    let csv = "id,city,state,value,serve,acquire,since,why\n\
        1,Bern, active ,100,20,n/a,2026-01-31,liked it\n\
        2,Bern,gone,,,,,\n\
        3,Bern,maybe,1,1,1,yesterday,\n\
        4,Bern,maybe,1,1,1,n/a,\n";
    let history = read_customers(source(csv), &mapping(text)).unwrap();
    let [first, second, fourth] = [0, 1, 2].map(|row| history.customers.outcomes().get(row));
    assert_eq!((first.status, first.net_value(), first.cost_to_acquire), (Some(OutcomeStatus::Won), Some(80.0), None));
    assert_eq!(first.since.unwrap().to_string(), "2026-01-31");
    assert_eq!(first.reason, Some("liked it"));
    assert_eq!((second.status, second.value, second.since), (Some(OutcomeStatus::Churned), None, None));
    assert_eq!(fourth.status, None);
    assert_eq!(reasons(&history.rejects), [(3, Some(4), "NOT_A_DATE")]);
    assert_eq!(history.customers.currency(), Some("CHF"));
    let note = "1 rows have an unknown outcome, because column \"state\" has texts that the mapping does not list: \"maybe\" (1 rows)";
    assert_eq!(history.notes, [note]);
}

/// Returns twenty rows with a column of every kind.
fn mixed() -> String {
    let mut text = "id,status,city,constant,empty,code,words,when,tools,member,serial number,zip\n".to_owned();
    for row in 0..20 {
        let status = if row % 2 == 0 { "won" } else { "lost" };
        let city = ["Bern", "Basel", "Chur"][row % 3];
        let tools = ["SAP; Slack", "Slack; Jira", "SAP; Jira"][row % 3];
        let member = if row % 4 == 0 { "Yes" } else { "no" };
        let words = format!("This is a rather long remark about account {row} by someone");
        writeln!(
            text,
            "{row},{status},{city},same,,K{row}X,{words},2026-01-0{},{tools},{member},{},0{row:02}12",
            row % 9 + 1,
            1000 + row
        )
        .unwrap();
    }
    text
}

#[test]
fn auto_keeps_what_can_tell_something() {
    let auto = mapping(
        "id = \"id\"\nattributes = \"auto\"\nexclude = [\"city\"]\n[outcome]\nstatus = { column = \"status\", won = [\"won\"], lost = [\"lost\"] }\n",
    );
    let history = read_customers(source(mixed()), &auto).unwrap();
    let kinds: Vec<(&str, AttributeKind)> = history
        .customers
        .accounts()
        .columns()
        .iter()
        .map(|column| (column.name.as_str(), column.data.kind()))
        .collect();
    assert_eq!(kinds, [("when", AttributeKind::Date), ("tools", AttributeKind::List), ("member", AttributeKind::Flag)]);
    insta::assert_snapshot!(history.notes.join("\n"), @r#"
    column "constant" is left out as constant: every cell is "same"
    column "empty" is left out as empty: every cell is missing
    column "code" is left out as identifier: 20 of 20 texts are distinct
    column "words" is left out as free text: long texts, 20 of 20 distinct
    column "serial number" is left out as identifier: 20 of 20 numbers are distinct, and the name is that of an id
    column "zip" is left out as identifier: 20 of 20 texts are distinct
    "#);
}

#[test]
fn listed_attributes_are_kept_whatever_they_look_like() {
    let listed = mapping(
        "id = \"id\"\nattributes = [\"words\", \"constant\", \"empty\", \"member\"]\ncategorical = [\"member\"]\n[outcome]\nstatus = { column = \"status\", won = [\"won\"], lost = [\"lost\"] }\n",
    );
    let history = read_customers(source(mixed()), &listed).unwrap();
    let names: Vec<&str> = history.customers.accounts().columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["words", "constant", "empty", "member"]);
    let member = &history.customers.accounts().column("member").unwrap().data;
    assert!(matches!(member, ColumnData::Categories { dictionary, .. } if dictionary == &["Yes", "no"]));
}

#[test]
fn many_cells_share_their_texts() {
    let mut text = "id,city,size,status\n".to_owned();
    for row in 0..50_000 {
        writeln!(text, "{row},city {},{},won", row % 7, row % 100).unwrap();
    }
    let history = read(text).unwrap();
    let ColumnData::Categories { dictionary, codes } = &history.customers.accounts().column("city").unwrap().data
    else {
        unreachable!("a city is a category")
    };
    assert_eq!((dictionary.len(), codes.len()), (7, 50_000));
}

fn prospects(bytes: &str, mapping_text: &str) -> (Vec<Result<Prospect, Reject>>, Vec<String>) {
    let mut prospects = ProspectReader::open(source(bytes), &mapping(mapping_text)).unwrap();
    let rows = prospects.by_ref().map(Result::unwrap).collect();
    (rows, prospects.absent_columns().to_vec())
}

#[test]
fn prospects_need_no_outcome_and_not_every_attribute() {
    let text = format!("list = [\"size\"]\nmissing = [\"?\"]\n{MAPPING}");
    let (rows, absent) = prospects("size,id\na; b,7\n1,2,3\n?,7\nd,\n,\nc,8\n", &text);
    assert_eq!(absent, ["city"]);
    let list = |items: &[&str]| Value::List(items.iter().map(|item| (*item).to_owned()).collect());
    let prospect = |place: usize| rows[place].as_ref().unwrap();
    assert_eq!(prospect(0).account.attributes, [("size".to_owned(), list(&["a", "b"]))].into());
    assert_eq!(rows[1].as_ref().unwrap_err().reason, "RAGGED_ROW");
    assert_eq!((prospect(2).row, prospect(2).id.as_str(), prospect(2).account.id.as_str()), (3, "7", "7#2"));
    assert!(prospect(2).account.attributes.is_empty());
    assert_eq!(rows[3].as_ref().unwrap_err().reason, "EMPTY_ID");
    assert_eq!(prospect(4).account.attributes, [("size".to_owned(), list(&["c"]))].into());
}

#[test]
fn lists_of_any_file_have_the_items_that_were_written() {
    let expected = [vec!["Sales, EMEA"], vec!["a;b", "c"], vec!["Sales", "EMEA"], vec![]];
    let text = format!("list = [\"size\"]\n{MAPPING}");
    let files = [
        "{\"id\": 1, \"size\": [\"Sales, EMEA\"]}\n{\"id\": 2, \"size\": [\"a;b\", \"c\"]}\n\
         {\"id\": 3, \"size\": [\"Sales\", \"EMEA\"]}\n{\"id\": 4, \"size\": \"[]\"}\n",
        "id,size\n1,\"[\"\"Sales, EMEA\"\"]\"\n2,\"['a;b', 'c']\"\n3,\"[Sales, EMEA]\"\n4,[]\n",
        "id,size\n1,\"{\"\"Sales, EMEA\"\"}\"\n2,\"{a;b,c}\"\n3,\"{Sales,EMEA}\"\n4,{}\n",
    ];
    for file in files {
        let (rows, _) = prospects(file, &text);
        let lists = rows.iter().map(|row| row.as_ref().unwrap().account.attributes["size"].clone());
        let expected = expected.iter().map(|items| Value::List(items.iter().map(|item| (*item).to_owned()).collect()));
        assert_eq!(lists.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{file}");
    }
}

#[test]
fn prospects_in_auto_take_every_other_column_as_text() {
    let text = "id = \"id\"\nattributes = \"auto\"\nexclude = [\"notes\"]\n[outcome]\nvalue = \"worth\"\n";
    let (rows, absent) = prospects("id,size,notes,worth\n1,12,hello,9\n", text);
    assert!(absent.is_empty());
    let attributes = &rows[0].as_ref().unwrap().account.attributes;
    assert_eq!(attributes, &[("size".to_owned(), Value::Text("12".into()))].into());
}

#[test]
fn prospects_without_any_mapped_attribute_are_refused() {
    for (csv, words) in [
        ("city,size\nBern,3\n", "does not have column \"id\""),
        ("id,Town,Sizes\n1,Bern,3\n", "\"size\" (did you mean \"Sizes\"?)"),
    ] {
        let error = ProspectReader::open(source(csv), &mapping(MAPPING)).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

/// A title that another program put above an export, with its own line ends.
#[test]
fn a_header_row_is_found_by_its_line_however_lines_end() {
    for text in [
        "Report\nas of today\nid,city,stage\r\n1,Bern,Won\r\n2,Basel,Lost\r\n",
        "Report\r\nas of today\r\nid,city,stage\n1,Bern,Won\n2,Basel,Lost\n",
        "Report\r\n\nid,city,stage\r\n1,Bern,Won\n2,Basel,Lost\r\n",
    ] {
        let mapping = |row: u32| {
            let outcome = "[outcome]\nstatus = { column = \"stage\", won = [\"Won\"], lost = [\"Lost\"] }\n";
            Mapping::parse(&format!("id = \"id\"\nattributes = [\"city\"]\nheader_row = {row}\n{outcome}"), "m.toml")
                .unwrap()
        };
        let read = |row: u32| read_customers(Source::new("t.csv", text.as_bytes()), &mapping(row));
        let history = read(3).unwrap();
        assert_eq!(history.customers.accounts().rows(), 2, "{text:?}");
        let error = read(9).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("its first rows are 1, "), "{error}");
        assert!(read(4).is_err() && read(2).is_err(), "{text:?}");
    }
}
