//! The reference SDK against a stub that records requests and answers canned bodies.
//!
//! The stub judges nothing. Whether the SDK suits the service is what the suite finds out.

// `cfg(test)` is always true here; it tells clippy that helpers may unwrap like tests do.
#[cfg(test)]
mod elevated;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod sabotages;
#[cfg(test)]
mod session;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod stub;
