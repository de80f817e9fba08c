//! The signals of a server process.

use crate::cli::exit::CliError;

/// Resolves at the first SIGINT or SIGTERM. SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2, which would end the process without a
/// shutdown, are logged and have no other effect. All handlers are installed when this returns.
#[cfg(unix)]
pub(crate) fn shutdown_signal() -> Result<impl Future<Output = ()> + Send, CliError> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let mut quit = signal(SignalKind::quit())?;
    let mut user_1 = signal(SignalKind::user_defined1())?;
    let mut user_2 = signal(SignalKind::user_defined2())?;
    Ok(async move {
        loop {
            let ignored = tokio::select! {
                _ = interrupt.recv() => return,
                _ = terminate.recv() => return,
                _ = hangup.recv() => "SIGHUP",
                _ = quit.recv() => "SIGQUIT",
                _ = user_1.recv() => "SIGUSR1",
                _ = user_2.recv() => "SIGUSR2",
            };
            tracing::info!(signal = ignored, "ignored a signal: SIGTERM and SIGINT shut the server down");
        }
    })
}

/// Resolves at Ctrl-C.
#[cfg(not(unix))]
pub(crate) fn shutdown_signal() -> Result<impl Future<Output = ()> + Send, CliError> {
    Ok(async {
        let _caught = tokio::signal::ctrl_c().await;
    })
}
