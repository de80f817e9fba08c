//! Names and words that a reader would have to guess at.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Names that say nothing: prepositions, articles, and participles without their noun.
const BARE_NAMES: [&str; 30] = [
    "among", "asked", "at", "believed", "by", "come", "drawn", "fate", "given", "held", "in_", "judged", "kept",
    "made", "met", "odd", "of", "over", "placed", "ruled", "said", "spoken", "taken", "told", "upon", "wanted", "wish",
    "within", "whole", "worth",
];
/// Names of locals that say nothing, besides those of [`BARE_NAMES`].
const BARE_LOCALS: [&str; 17] = [
    "alike", "asking", "behind", "beside", "both", "gone", "least", "most", "much", "one", "says", "spot", "sure",
    "usual", "way", "whom", "whose",
];
/// Parts of names that stand for a noun which is missing.
const NAME_PARTS: [&str; 7] = ["anew", "made_up", "nobody", "said", "spoken", "told", "whoever"];
/// How the name of a bound must not begin: bounds are `MAX_` or `MIN_`.
const BOUND_PREFIXES: [&str; 3] = ["FEWEST", "LEAST_", "MOST_"];
/// Words of comments, messages and pages, each with what to write instead.
const WORDS: [(&str, &str); 9] = [
    ("anew", "again"),
    ("is no number", "is not a number"),
    ("is no setting", "unknown setting"),
    ("nobody", "no one, or say what does not happen"),
    ("so many", "that many, at most N"),
    ("thereof", "of it"),
    ("told", "reported, stored, known, given"),
    ("whoever", "anyone who, or name them"),
    ("whosoever", "anyone who, or name them"),
];
/// Types that share a name on purpose. `Account`: the JSON of a message has the name of the message.
const SHARED_TYPES: [&str; 1] = ["Account"];

/// Files of these kinds below a folder, without what is built.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, endings));
        } else if path.extension().is_some_and(|ending| endings.iter().any(|one| ending == *one)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Every source file: product and tests.
fn sources() -> Vec<PathBuf> {
    ["src", "crates", "tests", "benches"].iter().flat_map(|folder| files(Path::new(folder), &["rs"])).collect()
}

/// A declared name, its kind, and where.
struct Declaration {
    kind: &'static str,
    name: String,
    place: String,
}

fn declarations(path: &Path, text: &str) -> Vec<Declaration> {
    const KINDS: [&str; 8] = ["fn", "struct", "enum", "trait", "type", "mod", "const", "static"];
    let lines =
        text.lines().enumerate().map(|(number, line)| (number + 1, line.split("//").next().unwrap_or_default()));
    lines
        .flat_map(|(number, line)| {
            let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
            let starts = line.trim_start().starts_with(|c: char| c.is_ascii_lowercase());
            let pairs: Vec<(&str, &str)> = words.iter().copied().zip(words.iter().copied().skip(1)).collect();
            let kinds = pairs.into_iter().filter_map(move |(kind, name)| {
                let kind = KINDS.iter().find(|known| **known == kind)?;
                Some((*kind, name.to_owned()))
            });
            let place = format!("{}:{number}", path.display());
            kinds
                .filter(|(_, name)| starts && !name.is_empty())
                .take(1)
                .map(move |(kind, name)| Declaration { kind, name, place: place.clone() })
                .collect::<Vec<_>>()
        })
        .collect()
}

fn all_declarations() -> Vec<Declaration> {
    let files = sources();
    let of_files = files.iter().map(|path| {
        let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
        Declaration { kind: "file", name: module, place: path.display().to_string() }
    });
    let inside = files.iter().flat_map(|path| declarations(path, &fs::read_to_string(path).unwrap()));
    of_files.chain(inside).collect()
}

fn none(violations: &[String]) {
    assert!(violations.is_empty(), "{} violations:\n{}", violations.len(), violations.join("\n"));
}

/// Why a name should be another one.
fn objection(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    if BARE_NAMES.contains(&&*lower) {
        return Some(format!("{name} does not name a thing"));
    }
    if let Some(prefix) = BOUND_PREFIXES.iter().find(|prefix| name.starts_with(**prefix)) {
        return Some(format!("{name} begins with {prefix}: write MAX_ or MIN_"));
    }
    let parts: Vec<&str> = lower.split('_').collect();
    let has = |part: &str| if part.contains('_') { lower.contains(part) } else { parts.contains(&part) };
    NAME_PARTS.iter().find(|part| has(part)).map(|part| format!("{name} has the part {part}"))
}

#[test]
fn names_say_what_things_are() {
    let wrong = |one: Declaration| Some(format!("{}: {} {}", one.place, one.kind, objection(&one.name)?));
    none(&all_declarations().into_iter().filter_map(wrong).collect::<Vec<_>>());
}

/// The name that a line binds by `let`; `None` if it binds none, or several by a pattern.
fn bound_name(line: &str) -> Option<&str> {
    let name = line.trim_start().strip_prefix("let ")?;
    let name = name.strip_prefix("mut ").unwrap_or(name);
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
    Some(&name[..end]).filter(|name| !name.is_empty())
}

/// The product code of a file: all before its tests.
fn product_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.ends_with("mod tests {"))
        .map(|(number, line)| (number + 1, line))
}

#[test]
fn locals_say_what_they_hold() {
    let mut wrong = Vec::new();
    let is_test =
        |path: &PathBuf| path.iter().any(|part| part == "tests" || part == "benches") || path.ends_with("tests.rs");
    for path in sources().into_iter().filter(|path| !is_test(path)) {
        let text = fs::read_to_string(&path).unwrap();
        let bare = |name: &&str| BARE_NAMES.contains(name) || BARE_LOCALS.contains(name);
        let names = product_lines(&text).filter_map(|(number, line)| Some((number, bound_name(line).filter(bare)?)));
        wrong.extend(names.map(|(number, name)| format!("{}:{number}: {name} does not name a thing", path.display())));
    }
    none(&wrong);
}

#[test]
fn a_type_name_stands_for_one_type() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let is_type = |one: &Declaration| ["struct", "enum", "trait"].contains(&one.kind);
    for one in all_declarations().into_iter().filter(is_type) {
        places.entry(one.name).or_default().push(one.place);
    }
    let shared = places.into_iter().filter(|(name, places)| places.len() > 1 && !SHARED_TYPES.contains(&&**name));
    none(&shared.map(|(name, places)| format!("{name}: {}", places.join(", "))).collect::<Vec<_>>());
}

#[test]
fn prose_is_plain() {
    let prose = ["docs", "proto", "helm"].iter().flat_map(|folder| files(Path::new(folder), &["md", "proto", "yaml"]));
    let top =
        ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "clients/python/README.md"].map(PathBuf::from);
    let mut wrong = Vec::new();
    let is_checked = |path: &PathBuf| {
        // The style guide lists the words.
        let is_test = path.iter().any(|part| part == "tests") || path.ends_with("tests.rs");
        !is_test && !path.ends_with("docs/STYLE.md")
    };
    for path in sources().into_iter().chain(prose).chain(top).filter(is_checked) {
        let is_code = path.extension().is_some_and(|ending| ending == "rs");
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            let text = if is_code { comments_and_texts(line) } else { line.to_owned() };
            let words = WORDS.iter().filter(|(word, _)| has_words(&text, word));
            wrong.extend(
                words.map(|(word, better)| format!("{}:{}: {word:?}; better: {better}", path.display(), number + 1)),
            );
        }
    }
    none(&wrong);
}

/// What a line of code says to people: its comment, and the texts in quotes.
fn comments_and_texts(line: &str) -> String {
    let (code, comment) = line.split_once("//").unwrap_or((line, ""));
    let texts: Vec<&str> = code.split('"').skip(1).step_by(2).collect();
    let texts: Vec<&str> = texts.iter().flat_map(|text| text.split('{').map(after_capture)).collect();
    format!("{} {comment}", texts.join(" "))
}

/// What follows the name of a value in a format string.
fn after_capture(part: &str) -> &str {
    part.split_once('}').map_or(part, |(_, rest)| rest)
}

fn has_words(line: &str, words: &str) -> bool {
    let line = line.to_lowercase();
    let boundary = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
    line.match_indices(words)
        .any(|(at, _)| boundary(line[..at].chars().next_back()) && boundary(line[at + words.len()..].chars().next()))
}

#[test]
fn the_rules_find_what_breaks_them() {
    assert!(objection("of").is_some() && objection("MOST_ROWS").is_some() && objection("made_up").is_some());
    assert!(objection("Told").is_some() && objection("told_apart").is_some());
    assert!(objection("offset").is_none() && objection("almost_all").is_none() && objection("MAX_ROWS").is_none());
    let found =
        declarations(Path::new("a.rs"), "pub(crate) fn\u{20}of(x: u8) {\nlet fn_of = 1; // fn at\nstruct Told;");
    let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["of", "Told"]);
    let text = "    let mut told: u8 = 1;\nlet (a, of) = x;\nlet Some(at) = y else {};\nmod tests {\nlet of = 1;";
    let bound: Vec<&str> = product_lines(text).filter_map(|(_, line)| bound_name(line)).collect();
    assert_eq!(bound, ["told", "Some"]);
    assert!(has_words("/// Whoever reads this.", "whoever") && !has_words("untold", "told"));
}
