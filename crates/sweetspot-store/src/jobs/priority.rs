//! Training threads run at the lowest priority, so that a run does not slow down scoring.

/// The maximum nice value of a thread.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 19;

/// Gives the calling thread the lowest priority. Only on Linux, where each thread has its own priority.
#[cfg(target_os = "linux")]
pub(super) fn lower() {
    // Lowering the priority needs no permission. If it fails anyway, training continues at the normal priority.
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(%error, "training keeps the usual priority");
    }
}

/// Does nothing: on other systems the priority belongs to the whole process, which must keep it.
#[cfg(not(target_os = "linux"))]
pub(super) const fn lower() {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::getpriority_process;

    use super::*;

    #[test]
    fn a_lowered_thread_is_nice_and_others_stay_as_they_are() {
        let before = getpriority_process(None).unwrap();
        let lowered = std::thread::spawn(|| {
            lower();
            getpriority_process(None).unwrap()
        });
        assert_eq!(lowered.join().unwrap(), NICENESS);
        assert_eq!(getpriority_process(None).unwrap(), before);
    }
}
