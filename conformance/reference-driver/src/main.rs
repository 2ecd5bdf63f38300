//! `reference-driver`: the reference SDK as a process that speaks MDP/1.

use std::io::{self, Write};
use std::process::ExitCode;

use reference_driver::{ReferenceDriver, reference, sabotaged, sins, stdio};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let end = match arguments.as_slice() {
        [] => serve(reference()),
        ["--sabotage", name] => match sabotaged(name) {
            Some(driver) => serve(driver),
            None => return misused(&format!("unknown sabotage \"{name}\"{}", hint(name))),
        },
        ["--list-sabotages"] => list(),
        ["--help" | "-h"] => writeln!(io::stdout(), "{USAGE}"),
        _ => return misused(USAGE),
    };
    match end {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed as well, and then there is nobody left to tell.
            let _ = writeln!(io::stderr(), "reference-driver: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(mut driver: ReferenceDriver) -> io::Result<()> {
    stdio::serve(&mut driver, &mut io::stdin().lock(), &mut io::stdout().lock()).map(|_| ())
}

fn list() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for sabotage in sins() {
        writeln!(out, "{}\t{}\t{}", sabotage.name, sabotage.breaks, sabotage.sin)?;
    }
    Ok(())
}

fn hint(name: &str) -> String {
    match driver_protocol::nearest(name, sins().map(|sabotage| sabotage.name)) {
        Some(near) => format!("; did you mean \"{near}\"?"),
        None => "; see --list-sabotages".into(),
    }
}

fn misused(message: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "{message}");
    ExitCode::from(USAGE_ERROR)
}

/// `EX_USAGE` of sysexits.
const USAGE_ERROR: u8 = 64;

const USAGE: &str = "\
reference-driver: the smallest correct SDK, as a driver that speaks MDP/1 on stdin and stdout

  reference-driver                     serve
  reference-driver --sabotage <name>   serve with one named sin
  reference-driver --list-sabotages    name, broken requirement and sin of each, by tabs";
