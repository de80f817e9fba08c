//! Each rule is fed a made-up source that breaks it.

use crate::absences::{self, ABSENCES, Trace};
use crate::arrows::{self, ARROWS};
use crate::paths;
use crate::source::Source;

fn arrow(file: &str, text: &str) -> Vec<String> {
    arrows::violations(&Source::new(file, text))
}

#[test]
fn every_arrow_that_is_not_drawn_is_found() {
    for (from, allowed) in ARROWS {
        for (to, _) in ARROWS {
            let found = arrow(&format!("{from}.rs"), &format!("use crate::{to};"));
            assert_eq!(found.is_empty(), from == to || allowed.contains(&to), "{from} -> {to}: {found:?}");
        }
    }
}

#[test]
fn an_arrow_is_found_however_it_is_written() {
    let forms = [
        "use crate::api::status;",
        "use crate::{api::status};",
        "use crate::{domain::{Digest, Id}, store, api};",
        "fn f() -> crate::api::Answer { todo() }",
        "use super::super::api::status;",
        "use super::super::{api as edge};",
        "fn f() { let x = super::super::api::status(1); }",
        "pub(crate) use crate::api::*;",
        "const C: char = '\"'; use crate::api; // \"",
        "#[cfg(test)]\nmod tests { use super::*; }\nuse crate::api;",
    ];
    for text in forms {
        let found = arrow("store/sled.rs", text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
    }
}

#[test]
fn comments_texts_and_tests_are_passed_over() {
    let forms = [
        "// use crate::api;",
        "/* use crate::api; /* nested */ use crate::api; */",
        "const A: &str = \"use crate::api; \\\" crate::api\";",
        "const A: &str = r#\"\"crate::api::x\"#;",
        "const Q: char = '\\''; const R: char = '\"'; /// crate::api::x",
        "fn f<'a>(x: &'a str) {}",
        "#[cfg(test)]\nmod tests {\n  use crate::api;\n  fn f() { { crate::api::x() } }\n}",
        "#[cfg(test)]\n#[path = \"x.rs\"]\nuse crate::api;",
        "use super::rows; use self::blobs::Blob; use super::super::domain::Id;",
    ];
    for text in forms {
        assert_eq!(arrow("store/sled.rs", text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_violation_names_file_line_and_arrow() {
    let found = arrow("domain/name.rs", "//! Names.\n\nuse crate::{\n    store::Store,\n};\n");
    assert_eq!(
        found,
        ["src/domain/name.rs:4: domain -> store::Store goes up or across: domain may name nothing but itself"]
    );
}

#[test]
fn of_some_modules_only_a_part_may_be_named() {
    assert_eq!(arrow("http/answer.rs", "use crate::api::status::code;"), Vec::<String>::new());
    assert_eq!(arrow("http/answer.rs", "use crate::api::{convert, status};").len(), 1);
    assert_eq!(arrow("layers/deadline.rs", "use crate::api::status::to_status;"), Vec::<String>::new());
    assert_eq!(arrow("layers/deadline.rs", "use crate::api::convert;").len(), 1);
    assert_eq!(arrow("main.rs", "use sweetspot::cli; fn main() { sweetspot::app::run() }").len(), 1);
}

#[test]
fn a_module_that_is_not_on_the_map_is_told() {
    assert_eq!(arrow("extra/mod.rs", ""), ["src/extra/mod.rs:1: module extra is not on the map of modules"]);
}

/// Sources that leave this trace.
fn traces(trace: &Trace) -> Vec<String> {
    match trace {
        Trace::Path(path) if path.starts_with("generated") => {
            vec![format!("use crate::{path}::X;"), format!("fn f(x: crate::{path}::X) {{}}")]
        }
        Trace::Path(path) => {
            vec![format!("use {path}::X;"), format!("use {path};"), format!("fn f(x: {path}::X) {{}}")]
        }
        Trace::Within(path) => vec![format!("fn f() {{ {path}(); }}"), format!("use x::{{y, {path}}};")],
        Trace::Word(word) => vec![format!("type X = {word};"), format!("use x::{{{word}, y}};")],
        Trace::Method(name) => vec![format!("fn f() {{ x.{name}(); }}")],
    }
}

#[test]
fn every_absence_is_found_in_every_module_that_it_holds_for() {
    let deeper = ["store::sled", "datasets::codec", "model::artifact", "model::train"];
    let modules = ARROWS.iter().map(|(module, _)| *module).chain(deeper);
    for module in modules.filter(|module| *module != "main") {
        let file = format!("{}/mod.rs", module.replace("::", "/"));
        for absence in &ABSENCES {
            for (trace, text) in
                absence.traces.iter().flat_map(|trace| traces(trace).into_iter().map(move |text| (trace, text)))
            {
                let source = Source::new(&file, &text);
                let found = absences::violations(&source)
                    .iter()
                    .any(|told| told.ends_with(absence.why) && told.contains(trace.text()));
                assert_eq!(found, !absence.place.allows(&source.module), "{text} in {module}");
            }
        }
    }
}

#[test]
fn names_that_only_look_alike_are_passed_over() {
    let text =
        "mod sled; pub use self::sled::SledStore; use super::tokio_like::X; fn env() { env!(\"A\"); x.await_all(); }";
    assert_eq!(absences::violations(&Source::new("store/mod.rs", text)), Vec::<String>::new());
}

#[test]
fn a_module_declared_for_tests_is_left_out() {
    let source =
        Source::new("config/mod.rs", "mod load;\n#[cfg(test)]\nmod tests;\n#[cfg(test)]\nmod more { fn f() {} }\n");
    assert_eq!(source.test_modules, [["config", "tests"]]);
    assert_eq!(source.lines(), 1);
}

#[test]
fn trees_of_paths_are_written_out() {
    let source = Source::new("a/b.rs", "use crate::{c::{D, e::*}, f};\nuse super::{g, h as i};\nuse j::k;\n");
    let found: Vec<String> =
        paths::of(&source).iter().map(|path| format!("{} {} {}", path.own, path.text(), path.line)).collect();
    assert_eq!(found, ["true c::D 1", "true c::e 1", "true f 1", "true a::g 2", "true a::h 2", "false j::k 3"]);
}
