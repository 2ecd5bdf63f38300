//! The last words of a dead driver: the line that names its error, wherever it stands.
//!
//! A runtime prints much around that line, and each one in its own order: Node.js ends with stack
//! frames and its version, Python begins with them, Rust names the place before the reason.

use crate::stage::shorten;

/// Lines of stderr that are looked through; a stack of an SDK is long.
const LINES_MAX: usize = 60;

/// Lines that are shown when none of them names an error.
const SHOWN: usize = 3;

/// Characters that a report shows.
const CHARS_MAX: usize = 480;

/// The newest lines of stderr.
#[derive(Debug, Default)]
pub(super) struct LastWords {
    lines: Vec<String>,
}

impl LastWords {
    pub(super) fn keep(&mut self, line: String) {
        if self.lines.len() == LINES_MAX {
            self.lines.remove(0);
        }
        self.lines.push(line);
    }

    /// What a report shows of them.
    pub(super) fn told(&self) -> String {
        shorten(&words(&self.lines).join(" / "), CHARS_MAX)
    }
}

fn words(lines: &[String]) -> Vec<&str> {
    let Some(at) = lines.iter().rposition(|line| names_error(line)) else {
        let spoken: Vec<&str> =
            lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
        return spoken.get(spoken.len().saturating_sub(SHOWN)..).unwrap_or_default().to_vec();
    };
    let (before, rest) = lines.split_at(at);
    let mut rest = rest.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
    let error = rest.next().unwrap_or_default();
    // Rust gives the reason on the next line; a stack begins with the place in the author's code.
    let below = match error.contains("panicked at") {
        true => rest.next(),
        false => rest.find(|line| line.starts_with("at ") && !line.contains("node:internal")),
    };
    let above = before.iter().rev().take_while(|line| line.starts_with(' '));
    let above = above.map(|line| line.trim()).find(|line| line.starts_with("File \""));
    above.into_iter().chain([error]).chain(below).collect()
}

/// Does the line name an error, as Node.js, Python, Rust, Go or a JVM do when they die of it?
#[must_use]
pub(crate) fn names_error(line: &str) -> bool {
    // What is indented is a part of something; a cause of the error, say.
    if line.starts_with(char::is_whitespace) {
        return false;
    }
    let panicked = line.starts_with("thread '") && line.contains("panicked at");
    if panicked || line.starts_with("panic: ") || line.starts_with("Exception in thread ") {
        return true;
    }
    let line = line.strip_prefix("Uncaught ").unwrap_or(line).trim_start_matches('[');
    let end = line.find(|it: char| !(it.is_alphanumeric() || "_.$".contains(it)));
    let (name, rest) = line.split_at(end.unwrap_or(line.len()));
    let is_class = ["Error", "Exception", "Rejection", "Interrupt"]
        .iter()
        .any(|ending| name.ends_with(ending));
    is_class && (rest.is_empty() || rest.starts_with(": ") || rest.starts_with(" ["))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let mut words = LastWords::default();
        text.lines().for_each(|line| words.keep(line.to_owned()));
        words.told()
    }

    #[test]
    fn node_names_its_error_above_the_stack() {
        let text = "node:internal/modules/esm/resolve:873\n  throw new ERR_MODULE_NOT_FOUND(packageName);\n        ^\n\nError [ERR_MODULE_NOT_FOUND]: Cannot find package 'no-such-sdk' imported from /app/driver.mjs\n    at packageResolve (node:internal/modules/esm/resolve:873:9)\n    at async link (node:internal/modules/esm/module_job:87:21) {\n  code: 'ERR_MODULE_NOT_FOUND'\n}\n\nNode.js v20.20.2\n";
        assert_eq!(
            told(text),
            "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'no-such-sdk' imported from /app/driver.mjs"
        );
        let text = "undici:14969\n      Error.captureStackTrace(this);\n            ^\n\nTypeError: terminated\n    at Fetch.onAborted (node:internal/deps/undici/undici:14969:53)\n    at load (file:///app/sdk.mjs:3:9)\n    at process.processTimers (node:internal/timers:519:7) {\n  [cause]: SocketError: other side closed\n}\n\nNode.js v20.20.2\n";
        assert_eq!(told(text), "TypeError: terminated / at load (file:///app/sdk.mjs:3:9)");
        let text = "[UnhandledPromiseRejection: This error originated from \"x\".] {\n  code: 'ERR_UNHANDLED_REJECTION'\n}\n\nNode.js v20.20.2";
        assert!(told(text).starts_with("[UnhandledPromiseRejection: "), "{}", told(text));
    }

    #[test]
    fn python_names_its_error_below_the_stack() {
        let text = "Traceback (most recent call last):\n  File \"driver.py\", line 9, in <module>\n    import no_such_sdk\nModuleNotFoundError: No module named 'no_such_sdk'\n";
        assert_eq!(
            told(text),
            "File \"driver.py\", line 9, in <module> / ModuleNotFoundError: No module named 'no_such_sdk'"
        );
        assert_eq!(told("Traceback:\nKeyboardInterrupt\n"), "KeyboardInterrupt");
    }

    #[test]
    fn rust_gives_its_reason_on_the_next_line() {
        let text = "thread 'main' panicked at src/main.rs:7:5:\nno client\nnote: run with `RUST_BACKTRACE=1`\n";
        assert_eq!(told(text), "thread 'main' panicked at src/main.rs:7:5: / no client");
    }

    #[test]
    fn without_an_error_the_last_lines_are_shown() {
        assert_eq!(told("one\n\ntwo\nthree\n\nfour\n"), "two / three / four");
        assert_eq!(told("Errors: 0\nat Error: x\n"), "Errors: 0 / at Error: x");
        assert_eq!(told(""), "");
    }
}
