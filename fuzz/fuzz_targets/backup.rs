//! Changes of a backup, or any bytes, as a tar file: they are refused and leave nothing, or all files of the backup are there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sweetspot::fuzz::{check_backup, example_backup, repair_tar_headers, splice};

fuzz_target!(|edits: &[u8]| {
    let folder = std::env::temp_dir().join(format!("sweetspot-fuzz-{}", std::process::id()));
    check_backup(edits, &folder);
    let mut changed = splice(&example_backup(), edits);
    check_backup(&changed, &folder);
    repair_tar_headers(&mut changed);
    check_backup(&changed, &folder);
});
