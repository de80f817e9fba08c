//! Headings with ids and consistent levels, and their table of contents.

use maud::{Markup, html};

use crate::heading_levels::{HeadingLevels, MIN_LEVEL};

/// The headings so far.
#[derive(Debug, Default)]
pub(super) struct Headings {
    levels: HeadingLevels,
    entries: Vec<ContentsEntry>,
}

#[derive(Debug)]
struct ContentsEntry {
    level: u8,
    id: String,
    text: String,
}

impl Headings {
    /// Adds a heading, where level 1 is a document's title.
    pub(super) fn add(&mut self, level: u8, text: &str) -> Markup {
        let level = self.levels.next(level);
        let id = format!("part-{}", self.entries.len() + 1);
        let heading = match level {
            2 => html! { h2 id=(id) { (text) } },
            3 => html! { h3 id=(id) { (text) } },
            _ => html! { h4 id=(id) { (text) } },
        };
        self.entries.push(ContentsEntry { level, id, text: text.to_owned() });
        heading
    }

    /// The id of the last heading.
    pub(super) fn last_id(&self) -> &str {
        self.entries.last().map_or("report", |entry| &entry.id)
    }

    /// Whether there is more than one document to list.
    pub(super) fn has_contents(&self) -> bool {
        self.entries.iter().filter(|entry| entry.level == MIN_LEVEL).count() > 1
    }

    /// The table of contents: documents and their sections.
    pub(super) fn contents(&self) -> Markup {
        let documents = self.entries.iter().enumerate().filter(|(_, entry)| entry.level == MIN_LEVEL);
        let sections = |from: usize| {
            let following = self.entries.iter().skip(from + 1).take_while(|entry| entry.level > MIN_LEVEL);
            following.filter(|entry| entry.level == MIN_LEVEL + 1).collect::<Vec<_>>()
        };
        html! {
            details { summary.contents { "Contents" } ol {
                @for (index, document) in documents {
                    li {
                        a href={ "#" (document.id) } { (document.text) }
                        @let sections = sections(index);
                        @if !sections.is_empty() {
                            ol { @for section in sections { li { a href={ "#" (section.id) } { (section.text) } } } }
                        }
                    }
                }
            } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_stand_below_their_document() {
        let mut headings = Headings::default();
        for (level, text) in [(1, "one"), (2, "a"), (3, "deep"), (2, "b"), (1, "two")] {
            headings.add(level, text);
        }
        let contents = headings.contents().into_string();
        assert_eq!(contents.matches("<li>").count(), 4);
        assert!(contents.contains("one</a><ol>") && contents.contains("two</a></li>") && !contents.contains("deep"));
    }
}
