//! Which module may name which. Arrows only go down.

use crate::paths;
use crate::source::Source;

/// A module, and what it may name besides itself. `a::b`: of `a` only `b`.
pub(crate) const ARROWS: [(&str, &[&str]); 22] = [
    // The leaves.
    ("clock", &[]),
    ("config", &[]),
    ("domain", &[]),
    ("fault", &[]),
    ("generated", &[]),
    ("json", &[]),
    ("telemetry", &["config"]),
    // Pure: the same input gives the same bytes.
    ("ingest", &["domain", "fault"]),
    ("model", &["domain", "fault", "generated::stored"]),
    ("report", &["domain", "fault", "model"]),
    ("synth", &["domain", "ingest"]),
    // State.
    ("store", &["clock", "domain", "fault"]),
    ("datasets", &["clock", "domain", "fault", "generated::stored", "store"]),
    ("registry", &["clock", "datasets", "domain", "fault", "model", "store"]),
    ("definitions", &["clock", "domain", "fault", "store"]),
    ("jobs", &["clock", "datasets", "domain", "fault", "model", "registry", "store"]),
    // The edge.
    (
        "api",
        &[
            "clock",
            "config",
            "datasets",
            "definitions",
            "domain",
            "fault",
            "generated",
            "jobs",
            "json",
            "model",
            "registry",
            "report",
        ],
    ),
    ("layers", &["api::status", "config", "fault", "generated", "telemetry"]),
    ("http", &["api::status", "fault", "generated", "json"]),
    (
        "app",
        &[
            "api",
            "clock",
            "config",
            "datasets",
            "definitions",
            "domain",
            "fault",
            "generated",
            "http",
            "ingest",
            "jobs",
            "layers",
            "model",
            "registry",
            "store",
            "synth",
            "telemetry",
        ],
    ),
    ("cli", &["app", "config", "domain", "generated", "ingest", "synth", "telemetry"]),
    ("main", &["cli"]),
];

/// Every arrow of a source that is not on the map: file, line, from where to where.
pub(crate) fn violations(source: &Source) -> Vec<String> {
    let Some(from) = source.module.first() else { return Vec::new() };
    let allowed = ARROWS.iter().find(|(module, _)| module == from).map(|(_, allowed)| *allowed);
    let Some(allowed) = allowed else {
        return vec![format!("src/{}:1: module {from} is not on the map of modules", source.file)];
    };
    paths::of(source)
        .iter()
        .filter(|path| path.own && !path.segments.is_empty() && path.segments.first() != Some(from))
        .filter(|path| !allowed.iter().any(|arrow| leads_to(arrow, &path.segments)))
        .map(|path| {
            let may = if allowed.is_empty() { "nothing but itself".to_owned() } else { allowed.join(", ") };
            format!(
                "src/{}:{}: {from} -> {} goes up or across: {from} may name {may}",
                source.file,
                path.line,
                path.text()
            )
        })
        .collect()
}

fn leads_to(arrow: &str, path: &[String]) -> bool {
    let arrow: Vec<&str> = arrow.split("::").collect();
    arrow.len() <= path.len() && arrow.iter().zip(path).all(|(one, other)| one == other)
}
