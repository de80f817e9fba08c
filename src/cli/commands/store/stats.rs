//! `store stats`: what a store contains, and the space that it takes.

use sweetspot_proto::json::JsonMessage as _;
use sweetspot_proto::v1::{FileTotal, GetStoreStatsRequest, RecordGroupStats, StoreStats};

use crate::cli::client::{Client, MissingStore, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::{plural, table, wrap};

/// The units of sizes, each 1,024 times the one before.
const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/// Runs the command.
pub(crate) async fn run(context: &Context) -> Result<(), CliError> {
    let stats = context.with_client(MissingStore::Refuse, async |client: &mut Client| get(client).await).await?;
    if context.out.json {
        return context.out.print_json(&stats.to_json());
    }
    context.out.print_text(&stats_text(&stats))
}

/// Reads the statistics.
///
/// # Errors
/// Returns an error if the server refuses.
pub(super) async fn get(client: &mut Client) -> Result<StoreStats, CliError> {
    let answer = client.stores.get_store_stats(request(GetStoreStatsRequest {})).await;
    let missing = || CliError::Failed("the server's response has no statistics".to_owned());
    client.response(answer)?.stats.ok_or_else(missing)
}

/// Returns the statistics as a table, and a line on each kind of file.
pub(super) fn stats_text(stats: &StoreStats) -> String {
    let StoreStats { groups, files, unnamed_files, unreadable_record, database_bytes, journal_bytes, free_disk_bytes } =
        stats;
    let rows = groups.iter().filter(|group| group.records > 0).map(group_row).collect();
    let mut lines = vec![table(&["records", "number", "size", "files", "size of files"], &[1, 2, 3, 4], rows)];
    lines.push(String::new());
    lines.push(format!("{} in all, {}", total_text(files.as_ref()), size_text(total(files.as_ref()).bytes)));
    match unnamed_files {
        Some(FileTotal { count: 0, .. }) => {}
        Some(unnamed) => lines.push(wrap(
            &format!(
                "{} of them that no record names, {}; remove them with sweetspot store gc",
                unnamed.count,
                size_text(unnamed.bytes)
            ),
            0,
            2,
        )),
        None => lines.push(wrap(unreadable_record, 0, 2)),
    }
    lines.push(format!("database {}, journal {}", size_text(*database_bytes), size_text(*journal_bytes)));
    lines.extend(free_disk_bytes.map(|free| format!("{} free on the disk", size_text(free))));
    lines.join("\n")
}

fn group_row(group: &RecordGroupStats) -> Vec<String> {
    let RecordGroupStats { kind, records, record_bytes, files } = group;
    let files = total(files.as_ref());
    let has_files = files.count > 0;
    vec![
        kind.clone(),
        records.to_string(),
        size_text(*record_bytes),
        if has_files { files.count.to_string() } else { String::new() },
        if has_files { size_text(files.bytes) } else { String::new() },
    ]
}

fn total(total: Option<&FileTotal>) -> FileTotal {
    total.copied().unwrap_or_default()
}

/// Returns a number of files, such as `2 files`.
pub(super) fn total_text(files: Option<&FileTotal>) -> String {
    plural(total(files).count, "file", "files")
}

/// Returns a size in the largest unit of which it has one, such as `1.5 MiB`.
pub(super) fn size_text(bytes: u64) -> String {
    let (mut size, mut unit) = (bytes as f64, "bytes");
    for larger in UNITS.into_iter().skip(1) {
        if size < 1024.0 {
            break;
        }
        (size, unit) = (size / 1024.0, larger);
    }
    if unit == "bytes" { plural(bytes, "byte", "bytes") } else { format!("{size:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_the_largest_unit_of_which_there_is_one() {
        let texts = [0, 1, 1023, 1024, 1536, 3 << 20, 5 << 40, 5 << 50].map(size_text);
        assert_eq!(
            texts,
            ["0 bytes", "1 byte", "1023 bytes", "1.0 KiB", "1.5 KiB", "3.0 MiB", "5.0 TiB", "5120.0 TiB"]
        );
    }

    #[test]
    fn the_statistics_fit_eighty_columns() {
        let total = |count, bytes| Some(FileTotal { count, bytes });
        let group = |kind: &str, files| RecordGroupStats {
            kind: kind.to_owned(),
            records: u64::MAX,
            record_bytes: u64::MAX,
            files,
        };
        let stats = StoreStats {
            groups: vec![group("model versions", total(u64::MAX, u64::MAX)), group("remembered requests", None)],
            files: total(2, 3 << 20),
            unnamed_files: total(1, 1024),
            unreadable_record: String::new(),
            database_bytes: 512,
            journal_bytes: 1,
            free_disk_bytes: Some(7 << 30),
        };
        let text = stats_text(&stats);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        for part in ["2 files in all, 3.0 MiB", "1 of them", "store gc", "512 bytes, journal 1 byte", "7.0 GiB free"] {
            assert!(text.contains(part), "{text}");
        }
        let unreadable = "the record x cannot be read".to_owned();
        let text = stats_text(&StoreStats { unnamed_files: None, unreadable_record: unreadable, ..stats });
        assert!(text.contains("cannot be read") && !text.contains("of them"), "{text}");
    }
}
