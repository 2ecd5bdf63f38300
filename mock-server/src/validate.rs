//! `mfa-mock validate FILE`: whether a configuration file can be started with.

use std::process::ExitCode;

use crate::banner;
use crate::config::Config;
use crate::flags::{Flags, Validate};
use crate::start::Start;

/// Checks a file as a start would, without one.
///
/// # Errors
/// What is wrong in it, and where.
pub(crate) fn validate(asked: &Validate) -> Result<ExitCode, String> {
    // Read once for its shape alone, since only that can be wrong without anything else.
    let (config, _) = Config::read(&asked.file)?;
    let flags = Flags { config: Some(asked.file.clone()), ..Flags::default() };
    let start = Start::read(&flags, crate::program::PORT)?;
    if let Some(plan) = &start.https {
        plan.check()?;
    }
    let users: usize = config.environments.iter().map(|world| world.users.len()).sum();
    banner::say(&format!(
        "{}: well (environments: {}, users: {users})\n",
        asked.file.display(),
        config.environments.len(),
    ));
    Ok(ExitCode::SUCCESS)
}
