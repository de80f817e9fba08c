//! Rows that stand for several customers.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::Cursor;

use sweetspot_core::reportable_error::ReportableError as _;
use sweetspot_ingest::{History, IngestError, Mapping, Source, read_customers};

const MAPPING: &str = r#"
weight = "n"
attributes = "auto"
[outcome]
status = { column = "status", won = ["won"], lost = ["lost"] }
"#;

fn read_with(mapping: &str, text: &str) -> Result<History, IngestError> {
    let mapping = Mapping::parse(mapping, "m").unwrap();
    read_customers(Source::new("t.csv", Cursor::new(text.as_bytes().to_vec())), &mapping)
}

fn read(text: &str) -> Result<History, IngestError> {
    read_with(MAPPING, text)
}

#[test]
fn a_weight_is_the_number_of_customers_of_its_row_and_no_attribute() {
    let history = read("city,n,status\nBern,3,won\nRome, 40 ,lost\nBern,1,lost\n").unwrap();
    let customers = history.customers;
    assert_eq!((customers.weights().as_slice(), customers.count()), (&[3, 40, 1][..], 44));
    assert_eq!(customers.accounts().columns().len(), 1);
    assert!(
        !read_with(&MAPPING.replace("weight", "id"), "city,n,status\nBern,3,won\n")
            .unwrap()
            .customers
            .weights()
            .are_stated()
    );
}

#[test]
fn wrong_weights_are_refused_with_their_row() {
    for (weight, shown) in [
        ("0", "0"),
        ("-2", "-2"),
        ("1.5", "1.5"),
        ("2.0", "2.0"),
        ("1e3", "1e3"),
        ("+3", "+3"),
        ("\"1,000\"", "1,000"),
        ("many", "many"),
        ("", ""),
        ("4294967296", "4294967296"),
        ("99999999999999999999999", "99999999999999999999999"),
    ] {
        let refused = read(&format!("city,n,status\nBern,3,won\nRome,{weight},lost\n")).unwrap_err();
        assert_eq!(refused.reason(), "WEIGHT_UNUSABLE");
        let expected = format!("row 2 of t.csv has the weight {shown:?} in column \"n\"");
        assert!(refused.to_string().starts_with(&expected), "{refused}");
    }
    let refused = read("city,n,status\nBern,4294967295,won\nRome,1,lost\n").unwrap_err();
    assert!(refused.to_string().contains("add up to 4294967296 customers"), "{refused}");
    assert_eq!(refused.reason(), "WEIGHT_UNUSABLE");
    assert!(read("city,n,status\nBern,4294967294,won\nRome,1,lost\n").is_ok());
}

#[test]
fn a_weighted_row_belongs_to_no_other() {
    let with_id = MAPPING.replace("weight", "id = \"id\"\nweight");
    let history = read_with(&with_id, "id,city,n,status\na,Bern,3,won\nb,Rome,2,lost\n").unwrap();
    assert_eq!(history.customers.count(), 5);
    let refused = read_with(&with_id, "id,city,n,status\na,Bern,3,won\na,Rome,2,lost\n").unwrap_err();
    assert!(refused.to_string().contains("shares its id with another row"), "{refused}");
    assert_eq!(refused.reason(), "CUSTOMERS_UNUSABLE");
    assert!(matches!(read("city,status\nBern,won\n").unwrap_err(), IngestError::MissingColumns { .. }));
}

#[test]
fn a_mapping_gives_the_weight_one_role() {
    for (from, to, expected) in [
        ("\"auto\"", "[\"n\"]", "both weight and an attribute"),
        ("column = \"status\"", "column = \"n\"", "both weight and outcome.status"),
        ("weight", "id = \"n\"\nweight", "both weight and id"),
        ("\"n\"", "\"\"", "weight names no column"),
        ("[outcome]", "[outcome]\ngroup = \"company\"", "weight and outcome.group are mutually exclusive"),
    ] {
        let refused = Mapping::parse(&MAPPING.replace(from, to), "m").unwrap_err().to_string();
        assert!(refused.contains(expected), "{refused}");
    }
}
