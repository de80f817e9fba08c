//! The map of modules, held by tests: which module may name which, and what must not appear where.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod absences;
mod arrows;
mod paths;
mod rules_can_fail;
mod source;

use std::collections::BTreeSet;
use std::path::Path;

use source::Source;

/// Product lines in one file beyond which it holds more than one idea.
const LONGEST_FILE: usize = 300;

fn product() -> Vec<Source> {
    source::all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

fn none(violations: &[String]) {
    assert!(violations.is_empty(), "{} violations:\n{}", violations.len(), violations.join("\n"));
}

#[test]
fn modules_name_only_what_the_map_allows() {
    none(&product().iter().flat_map(arrows::violations).collect::<Vec<_>>());
}

#[test]
fn what_is_confined_stays_where_it_belongs() {
    none(&product().iter().flat_map(absences::violations).collect::<Vec<_>>());
}

#[test]
fn every_module_is_on_the_map_once() {
    let sources = product();
    let modules: BTreeSet<&str> =
        sources.iter().filter_map(|source| source.module.first()).map(String::as_str).collect();
    let mapped: BTreeSet<&str> = arrows::ARROWS.iter().map(|(module, _)| *module).collect();
    assert_eq!(mapped, modules);
    assert_eq!(mapped.len(), arrows::ARROWS.len());
}

#[test]
fn no_file_holds_more_than_one_idea() {
    let long = |source: &&Source| source.lines() > LONGEST_FILE;
    let told =
        |source: &Source| format!("src/{}: {} product lines, at most {LONGEST_FILE}", source.file, source.lines());
    none(&product().iter().filter(long).map(told).collect::<Vec<_>>());
}
