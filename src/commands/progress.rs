use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A progress bar on standard error that stays hidden until the work has lasted a while.
pub(super) struct Progress {
    bar: ProgressBar,
    /// Whether nobody wants to see it, or it is there already.
    settled: AtomicBool,
}

impl Progress {
    /// A bar for so many steps; never shown unless `wanted`.
    pub(super) fn new(steps: usize, wanted: bool) -> Self {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template(LAYOUT) {
            bar.set_style(style);
        }
        Self {
            bar,
            settled: AtomicBool::new(!wanted),
        }
    }

    /// A bar for so many bytes, with their rate and the time that is left.
    pub(super) fn of_bytes(bytes: u64, wanted: bool) -> Self {
        let progress = Self::new(0, wanted);
        progress.bar.set_length(bytes);
        if let Ok(style) = ProgressStyle::with_template(BYTES_LAYOUT) {
            progress.bar.set_style(style);
        }
        progress
    }

    /// Says what is done now.
    pub(super) fn phase(&self, name: &'static str) {
        self.bar.set_message(name);
    }

    /// More steps have come to light.
    pub(super) fn expect_more(&self, steps: usize) {
        self.bar.inc_length(u64::try_from(steps).unwrap_or(u64::MAX));
    }

    /// One step is done.
    pub(super) fn step(&self) {
        self.advance(1);
    }

    /// So many steps or bytes are done.
    pub(super) fn advance(&self, by: u64) {
        self.bar.inc(by);
        if !self.settled.load(Ordering::Relaxed)
            && self.bar.elapsed() > PATIENCE
            && !self.settled.swap(true, Ordering::Relaxed)
        {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// How long work may last before it is worth a bar.
const PATIENCE: Duration = Duration::from_millis(500);

const LAYOUT: &str = "{msg} [{bar:30}] {pos}/{len}";

const BYTES_LAYOUT: &str = "{msg} [{bar:30}] {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta} left";
