//! Training takes what serving leaves: its threads run at the lowest priority, so that a run does not make scores wait.

/// As nice as a thread can be.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 19;

/// Gives the calling thread the lowest priority. On Linux alone, where each thread has its own.
#[cfg(target_os = "linux")]
pub(super) fn lower() {
    // To ask for less is never refused, and a system that did would only train as it did before.
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(%error, "training keeps the usual priority");
    }
}

/// Elsewhere priorities belong to the whole process, which must keep its own.
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
