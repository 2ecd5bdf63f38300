//! The names that a certificate is for, and those that a CA of ours may vouch for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use rcgen::{CidrSubnet, GeneralSubtree, NameConstraints, SanType};
use tokio_rustls::rustls::pki_types::DnsName;

use super::TlsError;

/// Names that a certificate has at most; it is sent with every handshake.
pub const NAMES_MAX: usize = 100;

/// Where an Android emulator finds the machine it runs on.
const EMULATOR_HOST: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);

/// Names that no public server has: RFC 6761, RFC 6762, RFC 8375, and what ICANN set aside or
/// routers use. Each stands for itself and everything below it.
const LOCAL_NAMES: [&str; 6] = ["localhost", "test", "local", "internal", "home.arpa", "lan"];

/// Networks that no public server is in: RFC 6890.
const LOCAL_NETWORKS: [(IpAddr, u8); 8] = [
    (IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(172, 16, 0, 0)), 12),
    (IpAddr::V4(Ipv4Addr::new(192, 168, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(169, 254, 0, 0)), 16),
    (IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
    (IpAddr::V6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)), 7),
    (IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)), 10),
];

/// A host name, with `*.` before it for every one directly below, or an IP address.
///
/// ```
/// use mock_server::tls::Name;
/// assert!("box.lan".parse::<Name>().is_ok() && "*.app.test".parse::<Name>().is_ok());
/// assert!("192.168.1.7".parse::<Name>().is_ok() && "::1".parse::<Name>().is_ok());
/// assert!("https://box.lan".parse::<Name>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Host(String),
    Address(IpAddr),
}

impl FromStr for Name {
    type Err = TlsError;

    fn from_str(text: &str) -> Result<Self, TlsError> {
        let text = text.trim();
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::from(address));
        }
        let (labels, is_wildcard) = match text.strip_prefix("*.") {
            Some(below) => (below, true),
            None => (text, false),
        };
        // A name that ends in digits is an address that was misspelt.
        let last = labels.rsplit('.').next().unwrap_or("");
        let is_number = last.bytes().all(|byte| byte.is_ascii_digit());
        let is_host = DnsName::try_from(labels).is_ok() && !labels.ends_with('.') && !is_number;
        if !is_host {
            return Err(TlsError::Name(text.to_owned()));
        }
        if is_wildcard && !labels.contains('.') {
            return Err(TlsError::Wildcard(text.to_owned()));
        }
        Ok(Self(Kind::Host(text.to_ascii_lowercase())))
    }
}

impl From<IpAddr> for Name {
    fn from(address: IpAddr) -> Self {
        Self(Kind::Address(address.to_canonical()))
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Host(name) => name.fmt(out),
            Kind::Address(address) => address.fmt(out),
        }
    }
}

impl Name {
    /// As it stands in a certificate.
    pub(super) fn subject(&self) -> Result<SanType, TlsError> {
        Ok(match &self.0 {
            Kind::Host(name) => {
                let name = name.as_str().try_into().map_err(|_| TlsError::Name(name.clone()))?;
                SanType::DnsName(name)
            }
            Kind::Address(address) => SanType::IpAddress(*address),
        })
    }

    /// The names that a CA may vouch for so that it may vouch for this one.
    fn subtree(&self) -> GeneralSubtree {
        match &self.0 {
            Kind::Host(name) => {
                let name = name.strip_prefix("*.").unwrap_or(name);
                GeneralSubtree::DnsName(name.to_owned())
            }
            Kind::Address(address) => {
                let length = if address.is_ipv4() { 32 } else { 128 };
                GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*address, length))
            }
        }
    }
}

/// The names that every certificate has, and those that were asked for, each once.
pub(super) fn with_usual(asked: &[Name]) -> Result<Vec<Name>, TlsError> {
    let mut names = vec![
        Name(Kind::Host("localhost".to_owned())),
        Name::from(IpAddr::from(Ipv4Addr::LOCALHOST)),
        Name::from(IpAddr::from(Ipv6Addr::LOCALHOST)),
        Name::from(IpAddr::from(EMULATOR_HOST)),
    ];
    for name in asked {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    match names.len() > NAMES_MAX {
        true => Err(TlsError::TooManyNames),
        false => Ok(names),
    }
}

/// What a CA may vouch for (RFC 5280, section 4.2.1.10), so that a key that got lost is of little
/// use: names of this machine and of local networks, and those that were asked for when it was made.
pub(super) fn constraints(asked: &[Name]) -> NameConstraints {
    let hosts = LOCAL_NAMES.iter().map(|name| GeneralSubtree::DnsName((*name).to_owned()));
    let networks = LOCAL_NETWORKS.iter().map(|(address, length)| {
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*address, *length))
    });
    let is_local = |name: &&Name| matches!(&name.0, Kind::Address(it) if it.is_loopback());
    let asked = asked.iter().filter(|name| !is_local(name)).map(Name::subtree);
    NameConstraints {
        permitted_subtrees: hosts.chain(networks).chain(asked).collect(),
        excluded_subtrees: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_host_or_an_address() {
        let read = |text: &str| text.parse::<Name>().map(|name| name.to_string());
        for (text, name) in [
            ("box.lan", "box.lan"),
            ("MOCK", "mock"),
            (" my_service ", "my_service"),
            ("*.app.test", "*.app.test"),
            ("192.168.1.7", "192.168.1.7"),
            ("::ffff:10.1.2.3", "10.1.2.3"),
            ("FE80::1", "fe80::1"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(name));
        }
        let long = "a".repeat(64);
        for text in [
            "",
            " ",
            ".",
            "a..b",
            "box.lan.",
            "https://box.lan",
            "box:4400",
            "[::1]",
            "*",
            "a.*.b",
            "*.",
            "bücher.test",
            "1.2.3",
            "1.2.3.4.5",
            "300.1.1.1",
            "-a.test",
            "a b",
            &long,
        ] {
            assert_eq!(read(text), Err(TlsError::Name(text.trim().to_owned())), "{text:?}");
        }
        assert_eq!(read("*.localhost"), Err(TlsError::Wildcard("*.localhost".to_owned())));
    }

    #[test]
    fn each_name_is_there_once_and_not_too_many() {
        let asked =
            ["localhost", "127.0.0.1", "box.lan", "BOX.lan"].map(|name| name.parse().unwrap());
        let names = with_usual(&asked).unwrap();
        let names: Vec<String> = names.iter().map(Name::to_string).collect();
        assert_eq!(names, ["localhost", "127.0.0.1", "::1", "10.0.2.2", "box.lan"]);
        let asked = |count: usize| -> Vec<Name> {
            (0..count).map(|index| format!("h{index}.test").parse().unwrap()).collect()
        };
        assert_eq!(with_usual(&asked(NAMES_MAX - 4)).unwrap().len(), NAMES_MAX);
        assert_eq!(with_usual(&asked(NAMES_MAX - 3)), Err(TlsError::TooManyNames));
    }
}
