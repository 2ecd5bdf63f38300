//! The command that plays one case again.

use crate::event::{CaseRecord, RunBegan};

/// A line to paste into a shell, with the same driver, seed and service.
pub(super) fn again(record: &CaseRecord, began: Option<&RunBegan>) -> String {
    let mut command = format!("mfa-conformance run --case {} --trace", record.case);
    if let Some(began) = began {
        command.push_str(&format!(" --seed {}", began.seed));
        if !began.judges_service() {
            command.push_str(&format!(" --driver {}", quoted(&began.connect)));
        }
        if let Some(service) = &began.service {
            command.push_str(&format!(" --service {}", quoted(&service.target)));
            if !service.has_control {
                // Which environment and which accounts were used is nobody else's business.
                command.push_str(" --no-control --environment … --email … --code …");
            }
        }
        if let Some(name) = &began.broken_service {
            command.push_str(&format!(" --broken-service {name}"));
        }
    }
    command
}

/// A word that a POSIX shell takes literally.
pub(crate) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connect_string_survives_the_shell() {
        assert_eq!(quoted("exec:node 'my driver.mjs'"), r"'exec:node '\''my driver.mjs'\'''");
    }
}
