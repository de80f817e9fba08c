//! From a mapping to TOML that a person goes on editing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sweetspot_core::{Kind, LabelPreset};
use toml::Value;

use super::layout::{array, entry, fits, line, list, text};
use super::{Attributes, Mapping, OutcomeColumns, StatusColumn, UndecidedColumn, columns, review};
use crate::source::FileOptions;

/// What to say beside columns.
#[derive(Debug, Default)]
pub(crate) struct Comments {
    /// Behind an attribute.
    pub(crate) attributes: BTreeMap<String, String>,
    /// Columns that were left out, and why.
    pub(crate) left_out: Vec<(String, String)>,
    /// Behind an outcome, by its key.
    pub(crate) outcome: BTreeMap<&'static str, String>,
    /// Outcomes that were not mapped: the key, the column, and why.
    pub(crate) unmapped: Vec<(&'static str, String, String)>,
    /// Behind the decimal mark and the date order of the file.
    pub(crate) format: [String; 2],
    /// Columns whose format the file leaves open: the setting that is asked for.
    pub(crate) undecided: Vec<(String, &'static str)>,
}

impl Mapping {
    /// The mapping as TOML, with a few words of help. [`Self::parse`] reads it back.
    #[must_use]
    pub fn to_toml(&self) -> String {
        self.to_toml_with(&Comments::default())
    }

    /// The mapping as TOML, with these comments.
    pub(crate) fn to_toml_with(&self, comments: &Comments) -> String {
        let mut out = String::new();
        match &self.id {
            Some(id) => line(&mut out, "id", &text(id), ""),
            None => {
                out.push_str(
                    "# No column has a unique value in every row: ids are row-1, row-2, ...\n# id = \"...\"\n",
                );
            }
        }
        file_options(&mut out, &self.file);
        list(&mut out, "missing", &self.missing, "texts that mean missing, besides an empty cell");
        let [of_decimal, of_date_order] = &comments.format;
        columns::write_format(&mut out, self.format, [of_decimal, of_date_order]);
        out.push_str("# What is known before the sale; everything else is ignored.\n");
        attributes(&mut out, &self.attributes, comments);
        for kind in Kind::ALL {
            let columns: Vec<String> =
                self.kinds.iter().filter(|(_, forced)| **forced == kind).map(|(column, _)| column.clone()).collect();
            if !columns.is_empty() {
                list(&mut out, kind_key(kind), &columns, "");
            }
        }
        columns::write(&mut out, &self.columns);
        for (column, setting) in &comments.undecided {
            // Writing to a text cannot fail.
            let _infallible = writeln!(out, "\n# [columns.{}]\n# {setting}", text(column));
        }
        outcome(&mut out, &self.outcome, comments);
        review::write(&mut out, &self.review);
        self.label(&mut out);
        out
    }

    fn label(&self, out: &mut String) {
        let policy = &self.label;
        out.push_str("\n[label]\n");
        line(out, "policy", &text(policy.preset.name()), "ideal, won, retained, high_value or custom");
        if let Some(share) = policy.top_share {
            line(out, "share", &number(share), "top share by net value, for ideal and high_value");
        }
        if let Some(value) = policy.value_at_least {
            line(out, "value_at_least", &number(value), "net value from which a customer is of high value");
        }
        if let Some(days) = policy.maturity_days {
            line(out, "maturity_days", &days.to_string(), "younger customers are not yet judged");
        }
        if let Some(rate) = policy.base_rate {
            line(out, "base_rate", &number(rate), "the real rate of ideal accounts, because the rows were resampled");
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
                line(out, key, &number(weight), "");
            }
        }
    }
}

fn file_options(out: &mut String, options: &FileOptions) {
    let FileOptions { encoding, delimiter, header_row, sheet } = options;
    if let Some(encoding) = encoding {
        line(out, "encoding", &text(encoding), "of files without a byte-order mark");
    }
    if let Some(delimiter) = delimiter {
        line(out, "delimiter", &text(&delimiter.to_string()), "");
    }
    if let Some(row) = header_row {
        line(out, "header_row", &row.to_string(), "the row with the names of the columns");
    }
    if let Some(sheet) = sheet {
        line(out, "sheet", &text(sheet), "of a workbook");
    }
}

fn attributes(out: &mut String, attributes: &Attributes, comments: &Comments) {
    match attributes {
        Attributes::Auto { exclude } => {
            line(out, "attributes", "\"auto\"", "");
            if !exclude.is_empty() {
                list(out, "exclude", exclude, "");
            }
        }
        Attributes::Listed(columns) => {
            out.push_str("attributes = [\n");
            for column in columns {
                let words = comments.attributes.get(column).map_or("", String::as_str);
                entry(out, "    ", &format!("{},", text(column)), words);
            }
            for (column, why) in &comments.left_out {
                entry(out, "    ", &format!("# {},", text(column)), why);
            }
            out.push_str("]\n");
        }
    }
}

fn outcome(out: &mut String, outcome: &OutcomeColumns, comments: &Comments) {
    let OutcomeColumns { status, undecided, value, cost_to_serve, cost_to_acquire, since, group, reason, currency } =
        outcome;
    out.push_str("\n# What happened after the sale.\n[outcome]\n");
    match status {
        Some(status) => status_column(out, status),
        None => {
            out.push_str("# status = { column = \"...\", won = [\"...\"], lost = [\"...\"], churned = [\"...\"] }\n");
        }
    }
    if let Some(UndecidedColumn { column, texts }) = undecided {
        line(out, "undecided.column", &text(column), "rows that are still open, whatever the status says");
        list(out, "undecided.texts", texts, "");
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
            line(out, key, &text(column), comments.outcome.get(key).map_or(words, String::as_str));
        }
    }
    for (key, column, why) in &comments.unmapped {
        entry(out, "", &format!("# {key} = {}", text(column)), why);
    }
}

/// One line where there is room for it, else one a key: an inline table must not be broken.
fn status_column(out: &mut String, status: &StatusColumn) {
    let StatusColumn { column, won, lost, churned } = status;
    let words = "other texts mean unknown";
    let lists = [("won", won), ("lost", lost), ("churned", churned)].into_iter().filter(|(_, texts)| !texts.is_empty());
    let short = lists.clone().map(|(key, texts)| format!(", {key} = {}", array(texts)));
    let short = format!("{{ column = {}{} }}", text(column), short.collect::<String>());
    if fits("status", &short) {
        return line(out, "status", &short, words);
    }
    line(out, "status.column", &text(column), words);
    for (key, texts) in lists {
        list(out, &format!("status.{key}"), texts, "");
    }
}

const fn kind_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "numeric",
        Kind::Category => "categorical",
        Kind::Flag => "flag",
        Kind::List => "list",
        Kind::Date => "date",
    }
}

fn number(number: f64) -> String {
    Value::from(number).to_string()
}
