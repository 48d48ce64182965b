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
        self.bar.inc(1);
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
