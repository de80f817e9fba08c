//! A real client against a real server, over real sockets: every method, and every way in which it can refuse.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod believing;
mod cards;
mod connections;
mod defining;
mod directions;
mod draining;
mod edge;
mod edges;
mod embedded;
mod encodings;
mod explaining;
mod filtering;
mod flooding;
mod forms;
mod gating;
mod hostile;
mod http;
mod importing;
mod lifecycle;
mod limits;
mod paging;
mod policies;
mod profiles;
mod promoting;
mod rendering;
mod repeating;
mod restarting;
mod running;
mod scoring;
mod streaming;
mod support;
mod tables;
mod targets;
mod training;
mod versions;
