# The steps of .ci/run as recipes. `just` lists them.

set shell := ["bash", "-euo", "pipefail", "-c"]

[private]
default:
    @just --list --unsorted

# Build the program
build:
    cargo build --locked

# Run all tests; a failing file does not stop the others
test *ARGS:
    INSTA_UPDATE=no cargo test --locked --no-fail-fast {{ ARGS }}

# Run the tests whose names contain NAME
test-one NAME *ARGS:
    INSTA_UPDATE=no cargo test --locked {{ quote(NAME) }} {{ ARGS }}

# Run the tests of one crate, such as `model`
test-crate CRATE *ARGS:
    INSTA_UPDATE=no cargo test --locked --package {{ quote("sweetspot-" + CRATE) }} {{ ARGS }}

# Run one folder of tests of the program, `server` or `program`
test-suite SUITE *ARGS:
    INSTA_UPDATE=no cargo test --locked --test {{ quote(SUITE) }} {{ ARGS }}

# Write the table of settings into the documentation and their schema into the chart
settings:
    cargo test --locked --test program write_settings -- --ignored

# Format the code
fmt:
    cargo fmt --all

# Check the format and run Clippy, with and without the default features
lint:
    cargo fmt --all --check
    cargo clippy --locked --all-targets -- -D warnings
    cargo clippy --locked --no-default-features --package sweetspot --package sweetspot-ingest --lib --test ingest -- -D warnings

# Build the documentation of the code, with warnings as errors
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps

# Run one check of scripts: interleavings, deny, words, proto, package, dockerfile, parquet, page, recipes, python-client
check NAME:
    bash scripts/{{ NAME }}-check.sh

# Run a Python client, generated from the protos, against the program
clients:
    bash tests/clients/run.sh

# Measure the server; SECTIONS as in docs/BENCHMARKS.md
bench *SECTIONS:
    cargo bench --locked --bench serving -- {{ SECTIONS }}

# Run the long form of the fault tests on a release build, about 30 minutes; ARGS such as --minutes 2 --only kill
faults *ARGS:
    cargo build --locked --release --bin sweetspot
    tests/faults/run.sh target/release/sweetspot {{ ARGS }}

# Fuzz a reader: table, workbook, json_lines, parquet, mapping, wire_rows, wire_table, frames, artifact
fuzz TARGET SECONDS="60":
    cargo +nightly fuzz run {{ quote(TARGET) }} -- -max_total_time={{ SECONDS }}

# Run every check of CI
ci:
    .ci/run

# Run every check, build the release, and build and check the image (skipped with code 77 without root)
release: ci
    cargo build --locked --release --bin sweetspot
    bash scripts/image-check.sh || [ $? -eq 77 ]
