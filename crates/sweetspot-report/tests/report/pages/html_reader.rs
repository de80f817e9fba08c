//! Parses a page strictly: every tag that opens closes, in order.

/// One tag with its attributes and its parent.
#[derive(Debug)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    /// The index of the parent among all tags.
    pub(crate) parent: Option<usize>,
}

impl Tag {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

const VOID: [&str; 4] = ["meta", "br", "hr", "link"];

/// The tags of a page, in order. Panics if it is not well-formed.
pub(crate) fn tags(page: &str) -> Vec<Tag> {
    let mut rest = page.strip_prefix("<!DOCTYPE html>").unwrap();
    let (mut tags, mut open): (Vec<Tag>, Vec<usize>) = (Vec::new(), Vec::new());
    while let Some((text, behind)) = rest.split_once('<') {
        let style = open.last().is_some_and(|last| tags.get(*last).is_some_and(|tag: &Tag| tag.name == "style"));
        assert!(style || !text.contains('>'), "a bare > in {text:?}");
        let (inside, behind) = behind.split_once('>').unwrap();
        rest = behind;
        if let Some(name) = inside.strip_prefix('/') {
            let last = open.pop().unwrap();
            assert_eq!(tags.get(last).unwrap().name, name);
            continue;
        }
        let tag = tag(inside, open.last().copied());
        if !VOID.contains(&tag.name.as_str()) {
            open.push(tags.len());
        }
        tags.push(tag);
    }
    assert!(open.is_empty(), "unclosed tags: {open:?}");
    tags
}

fn tag(inside: &str, within: Option<usize>) -> Tag {
    let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
    assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()), "invalid tag {name:?}");
    let mut attributes = Vec::new();
    while let Some((attribute, behind)) = rest.split_once("=\"") {
        let (value, behind) = behind.split_once('"').unwrap();
        let attribute = attribute.trim();
        assert!(attribute.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "invalid attribute {attribute:?}");
        assert!(!attribute.starts_with("on"), "event handler: {attribute}");
        attributes.push((attribute.to_owned(), value.to_owned()));
        rest = behind;
    }
    assert!(rest.trim().is_empty(), "trailing text in a tag: {rest:?}");
    Tag { name: name.to_owned(), attributes, parent: within }
}

/// Checks the invariants of every page.
pub(crate) fn check(page: &str) {
    let tags = tags(page);
    let count = |name: &str| tags.iter().filter(|tag| tag.name == name).count();
    let drawings = tags.iter().filter(|tag| tag.name == "svg" && tag.attribute("aria-hidden").is_none()).count();
    assert_eq!((count("h1"), count("main"), count("nav"), count("title") - drawings, count("script")), (1, 1, 1, 1, 0));
    let ids: Vec<&str> = tags.iter().filter_map(|tag| tag.attribute("id")).collect();
    let distinct: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), distinct.len(), "duplicate ids");
    for tag in &tags {
        for name in ["aria-labelledby", "href"] {
            for id in tag.attribute(name).unwrap_or_default().split_whitespace() {
                assert!(distinct.contains(id.trim_start_matches('#')), "{name} references {id}, which does not exist");
            }
        }
        for name in ["src", "srcset", "data", "action", "style", "xlink:href"] {
            assert!(tag.attribute(name).is_none(), "{tag:?}");
        }
    }
    let levels: Vec<u32> =
        tags.iter().filter_map(|tag| tag.name.strip_prefix('h').and_then(|level| level.parse().ok())).collect();
    assert!(levels.windows(2).all(|pair| matches!(pair, [one, other] if *other <= one + 1)), "{levels:?}");
    rows(&tags);
}

/// Every row has the width of its table's head, and every table is in a scrollable region.
fn rows(tags: &[Tag]) {
    let children = |place: usize| tags.iter().filter(move |tag| tag.parent == Some(place)).count();
    let mut width = 0;
    for (place, tag) in tags.iter().enumerate() {
        match tag.name.as_str() {
            "table" => assert_eq!(tags.get(tag.parent.unwrap()).unwrap().attribute("role"), Some("region")),
            "thead" => width = children(place + 1),
            "tr" => assert_eq!(children(place), width, "a row differs from the head in width"),
            "th" => assert!(tag.attribute("scope").is_some()),
            _ => (),
        }
    }
}

#[test]
fn a_synthetic_page_holds_what_must_hold() {
    check(&sweetspot_report::html::page(&crate::pages::page_fixtures::report("logistics")));
}
