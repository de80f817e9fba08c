//! Mappings: what is accepted, what is refused and how, and that writing and reading agree.

use proptest::prelude::*;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_core::{
    AttributeKind, ClassWeights, ColumnMetadata, Date, DateOrder, DecimalMark, DocumentSettings, LabelPolicy,
    LabelPreset, MoneyAssumptions, ReviewField, SplitBasis, TextFormat, ValueOptions,
};
use sweetspot_ingest::{
    AttributeSelection, ColumnSettings, FileOptions, Mapping, MappingError, OpenRowsColumn, OutcomeColumns,
    StatusColumn,
};

const FULL: &str = r#"
id = "CustomerID"
missing = ["", "Unknown"]
attributes = ["City", "Contract", "Monthly Charges", "Zip Code"]
numeric = ["Monthly Charges"]
categorical = ["Zip Code"]

[outcome]
status = { column = "Churn Label", won = ["No"], churned = ["Yes"] }
value = "CLTV"
cost_to_serve = "Support Cost"
since = "Client since"
group = "Household"
currency = "USD"

[label]
policy = "retained"
share = 0.2
maturity_days = 90
"#;

#[test]
fn a_full_mapping() {
    let mapping = Mapping::parse(FULL, "m.toml").unwrap();
    assert_eq!(mapping.id.as_deref(), Some("CustomerID"));
    assert_eq!(mapping.missing, ["", "Unknown"]);
    assert!(matches!(&mapping.attributes, AttributeSelection::Listed(columns) if columns.len() == 4));
    assert_eq!(mapping.kinds.get("Zip Code"), Some(&AttributeKind::Category));
    let status = mapping.outcome.status.as_ref().unwrap();
    assert_eq!((status.won.as_slice(), status.churned.as_slice()), (&["No".to_owned()][..], &["Yes".to_owned()][..]));
    assert_eq!(mapping.label.preset, LabelPreset::Retained);
    assert_eq!((mapping.label.top_share, mapping.label.maturity_days), (Some(0.2), Some(90)));
    insta::assert_snapshot!(mapping.to_toml());
    assert_eq!(Mapping::parse(&mapping.to_toml(), "again").unwrap(), mapping);
}

#[test]
fn a_status_of_many_texts_is_written_over_several_lines() {
    let texts = |word: &str| (1..=5).map(|number| format!("{word} for reason {number}")).collect::<Vec<_>>();
    let status =
        StatusColumn { column: "state".into(), won: texts("won"), lost: vec!["lost".into()], ..Default::default() };
    let outcome = OutcomeColumns { status: Some(status), ..OutcomeColumns::default() };
    let mapping = Mapping { missing: texts("unknown"), outcome, ..Mapping::default() };
    let toml = mapping.to_toml();
    assert!(toml.lines().all(|line| line.len() <= 80), "{toml}");
    let items = texts("won").iter().fold(String::new(), |items, text| items + &format!("    \"{text}\",\n"));
    let column = "status.column = \"state\"  # other texts mean unknown\n";
    assert!(toml.contains(&format!("{column}status.won = [\n{items}]\nstatus.lost = [\"lost\"]\n")), "{toml}");
    assert_eq!(Mapping::parse(&toml, "again").unwrap(), mapping);
}

#[test]
fn a_review_names_its_columns() {
    let text =
        "attributes = [\"Industry\"]\n[review]\nname = \"Customer\"\nindustry = \"Industry\"\nspend = [\"Q1\", \"Q2\"]";
    let mapping = Mapping::parse(text, "m.toml").unwrap();
    let columns: Vec<(ReviewField, &str)> =
        mapping.review.iter().map(|(field, column)| (*field, column.as_str())).collect();
    let expected = [
        (ReviewField::Name, "Customer"),
        (ReviewField::Industry, "Industry"),
        (ReviewField::Spend(1), "Q1"),
        (ReviewField::Spend(2), "Q2"),
    ];
    assert_eq!(columns, expected);
    assert!(mapping.to_toml().contains("spend = [\"Q1\", \"Q2\"]"), "{}", mapping.to_toml());
    let many = vec!["\"q\""; 13].join(",");
    for (review, words) in [
        ("nam = \"x\"", "did you mean \"name\""),
        ("name = [\"x\"]", "review.name is a list"),
        ("name = \"\"", "review.name names no column"),
        ("name = \"x\"\nnotes = \"x\"", "both review.name and review.notes"),
        (&format!("spend = [{many}]"), "lists 13 quarters"),
        ("name = 7", "a review names one column"),
    ] {
        let error = Mapping::parse(&format!("attributes = \"auto\"\n[review]\n{review}"), "m").unwrap_err();
        assert!(error.to_string().contains(words), "{review}: {error}");
    }
}

#[test]
fn a_minimal_mapping_is_read() {
    let mapping = Mapping::parse("attributes = \"auto\"", "m.toml").unwrap();
    assert_eq!(mapping, Mapping::default());
    assert_eq!(mapping.label, LabelPolicy::default());
}

#[test]
fn custom_label_weights_are_read() {
    let text = "attributes = \"auto\"\n[outcome]\nvalue = \"v\"\n[label]\npolicy = \"custom\"\nvalue_at_least = 5500\n[label.weights]\nwon = 1\nchurned = -2.5\n";
    let mapping = Mapping::parse(text, "m.toml").unwrap();
    let weights = ClassWeights { won: 1.0, churned: -2.5, ..ClassWeights::default() };
    assert_eq!(mapping.label.preset, LabelPreset::Custom(weights));
    assert_eq!(Mapping::parse(&mapping.to_toml(), "again").unwrap(), mapping);
}

#[test]
fn invalid_mappings_are_refused() {
    let outcome = "[outcome]\nstatus = { column = \"s\", won = [\"y\"], lost = [\"n\"] }\nvalue = \"v\"\n";
    for (text, words) in [
        ("atributes = \"auto\"", "\"atributes\" (did you mean \"attributes\"?); known are id, weight, encoding,"),
        ("[outcome]\nstatsu = 1", "unknown key \"statsu\" in [outcome] (did you mean \"status\"?)"),
        ("[outcome.status]\nwonn = []", "in [outcome.status] (did you mean \"won\"?)"),
        ("[label]\nxyz = 1", "unknown key \"xyz\" in [label]; known are policy, share"),
        ("[label.weights]\nwin = 1", "in [label.weights]"),
        ("id = \"x\"", "attributes is missing"),
        ("attributes = \"all\"", "attributes is \"all\""),
        ("attributes = []", "attributes is empty"),
        ("attributes = [\"a\", \"a\"]", "\"a\" is listed twice"),
        ("attributes = [\"a\"]\nexclude = [\"b\"]", "exclude requires attributes = \"auto\""),
        ("attributes = [\"a\"]\nid = \"a\"", "both id and attribute"),
        ("attributes = [\"v\"]\n[outcome]\nvalue = \"v\"", "\"v\" is both an attribute and outcome.value"),
        ("attributes = [\"a\"]\nnumeric = [\"b\"]", "\"b\" is given a kind but is not among the attributes"),
        ("attributes = [\"a\"]\nnumeric = [\"a\"]\nlist = [\"a\"]", "given two kinds"),
        ("attributes = \"auto\"\nexclude = [\"a\"]\nflag = [\"a\"]", "is given a kind but is not an attribute"),
        ("attributes = \"auto\"\n[outcome]\nvalue = \"v\"\nsince = \"v\"", "both outcome.value and outcome.since"),
        ("attributes = \"auto\"\n[outcome]\nstatus = { column = \"s\" }", "requires texts under won, lost or churned"),
        ("attributes = \"auto\"\n[outcome]\nstatus = { won = [\"a\"] }", "outcome.status names no column"),
        (
            "attributes = \"auto\"\n[outcome]\nstatus = { column = \"s\", won = [\"a\"], lost = [\"a\"] }",
            "two meanings",
        ),
        (
            "missing = [\"a\"]\nattributes = \"auto\"\n[outcome]\nstatus = { column = \"s\", won = [\"a\"] }",
            "also means missing",
        ),
        ("attributes = \"auto\"\n[outcome]\ncurrency = \"usd\"", "three capital letters"),
        ("attributes = \"auto\"\n[label]\npolicy = \"idael\"", "(did you mean \"ideal\"?)"),
        ("attributes = \"auto\"\n[label]\npolicy = \"custom\"", "requires a table [label.weights]"),
        ("attributes = \"auto\"\n[label]\nweights = { won = 1 }", "requires label.policy = \"custom\""),
        ("attributes = \"auto\"\n[label]\nshare = 1.5", "share is 1.5"),
        ("attributes = \"auto\"\n[label]\npolicy = \"high_value\"", "requires outcome.value"),
        ("attributes = \"auto\"\n[label]\npolicy = \"won\"", "label.policy won requires outcome.status"),
        ("attributes = \"auto\"\n[label]\nmaturity_days = 3", "requires outcome.since"),
        (
            &format!("attributes = \"auto\"\n{outcome}[label]\nshare = 0.1\nvalue_at_least = 3"),
            "are mutually exclusive",
        ),
        ("attributes = \"auto\"\ndecimal = \";\"", "decimal is \";\": use \".\" or \",\""),
        ("attributes = \"auto\"\n[columns.a]\ndate_order = \"dym\"", "[columns.\"a\"] date_order is \"dym\""),
        (
            "attributes = \"auto\"\n[columns.a]\ndecimals = \".\"",
            "\"decimals\" in [columns.\"a\"] (did you mean \"decimal\"?)",
        ),
        (
            "attributes = \"auto\"\n[columns.a]\nmissing = [\"x\"]\nnot_missing = [\"x\"]",
            "\"x\" is under missing and not_missing",
        ),
        ("attributes = \"auto\"\nid = 3", "line 2"),
        ("attributes = 3", "must be a list of column names, or \"auto\""),
        ("attributes = \"auto\"\n\n= x", "line 3"),
    ] {
        let error = Mapping::parse(text, "m.toml").unwrap_err();
        assert!(error.to_string().contains(words), "{words:?} not in {error}");
        assert!(error.to_string().starts_with("the mapping m.toml is wrong"), "{error}");
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
}

#[test]
fn how_a_file_is_written_is_checked() {
    let text = "attributes = \"auto\"\nencoding = \"latin1\"\ndelimiter = \"tab\"\nheader_row = 3\nsheet = \"Won\"\n";
    let options = Mapping::parse(text, "m.toml").unwrap().file;
    assert_eq!((options.delimiter, options.header_row, options.sheet.as_deref()), (Some('\t'), Some(3), Some("Won")));
    for (line, words) in [
        ("encoding = \"utf-9\"", "encoding is \"utf-9\": use the name of an encoding"),
        ("delimiter = \";;\"", "delimiter is \";;\": use one character"),
        ("delimiter = \"a\"", "delimiter is 'a': use one character"),
        ("header_row = 0", "header_row is 0: rows are counted from 1"),
    ] {
        let error = Mapping::parse(&format!("attributes = \"auto\"\n{line}\n"), "m.toml").unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn all_contradictions_are_reported_at_once() {
    let text = "attributes = [\"a\", \"a\", \"v\"]\n[outcome]\nvalue = \"v\"\ncurrency = \"$\"";
    let error = Mapping::parse(text, "m.toml").unwrap_err();
    assert_eq!(error.violations().len(), 3, "{error}");
    assert!(matches!(error, MappingError::Settings { problems, .. } if problems.len() == 3));
}

#[test]
fn mapping_files_are_loaded_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.toml");
    std::fs::write(&path, format!("\u{feff}{FULL}")).unwrap();
    assert_eq!(Mapping::load(&path).unwrap(), Mapping::parse(FULL, "m").unwrap());
    let error = Mapping::load(&folder.path().join("other.toml")).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::NotFound, "MAPPING_NOT_READ"));
    std::fs::write(&path, " ".repeat(2 << 20)).unwrap();
    assert_eq!(Mapping::load(&path).unwrap_err().reason(), "MAPPING_TOO_LARGE");
}

/// A column name or a cell text: anything that survives trimming and Unicode form C.
fn word() -> impl Strategy<Value = String> {
    "[a-zé\"'\\\\#, =\t\u{1}\u{7f}\n]{1,8}[a-z]".prop_map(|text| text.trim().to_owned())
}

proptest! {
    #[test]
    fn writing_and_reading_agree(
        words in proptest::collection::hash_set(word(), 10..11),
        policy in 0..4_usize,
        share in proptest::option::of(0.01..0.99_f64),
        auto in any::<bool>(),
        without_id in any::<bool>(),
    ) {
        let words: Vec<String> = words.into_iter().collect();
        let preset = [LabelPreset::Ideal, LabelPreset::Won, LabelPreset::Retained, LabelPreset::HighValue][policy];
        let attributes = if auto { AttributeSelection::Auto { exclude: vec![words[5].clone()] } } else { AttributeSelection::Listed(words[5..7].to_vec()) };
        let mapping = Mapping {
            id: (!without_id).then(|| words[0].clone()),
            weight: auto.then(|| words[9].clone()),
            file: FileOptions {
                encoding: auto.then(|| "windows-1252".to_owned()),
                delimiter: (!auto).then_some('\t'),
                header_row: auto.then_some(11),
                sheet: (!without_id).then(|| words[1].clone()),
                all_rows: auto,
            },
            missing: vec![words[1].clone()],
            format: TextFormat { decimal: auto.then_some(DecimalMark::Comma), date_order: without_id.then_some(DateOrder::DayFirst) },
            columns: [(
                words[3].clone(),
                ColumnSettings {
                    metadata: ColumnMetadata {
                        format: TextFormat { decimal: Some(DecimalMark::Point), date_order: None },
                        label: words[1].replace(char::is_control, "_"),
                        unit: if auto { String::new() } else { words[8].replace(char::is_control, "_") },
                        is_changeable: auto,
                        is_binned: !auto,
                    },
                    missing: vec![words[7].clone()],
                    not_missing: vec![words[1].clone()],
                },
            )]
            .into(),
            attributes,
            documents: DocumentSettings {
                value: ValueOptions {
                    assumptions: MoneyAssumptions { hourly_cost: share, annual_rate: share, counts_market_value: auto, ..MoneyAssumptions::default() },
                    top_share: share,
                    basis: auto.then_some(SplitBasis::FirstQuarter),
                    threshold: without_id.then_some(-1.5),
                },
                as_of: auto.then_some(Date { days: 20_000 }),
            },
            kinds: [(words[6].clone(), AttributeKind::List)].into(),
            outcome: OutcomeColumns {
                status: Some(StatusColumn { column: words[2].clone(), won: vec![words[7].clone()], ..StatusColumn::default() }),
                undecided: Some(OpenRowsColumn { column: words[8].clone(), texts: vec![words[1].clone(), words[7].clone()] }),
                value: Some(words[3].clone()),
                since: Some(words[4].clone()),
                ..OutcomeColumns::default()
            },
            review: [
                (ReviewField::Name, words[0].clone()),
                (ReviewField::Spend(1), words[3].clone()),
                (ReviewField::Spend(2), words[6].clone()),
            ]
            .into(),
            label: LabelPolicy { preset, top_share: share, value_at_least: None, maturity_days: Some(7), base_rate: share.map(|share| share / 4.0) },
        };
        prop_assert_eq!(Mapping::parse(&mapping.to_toml(), "written").unwrap(), mapping);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = Mapping::parse(&text, "any");
    }
}
