//! Numbers that criterion does not keep: one line each, which `cargo xtask bench` reads.

use std::io::{self, Write as _};

/// Tells a number in the form that `cargo xtask bench` reads: `figure GROUP/NAME VALUE UNIT`.
///
/// # Errors
/// Standard output is closed.
///
/// ```
/// benches::figure::tell("start/first_answer", 2.5, "ms").unwrap();
/// ```
pub fn tell(name: &str, value: f64, unit: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "figure {name} {value:.3} {unit}")
}

/// Tells a fact that is no number, in the form that `cargo xtask bench` reads: `note NAME WORDS`.
///
/// # Errors
/// Standard output is closed.
pub fn note(name: &str, words: &str) -> io::Result<()> {
    // One line is one note.
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    writeln!(io::stdout().lock(), "note {name} {words}")
}

/// The value below which that share of the values lies; 0.99 for the 99th percentile.
///
/// ```
/// let values: Vec<f64> = (1..=100).map(f64::from).collect();
/// assert_eq!(benches::figure::quantile(values, 0.5), 51.0);
/// assert_eq!(benches::figure::quantile(Vec::new(), 0.5), 0.0);
/// ```
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of a length is a place in it"
)]
pub fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = (values.len() as f64 * share) as usize;
    values.get(place).or(values.last()).copied().unwrap_or(0.0)
}
