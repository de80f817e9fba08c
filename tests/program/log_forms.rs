//! Log lines are for people and for the systems that search them: they contain no `Debug` forms of Rust, which change
//! with every rename.

use std::path::{Path, PathBuf};

/// The macros that write a line.
const MACROS: [&str; 5] = ["error!(", "warn!(", "info!(", "debug!(", "trace!("];

/// Returns the arguments of each log macro in a text.
fn log_macros(text: &str) -> Vec<&str> {
    let starts = MACROS.iter().flat_map(|name| text.match_indices(name).map(|(at, _)| at + name.len()));
    starts
        .map(|start| {
            let mut depth = 1;
            let end = text[start..].find(|letter| {
                depth += i32::from(letter == '(') - i32::from(letter == ')');
                depth == 0
            });
            &text[start..start + end.unwrap()]
        })
        .collect()
}

/// Whether the arguments contain a `Debug` form: a field such as `?code` or `code = ?code`, or `{code:?}` in the text.
fn has_debug_form(arguments: &str) -> bool {
    let is_prefix = |at: usize| {
        let before = arguments[..at].trim_end().chars().next_back();
        let after = arguments[at + 1..].chars().next();
        before.is_none_or(|letter| ",=".contains(letter))
            && after.is_some_and(|letter| letter.is_alphabetic() || letter == '_')
    };
    arguments.match_indices('?').any(|(at, _)| is_prefix(at))
        || ["?}", "field::debug"].iter().any(|form| arguments.contains(form))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn log_lines_contain_no_debug_forms() {
    let mut files = Vec::new();
    rust_files(Path::new("src"), &mut files);
    for member in std::fs::read_dir("crates").unwrap() {
        rust_files(&member.unwrap().path().join("src"), &mut files);
    }
    let (mut lines, mut wrong) = (0, Vec::new());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let macros = log_macros(&text);
        lines += macros.len();
        let of_file = macros.into_iter().filter(|arguments| has_debug_form(arguments));
        wrong.extend(of_file.map(|arguments| format!("{}: {arguments}", file.display())));
    }
    assert!(lines > 60, "{lines}");
    assert!(wrong.is_empty(), "use Display, or a text for each variant:\n{}", wrong.join("\n"));
}

#[test]
fn the_rule_finds_every_debug_form_and_nothing_else() {
    for wrong in [
        "?error, \"text\"",
        "%run, ?state, \"text\"",
        "code = ?code",
        "\"{code:?}\"",
        "\"{:#?}\", x",
        "x = field::debug(x)",
    ] {
        assert!(has_debug_form(wrong), "{wrong}");
    }
    for right in ["%error, \"text\"", "bytes = size()?, \"text\"", "\"really?\"", "text.map(|x| x?.len())"] {
        assert!(!has_debug_form(right), "{right}");
    }
}
