//! The filters that choose cases, the same for `run` and `list`.

use clap::Args;

use crate::requirement::Level;
use crate::selection::Selection;

#[derive(Debug, Args)]
pub(super) struct SelectArgs {
    /// Only the case of this id (may be given more than once)
    #[arg(long = "case", value_name = "ID")]
    cases: Vec<String>,
    /// Only cases that match this glob, such as 'totp/**' (may be given more than once)
    #[arg(long = "select", value_name = "GLOB")]
    globs: Vec<String>,
    /// Only cases of this guide, such as totp or step-up (may be given more than once)
    #[arg(long = "guide", value_name = "GUIDE")]
    guides: Vec<String>,
    /// Only cases that decide this requirement (may be given more than once)
    #[arg(long = "requirement", value_name = "ID")]
    requirements: Vec<String>,
    /// Only cases that prove a requirement of this level (may be given more than once)
    #[arg(long = "level", value_name = "LEVEL", ignore_case = true)]
    levels: Vec<Level>,
}

impl SelectArgs {
    pub(super) fn selection(&self) -> Selection {
        Selection {
            cases: self.cases.clone(),
            globs: self.globs.clone(),
            guides: self.guides.clone(),
            requirements: self.requirements.clone(),
            levels: self.levels.clone(),
        }
    }
}
