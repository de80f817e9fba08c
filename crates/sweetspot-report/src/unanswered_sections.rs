//! Sections of which nothing is known, as one list.

use super::document::{Block, CalloutKind};

/// Moves the sections that state only that something is unknown to a list at the end, under this title.
pub(super) fn list_unknown_sections(page: &[Block], title: &str) -> Vec<Block> {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for section in page.chunk_by(|_, next| !matches!(next, Block::Heading(2, _))) {
        match unknown_text(section) {
            Some(text) => unknown.push(text),
            None => known.extend_from_slice(section),
        }
    }
    if !unknown.is_empty() {
        known.extend([Block::Heading(2, title.to_owned()), Block::List(unknown)]);
    }
    known
}

/// The section as one text; `None` if it contains anything else.
fn unknown_text(section: &[Block]) -> Option<String> {
    let (Block::Heading(2, heading), rest) = section.split_first()? else { return None };
    let texts = rest
        .iter()
        .map(|block| if let Block::Callout(CalloutKind::Missing, text) = block { Some(text.as_str()) } else { None });
    let texts: Vec<&str> = texts.collect::<Option<_>>()?;
    let colon = if heading.ends_with('?') { "" } else { ":" };
    (!texts.is_empty()).then(|| format!("{heading}{colon} {}", texts.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sections_without_any_answer_are_listed() {
        let heading = |text: &str| Block::Heading(2, text.to_owned());
        let missing = |text: &str| Block::Callout(CalloutKind::Missing, text.to_owned());
        let text = Block::Text("Half of them.".to_owned());
        let page = vec![
            Block::Heading(1, "Review".to_owned()),
            missing("Much."),
            heading("Who?"),
            missing("Their names."),
            heading("Why"),
            text.clone(),
            missing("The others."),
            heading("When"),
            missing("The day."),
            missing("The year."),
            heading("Empty"),
        ];
        let mut expected = page.clone();
        expected.drain(7..10);
        expected.drain(2..4);
        let list = ["Who? Their names.", "When: The day. The year."].map(str::to_owned).to_vec();
        expected.extend([heading("Unknown"), Block::List(list)]);
        assert_eq!(list_unknown_sections(&page, "Unknown"), expected);
        assert_eq!(list_unknown_sections(&[heading("Why"), text.clone()], "Unknown"), [heading("Why"), text]);
    }
}
