//! What the process uses, as the operating system reports it.

/// What the process uses. What the system does not report is `None`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ProcessStats {
    pub(super) cpu_seconds: Option<f64>,
    pub(super) resident_bytes: Option<f64>,
    pub(super) open_files: Option<f64>,
    /// `None` also without a limit.
    pub(super) max_files: Option<f64>,
    /// The start of the process, in seconds since 1970.
    pub(super) start_seconds: Option<f64>,
}

#[cfg(target_os = "linux")]
impl ProcessStats {
    /// Reads what the process uses now.
    pub(super) fn read() -> Self {
        use procfs::WithCurrentSystemInfo as _;
        use procfs::process::{LimitValue, Process};

        let Ok(process) = Process::myself() else { return Self::default() };
        let (stat, ticks) = (process.stat().ok(), procfs::ticks_per_second() as f64);
        let limit = process.limits().ok().map(|limits| limits.max_open_files.soft_limit);
        Self {
            cpu_seconds: stat.as_ref().map(|stat| (stat.utime + stat.stime) as f64 / ticks),
            resident_bytes: stat.as_ref().map(|stat| stat.rss_bytes().get() as f64),
            open_files: process.fd_count().ok().map(|files| files as f64),
            max_files: limit.and_then(|limit| match limit {
                LimitValue::Value(files) => Some(files as f64),
                LimitValue::Unlimited => None,
            }),
            start_seconds: stat.zip(procfs::boot_time_secs().ok()).map(|(stat, boot)| {
                // The system counts from its start.
                boot as f64 + stat.starttime as f64 / ticks
            }),
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl ProcessStats {
    /// Other systems are not asked.
    pub(super) fn read() -> Self {
        Self::default()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn everything_is_known_on_linux() {
        let ProcessStats { cpu_seconds, resident_bytes, open_files, max_files: _, start_seconds } =
            ProcessStats::read();
        assert!(cpu_seconds.unwrap() >= 0.0);
        assert!(resident_bytes.unwrap() > 1e6);
        assert!(open_files.unwrap() >= 3.0);
        assert!(start_seconds.unwrap() > 1.6e9);
    }
}
