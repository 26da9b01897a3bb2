//! Ctrl-C.

use std::{
    io,
    process::exit,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::output::terminal;

/// Whether the work is to end. It ends between two batches, so that what was begun is finished.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens from now on. A second signal ends the process at once.
    pub(crate) fn on_signal() -> Self {
        let stop = Self::default();
        let asked = stop.clone();
        tokio::spawn(async move {
            // Where signals can't be listened to, they end the process as they always do.
            if signal().await.is_err() {
                return;
            }
            asked.0.store(true, Ordering::Relaxed);
            terminal::say(
                "stopping: what is held is given back; once more ends it at once, and leaves that hidden for a while",
            );
            let _ = signal().await;
            exit(130);
        });
        stop
    }

    pub(crate) fn is_asked_for(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(unix)]
async fn signal() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
        _ = hangup.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn signal() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
