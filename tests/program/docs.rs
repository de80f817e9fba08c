//! The documentation is correct: links resolve, and every reason that a client can receive is documented.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue should panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found
}

fn documents() -> Vec<PathBuf> {
    let mut documents = files(Path::new("docs"), "md");
    documents.extend(
        ["README.md", "CHANGELOG.md", "helm/sweetspot/README.md", "clients/python/README.md"].map(PathBuf::from),
    );
    documents
}

#[test]
fn links_in_documents_resolve() {
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if !link.starts_with("http") && !link.starts_with('#') {
                let target = document.parent().unwrap().join(link.split('#').next().unwrap());
                assert!(target.exists(), "{} links to {link}, which is not there", document.display());
            }
        }
    }
}

#[test]
fn paths_in_documents_exist() {
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for quoted in text.split('`').skip(1).step_by(2) {
            let is_path = ["src/", "crates/", "tests/", "benches/", "scripts/", "helm/", "proto/"]
                .iter()
                .any(|top| quoted.starts_with(top));
            if is_path && !quoted.contains(['{', '*', ' ', '<']) {
                assert!(Path::new(quoted).exists(), "{} names {quoted}, which is not there", document.display());
            }
        }
    }
}

fn is_reason(word: &str) -> bool {
    word.len() > 3 && word.contains('_') && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// Reasons of the modules whose errors reach a client; errors in files and mappings are reported by the command line
/// only.
fn reasons_in_code() -> BTreeSet<String> {
    let folders = ["src/api", "src/http", "src/layers", "crates/sweetspot-store/src", "crates/sweetspot-model/src"];
    let sources = folders.iter().flat_map(|folder| files(Path::new(folder), "rs"));
    let mut reasons = BTreeSet::new();
    // The names of codes are not reasons.
    for source in sources.filter(|path| !path.ends_with("tests.rs") && !path.ends_with("http/status_code.rs")) {
        let text = fs::read_to_string(source).unwrap();
        let product = text.split("#[cfg(test)]").next().unwrap();
        reasons.extend(product.split('"').skip(1).step_by(2).filter(|word| is_reason(word)).map(str::to_owned));
    }
    reasons.remove("CARGO_PKG_VERSION");
    reasons.remove("OUT_DIR");
    reasons
}

#[test]
fn every_reason_is_documented() {
    let text = fs::read_to_string("docs/API.md").unwrap();
    let told: BTreeSet<&str> = text.split('`').skip(1).step_by(2).collect();
    let untold: Vec<String> = reasons_in_code().into_iter().filter(|reason| !told.contains(reason.as_str())).collect();
    assert!(untold.is_empty(), "docs/API.md does not tell {untold:?}");
}

#[test]
fn the_readme_commands_are_the_ones_that_ci_runs() {
    let readme = fs::read_to_string("README.md").unwrap();
    assert!(readme.contains("```sh\ncargo run -- demo\n```") && readme.contains("```sh\ncargo test\n```"));
    assert!(fs::read_to_string(".ci/run").unwrap().contains("cargo test --locked"));
}
