//! Texts of drivers and services on one line, without what a terminal or a CI would obey.

/// The text with every control character shown and none obeyed.
///
/// An SDK's message may hold anything: a line break would forge a line of the report, an escape
/// sequence would repaint the terminal.
pub(super) fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' => shown.push('⏎'),
            '\t' => shown.push(' '),
            _ if letter.is_control() || is_invisible(letter) => {
                shown.push_str(&format!("\\u{{{:x}}}", u32::from(letter)));
            }
            _ => shown.push(letter),
        }
    }
    shown
}

/// Marks that turn the direction of text, with which a line can be made to read as another.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        assert_eq!(plain("‹jwt#1› → 401 ok"), "‹jwt#1› → 401 ok");
        assert_eq!(plain("a\n::error::b\tc"), "a⏎::error::b c");
        assert_eq!(plain("\u{1b}[2Jgone\r\u{9b}x"), "\\u{1b}[2Jgone\\u{d}\\u{9b}x");
        assert_eq!(plain("a\u{202e}b"), "a\\u{202e}b");
    }
}
