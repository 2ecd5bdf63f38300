//! `new-driver`: a template of a driver, written to a folder.

use std::path::PathBuf;

use clap::Args;

use super::{Ended, list};
use crate::exit::Exit;
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
    text.push_str(&format!(
        "next: cd {} && mfa-conformance smoke --driver 'exec:{}'\n",
        args.folder.display(),
        args.language.command()
    ));
    list::print(&text)
}
