//! Flags and environment variables: a start, or words that say what is wrong.
//!
//! ```text
//! --port=0
//! MFA_MOCK_SEED=7
//! ```
//!
//! A process has one set of environment variables, which other threads read; so a line with a
//! variable is what the program makes of it: the value of the flag that has this variable.

use mock_server::program::{flag_of, plan};
use mock_server::{Mock, Options};

/// Words of one input.
const WORDS_MAX: usize = 16;

/// Any lines as words of the command line.
pub(crate) fn words(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let words: Vec<String> = text.split('\n').take(WORDS_MAX).map(word).collect();
    // Files of this machine are not ours to read.
    if words.iter().any(|word| word.starts_with("--config")) {
        return;
    }
    let planned = match plan(words) {
        Ok(Some(planned)) => planned,
        // Other tasks ask a service that runs.
        Ok(None) => return,
        Err(problem) => return assert!(!problem.is_empty()),
    };
    assert!(planned.address.ip().is_loopback() || planned.is_locked, "others are let in");
    let options = Options { journal_file: None, ..planned.options };
    let mock = Mock::new(options).expect("what was read can be started with");
    // The name of an environment is looked at when it is made.
    let made = mock.environment(&planned.environment);
    assert_eq!(made.is_ok(), mock.existing_environment(&planned.environment).is_some());
}

/// A word of the command line; a variable is the flag that reads it.
fn word(line: &str) -> String {
    let flag = |(name, value)| flag_of(name).map(|flag| format!("{flag}={value}"));
    line.split_once('=').and_then(flag).unwrap_or_else(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_the_flag_that_reads_it() {
        assert_eq!(word("MFA_MOCK_SEED=7"), "--seed=7");
        assert_eq!(word("MFA_MOCK_TLS_NAME=a,b"), "--tls-name=a,b");
        assert_eq!(word("MFA_MOCK_UNKNOWN=7"), "MFA_MOCK_UNKNOWN=7");
        assert_eq!(word("--seed=7"), "--seed=7");
    }
}
