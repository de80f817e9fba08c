//! Parquet files written by the library, intact and damaged.

use std::io::Cursor;
use std::sync::Arc;

use csv::StringRecord;
use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, Int96};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;
use sweetspot_core::reportable_error::ReportableError as _;

use super::ParquetInput;
use crate::source::FileOptions;
use crate::source::open::OpenedSource;
use crate::source::record::ReadStep;
use crate::{IdColumnReader, IngestError, Source};

/// The values of a column in each row group.
enum ParquetTestValues {
    Flags(Vec<bool>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Int96(Vec<Int96>),
    Float(Vec<f32>),
    Double(Vec<f64>),
    Texts(Vec<&'static str>),
}
use ParquetTestValues::{Double, Flags, Float, Int32, Int64, Texts};

/// A column: its values, definition levels and repetition levels.
type ColumnContent = (ParquetTestValues, Vec<i16>, Vec<i16>);

/// Creates a file of identical row groups.
fn file(schema: &str, columns: &[ColumnContent], groups: usize, properties: WriterProperties) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(&format!("message m {{ {schema} }}")).unwrap());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    for _ in 0..groups {
        let mut group = file.next_row_group().unwrap();
        for (written, definition, repetition) in columns {
            let mut column = group.next_column().unwrap().unwrap();
            let levels = [definition, repetition].map(|levels| (!levels.is_empty()).then_some(levels.as_slice()));
            match (column.untyped(), written) {
                (ColumnWriter::BoolColumnWriter(to), Flags(from)) => to.write_batch(from, levels[0], levels[1]),
                (ColumnWriter::Int32ColumnWriter(to), Int32(from)) => to.write_batch(from, levels[0], levels[1]),
                (ColumnWriter::Int64ColumnWriter(to), Int64(from)) => to.write_batch(from, levels[0], levels[1]),
                (ColumnWriter::Int96ColumnWriter(to), ParquetTestValues::Int96(from)) => {
                    to.write_batch(from, levels[0], levels[1])
                }
                (ColumnWriter::FloatColumnWriter(to), Float(from)) => to.write_batch(from, levels[0], levels[1]),
                (ColumnWriter::DoubleColumnWriter(to), Double(from)) => to.write_batch(from, levels[0], levels[1]),
                (ColumnWriter::ByteArrayColumnWriter(to), Texts(from)) => {
                    let from: Vec<ByteArray> = from.iter().map(|text| ByteArray::from(*text)).collect();
                    to.write_batch(&from, levels[0], levels[1])
                }
                _ => panic!("the column is of another type"),
            }
            .unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    file.into_inner().unwrap()
}

fn plain() -> WriterProperties {
    WriterProperties::builder().build()
}

/// Returns the names of the columns, and the cells of each row or the reason for its rejection.
fn read(bytes: &[u8]) -> Result<(Vec<String>, Vec<String>), IngestError> {
    let content = ParquetInput {
        name: "p.parquet".to_owned(),
        file: None,
        bytes: Cursor::new(bytes.to_vec()),
        bound: 10_000_000,
        progress: None,
    };
    let mut opened = super::open(content, FileOptions::default())?;
    let (mut record, mut rows) = (StringRecord::new(), Vec::new());
    loop {
        match opened.records.read(&mut record) {
            Ok(ReadStep::Record(row)) => {
                assert_eq!(row, rows.len() as u64 + 1);
                rows.push(record.iter().collect::<Vec<_>>().join("|"));
            }
            Ok(ReadStep::Broken(_, problem)) => rows.push(problem.reason.to_owned()),
            Ok(ReadStep::End) => return Ok((opened.records.columns().unwrap().to_vec(), rows)),
            Err(error) => return Err(OpenedSource::read_error("p.parquet", 0, rows.len() as u64, 0, error)),
        }
    }
}

#[test]
fn values_are_the_texts_that_people_type() {
    let day = 2_459_588_u32; // 2022-01-08
    let mut moment = Int96::new();
    moment.set_data(0, 0, day);
    let columns = [
        ("optional boolean a", Flags(vec![true]), "true"),
        ("optional int32 a", Int32(vec![-5]), "-5"),
        ("optional int32 a (UINT_32)", Int32(vec![-1]), "4294967295"),
        ("optional int32 a (DATE)", Int32(vec![19_000]), "2022-01-08"),
        ("optional int32 a (DECIMAL(9,2))", Int32(vec![-1250]), "-12.50"),
        ("optional int32 a (TIME_MILLIS)", Int32(vec![37_800_000]), "10:30:00"),
        ("optional int64 a", Int64(vec![i64::MAX]), "9223372036854775807"),
        ("optional int64 a (TIMESTAMP(MICROS,true))", Int64(vec![1_641_686_400_000_000]), "2022-01-09"),
        ("optional int64 a (TIMESTAMP(NANOS,false))", Int64(vec![1_641_686_401_000_000_000]), "2022-01-09 00:00:01"),
        ("optional int96 a", ParquetTestValues::Int96(vec![moment]), "2022-01-08"),
        ("optional float a", Float(vec![0.1]), "0.1"),
        ("optional double a", Double(vec![1.234]), "1.2340"),
        ("optional binary a (UTF8)", Texts(vec!["Müller, \"AG\""]), "Müller, \"AG\""),
        ("optional binary a", Texts(vec!["old text"]), "old text"),
    ];
    for (schema, written, text) in columns {
        let bytes = file(&format!("{schema};"), &[(written, vec![1, 0], vec![])], 1, plain());
        assert_eq!(read(&bytes).unwrap().1, [text, ""], "{schema}");
    }
}

#[test]
fn members_and_lists_are_columns() {
    let schema = "required int64 id; optional group address { optional binary city (UTF8); required int32 zip; } \
                  optional group tags (LIST) { repeated group list { optional binary element (UTF8); } } repeated int32 old;";
    let columns = [
        (Int64(vec![1, 2, 3]), vec![], vec![]),
        (Texts(vec!["Bern"]), vec![2, 1, 0], vec![]),
        (Int32(vec![3000, 4000]), vec![1, 1, 0], vec![]),
        (Texts(vec!["a", "b", "c"]), vec![3, 2, 3, 0, 3], vec![0, 1, 1, 0, 0]),
        (Int32(vec![7, 8]), vec![0, 1, 1, 0], vec![0, 0, 1, 0]),
    ];
    let (names, rows) = read(&file(schema, &columns, 2, plain())).unwrap();
    assert_eq!(names, ["id", "address.city", "address.zip", "tags", "old"]);
    let once = ["1|Bern|3000|a; b|", "2||4000||7; 8", "3|||c|"];
    assert_eq!(rows, [once, once].concat());
}

#[test]
fn every_row_of_every_row_group_is_read_however_it_is_written() {
    let texts: Vec<&str> = (0..1_000).map(|row| ["Bern", "Basel", "Köln"][row % 3]).collect();
    let levels: Vec<i16> = (0..1_000).map(|row| i16::from(row % 7 != 0)).collect();
    let present: Vec<&str> =
        texts.iter().zip(&levels).filter(|(_, level)| **level == 1).map(|(text, _)| *text).collect();
    let expected: Vec<String> = (0..3_000)
        .map(|row| format!("{}|{}", row % 1_000, if levels[row % 1_000] == 1 { texts[row % 1_000] } else { "" }))
        .collect();
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        for codec in [
            Compression::UNCOMPRESSED,
            Compression::SNAPPY,
            Compression::ZSTD(ZstdLevel::default()),
            Compression::GZIP(GzipLevel::default()),
            Compression::LZ4_RAW,
        ] {
            for has_dictionary in [true, false] {
                let properties = WriterProperties::builder()
                    .set_writer_version(version)
                    .set_compression(codec)
                    .set_dictionary_enabled(has_dictionary)
                    .set_data_page_row_count_limit(300);
                let columns =
                    [(Int32((0..1_000).collect()), vec![], vec![]), (Texts(present.clone()), levels.clone(), vec![])];
                let schema = "required int32 id; optional binary city (UTF8);";
                let (_, rows) = read(&file(schema, &columns, 3, properties.build())).unwrap();
                assert!(rows == expected, "{version:?} {codec:?} {has_dictionary}");
            }
        }
    }
}

#[test]
fn columns_that_no_table_has_are_refused_by_name() {
    for (schema, words) in [
        (
            "optional group m (MAP) { repeated group key_value { required binary key (UTF8); optional int32 value; } }",
            "\"m\" that holds a map",
        ),
        (
            "optional group l (LIST) { repeated group list { optional group element { optional int32 a; optional int32 b; } } }",
            "\"l\" that holds a list of lists or structs",
        ),
        ("optional group s { repeated group r { optional int32 a; } }", "\"s.r\" that holds a list of structs"),
        ("optional fixed_len_byte_array(3) f", "\"f\" that holds bytes of a fixed length"),
        ("optional binary b (BSON)", "\"b\" that holds BSON"),
    ] {
        let schema = format!("{}{}", schema, if schema.ends_with('}') { "" } else { ";" });
        let error = read(&file(&schema, &[], 0, plain())).unwrap_err();
        assert!(error.reason() == "NOT_A_TABLE" && error.to_string().contains(words), "{error}");
    }
}

#[test]
fn bytes_that_are_no_text_cost_their_row() {
    let schema = Arc::new(parse_message_type("message m { required binary a; }").unwrap());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(plain())).unwrap();
    let mut group = file.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let values = [ByteArray::from(vec![0xFF, 0xFE]), ByteArray::from("b")];
    column.typed::<parquet::data_type::ByteArrayType>().write_batch(&values, None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    assert_eq!(read(&file.into_inner().unwrap()).unwrap().1, ["NOT_UTF8", "b"]);
}

/// Creates a small file with a number and a text in each of three row groups.
fn small() -> Vec<u8> {
    let columns = [
        (Int32((0..20).collect()), vec![], vec![]),
        (Texts(vec!["Bern", "Köln"]), [[1, 0].repeat(2), vec![0; 16]].concat(), vec![]),
    ];
    let snappy = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    file("required int32 id; optional binary city (UTF8);", &columns, 3, snappy)
}

#[test]
fn what_is_cut_short_or_encrypted_is_named() {
    let whole = small();
    assert_eq!(read(&whole).unwrap().1.len(), 60);
    let mut encrypted = whole.clone();
    let end = encrypted.len() - 4;
    encrypted[end..].copy_from_slice(b"PARE");
    let mut endless = whole.clone();
    endless[end - 4..end].copy_from_slice(&u32::MAX.to_le_bytes());
    for (bytes, words) in [
        (&whole[..whole.len() - 1], "it is truncated"),
        (&whole[..6], "it is truncated"),
        (&encrypted, "is an encrypted Parquet file"),
        (&endless, "lists its columns in 4294967295 bytes, which exceeds the limit of 33554432"),
    ] {
        let error = read(bytes).unwrap_err();
        assert!(error.reason() == "NOT_A_TABLE" && error.to_string().contains(words), "{error}");
    }
}

#[test]
fn a_page_that_unpacks_to_too_much_is_not_unpacked() {
    let columns = [(Texts(vec!["Bern"; 100]), vec![], vec![])];
    let zstd = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_dictionary_enabled(false);
    let mut bytes = file("required binary city (UTF8);", &columns, 1, zstd.build());
    // The header of the first page follows the file signature: a data page, and its unpacked size.
    assert_eq!(bytes[4..7], [0x15, 0x00, 0x15]);
    let packed = bytes[7..].iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
    assert_eq!(packed, 2, "the varint of 800 has two bytes");
    bytes.splice(7..9, [0xFE, 0xFF, 0xFF, 0xFF, 0x0F]);
    let error = read(&bytes).unwrap_err();
    assert_eq!(error.reason(), "FILE_TOO_LARGE", "{error}");
}

#[test]
fn a_file_is_read_to_its_end_and_says_how_far() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.parquet");
    std::fs::write(&path, small()).unwrap();
    let source = Source::open(&path).unwrap();
    let progress = source.progress().unwrap();
    assert_eq!(IdColumnReader::open(source, None, None).unwrap().count(), 60);
    assert_eq!(progress.read(), progress.total());
}

proptest! {
    #[test]
    fn damaged_files_are_read_or_refused(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut damaged = small();
        for (place, byte) in changes {
            *place.get_mut(&mut damaged) = byte;
        }
        let _ = read(&damaged);
    }
}
