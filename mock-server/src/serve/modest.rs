//! Threads that sign, behind those that answer.
//!
//! A signature takes hundreds of microseconds of a core, most other answers a few. Where the
//! system lets us, a thread that signs therefore stands back as soon as another one can run: a read
//! then waits for a core no longer than it takes to be woken, however many sign in at the moment.
//! Nothing is lost by it, for a core that nobody else wants signs as fast as ever.

/// Lets every other thread go before this one, from now on; where that cannot be, nothing happens.
#[cfg(target_os = "linux")]
pub(super) fn stand_back() {
    use std::cell::Cell;

    /// The nice value: at 10 another thread is worth nine of these, as the scheduler weighs them.
    const NICE: i32 = 10;
    thread_local! {
        static STANDS_BACK: Cell<bool> = const { Cell::new(false) };
    }
    if !STANDS_BACK.replace(true) {
        // Linux takes the id of a thread here and means that thread alone (`setpriority(2)`).
        let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
    }
}

/// Elsewhere a thread's priority is not to be had without unsafe code.
#[cfg(not(target_os = "linux"))]
pub(super) fn stand_back() {}
