//! A file of this thread's own, since some things are read from files only.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// A name in the system's folder for such files; whatever is there is gone with it.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new(ending: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("mfa-mock-fuzz-{}-{number}.{ending}", std::process::id());
        // Memory where the system has a folder of it: a fuzzer writes thousands of files a second.
        let memory = PathBuf::from("/dev/shm");
        let folder = if memory.is_dir() { memory } else { std::env::temp_dir() };
        Self(folder.join(name))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
