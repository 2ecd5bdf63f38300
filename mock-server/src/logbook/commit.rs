//! Bringing what was written to the disk: for many writers at once, or a moment later.

use std::fs::File;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::{JournalSync, Mark};
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::sync::thread::{self, JoinHandle};
use crate::sync::{Condvar, Mutex, MutexGuard};

/// How long a batch is collected.
const BATCH: Duration = Duration::from_millis(100);

/// Brings a file to its disk.
pub(super) struct Committer {
    shared: Arc<Shared>,
    sync: JournalSync,
    batcher: Option<JoinHandle<()>>,
}

struct Shared {
    file: File,
    /// The end of the last whole line.
    written: AtomicU64,
    state: Mutex<State>,
    turned: Condvar,
    /// Whether something was written since the batcher looked.
    is_dirty: AtomicBool,
    is_over: AtomicBool,
}

#[derive(Default)]
struct State {
    synced: u64,
    /// Whether somebody is waiting for the disk on behalf of all.
    is_led: bool,
    failed: Option<String>,
}

impl Committer {
    pub(super) fn new(file: File, end: u64, sync: JournalSync) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            file,
            written: AtomicU64::new(end),
            state: Mutex::new(State { synced: end, ..State::default() }),
            turned: Condvar::new(),
            is_dirty: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
        });
        let batcher = match sync {
            JournalSync::Always | JournalSync::Never => None,
            JournalSync::Batch => {
                let shared = Arc::clone(&shared);
                let name = "mfa-mock-journal".to_owned();
                Some(thread::Builder::new().name(name).spawn(move || shared.batch())?)
            }
        };
        Ok(Self { shared, sync, batcher })
    }

    /// Notes how far the file reaches now.
    pub(super) fn written(&self, mark: Mark) {
        self.shared.written.fetch_max(mark.0, Ordering::AcqRel);
        let Some(batcher) = &self.batcher else { return };
        if !self.shared.is_dirty.swap(true, Ordering::AcqRel) {
            batcher.thread().unpark();
        }
    }

    /// Whether every answer waits for the disk.
    #[cfg(feature = "standalone")]
    pub(super) fn makes_wait(&self) -> bool {
        self.sync == JournalSync::Always
    }

    /// Waits for the disk, where every answer is to wait for it.
    pub(super) fn settle(&self, mark: Mark) -> Result<(), String> {
        match self.sync {
            JournalSync::Always => self.shared.reach(mark.0),
            JournalSync::Batch | JournalSync::Never => self.is_sound(),
        }
    }

    pub(super) fn is_sound(&self) -> Result<(), String> {
        self.shared.state().failed.clone().map_or(Ok(()), Err)
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Release);
        if let Some(batcher) = self.batcher.take() {
            batcher.thread().unpark();
            // The thread ends by itself once told; a panic in it was printed already.
            let _ = batcher.join();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the file is on its disk up to there. One waits for all who came meanwhile.
    fn reach(&self, mark: u64) -> Result<(), String> {
        let mut state = self.state();
        loop {
            if let Some(problem) = &state.failed {
                return Err(problem.clone());
            }
            if state.synced >= mark {
                return Ok(());
            }
            if state.is_led {
                state = self.turned.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            state.is_led = true;
            drop(state);
            let reached = self.written.load(Ordering::Acquire);
            let result = self.file.sync_data();
            state = self.state();
            state.is_led = false;
            match result {
                Ok(()) => state.synced = state.synced.max(reached),
                // The system may have thrown away what it could not write, and will not say so
                // twice; so one failure is the end.
                Err(error) => state.failed = Some(error.to_string()),
            }
            self.turned.notify_all();
        }
    }

    fn batch(&self) {
        while !self.is_over.load(Ordering::Acquire) {
            if !self.is_dirty.load(Ordering::Acquire) {
                thread::park();
                continue;
            }
            // Writers unpark only a batcher that has nothing to do, so the batch is not cut short.
            thread::park_timeout(BATCH);
            self.is_dirty.store(false, Ordering::Release);
            // A failure stays in the state, where every writer finds it.
            let _ = self.reach(self.written.load(Ordering::Acquire));
        }
        let _ = self.reach(self.written.load(Ordering::Acquire));
    }
}
