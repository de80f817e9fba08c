//! Tables as people and programs write them: they are read back as written, or refused with the missing setting.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fmt::Write as _;
use std::io::Cursor;

use jiff::civil;
use proptest::prelude::*;
use proptest::sample::select;
use sweetspot_core::reportable_error::ReportableError as _;
use sweetspot_core::{AttributeKind, Date, TextFormat, Value, ValueRef};
use sweetspot_ingest::{KnownAttribute, Mapping, ProspectReader, Source, profile, read_customers};

/// The format of the numbers in a column.
#[derive(Clone, Debug)]
struct NumberStyle {
    point: char,
    group: &'static str,
    indian: bool,
    decimals: u32,
    around: (&'static str, &'static str),
    negative: (&'static str, &'static str),
}

/// The format of the dates in a column: `strftime`, extended with a name for the month.
type DateStyle = &'static str;

const MARKERS: [&str; 8] = ["", "n/a", "(blank)", "—", "#REF!", "k. A.", "s/d", "\\N"];
const DAY_FIRST: [DateStyle; 8] =
    ["%d/%m/%Y", "%-d.%-m.%Y", "%d.%m.%y", "%-d/%-m/%y", "%d-%m-%Y", "%Y-%m-%d", "%d-%b-%y", "%-d. %B %Y"];
const MONTH_FIRST: [DateStyle; 6] =
    ["%m/%d/%Y", "%-m/%-d/%y", "%m-%d-%Y", "%B %-d, %Y", "%Y/%m/%d", "%-m/%-d/%Y, %-I:%M %p"];

fn numbers(comma: bool) -> impl Strategy<Value = NumberStyle> {
    let around = if comma {
        vec![("", ""), ("€ ", ""), ("", " €"), ("", " kr"), ("R$ ", ""), ("", " zł"), ("EUR ", "")]
    } else {
        vec![("", ""), ("$", ""), ("£", ""), ("CHF ", ""), ("", " USD"), ("₹", "")]
    };
    let groups = if comma { vec!["", ".", " ", "\u{a0}", "\u{202f}"] } else { vec!["", ",", "'", "’", " "] };
    let negative = select(vec![("-", ""), ("\u{2212}", ""), ("(", ")"), ("", "-")]);
    (select(around), select(groups), negative, 0..4_u32, any::<bool>()).prop_map(
        move |(around, group, negative, decimals, indian)| NumberStyle {
            point: if comma { ',' } else { '.' },
            group,
            indian: indian && group == ",",
            decimals,
            around,
            negative,
        },
    )
}

impl NumberStyle {
    fn write(&self, units: i64) -> String {
        let scale = 10_i64.pow(self.decimals);
        let (whole, rest) = (units.abs() / scale, units.abs() % scale);
        let digits = whole.to_string();
        let mut text = String::new();
        for (place, digit) in digits.chars().enumerate() {
            let left = digits.len() - place;
            let boundary = if self.indian { left == 3 || (left > 3 && left % 2 == 1) } else { left % 3 == 0 };
            if place > 0 && boundary {
                text.push_str(self.group);
            }
            text.push(digit);
        }
        if self.decimals > 0 {
            write!(text, "{}{rest:0width$}", self.point, width = self.decimals as usize).unwrap();
        }
        let (before, behind) = self.around;
        let text = format!("{before}{text}{behind}");
        let (open, close) = if units < 0 { self.negative } else { ("", "") };
        format!("{open}{text}{close}")
    }

    fn value(&self, units: i64) -> f64 {
        format!("{units}e-{}", self.decimals).parse().unwrap()
    }
}

/// A table: the dialect of its columns, and its cells.
#[derive(Clone, Debug)]
struct DialectTable {
    comma: bool,
    numbers: [NumberStyle; 2],
    days: DateStyle,
    marker: &'static str,
    rows: Vec<([Option<i64>; 2], Option<i32>)>,
}

fn table() -> impl Strategy<Value = DialectTable> {
    (any::<bool>(), any::<bool>()).prop_flat_map(|(comma, day_first)| {
        let days = if day_first { DAY_FIRST.to_vec() } else { MONTH_FIRST.to_vec() };
        let number = || {
            let magnitude = prop_oneof![-2000..2000_i64, 0..9_999_999_i64, 1000..1_000_000_i64];
            proptest::option::weighted(0.8, magnitude)
        };
        let row = ([number(), number()], proptest::option::weighted(0.8, 8000..20_000_i32));
        let rows = proptest::collection::vec(row, 1..40);
        ([numbers(comma), numbers(comma)], select(days), select(MARKERS.to_vec()), rows)
            .prop_map(move |(numbers, days, marker, rows)| DialectTable { comma, numbers, days, marker, rows })
    })
}

impl DialectTable {
    fn bytes(&self) -> Vec<u8> {
        let delimiter = if self.comma { b';' } else { b',' };
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        writer.write_record(["id", "name", "size", "amount", "when", "worth", "since"]).unwrap();
        for (row, (numbers, days)) in self.rows.iter().enumerate() {
            let number =
                |place: usize| numbers[place].map_or(self.marker.to_owned(), |units| self.numbers[place].write(units));
            let day = days.map_or(self.marker.to_owned(), |days| {
                let day = civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
                day.to_datetime(civil::time(10, 22, 0, 0)).strftime(self.days).to_string()
            });
            let (size, amount) = (number(0), number(1));
            writer
                .write_record([&format!("k{row}"), &format!("n {row}"), &size, &amount, &day, &amount, &day])
                .unwrap();
        }
        writer.into_inner().unwrap()
    }

    fn mapping(&self) -> Mapping {
        let text = format!(
            "id = \"id\"\nmissing = [{:?}]\nattributes = [\"size\", \"amount\", \"when\"]\nnumeric = [\"size\", \"amount\"]\n\
             date = [\"when\"]\n[outcome]\nvalue = \"worth\"\nsince = \"since\"\n",
            self.marker
        );
        Mapping::parse(&text, "m").unwrap()
    }

    fn source(&self) -> Source {
        Source::new("t.csv", Cursor::new(self.bytes()))
    }

    fn number(&self, row: usize, place: usize) -> Option<f64> {
        Some(self.numbers[place].value(self.rows[row].0[place]?))
    }

    fn date(&self, row: usize) -> Option<Date> {
        Some(Date { days: self.rows[row].1? })
    }
}

/// Returns whether an error names the missing setting.
fn asks(error: &sweetspot_ingest::IngestError) -> bool {
    let text = error.to_string();
    error.reason() == "FORMAT_UNDECIDED" && (text.contains("decimal = ") || text.contains("date_order = "))
}

proptest! {
    #[test]
    fn a_table_reads_back_or_is_refused_with_the_setting(table in table()) {
        let history = match read_customers(table.source(), &table.mapping()) {
            Ok(history) => history,
            Err(error) => {
                prop_assert!(asks(&error), "{}", error);
                return Ok(());
            }
        };
        prop_assert_eq!(history.rejected, 0, "{:?}", history.rejects);
        // An assumed order is reported.
        let assumed = history.notes.iter().any(|note| note.contains("date_order = "));
        for row in 0..table.rows.len() {
            let accounts = history.customers.accounts();
            let cell = |name: &str| accounts.column(name).unwrap().data.get(row);
            let outcome = history.customers.outcomes().get(row);
            for (place, name) in ["size", "amount"].into_iter().enumerate() {
                prop_assert_eq!(cell(name), table.number(row, place).map(ValueRef::Number), "{} {}", name, row);
            }
            prop_assert_eq!(outcome.value, table.number(row, 1));
            if !assumed {
                prop_assert_eq!(cell("when"), table.date(row).map(ValueRef::Date), "row {}", row);
                prop_assert_eq!(outcome.since, table.date(row));
            }
        }
    }

    #[test]
    fn a_list_reads_as_the_same_table_of_customers(table in table()) {
        let mapping = table.mapping();
        let mut list = ProspectReader::open(table.source(), &mapping).unwrap();
        let known = |name: &str, kind| KnownAttribute { name: name.to_owned(), kind, format: TextFormat::default() };
        list.set_known_attributes(&[known("size", AttributeKind::Number), known("amount", AttributeKind::Number), known("when", AttributeKind::Date)]);
        let rows: Result<Vec<_>, _> = list.by_ref().collect();
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) => {
                prop_assert!(asks(&error), "{}", error);
                return Ok(());
            }
        };
        let assumed = list.notes().iter().any(|note| note.contains("\"when\"") && !note.contains("because the column"));
        for (row, prospect) in rows.into_iter().enumerate() {
            let attributes = prospect.unwrap().account.attributes;
            for (place, name) in ["size", "amount"].into_iter().enumerate() {
                let read = attributes.get(name).map(|value| match value {
                    Value::Number(number) => *number,
                    Value::Text(text) => sweetspot_core::parse_number(text).unwrap(),
                    Value::Flag(_) | Value::List(_) | Value::Date(_) => f64::NAN,
                });
                prop_assert_eq!(read, table.number(row, place), "{} {}", name, row);
            }
            let read = attributes.get("when").map(|value| match value {
                Value::Date(date) => *date,
                Value::Text(text) => sweetspot_core::parse_date(text).unwrap(),
                Value::Number(_) | Value::Flag(_) | Value::List(_) => Date { days: i32::MIN },
            });
            prop_assert!(assumed || read == table.date(row), "row {}: {:?}", row, read);
        }
    }

    #[test]
    fn what_is_proposed_reads_the_same(table in table()) {
        let Ok(seen) = profile(table.source(), None) else { return Ok(()) };
        prop_assert_eq!(&Mapping::parse(&seen.mapping_toml, "proposed").unwrap(), &seen.mapping, "{}", seen.mapping_toml);
        let wanted = table.mapping();
        let mapping = Mapping { format: seen.mapping.format, columns: seen.mapping.columns, ..wanted.clone() };
        let (one, other) = (read_customers(table.source(), &wanted), read_customers(table.source(), &mapping));
        if let (Ok(one), Ok(other)) = (&one, &other) {
            prop_assert_eq!(&one.customers, &other.customers);
        }
        prop_assert!(one.is_err() || other.is_ok(), "{:?}", other.err().map(|error| error.to_string()));
    }
}

fn customers(text: &str, mapping: &str) -> Result<Vec<Option<f64>>, String> {
    let mapping = Mapping::parse(mapping, "m").unwrap();
    let source = Source::new("t.csv", Cursor::new(text.to_owned().into_bytes()));
    let history = read_customers(source, &mapping).map_err(|error| error.to_string())?;
    let cells = &history.customers.accounts().column("size").unwrap().data;
    let number = |value| match value {
        ValueRef::Number(number) => number,
        ValueRef::Date(date) => f64::from(date.days),
        ValueRef::Text(_) | ValueRef::Flag(_) | ValueRef::List(_) => f64::NAN,
    };
    Ok((0..cells.len()).map(|row| cells.get(row).map(number)).collect())
}

#[test]
fn what_decides_about_a_number() {
    const SIZE: &str = "attributes = [\"size\"]\nnumeric = [\"size\"]\n";
    const BOTH: &str = "attributes = [\"size\", \"sum\"]\nnumeric = [\"size\", \"sum\"]\n";
    let comma = format!("decimal = \",\"\n{SIZE}");
    let of_column = format!("decimal = \",\"\n{SIZE}[columns.\"size\"]\ndecimal = \".\"\n");
    for (file, mapping, expected) in [
        ("size\n1.234\n1.5\n", SIZE, Ok(1.234)),
        ("size\n1.234\n1.234.567\n", SIZE, Ok(1234.0)),
        ("size,sum\n1.234,\"1,5\"\n", BOTH, Ok(1234.0)),
        ("size,sum\n1.234,1.5\n", BOTH, Ok(1.234)),
        ("size;sum\n1.234;5\n", BOTH, Ok(1234.0)),
        ("size;sum\n1.234;1.5\n", BOTH, Err("decimal = \",\" or decimal = \".\"")),
        ("size;sum\n1,234;1.5\n", BOTH, Ok(1234.0)),
        ("size,sum\n1.230,1.5\n47,2.5\n", BOTH, Err("decimal = \",\" or decimal = \".\"")),
        ("size\n\"$1,234\"\n", SIZE, Ok(1234.0)),
        ("size\n1.234\n", &comma, Ok(1234.0)),
        ("size\n1.234\n", &of_column, Ok(1.234)),
        ("size\n1.234\n1.5\n", &comma, Ok(1.234)),
        ("size\n1.234\n", SIZE, Err("decimal = \",\" or decimal = \".\" for the file or under [columns.\"size\"]")),
        ("size\n1.234\n\"2,5\"\n7.5\n", SIZE, Err("\"7.5\" in row 3, and a decimal comma, as \"2,5\" in row 2")),
        ("size\n1.234\n\"2,5\"\n", &of_column, Err("\"2,5\" in row 2, which contradicts decimal = \".\"")),
    ] {
        match (customers(file, mapping), expected) {
            (Ok(read), Ok(first)) => assert_eq!(read[0], Some(first), "{file}"),
            (Err(error), Err(words)) => assert!(error.contains(words) && error.contains("\"size\""), "{file}: {error}"),
            (read, expected) => panic!("{file}: {read:?}, not {expected:?}"),
        }
    }
}

#[test]
fn what_decides_about_a_day() {
    const SIZE: &str = "attributes = [\"size\"]\ndate = [\"size\"]\n";
    let day_first = format!("date_order = \"dmy\"\n{SIZE}");
    let days = |text: &str| f64::from(sweetspot_core::parse_date(text).unwrap().days);
    for (file, mapping, expected) in [
        ("size\n1/2/2022\n13/2/2022\n", SIZE, Ok("2022-02-01")),
        ("size\n1/2/2022\n2/13/2022\n", SIZE, Ok("2022-01-02")),
        ("size\n1/2/22\n", &day_first, Ok("2022-02-01")),
        ("size\n1/2/2022\n", SIZE, Ok("2022-01-02")),
        ("size;x\n1/2/2022;\n", SIZE, Ok("2022-02-01")),
        ("size\n22-07-16\n23-01-31\n22-12-01\n", SIZE, Err("date_order = \"dmy\" or date_order = \"ymd\"")),
        ("size\n99-07-16\n", SIZE, Ok("1999-07-16")),
        ("size\n1/2/2022\n13/2/2022\n2/13/2022\n", SIZE, Err("\"13/2/2022\" in row 2 and \"2/13/2022\" in row 3")),
        ("size\n2.1.2022\n13.2.2022\n2/13/2022\n", SIZE, Ok("2022-01-02")),
        ("size\n1/2/2022\n13.2.2022\n2.1.2022\n", SIZE, Ok("2022-01-02")),
        ("size\n7.16.2022\n1.2.2022\n", SIZE, Ok("2022-07-16")),
        ("size\n44758\n44760\n", SIZE, Ok("2022-07-16")),
        ("size\n20220716\n", SIZE, Ok("2022-07-16")),
        ("size\n16-Jul-22\n17. Juli 2022\n", SIZE, Ok("2022-07-16")),
        ("size\nQ3 2022\n", SIZE, Ok("2022-07-01")),
    ] {
        match (customers(file, mapping), expected) {
            (Ok(read), Ok(first)) => assert_eq!(read[0], Some(days(first)), "{file}"),
            (Err(error), Err(words)) => assert!(error.contains(words) && error.contains("\"size\""), "{file}: {error}"),
            (read, expected) => panic!("{file}: {read:?}, not {expected:?}"),
        }
    }
}

#[test]
fn a_long_list_that_changes_its_way_of_writing_ends_with_an_error() {
    let mut text = "id,size\n".to_owned();
    (0..10_050).for_each(|row| writeln!(text, "k{row},12").unwrap());
    let list = |last: &str| {
        let mapping = Mapping::parse("id = \"id\"\nattributes = [\"size\"]\nnumeric = [\"size\"]\n", "m").unwrap();
        let source = Source::new("t.csv", Cursor::new(format!("{text}{last}").into_bytes()));
        ProspectReader::open(source, &mapping).unwrap().collect::<Result<Vec<_>, _>>()
    };
    assert_eq!(list("a,1.5\nb,1.234\n").unwrap().len(), 10_052);
    assert!(asks(&list("a,1.234\n").unwrap_err()));
    assert!(list("a,1.5\nb,\"1,5\"\n").is_err());
}

#[test]
fn texts_mean_missing_in_the_columns_that_say_so() {
    let mapping = "id = \"id\"\nmissing = [\"NA\"]\nattributes = [\"size\", \"region\"]\nnumeric = [\"size\"]\n\
                   [columns.\"size\"]\nmissing = [\"unbekannt\"]\n[columns.\"region\"]\nnot_missing = [\"NA\"]\n";
    let text = "id,size,region\n1,unbekannt,NA\n2,NA,unbekannt\n3,5,EMEA\n";
    let source = Source::new("t.csv", Cursor::new(text.as_bytes().to_vec()));
    let history = read_customers(source, &Mapping::parse(mapping, "m").unwrap()).unwrap();
    let column = |name: &str| history.customers.accounts().column(name).unwrap().data.clone();
    assert_eq!([0, 1, 2].map(|row| column("size").get(row).is_some()), [false, false, true]);
    assert_eq!(column("region").get(0), Some(ValueRef::Text("NA")));
    assert!(history.notes.iter().all(|note| !note.contains("count as missing")), "{:?}", history.notes);
}
