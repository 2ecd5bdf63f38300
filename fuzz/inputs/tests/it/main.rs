//! Every input that the repository keeps, on every run of the tests.

// `cfg(test)` is always true here; it tells clippy that helpers may unwrap like tests do.
#[cfg(test)]
mod kept;
#[cfg(test)]
mod replay;
