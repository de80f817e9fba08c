//! A report as Markdown, for wikis and reviews: the same texts and figures, charts as their findings and tables.

mod blocks;
mod escape;
mod table;

use sweetspot_core::visible;

use self::blocks::Writer;
use self::escape::escaped;
use super::report::Report;

/// The text.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut writer = Writer::default();
    writer.paragraph(format!("# {}", escaped(&report.title)));
    writer.paragraph(escaped(&report.line));
    for part in &report.parts {
        writer.part(part);
    }
    visible(&writer.finish()).into_owned()
}
