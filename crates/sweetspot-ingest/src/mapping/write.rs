//! Writes a mapping as TOML for further editing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sweetspot_core::{AttributeKind, LabelPreset};
use toml::Value;

use super::toml_layout::{fits, quoted_array, quoted_text, write_entry, write_line, write_list};
use super::{AttributeSelection, Mapping, OpenRowsColumn, OutcomeColumns, StatusColumn, columns, documents, review};
use crate::source::FileOptions;

/// The comments of a written mapping: on columns, outcomes and formats.
#[derive(Debug, Default)]
pub(crate) struct MappingComments {
    /// The comment on each attribute.
    pub(crate) attributes: BTreeMap<String, String>,
    /// The omitted columns, and the reasons.
    pub(crate) left_out_columns: Vec<(String, String)>,
    /// The comment on each outcome, by its key.
    pub(crate) outcome: BTreeMap<&'static str, String>,
    /// Outcomes that were not mapped: the key, the column, and the reason.
    pub(crate) unmapped: Vec<(&'static str, String, String)>,
    /// The comments on the decimal mark and the date order of the file.
    pub(crate) format: [String; 2],
    /// Undecided columns, each with the setting that is needed.
    pub(crate) undecided: Vec<(String, &'static str)>,
}

impl Mapping {
    /// Returns the mapping as TOML, with brief comments. [`Self::parse`] reads it back.
    #[must_use]
    pub fn to_toml(&self) -> String {
        self.to_toml_with(&MappingComments::default())
    }

    /// Returns the mapping as TOML, with these comments.
    pub(crate) fn to_toml_with(&self, comments: &MappingComments) -> String {
        let mut out = String::new();
        match &self.id {
            Some(id) => write_line(&mut out, "id", &quoted_text(id), ""),
            None => {
                out.push_str(
                    "# No column has a unique value in every row: ids are row-1, row-2, ...\n# id = \"...\"\n",
                );
            }
        }
        if let Some(weight) = &self.weight {
            write_line(&mut out, "weight", &quoted_text(weight), "the number of customers that a row stands for");
        }
        file_options(&mut out, &self.file);
        write_list(&mut out, "missing", &self.missing, "texts that mean missing, besides an empty cell");
        let [of_decimal, of_date_order] = &comments.format;
        columns::write_format(&mut out, self.format, [of_decimal, of_date_order]);
        out.push_str("# What is known before the sale; everything else is ignored.\n");
        attributes(&mut out, &self.attributes, comments);
        for kind in AttributeKind::ALL {
            let columns: Vec<String> =
                self.kinds.iter().filter(|(_, forced)| **forced == kind).map(|(column, _)| column.clone()).collect();
            if !columns.is_empty() {
                write_list(&mut out, kind_key(kind), &columns, "");
            }
        }
        columns::write(&mut out, &self.columns);
        for (column, setting) in &comments.undecided {
            // Writing to a string cannot fail.
            let _infallible = writeln!(out, "\n# [columns.{}]\n# {setting}", quoted_text(column));
        }
        outcome(&mut out, &self.outcome, comments);
        review::write(&mut out, &self.review);
        self.label(&mut out);
        documents::write(&mut out, self.documents);
        out
    }

    fn label(&self, out: &mut String) {
        let policy = &self.label;
        out.push_str("\n[label]\n");
        write_line(out, "policy", &quoted_text(policy.preset.name()), "ideal, won, retained, high_value or custom");
        if let Some(share) = policy.top_share {
            write_line(out, "share", &number(share), "top share by net value, for ideal and high_value");
        }
        if let Some(value) = policy.value_at_least {
            write_line(out, "value_at_least", &number(value), "net value from which a customer is of high value");
        }
        if let Some(days) = policy.maturity_days {
            write_line(out, "maturity_days", &days.to_string(), "younger customers are not yet judged");
        }
        if let Some(rate) = policy.base_rate {
            write_line(
                out,
                "base_rate",
                &number(rate),
                "the real rate of ideal accounts, because the rows were resampled",
            );
        }
        if let LabelPreset::Custom(weights) = policy.preset {
            out.push_str("\n[label.weights]  # above zero is ideal, below is not\n");
            for (key, weight) in [
                ("negative_net", weights.negative_net),
                ("churned", weights.churned),
                ("lost", weights.lost),
                ("high_value", weights.high_value),
                ("won", weights.won),
            ] {
                write_line(out, key, &number(weight), "");
            }
        }
    }
}

fn file_options(out: &mut String, options: &FileOptions) {
    let FileOptions { encoding, delimiter, header_row, sheet, all_rows } = options;
    if let Some(encoding) = encoding {
        write_line(out, "encoding", &quoted_text(encoding), "of files without a byte-order mark");
    }
    if let Some(delimiter) = delimiter {
        write_line(out, "delimiter", &quoted_text(&delimiter.to_string()), "");
    }
    if let Some(row) = header_row {
        write_line(out, "header_row", &row.to_string(), "the row with the names of the columns");
    }
    if let Some(sheet) = sheet {
        write_line(out, "sheet", &quoted_text(sheet), "of a workbook");
    }
    if *all_rows {
        write_line(out, "all_rows", "true", "no row is left out as a total or a footer");
    }
}

fn attributes(out: &mut String, attributes: &AttributeSelection, comments: &MappingComments) {
    match attributes {
        AttributeSelection::Auto { exclude } => {
            write_line(out, "attributes", "\"auto\"", "");
            if !exclude.is_empty() {
                write_list(out, "exclude", exclude, "");
            }
        }
        AttributeSelection::Listed(columns) => {
            out.push_str("attributes = [\n");
            for column in columns {
                let words = comments.attributes.get(column).map_or("", String::as_str);
                write_entry(out, "    ", &format!("{},", quoted_text(column)), words);
            }
            for (column, why) in &comments.left_out_columns {
                write_entry(out, "    ", &format!("# {},", quoted_text(column)), why);
            }
            out.push_str("]\n");
        }
    }
}

fn outcome(out: &mut String, outcome: &OutcomeColumns, comments: &MappingComments) {
    let OutcomeColumns { status, undecided, value, cost_to_serve, cost_to_acquire, since, group, reason, currency } =
        outcome;
    out.push_str("\n# What happened after the sale.\n[outcome]\n");
    match status {
        Some(status) => status_column(out, status),
        None => {
            out.push_str("# status = { column = \"...\", won = [\"...\"], lost = [\"...\"], churned = [\"...\"] }\n");
        }
    }
    if let Some(OpenRowsColumn { column, texts }) = undecided {
        write_line(out, "undecided.column", &quoted_text(column), "rows that are still open, whatever the status says");
        write_list(out, "undecided.texts", texts, "");
    }
    for (key, column, words) in [
        ("value", value, "lifetime revenue"),
        ("cost_to_serve", cost_to_serve, ""),
        ("cost_to_acquire", cost_to_acquire, ""),
        ("since", since, "customer since this day"),
        ("group", group, "rows of one group are evaluated together"),
        ("reason", reason, "why it was won, lost or left"),
        ("currency", currency, ""),
    ] {
        if let Some(column) = column {
            write_line(out, key, &quoted_text(column), comments.outcome.get(key).map_or(words, String::as_str));
        }
    }
    for (key, column, why) in &comments.unmapped {
        write_entry(out, "", &format!("# {key} = {}", quoted_text(column)), why);
    }
}

/// Writes one line if it fits, otherwise one per key, because an inline table must not span lines.
fn status_column(out: &mut String, status: &StatusColumn) {
    let StatusColumn { column, won, lost, churned } = status;
    let words = "other texts mean unknown";
    let lists = [("won", won), ("lost", lost), ("churned", churned)].into_iter().filter(|(_, texts)| !texts.is_empty());
    let short = lists.clone().map(|(key, texts)| format!(", {key} = {}", quoted_array(texts)));
    let short = format!("{{ column = {}{} }}", quoted_text(column), short.collect::<String>());
    if fits("status", &short) {
        return write_line(out, "status", &short, words);
    }
    write_line(out, "status.column", &quoted_text(column), words);
    for (key, texts) in lists {
        write_list(out, &format!("status.{key}"), texts, "");
    }
}

const fn kind_key(kind: AttributeKind) -> &'static str {
    match kind {
        AttributeKind::Number => "numeric",
        AttributeKind::Category => "categorical",
        AttributeKind::Flag => "flag",
        AttributeKind::List => "list",
        AttributeKind::Date => "date",
    }
}

/// A number as TOML.
pub(super) fn number(number: f64) -> String {
    Value::from(number).to_string()
}
