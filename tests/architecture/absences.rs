//! What must not appear, or only in some modules.

use crate::paths::{self, Named};
use crate::source::Source;

/// What is looked for.
pub(crate) enum Trace {
    /// A path that starts so, in this crate or another: `tonic` or `std::fs`.
    Path(&'static str),
    /// A path with these segments in a row anywhere: `thread::spawn`.
    Within(&'static str),
    /// A word: a keyword, or a type however it was brought into scope.
    Word(&'static str),
    /// A method call.
    Method(&'static str),
}

/// Where it may be.
pub(crate) enum Place {
    /// In these modules and nowhere else.
    Only(&'static [&'static str]),
    /// Anywhere but in these modules.
    NotIn(&'static [&'static str]),
}

/// One absence.
pub(crate) struct Absence {
    pub(crate) traces: &'static [Trace],
    pub(crate) place: Place,
    pub(crate) why: &'static str,
}

const PURE: Place = Place::NotIn(&["domain", "model", "ingest", "report", "synth"]);
const WIRE: Place = Place::Only(&["api", "app", "cli", "generated", "http", "json", "layers"]);

use Trace::{Method, Path, Within, Word};

/// Every absence. Each kind of trace is listed, so that one cannot be hidden behind another.
pub(crate) const ABSENCES: [Absence; 19] = [
    Absence { traces: &[Path("sled")], place: Place::Only(&["store::sled"]), why: "one backend, one module" },
    Absence {
        traces: &[
            Path("linfa"),
            Path("linfa_clustering"),
            Path("linfa_logistic"),
            Path("linfa_nn"),
            Path("ndarray"),
            Path("faer"),
        ],
        place: Place::Only(&["model"]),
        why: "a design matrix never leaves the model",
    },
    Absence {
        traces: &[Path("rayon")],
        place: Place::Only(&["ingest::profile", "jobs", "model"]),
        why: "the model computes in the pool that its run was given, and only a command looks at a file first",
    },
    Absence {
        traces: &[
            Path("tonic"),
            Path("tonic_health"),
            Path("tonic_prost"),
            Path("tonic_reflection"),
            Path("tonic_types"),
            Path("hyper"),
            Path("hyper_util"),
            Path("pbjson"),
            Path("prost_types"),
            Path("tower"),
        ],
        place: WIRE,
        why: "the wire stops at the edge",
    },
    Absence {
        traces: &[Path("metrics"), Path("metrics_exporter_prometheus")],
        place: Place::Only(&["telemetry"]),
        why: "figures are named in one place",
    },
    Absence {
        traces: &[Path("rustix")],
        place: Place::Only(&["jobs"]),
        why: "the operating system is asked for one thing alone",
    },
    Absence {
        traces: &[Path("prost")],
        place: Place::Only(&[
            "api",
            "app",
            "cli",
            "datasets::codec",
            "generated",
            "http",
            "json",
            "layers",
            "model::artifact",
        ]),
        why: "the wire stops at the edge, and what is kept has one codec each",
    },
    Absence { traces: &[Path("generated::v1")], place: WIRE, why: "wire types are no domain types" },
    Absence {
        traces: &[Path("generated::stored")],
        place: Place::Only(&["datasets::codec", "model"]),
        why: "a stored type is a promise: only the model and the datasets know theirs",
    },
    Absence {
        traces: &[Word("async"), Word("await"), Path("tokio"), Path("tokio_stream")],
        place: PURE,
        why: "pure modules compute",
    },
    Absence {
        traces: &[Word("SystemTime"), Word("Instant"), Word("Clock"), Method("elapsed")],
        place: PURE,
        why: "pure modules know no time",
    },
    Absence {
        traces: &[Within("Timestamp::now"), Within("Zoned::now"), Within("SystemTime::now")],
        place: Place::Only(&["clock"]),
        why: "the time of day is read through a Clock",
    },
    Absence {
        traces: &[
            Word("thread_rng"),
            Word("OsRng"),
            Word("ThreadRng"),
            Word("from_os_rng"),
            Word("from_entropy"),
            Within("rand::rng"),
            Within("rand::random"),
            Word("new_v4"),
        ],
        place: PURE,
        why: "what is random is seeded",
    },
    Absence {
        traces: &[Word("HashMap"), Word("RandomState")],
        place: Place::NotIn(&["domain", "model", "report", "synth"]),
        why: "its order changes from run to run: use a BTreeMap or a Vec",
    },
    Absence {
        traces: &[Word("HashSet")],
        place: Place::NotIn(&["model", "report", "synth"]),
        why: "its order changes from run to run: use a BTreeSet",
    },
    Absence {
        traces: &[Path("std::env")],
        place: Place::Only(&["config"]),
        why: "the environment is read in one place",
    },
    Absence {
        traces: &[
            Within("tokio::spawn"),
            Within("task::spawn"),
            Within("task::spawn_local"),
            Within("thread::spawn"),
            Within("thread::Builder"),
            Word("JoinSet"),
            Word("TaskTracker"),
        ],
        place: Place::Only(&["app", "jobs"]),
        why: "what is spawned is joined at drain",
    },
    Absence {
        traces: &[Word("spawn_blocking"), Word("block_in_place")],
        place: Place::Only(&["api", "app", "jobs"]),
        why: "what is spawned is joined at drain",
    },
    Absence {
        traces: &[
            Path("std::fs"),
            Path("tokio::fs"),
            Word("File"),
            Word("OpenOptions"),
            Word("TcpStream"),
            Word("UnixStream"),
            Word("Endpoint"),
            Word("Channel"),
            Word("Command"),
        ],
        place: Place::NotIn(&["api", "domain", "http", "layers", "model", "report", "synth"]),
        why: "nothing that a client names is opened",
    },
];

/// Every trace of what should be absent: file, line, what, and why not.
pub(crate) fn violations(source: &Source) -> Vec<String> {
    let paths = paths::of(source);
    ABSENCES
        .iter()
        .filter(|absence| !absence.place.allows(&source.module))
        .flat_map(|absence| absence.traces.iter().map(move |trace| (absence, trace)))
        .flat_map(|(absence, trace)| trace.lines(source, &paths).into_iter().map(move |line| (absence, trace, line)))
        .map(|(absence, trace, line)| {
            let module = source.module.join("::");
            format!("src/{}:{line}: {} in {module}: {}", source.file, trace.text(), absence.why)
        })
        .collect()
}

impl Place {
    pub(crate) fn allows(&self, module: &[String]) -> bool {
        let named = |modules: &[&str]| modules.iter().any(|name| starts(&module.join("::"), name));
        match self {
            Self::Only(modules) => named(modules),
            Self::NotIn(modules) => !named(modules),
        }
    }
}

impl Trace {
    pub(crate) fn text(&self) -> &'static str {
        match self {
            Path(text) | Within(text) | Word(text) | Method(text) => text,
        }
    }

    fn lines(&self, source: &Source, paths: &[Named]) -> Vec<usize> {
        let named = |holds: &dyn Fn(&Named) -> bool| -> Vec<usize> {
            paths.iter().filter(|path| holds(path)).map(|path| path.line).collect()
        };
        match self {
            Path("generated::v1" | "generated::stored") => named(&|path| path.own && starts(&path.text(), self.text())),
            Path(start) => named(&|path| !path.own && starts(&path.text(), start)),
            Within(part) => named(&|path| format!("::{}::", path.text()).contains(&format!("::{part}::"))),
            Word(word) => source.tokens.iter().filter(|token| token.text == *word).map(|token| token.line).collect(),
            Method(name) => source
                .tokens
                .windows(2)
                .filter(|pair| pair[0].text == "." && pair[1].text == *name)
                .map(|pair| pair[1].line)
                .collect(),
        }
    }
}

/// Whether a path is `start` or lies below it.
fn starts(path: &str, start: &str) -> bool {
    path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}
