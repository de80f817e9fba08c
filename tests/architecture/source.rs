//! Product source as tokens: without comments, texts, and whatever is compiled for tests only.

use std::path::Path;

/// One file of `src`, or a made-up one.
pub(crate) struct Source {
    /// Its path below `src`, such as `store/sled.rs`.
    pub(crate) file: String,
    /// Its module, such as `["store", "sled"]`.
    pub(crate) module: Vec<String>,
    /// What the compiler sees of it outside tests.
    pub(crate) tokens: Vec<Token>,
    /// Modules that it declares for tests only.
    pub(crate) test_modules: Vec<Vec<String>>,
}

/// A word, `::`, or one other sign.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

impl Source {
    pub(crate) fn new(file: &str, text: &str) -> Self {
        let module = module_of(file);
        let (tokens, names) = without_tests(&tokens(&blanked(text)));
        let test_modules = names.into_iter().map(|name| [module.clone(), vec![name]].concat()).collect();
        Self { file: file.to_owned(), module, tokens, test_modules }
    }

    /// Lines that hold anything of the product.
    pub(crate) fn lines(&self) -> usize {
        let mut lines: Vec<usize> = self.tokens.iter().map(|token| token.line).collect();
        lines.dedup();
        lines.len()
    }
}

/// Every product file below a folder, in order.
pub(crate) fn all(root: &Path) -> Vec<Source> {
    let mut sources = Vec::new();
    collect(root, root, &mut sources);
    let tests: Vec<Vec<String>> = sources.iter().flat_map(|source| source.test_modules.clone()).collect();
    sources.retain(|source| !tests.iter().any(|test| source.module.starts_with(test)));
    sources.sort_by(|one, other| one.file.cmp(&other.file));
    sources
}

fn collect(root: &Path, folder: &Path, out: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let file = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            out.push(Source::new(&file, &std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// `store/sled/rows.rs` is `store::sled::rows`, `store/mod.rs` is `store`, `lib.rs` is the crate itself.
fn module_of(file: &str) -> Vec<String> {
    let mut module: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod" || last == "lib") {
        module.pop();
    }
    module
}

/// The same text with a blank for every character of a comment or of a literal text.
fn blanked(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = literal_or_comment(&chars, at).unwrap_or(at);
        if end == at {
            out.push(chars[at]);
            at += 1;
        }
        while at < end {
            out.push(if chars[at] == '\n' { '\n' } else { ' ' });
            at += 1;
        }
    }
    out
}

/// Where the comment or literal that starts here ends; `None`: none starts here.
fn literal_or_comment(chars: &[char], at: usize) -> Option<usize> {
    let rest = &chars[at..];
    let after_word = at > 0 && is_word(chars[at - 1]);
    let length = match rest {
        ['/', '/', ..] => rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
        ['/', '*', ..] => block_comment(rest),
        ['r', '"' | '#', ..] if !after_word => raw_text(rest)?,
        ['"', ..] => quoted(rest, '"'),
        ['\'', '\\', ..] | ['\'', _, '\'', ..] => quoted(rest, '\''),
        _ => return None,
    };
    Some(at + length)
}

fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] if depth == 1 => return at + 2,
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    at
}

/// `r"…"` and `r#"…"#`; `None` for a raw name such as `r#type`.
fn raw_text(rest: &[char]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    if rest.get(1 + hashes) != Some(&'"') {
        return None;
    }
    let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let start = 2 + hashes;
    let length = rest[start..].windows(end.len()).position(|window| window == end)?;
    Some(start + length + end.len())
}

fn quoted(rest: &[char], quote: char) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn tokens(text: &str) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if is_word(first) {
                rest.find(|c| !is_word(c)).unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            let (text, after) = rest.split_at(length);
            out.push(Token { text: text.to_owned(), line: number + 1 });
            rest = after.trim_start();
        }
    }
    out
}

/// Leaves out every item under `#[cfg(test)]`, and tells the names of modules that were only declared so.
fn without_tests(tokens: &[Token]) -> (Vec<Token>, Vec<String>) {
    let mark = ["#", "[", "cfg", "(", "test", ")", "]"];
    let (mut kept, mut names, mut at) = (Vec::new(), Vec::new(), 0);
    while at < tokens.len() {
        let rest = &tokens[at..];
        if rest.len() > mark.len() && rest.iter().zip(mark).all(|(token, text)| token.text == text) {
            let item = &rest[mark.len()..];
            let length = item_length(item);
            let name = item.iter().take(length).skip_while(|token| token.text != "mod").nth(1);
            names.extend(name.filter(|_| item[length - 1].text == ";").map(|token| token.text.clone()));
            at += mark.len() + length;
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    (kept, names)
}

/// Up to the `;` or the closing brace that ends an item, with the attributes before it.
fn item_length(item: &[Token]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in item.iter().enumerate() {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" if depth == 1 => return at + 1,
            "}" | ")" | "]" => depth -= 1,
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    item.len()
}
