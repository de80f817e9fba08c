//! Parquet input and output contain the same as CSV.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::record::Field;
use parquet::schema::parser::parse_message_type;

use crate::cli::fixtures::TestTable;
use crate::cli::support::Bench;

/// Writes the table of a CSV text: number columns as numbers, empty cells as missing, a hundred rows per row group.
fn write(path: &Path, csv: &str) {
    let table = TestTable::read(csv);
    let is_number =
        |name: &String| table.column(name).iter().all(|cell| cell.is_empty() || cell.parse::<f64>().is_ok());
    let kinds: Vec<bool> = table.header.iter().map(is_number).collect();
    assert!(kinds.contains(&true) && kinds.contains(&false), "of either kind");
    let field = |(name, is_number): (&String, &bool)| {
        let kind = if *is_number { "double" } else { "binary" };
        format!("optional {kind} {name} {};", if *is_number { "" } else { "(UTF8)" })
    };
    let fields: String = table.header.iter().zip(&kinds).map(field).collect();
    let schema = Arc::new(parse_message_type(&format!("message table {{ {fields} }}")).unwrap());
    let snappy = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut file = SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::new(snappy)).unwrap();
    for rows in table.rows.chunks(100) {
        let mut group = file.next_row_group().unwrap();
        for (place, is_number) in kinds.iter().enumerate() {
            let cells: Vec<&str> = rows.iter().map(|row| row[place].as_str()).collect();
            let levels: Vec<i16> = cells.iter().map(|cell| i16::from(!cell.is_empty())).collect();
            let present = cells.iter().filter(|cell| !cell.is_empty());
            let mut column = group.next_column().unwrap().unwrap();
            if *is_number {
                let numbers: Vec<f64> = present.map(|cell| cell.parse().unwrap()).collect();
                column.typed::<DoubleType>().write_batch(&numbers, Some(&levels), None).unwrap();
            } else {
                let texts: Vec<ByteArray> = present.map(|cell| ByteArray::from(*cell)).collect();
                column.typed::<ByteArrayType>().write_batch(&texts, Some(&levels), None).unwrap();
            }
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    file.close().unwrap();
}

/// Reads the column names and the rows of a file that the program wrote.
fn read(path: &Path) -> (Vec<String>, Vec<Vec<Field>>) {
    let file = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let schema = file.metadata().file_metadata().schema_descr();
    let names = schema.columns().iter().map(|column| column.name().to_owned()).collect();
    let rows = file.get_row_iter(None).unwrap();
    (names, rows.map(|row| row.unwrap().into_columns().into_iter().map(|(_, field)| field).collect()).collect())
}

/// Asserts that each cell of the Parquet file equals that of the CSV file.
fn assert_same(parquet: &Path, csv: &str, numbers: &[&str]) {
    let (names, rows) = read(parquet);
    let table = TestTable::read(csv);
    assert_eq!((&names, rows.len()), (&table.header, table.rows.len()));
    for (row, cells) in rows.iter().zip(&table.rows) {
        for ((name, field), cell) in names.iter().zip(row).zip(cells) {
            let is_number = numbers.contains(&name.as_str());
            if let Field::Str(text) = field {
                assert!(!is_number && crate::cli::score_table::strip_guard(cell) == text, "{name}: {text}");
            } else if let Field::Long(number) = field {
                assert_eq!(cell.parse::<i64>().unwrap(), *number, "{name}");
            } else if let Field::Double(number) = field {
                assert!(is_number && cell.parse::<f64>().unwrap() == *number, "{name}: {number}");
            } else {
                assert!(*field == Field::Null && cell.is_empty(), "{name} holds {field:?}");
            }
        }
    }
}

#[test]
fn a_model_and_its_scores_from_parquet_equal_those_from_csv() {
    let bench = Bench::trained();
    bench.ok("score prospects.csv --mapping mapping.toml -o csv.csv");
    for name in ["customers", "prospects"] {
        write(&bench.path(&format!("{name}.parquet")), &bench.read(&format!("{name}.csv")));
    }
    bench.ok("score prospects.parquet --mapping mapping.toml -o parquet.csv");
    assert_eq!(bench.read("parquet.csv"), bench.read("csv.csv"));
    bench.ok("--store other train customers.parquet --mapping mapping.toml --promote");
    bench.ok("--store other score prospects.parquet --mapping mapping.toml -o other.csv");
    assert_eq!(bench.read("other.csv"), bench.read("csv.csv"));
    let (csv, parquet) = (bench.ok("data check customers.csv --json"), bench.ok("data check customers.parquet --json"));
    assert_eq!(csv.json()["columns"], parquet.json()["columns"]);
}

#[test]
fn scores_and_targets_are_written_with_their_types() {
    let bench = Bench::trained();
    let score = "score prospects.csv --mapping mapping.toml --keep region -o";
    for name in ["scores.csv", "scores.parquet"] {
        bench.ok(&format!("{score} {name}"));
        bench.ok(&format!("targets prospects.csv --mapping mapping.toml --keep region -o targets-{name}"));
    }
    let numbers = ["probability", "low", "high", "expected_value", "coverage"];
    assert_same(&bench.path("scores.parquet"), &bench.read("scores.csv"), &numbers);
    assert_same(&bench.path("targets-scores.parquet"), &bench.read("targets-scores.csv"), &numbers);
}

#[test]
fn a_parquet_list_is_read_from_standard_input() {
    let bench = Bench::trained();
    write(&bench.path("prospects.parquet"), &bench.read("prospects.csv"));
    bench.ok("score prospects.parquet --mapping mapping.toml -o file.csv");
    let mut command = bench.command("score - --mapping mapping.toml -o stdin.csv");
    let output = command.stdin(File::open(bench.path("prospects.parquet")).unwrap()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(bench.read("stdin.csv"), bench.read("file.csv"));
}
