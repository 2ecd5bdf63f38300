//! Holds the documents of the repository against what they talk about.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot read its own files must stop, also in its small functions"
)]

mod differences;
