//! Parses TOML into a checked mapping.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use sweetspot_core::suggest::did_you_mean;
use sweetspot_core::{AttributeKind, ClassWeights, LabelPolicy, LabelPreset};
use toml::{Table, Value};
use unicode_normalization::UnicodeNormalization as _;

use super::raw::{COLUMN, KEYS, RawLabel, RawMapping, RawOpenRows, RawOutcome, RawStatus, RawWeights};
use super::{
    AttributeSelection, Mapping, MappingError, OpenRowsColumn, OutcomeColumns, StatusColumn, check, columns, documents,
    review,
};
use crate::limits::MAX_MAPPING_BYTES;
use crate::source::FileOptions;

impl Mapping {
    /// Parses a mapping. `origin` is its name in messages.
    ///
    /// # Errors
    /// Returns an error if the text is not valid TOML, a key is unknown, or settings contradict each other. The error
    /// lists all problems.
    pub fn parse(text: &str, origin: &str) -> Result<Self, MappingError> {
        let syntax = |error: &toml::de::Error| syntax_error(text, origin, error);
        let table: Table = toml::from_str(text).map_err(|error| syntax(&error))?;
        let mut problems = unknown_keys(&table);
        if problems.is_empty() {
            let raw: RawMapping = toml::from_str(text).map_err(|error| syntax(&error))?;
            let mapping = convert(raw, &mut problems);
            check::check(&mapping, &mut problems);
            if problems.is_empty() {
                return Ok(mapping);
            }
        }
        Err(MappingError::Settings { origin: origin.to_owned(), problems })
    }

    /// Reads a mapping file.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, and the errors of [`Self::parse`].
    pub fn load(path: &Path) -> Result<Self, MappingError> {
        let origin = path.display().to_string();
        let mut text = String::new();
        let read = File::open(path).and_then(|file| file.take(MAX_MAPPING_BYTES + 1).read_to_string(&mut text));
        match read {
            Err(_) if path.is_dir() => Err(MappingError::Directory { origin }),
            Err(source) => Err(MappingError::Read { origin, source }),
            Ok(bytes) if bytes as u64 > MAX_MAPPING_BYTES => {
                Err(MappingError::TooLarge { origin, limit: MAX_MAPPING_BYTES })
            }
            Ok(_) => Self::parse(text.strip_prefix('\u{feff}').unwrap_or(&text), &origin),
        }
    }
}

fn syntax_error(text: &str, origin: &str, error: &toml::de::Error) -> MappingError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or("");
    let line = before.matches('\n').count() + 1;
    let message = error.message().trim_end_matches('.').replace('\n', ", ");
    MappingError::Syntax { origin: origin.to_owned(), line, message }
}

fn unknown_keys(file: &Table) -> Vec<String> {
    let mut problems = Vec::new();
    let mut check = |place: &str, table: &Table, known: &[&str]| {
        for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
            let place = if place.is_empty() { String::new() } else { format!(" in [{place}]") };
            let hint = did_you_mean(key, known.iter().copied());
            problems.push(format!("unknown key {key:?}{place}{hint}; known are {}", known.join(", ")));
        }
    };
    for (path, known) in KEYS {
        if path == COLUMN {
            let columns = file.get("columns").and_then(Value::as_table);
            for (column, settings) in columns.into_iter().flatten() {
                if let Some(table) = settings.as_table() {
                    check(&format!("columns.{column:?}"), table, known);
                }
            }
            continue;
        }
        let table = path
            .split('.')
            .filter(|part| !part.is_empty())
            .try_fold(file, |table, part| table.get(part).and_then(Value::as_table));
        if let Some(table) = table {
            check(path, table, known);
        }
    }
    problems
}

fn convert(raw: RawMapping, problems: &mut Vec<String>) -> Mapping {
    let RawMapping { encoding, delimiter, header_row, sheet, all_rows, .. } = &raw;
    let file = FileOptions {
        encoding: encoding.clone(),
        delimiter: parse_delimiter(delimiter.as_deref(), problems),
        header_row: *header_row,
        sheet: sheet.clone(),
        all_rows: *all_rows,
    };
    problems.extend(file.problems(str::to_owned));
    let RawMapping {
        id,
        weight,
        missing,
        decimal,
        date_order,
        columns,
        attributes,
        exclude,
        numeric,
        categorical,
        list,
        flag,
        date,
        outcome,
        review,
        label,
        documents,
        ..
    } = raw;
    let mut kinds = BTreeMap::new();
    let forced = [
        (AttributeKind::Number, numeric),
        (AttributeKind::Category, categorical),
        (AttributeKind::List, list),
        (AttributeKind::Flag, flag),
        (AttributeKind::Date, date),
    ];
    for (kind, columns) in forced {
        for column in columns.into_iter().map(|column| normalized_name(&column)) {
            if kinds.insert(column.clone(), kind).is_some_and(|other| other != kind) {
                problems.push(format!("column {column:?} is given two kinds: choose one"));
            }
        }
    }
    Mapping {
        id: id.map(|id| normalized_name(&id)),
        weight: weight.map(|weight| normalized_name(&weight)),
        file,
        missing: missing.iter().map(|text| text.trim().to_owned()).collect(),
        format: columns::format("", decimal.as_deref(), date_order.as_deref(), problems),
        columns: columns::convert(columns, problems),
        attributes: attribute_selection(attributes, exclude, problems),
        kinds,
        outcome: outcome_columns(outcome),
        review: review::convert(review, problems),
        label: label_policy(&label, problems),
        documents: documents::convert(documents, problems),
    }
}

/// Parses the delimiter, given as a character or by its name.
fn parse_delimiter(text: Option<&str>, problems: &mut Vec<String>) -> Option<char> {
    let text = text?;
    let mut characters = text.chars();
    match (text, characters.next(), characters.next()) {
        ("tab", ..) => Some('\t'),
        (_, Some(delimiter), None) => Some(delimiter),
        _ => {
            problems.push(format!("delimiter is {text:?}: use one character, such as \";\", or \"tab\""));
            None
        }
    }
}

fn attribute_selection(
    attributes: Option<super::raw::RawAttributes>,
    exclude: Option<Vec<String>>,
    problems: &mut Vec<String>,
) -> AttributeSelection {
    use super::raw::RawAttributes::{Names, Word};
    let names = |columns: Vec<String>| columns.iter().map(|column| normalized_name(column)).collect::<Vec<_>>();
    match attributes {
        Some(Names(columns)) => {
            if exclude.is_some() {
                problems.push(
                    "exclude requires attributes = \"auto\": a list of attributes already leaves out the rest".into(),
                );
            }
            AttributeSelection::Listed(names(columns))
        }
        Some(Word(word)) if word != "auto" => {
            problems.push(format!("attributes is {word:?}: use a list of column names, or \"auto\""));
            AttributeSelection::default()
        }
        Some(Word(_)) => AttributeSelection::Auto { exclude: names(exclude.unwrap_or_default()) },
        None => {
            problems
                .push("attributes is missing: list the columns that are known before the sale, or use \"auto\"".into());
            AttributeSelection::default()
        }
    }
}

fn outcome_columns(raw: RawOutcome) -> OutcomeColumns {
    let RawOutcome { status, undecided, value, cost_to_serve, cost_to_acquire, since, group, reason, currency } = raw;
    let texts = |texts: Vec<String>| texts.iter().map(|text| text.trim().to_owned()).collect();
    let status = status.map(|RawStatus { column, won, lost, churned }| StatusColumn {
        column: normalized_name(&column),
        won: texts(won),
        lost: texts(lost),
        churned: texts(churned),
    });
    let undecided = undecided.map(|RawOpenRows { column, texts: open }| OpenRowsColumn {
        column: normalized_name(&column),
        texts: texts(open),
    });
    let column = |column: Option<String>| column.map(|column| normalized_name(&column));
    OutcomeColumns {
        status,
        undecided,
        value: column(value),
        cost_to_serve: column(cost_to_serve),
        cost_to_acquire: column(cost_to_acquire),
        since: column(since),
        group: column(group),
        reason: column(reason),
        currency,
    }
}

fn label_policy(raw: &RawLabel, problems: &mut Vec<String>) -> LabelPolicy {
    let RawLabel { policy, share, value_at_least, maturity_days, base_rate, weights } = raw;
    let presets = [LabelPreset::Ideal, LabelPreset::Won, LabelPreset::Retained, LabelPreset::HighValue];
    let preset = match (policy.as_deref(), weights) {
        (None, None) => LabelPreset::default(),
        (Some("custom"), Some(RawWeights { negative_net, churned, lost, high_value, won })) => {
            LabelPreset::Custom(ClassWeights {
                negative_net: *negative_net,
                churned: *churned,
                lost: *lost,
                high_value: *high_value,
                won: *won,
            })
        }
        (Some("custom"), None) => {
            problems.push("label.policy custom requires a table [label.weights]".to_owned());
            LabelPreset::default()
        }
        (_, Some(_)) => {
            problems.push("[label.weights] requires label.policy = \"custom\"".to_owned());
            LabelPreset::default()
        }
        (Some(word), None) => presets.into_iter().find(|preset| preset.name() == word).unwrap_or_else(|| {
            let known = ["ideal", "won", "retained", "high_value", "custom"];
            problems.push(format!(
                "label.policy is {word:?}{}; known are {}",
                did_you_mean(word, known),
                known.join(", ")
            ));
            LabelPreset::default()
        }),
    };
    let (top_share, value_at_least, maturity_days, base_rate) = (*share, *value_at_least, *maturity_days, *base_rate);
    LabelPolicy { preset, top_share, value_at_least, maturity_days, base_rate }
}

/// Returns a column's name as in headers: trimmed, in Unicode form C.
pub(super) fn normalized_name(text: &str) -> String {
    text.trim().nfc().collect()
}
