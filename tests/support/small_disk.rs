//! A disk that tests can fill.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A small file system in memory; unmounted on drop.
pub(crate) struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// Mounts a file system of a size such as `1m` on a folder. Returns `None` if this user may not mount one.
    pub(crate) fn mount(folder: &Path, size: &str) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(folder).stderr(Stdio::null());
        let mounted = mount.status().is_ok_and(|status| status.success());
        if !mounted {
            // The output must show that a test had no effect.
            let _written = writeln!(std::io::stderr(), "no disk was filled: this user cannot mount one");
        }
        mounted.then(|| Self { folder: folder.to_owned() })
    }

    /// Fills the disk except for `free` bytes.
    pub(crate) fn fill(&self, free: u64) {
        let mut filler = fs::File::create(self.filler()).unwrap();
        let mut written = 0;
        while filler.write_all(&[1; 4096]).is_ok() {
            written += 4096;
        }
        filler.set_len(written - free).unwrap();
    }

    /// Frees the space again.
    pub(crate) fn free(&self) {
        fs::remove_file(self.filler()).unwrap();
    }

    /// Mounts the disk as read-only or as writable.
    pub(crate) fn set_read_only(&self, read_only: bool) {
        let options = if read_only { "remount,ro" } else { "remount,rw" };
        assert!(Command::new("mount").args(["-o", options]).arg(&self.folder).status().unwrap().success());
    }

    fn filler(&self) -> PathBuf {
        self.folder.join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg(&self.folder).status();
    }
}
