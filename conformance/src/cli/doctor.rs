//! `doctor`: what this machine lacks.

use clap::Args;

use super::{Ended, list};
use crate::doctor::{self, Finding};
use crate::driver::Connect;
use crate::exit::Exit;

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// The driver whose needs are looked at too, as for `run`
    #[arg(long, value_name = "CONNECT")]
    driver: Option<String>,
}

pub(super) fn doctor(args: &DoctorArgs) -> Ended {
    let connect = args.driver.as_deref().map(Connect::parse).transpose();
    let connect = connect.map_err(|error| (Exit::Usage, error.to_string()))?;
    let findings = doctor::doctor(connect.as_ref());
    list::print(&findings.iter().map(Finding::text).collect::<String>())?;
    let is_wrong = findings.iter().any(|finding| matches!(finding, Finding::Wrong { .. }));
    Ok(if is_wrong { Exit::Driver } else { Exit::Conformant })
}
