//! A report as Markdown, for wikis and reviews: the same texts and figures; a chart becomes its finding and its table.

mod blocks;
mod escape;
mod table;

use sweetspot_core::sanitize;

use self::blocks::Writer;
use self::escape::escaped;
use super::report::Report;

/// Renders the report as Markdown.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut writer = Writer::default();
    writer.paragraph(format!("# {}", escaped(&report.title)));
    writer.paragraph(escaped(&report.subtitle));
    for part in &report.parts {
        writer.part(part);
    }
    sanitize(&writer.finish()).into_owned()
}
