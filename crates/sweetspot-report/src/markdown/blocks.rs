//! Blocks as Markdown paragraphs.

use super::escape::escaped;
use super::table::table;
use crate::document::{Block, CalloutKind, Card, Chart, Panel, PondMapColumn, PondMapEntry, Table};
use crate::heading_levels::HeadingLevels;
use crate::report::ReportPart;

/// The paragraphs written so far.
#[derive(Debug, Default)]
pub(super) struct Writer {
    levels: HeadingLevels,
    paragraphs: Vec<String>,
}

impl Writer {
    /// Adds a paragraph of Markdown.
    pub(super) fn paragraph(&mut self, markdown: String) {
        if !markdown.is_empty() {
            self.paragraphs.push(markdown);
        }
    }

    /// Adds a document. If it does not begin with a heading, its title becomes one.
    pub(super) fn part(&mut self, part: &ReportPart) {
        if !matches!(part.blocks.first(), Some(Block::Heading(1, _))) {
            self.heading(1, part.document.title());
        }
        for block in &part.blocks {
            self.block(block);
        }
    }

    /// Returns the whole text.
    pub(super) fn finish(self) -> String {
        self.paragraphs.join("\n\n") + "\n"
    }

    fn heading(&mut self, level: u8, text: &str) {
        let signs = "#".repeat(usize::from(self.levels.next(level)));
        self.paragraph(format!("{signs} {}", escaped(text)));
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(level, text) => self.heading(*level, text),
            Block::Text(text) => self.paragraph(escaped(text)),
            Block::Callout(CalloutKind::Finding, text) => self.paragraph(bold(text)),
            Block::Callout(CalloutKind::Caution, text) => {
                self.paragraph(format!("> **Bear in mind:** {}", escaped(text)));
            }
            Block::Callout(CalloutKind::Missing, text) => {
                self.paragraph(format!("> **Not yet known:** {}", escaped(text)));
            }
            Block::List(items) => self.paragraph(list(items.iter().map(|item| escaped(item)))),
            Block::Table(one) => self.table(one),
            Block::Chart(chart) => self.chart(chart),
            Block::Cards(cards) => cards.iter().for_each(|card| self.card(card)),
            Block::Pond(bands) => bands.iter().for_each(|band| self.band(band)),
            Block::Panels(panels) => panels.iter().for_each(|panel| self.panel(panel)),
            Block::RateBars(bars) => self.paragraph(list(
                bars.iter().map(|bar| format!("{} {}", bold(&format!("{}:", bar.name)), escaped(&bar.label))),
            )),
        }
    }

    fn table(&mut self, block: &Table) {
        self.paragraph(escaped(&block.caption));
        self.paragraph(table(block));
    }

    fn chart(&mut self, chart: &Chart) {
        self.paragraph(bold(&chart.finding));
        self.table(&chart.table);
    }

    fn card(&mut self, card: &Card) {
        self.paragraph(bold(&card.title));
        self.paragraph(escaped(&card.subtitle));
        self.paragraph(list(
            card.facts.iter().map(|(name, fact)| format!("{} {}", bold(&format!("{name}:")), escaped(fact))),
        ));
    }

    fn panel(&mut self, panel: &Panel) {
        self.heading(2, &panel.title);
        self.paragraph(panel.lead.as_deref().map(escaped).unwrap_or_default());
        self.paragraph(list(
            panel.lines.iter().map(|line| format!("{} {}", bold(&format!("{}:", line.lead)), escaped(&line.text))),
        ));
    }

    fn band(&mut self, band: &PondMapColumn) {
        self.heading(3, &band.name);
        for (name, marks) in [("Counts against", &band.negatives), ("Counts for", &band.positives)] {
            self.paragraph(format!("{name}:"));
            let items =
                if marks.is_empty() { vec!["nothing known".to_owned()] } else { marks.iter().map(mark).collect() };
            self.paragraph(list(items));
        }
    }
}

fn bold(text: &str) -> String {
    let text = escaped(text);
    if text.is_empty() { text } else { format!("**{text}**") }
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().map(|item| format!("- {item}")).collect::<Vec<_>>().join("\n")
}

fn mark(mark: &PondMapEntry) -> String {
    let severity = if mark.severity.is_empty() { String::new() } else { format!(" {}", bold(&mark.severity)) };
    let source = if mark.source.is_empty() { String::new() } else { format!(" ({})", escaped(&mark.source)) };
    let matching = if mark.matching.is_empty() { String::new() } else { format!("; {}", escaped(&mark.matching)) };
    format!("{}{severity}{source}{matching}", escaped(&mark.text))
}
