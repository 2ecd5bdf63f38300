//! How much a terminal can show, and whether there is one.

use std::env;
use std::io::{self, IsTerminal};

use clap::ValueEnum;

use crate::report::terminal::{Look, Terminal};
use crate::report::{Live, Progress, Reporter};

/// When the output is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColourWhen {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Even into a file or a pipe
    Always,
    /// Not at all
    Never,
}

/// What is printed while a run goes on, first of all reporters.
pub(super) fn terminal(trace: bool, color: ColourWhen) -> Vec<Box<dyn Reporter>> {
    let moves = !is_set("CI") && env::var_os("TERM").is_none_or(|term| term != "dumb");
    let on_stdout = io::stdout().is_terminal();
    let colours = match color {
        ColourWhen::Auto => on_stdout && moves && !is_set("NO_COLOR"),
        ColourWhen::Always => true,
        ColourWhen::Never => false,
    };
    let live = (on_stdout && moves).then(Live::start);
    let mut reporters: Vec<Box<dyn Reporter>> =
        vec![Box::new(Terminal::new(io::stdout(), Look { trace, colours, live }))];
    // With the report in a file or a pipe, a person at the other stream still sees it move.
    if !on_stdout && moves && io::stderr().is_terminal() {
        reporters.push(Box::new(Progress::new(io::stderr())));
    }
    reporters
}

/// A variable counts when it is set to anything but nothing, as NO_COLOR and CI are meant.
fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}
