//! What is kept: rows and blobs, datasets, versions, definitions and training runs.

mod backends;
mod datasets;
mod definitions;
mod jobs;
mod registry;
