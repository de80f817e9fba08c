//! The paths that a source names, with `use` trees written out and `crate`, `self` and `super` resolved.

use crate::source::{Source, Token};

/// One path, where it stands.
#[derive(Debug, PartialEq)]
pub(crate) struct Named {
    /// Whether it is one of this crate's own.
    pub(crate) own: bool,
    /// Its segments, without `crate`.
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
}

impl Named {
    pub(crate) fn text(&self) -> String {
        self.segments.join("::")
    }
}

/// Every path of a source with more than one segment, and everything it uses.
pub(crate) fn of(source: &Source) -> Vec<Named> {
    let tokens = &source.tokens;
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let (mut found, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        let before = if at == 0 { "" } else { text(at - 1) };
        let head = starts_word(text(at)) && text(at + 1) == "::" && !["::", "."].contains(&before);
        if text(at) == "use" && before != "::" {
            at = tree(tokens, at + 1, &[], &mut found);
        } else if head {
            at = tree(tokens, at, &[], &mut found);
        } else {
            at += 1;
        }
    }
    found.into_iter().map(|(segments, line)| resolved(&source.module, segments, line)).collect()
}

/// Reads a path or a tree of paths; gives where it ends.
fn tree(tokens: &[Token], start: usize, prefix: &[String], out: &mut Vec<(Vec<String>, usize)>) -> usize {
    let mut path = prefix.to_vec();
    let mut at = start;
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            "::" => at += 1,
            "{" if at == start || tokens[at - 1].text == "::" => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token.text != "}") {
                    at = tree(tokens, at, &path, out);
                    at += tokens[at..].iter().take_while(|token| ![",", "}"].contains(&token.text.as_str())).count();
                    at += usize::from(tokens.get(at).is_some_and(|token| token.text == ","));
                }
                return at + 1;
            }
            word if starts_word(word) => {
                path.push(word.to_owned());
                at += 1;
                if tokens.get(at).is_none_or(|token| token.text != "::") {
                    break;
                }
            }
            _ => break,
        }
    }
    let line = tokens.get(at.saturating_sub(1)).map_or(0, |token| token.line);
    out.push((path, line));
    at.max(start + 1)
}

fn starts_word(text: &str) -> bool {
    text.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_')
}

fn resolved(module: &[String], mut segments: Vec<String>, line: usize) -> Named {
    let mut from = match segments.first().map_or("", String::as_str) {
        "crate" | "sweetspot" => Vec::new(),
        "self" | "super" => module.to_vec(),
        _ => return Named { own: false, segments, line },
    };
    while segments.first().is_some_and(|first| ["crate", "sweetspot", "self", "super"].contains(&first.as_str())) {
        if segments.remove(0) == "super" {
            from.pop();
        }
    }
    from.append(&mut segments);
    Named { own: true, segments: from, line }
}
