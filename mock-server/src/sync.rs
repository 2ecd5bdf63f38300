//! Where threads meet: the locks, the flags, and the threads themselves.
//!
//! Whatever one thread can make another wait with is taken from here and not from `std`. The
//! package `interleavings` builds these very sources once more, with primitives of shuttle in
//! their place, and then decides which thread moves next at each of them. `Arc` and `OnceLock`
//! stay those of `std`: nobody waits at the one, and the other guards nothing that changes.

#[cfg(feature = "interleaved")]
pub(crate) use shuttle::sync::{Condvar, Mutex, MutexGuard, RwLock, atomic};
#[cfg(feature = "interleaved")]
pub(crate) use shuttle::thread;
#[cfg(not(feature = "interleaved"))]
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, RwLock, atomic};
#[cfg(not(feature = "interleaved"))]
pub(crate) use std::thread;
