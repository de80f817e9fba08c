//! Rules that Cargo does not enforce: which modules of a crate may use which, what a crate must not do, and how long a
//! file may be.
//!
//! Between crates, the dependencies in each `Cargo.toml` are the rule.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue should panic")]

use std::fs;
use std::path::Path;

/// The maximum number of lines of a file without its tests: a longer file contains more than one idea.
const MAX_LINES: usize = 300;

/// A folder of modules, a module, and the sibling modules that it may use; `a::b`: of `a` only `b`.
const MODULES: [(&str, &str, &[&str]); 26] = [
    ("src", "config", &[]),
    ("src", "telemetry", &["config"]),
    ("src", "messages", &[]),
    ("src", "access", &[]),
    ("src", "api", &["access", "config", "messages", "telemetry"]),
    ("src", "layers", &["access", "api::status", "config", "telemetry"]),
    ("src", "http", &["api::decoding_limits", "api::status", "messages"]),
    ("src", "app", &["access", "api", "config", "http", "layers", "telemetry"]),
    ("src", "cli", &["app", "config", "messages", "telemetry"]),
    ("src", "fuzz", &["api", "app"]),
    ("src", "lib", &[]),
    ("crates/sweetspot-store/src", "store", &[]),
    ("crates/sweetspot-store/src", "api_keys", &["store"]),
    ("crates/sweetspot-store/src", "audit_log", &["store"]),
    ("crates/sweetspot-store/src", "datasets", &["store", "stored"]),
    ("crates/sweetspot-store/src", "definitions", &["store"]),
    ("crates/sweetspot-store/src", "registry", &["datasets", "store"]),
    ("crates/sweetspot-store/src", "jobs", &["datasets", "registry", "store"]),
    ("crates/sweetspot-store/src", "workspaces", &["datasets", "registry", "store"]),
    ("crates/sweetspot-store/src", "erasure", &["datasets", "definitions", "jobs", "registry", "store"]),
    (
        "crates/sweetspot-store/src",
        "inventory",
        &["api_keys", "audit_log", "datasets", "definitions", "jobs", "registry", "store"],
    ),
    ("crates/sweetspot-store/src", "garbage", &["inventory", "store"]),
    ("crates/sweetspot-store/src", "backup", &["inventory", "store"]),
    ("crates/sweetspot-store/src", "copy", &["inventory", "store"]),
    ("crates/sweetspot-store/src", "follower", &["store"]),
    ("crates/sweetspot-store/src", "integrity", &["datasets", "definitions", "inventory", "store", "stored"]),
];

/// Folders, words that must not appear in them outside tests, and the reason.
const FORBIDDEN_WORDS: [(&[&str], &[&str], &str); 7] = [
    (
        &["core", "solver", "model", "ingest", "report", "export"],
        &["SystemTime", "Instant", "Timestamp::now", "Zoned::now"],
        "computations do not read the time",
    ),
    (
        &["core", "solver", "model", "ingest", "report", "export"],
        &["thread_rng", "OsRng", "ThreadRng", "from_os_rng", "from_entropy", "rand::rng", "rand::random", "new_v4"],
        "random numbers are seeded, so that the same input gives the same bytes",
    ),
    (&["solver", "model", "report", "export"], &["HashMap", "HashSet"], "their order changes from run to run"),
    (
        &["core", "solver", "model", "report", "export"],
        &["std::fs", "File", "TcpStream", "Command"],
        "computations open nothing",
    ),
    (
        &["core", "solver", "model", "ingest", "report", "export", "api", "http", "layers"],
        &["tokio::spawn", "task::spawn", "thread::spawn", "thread::Builder", "JoinSet", "TaskTracker"],
        "tasks are joined when the server stops, so that only app and jobs spawn them",
    ),
    (
        &["cli"],
        &["tokio::spawn", "task::spawn", "thread::spawn", "JoinSet", "TaskTracker"],
        "a command ends with its work; a named thread may read its input",
    ),
    (&["api", "http", "layers"], &["std::fs", "tokio::fs", "File"], "clients must not be able to open files"),
];

/// A source file without its tests.
struct SourceFile {
    path: String,
    lines: Vec<(usize, String)>,
}

/// Returns the lines of code, without comments, strings and everything from `#[cfg(test)]` on, which by convention ends
/// a file.
fn code_lines(text: &str) -> Vec<(usize, String)> {
    let product =
        text.lines().enumerate().take_while(|(_, line)| line.trim() != "#[cfg(test)]" || !is_test_start(text));
    product
        .map(|(number, line)| (number + 1, strip_strings(line.split("//").next().unwrap_or_default())))
        .filter(|(_, line)| !line.trim().is_empty())
        .collect()
}

/// Whether the last item is a test module.
fn is_test_start(text: &str) -> bool {
    text.contains("#[cfg(test)]\nmod tests")
}

fn strip_strings(line: &str) -> String {
    line.replace("\\\"", "").split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
}

fn sources(folder: &Path) -> Vec<SourceFile> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && name != "tests" {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !["tests", "fixtures"].contains(&&*name)
        {
            let text = fs::read_to_string(&path).unwrap();
            found.push(SourceFile { path: path.to_str().unwrap().replace('\\', "/"), lines: code_lines(&text) });
        }
    }
    found
}

fn product_sources() -> Vec<SourceFile> {
    let crates = fs::read_dir("crates").unwrap().map(|entry| entry.unwrap().path().join("src"));
    [Path::new("src").to_owned()].into_iter().chain(crates).flat_map(|folder| sources(&folder)).collect()
}

/// Whether a line contains a word: a name or a path.
fn contains_word(line: &str, word: &str) -> bool {
    let boundary = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
    line.match_indices(word)
        .any(|(at, _)| boundary(line[..at].chars().next_back()) && boundary(line[at + word.len()..].chars().next()))
}

/// Returns the modules that a source must not use but does.
fn forbidden_imports(source: &SourceFile) -> Vec<String> {
    let Some((folder, module, allowed)) = MODULES.iter().find(|(folder, module, _)| {
        source
            .path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.trim_start_matches('/').split(['/', '.']).next() == Some(module))
    }) else {
        return Vec::new();
    };
    let beside = MODULES.iter().filter(|(other, name, _)| other == folder && name != module);
    let named = |line: &str, name: &str| contains_word(line, &format!("crate::{name}"));
    let forbidden: Vec<&str> = beside.map(|(_, name, _)| *name).filter(|name| !allowed.contains(name)).collect();
    let parts = || allowed.iter().filter(|name| name.contains("::")).map(|name| format!("crate::{name}"));
    let wrong = |line: &str| {
        let rest = parts().fold(line.to_owned(), |line, part| line.replace(&part, ""));
        forbidden.iter().find(|name| named(&rest, name)).copied()
    };
    let tree = |line: &str| line.contains("use crate::{").then_some("several modules in one tree");
    let found = source.lines.iter().filter_map(|(number, line)| Some((number, wrong(line).or_else(|| tree(line))?)));
    found.map(|(number, name)| format!("{}:{number}: {module} must not name {name}", source.path)).collect()
}

/// Returns the words that a source must not contain but does.
fn forbidden_words(source: &SourceFile) -> Vec<String> {
    let lies_in = |part: &&str| {
        source.path.starts_with(&format!("crates/sweetspot-{part}/")) || source.path.starts_with(&format!("src/{part}"))
    };
    let rules = FORBIDDEN_WORDS.iter().filter(|(parts, _, _)| parts.iter().any(lies_in));
    let words = rules.flat_map(|(_, words, why)| words.iter().map(move |word| (word, why)));
    let all = words.flat_map(|(word, why)| source.lines.iter().map(move |line| (word, why, line)));
    all.filter(|(word, _, (_, line))| contains_word(line, word))
        .map(|(word, why, (number, _))| format!("{}:{number}: {word}: {why}", source.path))
        .collect()
}

fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "{} violations:\n{}", violations.len(), violations.join("\n"));
}

#[test]
fn modules_import_only_modules_below_them() {
    assert_none(&product_sources().iter().flat_map(forbidden_imports).collect::<Vec<_>>());
}

#[test]
fn every_module_of_the_program_has_its_rule() {
    let sources = sources(Path::new("src"));
    let module = |source: &SourceFile| source.path.split(['/', '.']).nth(1).unwrap().to_owned();
    let without = |source: &&SourceFile| {
        let module = module(source);
        module != "main" && !MODULES.iter().any(|(_, name, _)| *name == module)
    };
    assert_none(&sources.iter().filter(without).map(|source| source.path.clone()).collect::<Vec<_>>());
}

#[test]
fn confined_words_occur_only_where_allowed() {
    assert_none(&product_sources().iter().flat_map(forbidden_words).collect::<Vec<_>>());
}

#[test]
fn no_file_exceeds_the_line_limit() {
    let long = |source: &&SourceFile| source.lines.len() > MAX_LINES;
    let text = |source: &SourceFile| format!("{}: {} lines, at most {MAX_LINES}", source.path, source.lines.len());
    assert_none(&product_sources().iter().filter(long).map(text).collect::<Vec<_>>());
}

#[test]
fn the_architecture_rules_detect_violations() {
    let source = |path: &str, text: &str| SourceFile { path: path.to_owned(), lines: code_lines(text) };
    let arrows = |path: &str, text: &str| forbidden_imports(&source(path, text)).len();
    assert_eq!(arrows("src/api/x.rs", "use crate::app::World;"), 1);
    assert_eq!(arrows("src/api/x.rs", "fn f() -> crate::cli::Args {}"), 1);
    assert_eq!(arrows("src/api/x.rs", "use crate::{app, cli};"), 1);
    assert_eq!(arrows("src/api/x.rs", "use crate::config::Limits; use crate::api::work;"), 0);
    assert_eq!(arrows("src/http/x.rs", "use crate::api::status::code;"), 0);
    assert_eq!(arrows("src/http/x.rs", "use crate::api::convert;"), 1);
    assert_eq!(arrows("src/telemetry.rs", "use crate::api::status;"), 1);
    assert_eq!(arrows("crates/sweetspot-store/src/store/x.rs", "use crate::jobs::Job;"), 1);
    let words = |path: &str, text: &str| forbidden_words(&source(path, text)).len();
    assert_eq!(words("crates/sweetspot-model/src/x.rs", "use std::collections::HashMap;"), 1);
    assert_eq!(words("crates/sweetspot-model/src/x.rs", "// a HashMap\nconst A: &str = \"HashMap\";"), 0);
    assert_eq!(
        words("crates/sweetspot-model/src/x.rs", "fn f() {}\n#[cfg(test)]\nmod tests { fn f(x: HashMap) {} }"),
        0
    );
    assert_eq!(words("src/api/x.rs", "let f = std::fs::read(path);"), 1);
    assert_eq!(words("src/cli/x.rs", "let f = std::fs::read(path);"), 0);
}
