//! The service where threads meet, in orders that a scheduler decides.
//!
//! `mock-server/src` is built here with the locks, flags and threads of [shuttle] (`sync.rs` there
//! is the seam), so at every lock, every flag and every wait a scheduler says who goes on. Each
//! test is played in hundreds of orders, drawn from fixed seeds: by plain chance, and by PCT, which
//! finds a mistake that needs d steps in a certain order with a known likelihood. An order that
//! fails is printed, and can be played again.
//!
//! Shuttle and not loom: loom tries every order, and every reordering that the memory model
//! allows, which is for a few dozen steps of one data structure; a request here goes through six
//! locks, a parser and a signature. What is given up: the flags of the journal file are played in
//! one order for all threads, so a wrong `Ordering` would not be seen. The waits with a time never
//! time out here, which is the harder case: nothing may be left to a later look.
//!
//! | place | file | told by |
//! |---|---|---|
//! | the lock of an environment | `hosted.rs` | [`spending`], [`clock`] |
//! | the map of environments | `mock.rs` | [`environments`] |
//! | the pen, those who wait for the disk, the batcher | `logbook.rs`, `logbook/commit.rs` | [`journal`] |
//! | the desk of the messages, and who carries them | `delivery/courier.rs` | [`messages`] |
//! | the calls that a fault holds until all stand there | `meeting.rs` | [`meetings`] |
//! | a service that decides and acts under two locks, found out | - | [`two_locks`] |

// `cfg(test)` is always true here; it tells clippy that small functions may unwrap like tests do.
#[cfg(test)]
mod client;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod environments;
#[cfg(test)]
mod journal;
#[cfg(test)]
mod meetings;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod spending;
#[cfg(test)]
mod two_locks;
