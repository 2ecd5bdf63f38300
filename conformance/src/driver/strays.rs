//! Lines on stdout that are no protocol lines: log, unless the driver then says nothing else.

use std::fmt;

use crate::stage::shorten;

/// Characters of a stray line that a report shows.
const SHOWN_CHARS: usize = 120;

/// What a driver printed on stdout beside the protocol while it owed an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strays {
    /// How many lines.
    pub count: usize,
    /// One of them: the first that has a brace in it, as a spoilt answer has, else the first.
    pub example: String,
}

impl Strays {
    pub(super) fn keep(&mut self, line: &str) {
        if line.trim().is_empty() {
            return;
        }
        self.count += 1;
        if self.count == 1 || (line.contains('{') && !self.example.contains('{')) {
            self.example = shorten(line.trim(), SHOWN_CHARS);
        }
    }
}

impl fmt::Display for Strays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { count, example } = self;
        match count {
            0 => Ok(()),
            1 => write!(f, "; it printed 1 line that is no protocol line: \"{example}\""),
            _ => write!(
                f,
                "; it printed {count} lines that are no protocol lines, among them: \"{example}\""
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spoilt_answer_is_shown_before_other_noise() {
        let mut strays = Strays::default();
        assert_eq!(strays.to_string(), "");
        strays.keep("hello world");
        strays.keep("  ");
        assert_eq!(
            strays.to_string(),
            "; it printed 1 line that is no protocol line: \"hello world\""
        );
        strays.keep("partial: {\"id\":5}");
        strays.keep("other: {}");
        assert_eq!(
            strays.to_string(),
            "; it printed 3 lines that are no protocol lines, among them: \"partial: {\"id\":5}\""
        );
    }
}
