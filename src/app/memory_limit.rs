//! The memory limit of the control group that the process runs in, such as that of a container.

use std::fs;
use std::path::{Path, PathBuf};

use crate::config::ByteSize;

/// The memory of one training run where neither a setting nor a control group limits it.
const DEFAULT_TRAINING_MEMORY: u64 = 4 << 30;
/// The maximum size of one import where neither a setting nor a control group limits it.
const DEFAULT_IMPORT_SIZE: u64 = 2 << 30;
/// The part of the limit of the control group that one training run or one import may use: one third. Live models and
/// other calls need the rest.
const SHARES: u64 = 3;

/// Returns the memory that one training run may use, in bytes: the setting, or else the smaller of 4 GiB and a third of
/// the limit of the control group.
pub(super) fn training_memory(setting: Option<ByteSize>) -> u64 {
    setting.map_or_else(|| at_most_a_share(DEFAULT_TRAINING_MEMORY, control_group_limit(Path::new("/"))), |size| size.0)
}

/// Returns the maximum size of one import, in bytes: the setting, or else the smaller of 2 GiB and a third of the limit
/// of the control group.
pub(super) fn import_memory(setting: Option<ByteSize>) -> u64 {
    setting.map_or_else(|| at_most_a_share(DEFAULT_IMPORT_SIZE, control_group_limit(Path::new("/"))), |size| size.0)
}

fn at_most_a_share(bytes: u64, limit: Option<u64>) -> u64 {
    limit.map_or(bytes, |limit| bytes.min(limit / SHARES))
}

/// Returns the smallest limit of the control group and of those around it, in bytes; `None` without one. `root` is the
/// root of the file system.
fn control_group_limit(root: &Path) -> Option<u64> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let limits = groups.lines().flat_map(|line| {
        let (controllers, path) = line.split_once(':').and_then(|(_, rest)| rest.split_once(':'))?;
        // Version 2 has one hierarchy without names; version 1 has one for each controller.
        let (folder, file) = match controllers {
            "" => ("sys/fs/cgroup", "memory.max"),
            "memory" => ("sys/fs/cgroup/memory", "memory.limit_in_bytes"),
            _ => return None,
        };
        smallest_limit(&root.join(folder), Path::new(path.trim_start_matches('/')), file)
    });
    limits.min()
}

/// Returns the smallest number in the files of a group and of the groups around it. Within a container, the group may be
/// at the root, under whatever path it has outside.
fn smallest_limit(hierarchy: &Path, group: &Path, file: &str) -> Option<u64> {
    let folders = group.ancestors().map(|group| hierarchy.join(group));
    let read = |folder: PathBuf| fs::read_to_string(folder.join(file)).ok()?.trim().parse().ok();
    folders.filter_map(read).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes files into a folder, and returns the limit there.
    fn limit(files: &[(&str, &str)]) -> Option<u64> {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        control_group_limit(root.path())
    }

    #[test]
    fn the_smallest_limit_around_the_process_counts() {
        let group = ("proc/self/cgroup", "0::/pods/one\n");
        let (outer, inner) = ("sys/fs/cgroup/pods/memory.max", "sys/fs/cgroup/pods/one/memory.max");
        assert_eq!(limit(&[group, (outer, "3000\n"), (inner, "max\n")]), Some(3000));
        assert_eq!(limit(&[group, (outer, "3000\n"), (inner, "2000\n")]), Some(2000));
        assert_eq!(limit(&[group, (inner, "max\n")]), None);
        // Within a container, the path is that outside.
        assert_eq!(limit(&[group, ("sys/fs/cgroup/memory.max", "5\n")]), Some(5));
    }

    #[test]
    fn both_versions_of_control_groups_are_read() {
        let group = ("proc/self/cgroup", "5:cpu:/a\n4:memory:/a\n0::/\n");
        assert_eq!(limit(&[group, ("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "7\n")]), Some(7));
        assert_eq!(limit(&[]), None, "not on Linux");
    }

    #[test]
    fn a_training_may_use_a_third_of_the_limit_and_at_most_four_gib() {
        assert_eq!(at_most_a_share(DEFAULT_TRAINING_MEMORY, None), 4 << 30);
        assert_eq!(at_most_a_share(DEFAULT_TRAINING_MEMORY, Some(64 << 30)), 4 << 30);
        assert_eq!(at_most_a_share(DEFAULT_TRAINING_MEMORY, Some(3 << 30)), 1 << 30);
        assert_eq!(training_memory(Some(ByteSize(5))), 5);
    }
}
