//! A configuration file: it can be started with, or the place of what is wrong is shown.

use mock_server::program::plan;
use mock_server::{Mock, Options};

use crate::scratch::Scratch;

/// Any bytes as configuration file.
pub(crate) fn file(bytes: &[u8]) {
    let scratch = Scratch::new("toml");
    std::fs::write(&scratch.0, bytes).unwrap();
    let read = || plan([format!("--config={}", scratch.0.display())]);
    match read() {
        Err(problem) => is_shown(&scratch, bytes, &problem),
        Ok(planned) => {
            let planned = planned.expect("no task is named");
            // The journal file that it names is somebody's; all else can be started with.
            let options = Options { journal_file: None, ..planned.options.clone() };
            Mock::new(options).expect("what was read can be started with");
            let again = read().expect("it was read before").expect("as above");
            assert_eq!(again.options.policy, planned.options.policy);
            assert_eq!((again.address, again.environment), (planned.address, planned.environment));
        }
    }
}

/// Checks that a problem has words, and that the line it shows is a line of the file.
fn is_shown(scratch: &Scratch, bytes: &[u8], problem: &str) {
    assert!(!problem.is_empty());
    let Some(rest) = problem.strip_prefix(&format!("{}:", scratch.0.display())) else { return };
    let text = std::str::from_utf8(bytes).expect("a place in a file that is no text");
    let (line, rest) = rest.split_once(':').unwrap();
    let (column, rest) = rest.split_once(": ").unwrap();
    let (line, column): (usize, usize) = (line.parse().unwrap(), column.parse().unwrap());
    // Behind the last line break there is a line as well, if only an empty one.
    let source = text.lines().chain([""]).nth(line - 1).expect("a line of the file");
    assert!(column - 1 <= source.chars().count(), "{problem}");
    assert!(rest.contains(&format!("\n  {line} | {source}\n")), "{problem}");
}
