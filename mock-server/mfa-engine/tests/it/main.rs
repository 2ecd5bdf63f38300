//! The engine against standards, against a plain model of itself, and against its own word.
//!
//! `tidy` also looks at the rest of the repository: it belongs to nobody else, and this package
//! is the one that every other rests on.

// `cfg(test)` is always true here; it tells clippy that small functions may unwrap like tests do.
#[cfg(test)]
mod model;
#[cfg(test)]
mod oracles;
#[cfg(test)]
mod passkey;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod vectors;
#[cfg(test)]
mod voyage;
