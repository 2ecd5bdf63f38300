//! `new-driver`: a template of a driver, written to a folder.

use std::path::{Component, PathBuf};

use clap::Args;

use super::{Ended, list};
use crate::exit::Exit;
use crate::report::quoted;
use crate::template::Template;

#[derive(Debug, Args)]
pub(super) struct NewDriverArgs {
    /// Language of the driver
    language: Template,
    /// Folder to write to; it is made if need be, and nothing in it is overwritten
    folder: PathBuf,
}

pub(super) fn new_driver(args: &NewDriverArgs) -> Ended {
    let written = args.language.write(&args.folder).map_err(|problem| (Exit::Usage, problem))?;
    let mut text = String::new();
    for path in written {
        text.push_str(&format!("wrote {}\n", path.display()));
    }
    let enter = match args.folder.components().all(|part| part == Component::CurDir) {
        true => String::new(),
        false => format!("cd {} && ", quoted(&args.folder.display().to_string())),
    };
    text.push_str(&format!(
        "next: {enter}mfa-conformance smoke --driver 'exec:{}'\n",
        args.language.command()
    ));
    list::print(&text)
}
