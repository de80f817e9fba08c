//! A real client against a real server, over real sockets: every method, and every way in which it can refuse.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod believing;
mod cards;
mod connections;
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
mod promoting;
mod repeating;
mod restarting;
mod running;
mod scoring;
mod segmenting;
mod streaming;
mod support;
mod tables;
mod training;
mod versions;
