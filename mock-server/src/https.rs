//! https as flags and configuration file ask for it: which certificate, and who trusts it.

mod node;

use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::tls::{Authority, Kept, Name, Tls, TlsError, default_folder};
use crate::{Clock, Door};

use crate::banner::complain;
use crate::config::{Config, Document};
use crate::flags::HttpsFlags;

/// Between two looks at whether clients are still connected, and how many there are at most: half a
/// second, for a command may leave somebody behind who stays connected.
const LOOK: Duration = Duration::from_millis(1);
const LOOKS: u32 = 500;

/// Where the certificate comes from.
#[derive(Debug)]
pub(crate) enum Plan {
    /// It is made at the start, and vouched for by a CA that is kept.
    Vouched { folder: PathBuf, names: Vec<Name> },
    /// It is somebody's own.
    Own { certificate: PathBuf, key: PathBuf },
}

/// What is spoken on the port, ready to be spoken.
pub(crate) struct Speech {
    pub(crate) door: Door,
    https: Option<Https>,
}

struct Https {
    tls: Tls,
    /// The CA of this service's own, where clients can be told of it.
    authority: Option<PathBuf>,
    was_made: bool,
    /// Whom a client must trust, in words.
    trusted: String,
}

impl Plan {
    /// What flags and file come to; nothing if neither asks for https.
    ///
    /// # Errors
    /// They contradict themselves.
    pub(crate) fn read(
        flags: &HttpsFlags,
        config: &Config,
        document: Option<&Document>,
        host: IpAddr,
    ) -> Result<Option<Self>, String> {
        let are_named = !flags.tls_name.is_empty();
        let is_own = flags.tls_cert.is_some() || flags.tls_key.is_some();
        let of_file = config.tls.as_ref();
        if !flags.tls.unwrap_or(of_file.is_some()) {
            return match (are_named || is_own || flags.tls_dir.is_some(), flags.tls) {
                (true, None) => Err("--tls-dir, --tls-name, --tls-cert and --tls-key are about \
                                     https: ask for it with --tls"
                    .to_owned()),
                _ => Ok(None),
            };
        }
        if is_own && (are_named || flags.tls_dir.is_some()) {
            return Err("--tls-cert and --tls-key bring a certificate with names of its own: \
                        leave --tls-dir and --tls-name out, or those two"
                .to_owned());
        }
        let Some(table) = of_file else {
            return Self::of(flags, None, None, Vec::new(), host).map(Some);
        };
        let folder = document.map_or(Path::new(""), Document::folder);
        let beside = |path: &Option<PathBuf>| path.as_ref().map(|path| folder.join(path));
        let point = |path: &str, message: &str| match document {
            Some(document) => document.problem_at(path, message).to_string(),
            None => message.to_owned(),
        };
        let own = match (beside(&table.cert), beside(&table.key)) {
            (Some(cert), Some(key)) => Some((cert, key)),
            (None, None) => None,
            _ => return Err(point("tls", "`cert` and `key` belong together: name both")),
        };
        if own.is_some() && (table.dir.is_some() || !table.names.is_empty()) {
            let message = "`cert` and `key` bring a certificate with names of its own: leave \
                           `dir` and `names` out, or those two";
            return Err(point("tls", message));
        }
        let mut names = Vec::new();
        for (index, name) in table.names.iter().enumerate() {
            let read = name.parse::<Name>();
            let place = format!("tls.names[{index}]");
            names.push(read.map_err(|error| point(&place, &error.to_string()))?);
        }
        // Flags that ask for one kind of certificate put the file's other kind aside.
        let is_vouched = are_named || flags.tls_dir.is_some();
        let own = own.filter(|_| !is_vouched);
        Self::of(flags, own, beside(&table.dir), names, host).map(Some)
    }

    fn of(
        flags: &HttpsFlags,
        own: Option<(PathBuf, PathBuf)>,
        dir: Option<PathBuf>,
        names: Vec<Name>,
        host: IpAddr,
    ) -> Result<Self, String> {
        match (&flags.tls_cert, &flags.tls_key, own) {
            (Some(certificate), Some(key), _) => {
                return Ok(Self::Own { certificate: certificate.clone(), key: key.clone() });
            }
            (None, None, Some((certificate, key))) => return Ok(Self::Own { certificate, key }),
            (None, None, None) => {}
            _ => return Err("--tls-cert and --tls-key belong together: name both".to_owned()),
        }
        let mut names = match flags.tls_name.is_empty() {
            true => names,
            false => flags.tls_name.clone(),
        };
        if !host.is_unspecified() {
            names.push(Name::from(host));
        }
        let folder = flags.tls_dir.clone().or(dir).or_else(default_folder);
        let folder = folder.ok_or_else(|| {
            "there is no home folder to keep the CA in: name one with --tls-dir DIR".to_owned()
        })?;
        Ok(Self::Vouched { folder, names })
    }

    /// Whether a start would find all it needs; makes nothing.
    ///
    /// # Errors
    /// What is wrong, and what to do about it.
    pub(crate) fn check(&self) -> Result<(), String> {
        // Clients look at certificates with the system's time, whatever clock is held here.
        let now = Clock::System.now();
        let checked = match self {
            Self::Own { certificate, key } => Tls::from_files(certificate, key),
            Self::Vouched { folder, names } => {
                let kept = Authority::kept_in(folder, now);
                let authority = kept.and_then(|kept| match kept {
                    Some(kept) => Ok(kept.authority),
                    None => Authority::new(names, now),
                });
                authority.and_then(|authority| authority.vouch(names, now))
            }
        };
        checked.map(drop).map_err(|error| self.explained(&error))
    }

    /// Reads or makes what is needed.
    fn open(&self) -> Result<Https, TlsError> {
        let now = Clock::System.now();
        match self {
            Self::Own { certificate, key } => {
                let tls = Tls::from_files(certificate, key)?;
                if let Some(problem) = Tls::untimely(certificate, now)? {
                    complain(&format!("warning: {problem}, so no client will accept it"));
                }
                let trusted = format!("whoever issued {}", certificate.display());
                Ok(Https { tls, authority: None, was_made: false, trusted })
            }
            Self::Vouched { folder, names } => {
                let Kept { authority, certificate, was_made, warnings } =
                    Authority::in_folder(folder, names, now)?;
                for warning in warnings {
                    complain(&format!("warning: {warning}"));
                }
                let tls = authority.vouch(names, now)?;
                // Whoever is told of it may stand in another folder.
                let certificate = std::path::absolute(&certificate).unwrap_or(certificate);
                let trusted = certificate.display().to_string();
                Ok(Https { tls, authority: Some(certificate), was_made, trusted })
            }
        }
    }

    fn explained(&self, error: &TlsError) -> String {
        match (error, self) {
            (TlsError::File { .. }, Self::Vouched { .. }) => {
                format!("{error}; another folder for the CA is named with --tls-dir DIR")
            }
            (TlsError::File { .. } | TlsError::Damaged { .. }, Self::Own { .. }) => format!(
                "{error}; --tls-cert names the PEM file of a certificate, --tls-key that of its key"
            ),
            _ => error.to_string(),
        }
    }
}

impl Speech {
    /// Gets everything ready, and says on stderr what clients do wrong.
    ///
    /// # Errors
    /// What is wrong, and what to do about it.
    pub(crate) fn of(plan: Option<&Plan>) -> Result<Self, String> {
        let Some(plan) = plan else {
            let tell = || {
                complain(
                    "a client speaks TLS, and this port plain HTTP: give it an http:// address, \
                     or start with --tls (said once)",
                );
            };
            return Ok(Self { door: Door::plain(tell), https: None });
        };
        let mut https = plan.open().map_err(|error| plan.explained(&error))?;
        let trusted = https.trusted.clone();
        https.tls = https.tls.on_refusal(move |word| {
            complain(&format!(
                "a client did not accept the certificate ({word}): it must trust {trusted} (said \
                 once)"
            ));
        });
        Ok(Self { door: Door::tls(https.tls.clone()), https: Some(https) })
    }

    /// The CA that clients must trust, and whether it was made just now.
    pub(crate) fn authority(&self) -> Option<(&Path, bool)> {
        let https = self.https.as_ref()?;
        Some((https.authority.as_deref()?, https.was_made))
    }

    /// Tells a command that is about to run whom it must trust.
    ///
    /// `SSL_CERT_FILE` and its like are left alone: they take the place of whom the system trusts,
    /// and the command could reach nothing else any more.
    pub(crate) fn tell(&self, command: &mut Command) {
        let Some((path, _)) = self.authority() else { return };
        command.env("MFA_MOCK_CA", path);
        let before = std::env::var_os(node::VARIABLE);
        match node::file(path, before.as_deref()) {
            Ok(file) => drop(command.env(node::VARIABLE, file)),
            Err(error) => complain(&format!(
                "warning: {} is set already, and no file of both can be written ({error}), so Node \
                 does not trust this service unless that file holds {} as well",
                node::VARIABLE,
                path.display()
            )),
        }
    }

    /// Waits a little for what clients did that are gone already: an alert may lie unread in the
    /// connection of a client that has ended.
    pub(crate) fn hear_out(&self) {
        let Some(https) = &self.https else { return };
        for _ in 0..LOOKS {
            if https.tls.visitors() == 0 {
                return;
            }
            thread::sleep(LOOK);
        }
    }

    /// What clients did wrong before they asked anything, a line for each; empty if nothing.
    pub(crate) fn troubles(&self) -> String {
        let Some(https) = &self.https else { return String::new() };
        let troubles = https.tls.troubles();
        let trusted = &https.trusted;
        let mut text = String::new();
        for (count, what) in [
            (troubles.refused, format!("a client did not accept the certificate: trust {trusted}")),
            (
                troubles.silent,
                "a client hung up before it asked anything, as some do whom a certificate \
                 displeases"
                    .to_owned(),
            ),
            (troubles.plain, "a client asked in plain HTTP: this port speaks https".to_owned()),
        ] {
            if count > 0 {
                let _ = writeln!(text, "{count:5} × {what}");
            }
        }
        text
    }
}
