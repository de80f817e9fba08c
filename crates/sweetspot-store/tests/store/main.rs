//! Tests of the store, datasets, model versions, definitions and training runs.

mod backends;
mod dataset_deletion;
mod datasets;
mod definitions;
mod jobs;
mod registry;
