//! Where webhooks may go. An agency's administrator types an address, and this server, which stands inside a government
//! network, goes there: so it goes to public addresses and port 443 only, and elsewhere only where the operator listed it.
//!
//! A name is resolved once, and the connection is made to that very address: a second look-up could be answered otherwise
//! (DNS rebinding).

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::pin::Pin;

use ipnet::IpNet;
use model::Invalid;
use url::{Host, Url};

/// Longest URL that is taken, in bytes.
const LONGEST: usize = 2_048;

/// Looks up names. An argument, so that a test's answers can change.
pub trait Resolver: Send + Sync {
    /// The addresses of a name, in the order in which they should be tried.
    fn resolve<'a>(&'a self, host: &'a str) -> Resolving<'a>;
}

/// A name being looked up.
pub type Resolving<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// The machine's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> Resolving<'a> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|a| a.ip()).collect()) })
    }
}

/// What the operator lists: a host letter for letter, or a range of addresses; with a port, or for every port.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Listed {
    Name(String, Option<u16>),
    Range(IpNet, Option<u16>),
}

/// The operator's rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guard {
    listed: Vec<Listed>,
}

/// A place that a URL names and the guard lets through, as far as the name tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub url: Url,
    pub host: Host<String>,
    pub port: u16,
    pub tls: bool,
}

impl Guard {
    /// Rules without exception: https, port 443, public addresses.
    pub fn strict() -> Self {
        Self::default()
    }

    /// The same with exceptions: `hooks.example.gov`, `10.1.2.3`, `10.1.0.0/16`, `[fd00::1]`, each with `:PORT` or for
    /// every port. What is listed may also be called without TLS.
    ///
    /// # Errors
    /// An exception that is none of these.
    pub fn allowing<'a>(listed: impl IntoIterator<Item = &'a str>) -> Result<Self, Invalid> {
        Ok(Self { listed: listed.into_iter().map(listed_one).collect::<Result<_, _>>()? })
    }

    /// Reads a URL and judges what can be judged before its name is looked up.
    ///
    /// # Errors
    /// When letters would never go there.
    pub(crate) fn place(&self, text: &str) -> Result<Place, Invalid> {
        let wrong = |problem: &str, cure: &str| Err(Invalid::new(problem, cure));
        if text.len() > LONGEST {
            return wrong("is too long", "give an address of at most 2,048 letters");
        }
        let Ok(mut url) = Url::parse(text.trim()) else {
            return wrong("is not an address", "write it whole, for example https://hooks.example.gov/concord");
        };
        if !url.username().is_empty() || url.password().is_some() {
            return wrong(
                "holds a user name or a password",
                "leave them out; calls are signed with a secret, see docs/WEBHOOKS.md",
            );
        }
        let (tls, Some(port)) = (url.scheme() == "https", url.port_or_known_default()) else {
            return wrong("is not https", "write https://");
        };
        if !tls && url.scheme() != "http" {
            return wrong("is not https", "write https://");
        }
        url.set_fragment(None);
        let host = match url.host() {
            None => return wrong("names no host", "write it whole, for example https://hooks.example.gov/concord"),
            Some(Host::Domain(name)) => Host::Domain(plain(name)),
            Some(Host::Ipv4(ip)) => Host::Ipv4(ip),
            Some(Host::Ipv6(ip)) => Host::Ipv6(ip),
        };
        let listed = match &host {
            // Whether a range lists the address of a name is seen when it is known.
            Host::Domain(name) => self.lists_name(name, port) || self.lists_ranges(port),
            Host::Ipv4(ip) => self.lists_address((*ip).into(), port),
            Host::Ipv6(ip) => self.lists_address((*ip).into(), port),
        };
        if !tls && !listed {
            return wrong(
                "is not https",
                "write https://, or ask the operator to list the host under [webhooks] allow",
            );
        }
        if port != 443 && !listed {
            return wrong(
                "names a port other than 443",
                "use port 443, or ask the operator to list the host under [webhooks] allow",
            );
        }
        let place = Place { url, host, port, tls };
        if let Some(ip) = place.address()
            && !self.may(&place, ip)
        {
            return wrong(
                "is an address inside a network",
                "use a public address, or ask the operator to list it under [webhooks] allow",
            );
        }
        Ok(place)
    }

    /// May a letter for this place go to this address? Pure; asked of the very address that is then connected to.
    pub(crate) fn may(&self, place: &Place, ip: IpAddr) -> bool {
        if self.lists_address(ip, place.port) {
            return true;
        }
        let named = matches!(&place.host, Host::Domain(name) if self.lists_name(name, place.port));
        // A listed name may stand for an address inside the network, but whoever keeps that name cannot make it stand for
        // the cloud's metadata.
        if named {
            return is_public(ip) || is_inside(ip);
        }
        place.tls && place.port == 443 && is_public(ip)
    }

    fn lists_name(&self, name: &str, port: u16) -> bool {
        self.listed.iter().any(|l| matches!(l, Listed::Name(known, p) if known == name && p.is_none_or(|p| p == port)))
    }

    fn lists_address(&self, ip: IpAddr, port: u16) -> bool {
        let ip = ip.to_canonical();
        self.listed
            .iter()
            .any(|l| matches!(l, Listed::Range(net, p) if net.contains(&ip) && p.is_none_or(|p| p == port)))
    }

    fn lists_ranges(&self, port: u16) -> bool {
        self.listed.iter().any(|l| matches!(l, Listed::Range(_, p) if p.is_none_or(|p| p == port)))
    }
}

impl Place {
    /// The address, when the URL names one.
    pub fn address(&self) -> Option<IpAddr> {
        match self.host {
            Host::Domain(_) => None,
            Host::Ipv4(ip) => Some(ip.into()),
            Host::Ipv6(ip) => Some(ip.into()),
        }
    }
}

/// A name as it is compared: the url crate made it ASCII and small; the root's dot at its end says nothing.
fn plain(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_owned()
}

fn listed_one(text: &str) -> Result<Listed, Invalid> {
    let wrong = || {
        Invalid::new(
            format!("`{text}` is neither a host nor a range of addresses"),
            "write a host (hooks.example.gov), an address (10.1.2.3, [fd00::1]) or a range (10.1.0.0/16), with :PORT or without",
        )
    };
    let text = text.trim();
    let net = |of: &str| of.parse::<IpNet>().ok().or_else(|| of.parse::<IpAddr>().ok().map(IpNet::from));
    if let Some(net) = net(text) {
        return Ok(Listed::Range(net, None));
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            let port = port.parse().ok().filter(|p| *p > 0).ok_or_else(wrong)?;
            (host, Some(port))
        }
        _ => (text, None),
    };
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    if let Some(net) = net(bare) {
        return Ok(Listed::Range(net, port));
    }
    // The same reading as of the URL it is compared with.
    match Host::parse(host) {
        Ok(Host::Domain(name)) if !name.contains('*') => Ok(Listed::Name(plain(&name), port)),
        _ => Err(wrong()),
    }
}

/// Is this an address of the public Internet? Everything else is refused: this machine, private networks, link-local with
/// the clouds' metadata, shared address space, multicast, documentation, and every form in which an IPv6 address hides an
/// IPv4 one (mapped, compatible, NAT64, 6to4, Teredo).
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// The special-purpose registry of IPv4 (RFC 6890 and successors), by hand so that a newer library cannot widen it.
fn is_public_v4(ip: Ipv4Addr) -> bool {
    !matches!(
        ip.octets(),
        [0 | 10 | 127, ..]                  // this network, private, loopback
            | [100, 64..=127, ..]           // shared by carriers (RFC 6598)
            | [169, 254, ..]                // link-local: metadata of the clouds
            | [172, 16..=31, ..]            // private
            | [192, 0, 0 | 2, _]            // protocol assignments, documentation
            | [192, 88, 99, _]              // 6to4 relays
            | [192, 168, ..]                // private
            | [198, 18 | 19, ..]            // benchmarks
            | [198, 51, 100, _]             // documentation
            | [203, 0, 113, _]              // documentation
            | [224..=255, ..] // multicast, reserved, broadcast
    )
}

/// Global unicast (2000::/3) without what is set aside in it. Mapped, compatible, NAT64, unique local, link-local,
/// multicast, loopback and unspecified addresses all lie outside of 2000::/3.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    let [first, second, ..] = s;
    first & 0xe000 == 0x2000
        && !(first == 0x2001 && (second < 0x0200 || second == 0x0db8)) // protocols, Teredo, documentation
        && first != 0x2002 // 6to4
        && !(first == 0x3fff && second < 0x1000) // documentation (RFC 9637)
}

/// Addresses of networks that a listed name may stand for: this machine and private ranges, never link-local.
fn is_inside(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || matches!(ip.octets(), [100, 64..=127, ..]),
        // fd00:ec2::/32 is Amazon's metadata, inside the unique local range.
        IpAddr::V6(ip) => {
            let [first, second, ..] = ip.segments();
            ip.is_loopback() || (first & 0xfe00 == 0xfc00 && (first, second) != (0xfd00, 0x0ec2))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Written anew, from the list and not from the code: what must be refused.
    const REFUSED_V4: [&str; 14] = [
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "169.254.169.254/32",
        "100.64.0.0/10",
        "224.0.0.0/4",
        "0.0.0.0/8",
        "255.255.255.255/32",
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "240.0.0.0/4",
    ];
    const REFUSED_V6: [&str; 11] = [
        "::/128",
        "::1/128",
        "fc00::/7",
        "fd00:ec2::254/128",
        "fe80::/10",
        "ff00::/8",
        "2001:db8::/32",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "2002::/16",
        "fec0::/10",
    ];

    fn inside(net: IpNet, dice: u128) -> IpAddr {
        match net {
            IpNet::V4(net) => {
                let host = u32::try_from(dice & u128::from(u32::MAX)).unwrap() & u32::from(net.hostmask());
                Ipv4Addr::from(u32::from(net.network()) | host).into()
            }
            IpNet::V6(net) => Ipv6Addr::from(u128::from(net.network()) | (dice & u128::from(net.hostmask()))).into(),
        }
    }

    fn v6_forms(ip: Ipv4Addr) -> Vec<Ipv6Addr> {
        let n = u128::from(u32::from(ip));
        let [a, b, c, d] = ip.octets().map(u16::from);
        vec![
            Ipv6Addr::from(n),                                                     // compatible
            ip.to_ipv6_mapped(),                                                   // mapped
            Ipv6Addr::from((0xffff_u128 << 48) | n),                               // translated (RFC 2765)
            Ipv6Addr::from((0x0064_ff9b_u128 << 96) | n),                          // NAT64
            Ipv6Addr::from((0x0064_ff9b_0001_u128 << 80) | n),                     // NAT64 of a network's own
            Ipv6Addr::new(0x2002, (a << 8) | b, (c << 8) | d, 0, 0, 0, 0, 1),      // 6to4
            Ipv6Addr::from((0x2001_0000_u128 << 96) | (n ^ u128::from(u32::MAX))), // Teredo
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn no_address_inside_a_network_is_public_in_any_form(range in 0..REFUSED_V4.len(), dice: u128) {
            let IpAddr::V4(ip) = inside(REFUSED_V4[range].parse().unwrap(), dice) else { panic!() };
            prop_assert!(!is_public(ip.into()), "{ip}");
            for form in v6_forms(ip) {
                prop_assert!(!is_public(form.into()), "{form} is {ip}");
            }
        }

        #[test]
        fn no_special_ipv6_address_is_public(range in 0..REFUSED_V6.len(), dice: u128) {
            let ip = inside(REFUSED_V6[range].parse().unwrap(), dice);
            prop_assert!(!is_public(ip), "{ip}");
        }

        /// Strictly: whatever the URL, a letter goes to a public address at port 443 with TLS, or not at all.
        #[test]
        fn a_strict_guard_lets_only_public_addresses_through(
            dice: u128, v4: bool, port in proptest::sample::select(vec![443_u16, 80, 22, 8443, 25]), tls: bool,
        ) {
            let ip: IpAddr = if v4 { Ipv4Addr::from((dice >> 96) as u32).into() } else { Ipv6Addr::from(dice).into() };
            let host = match ip { IpAddr::V4(ip) => ip.to_string(), IpAddr::V6(ip) => format!("[{ip}]") };
            let url = format!("{}://{host}:{port}/x", if tls { "https" } else { "http" });
            let guard = Guard::strict();
            prop_assert_eq!(guard.place(&url).is_ok(), tls && port == 443 && is_public(ip), "{}", url);
            // A name that is answered with this address.
            let named = format!("{}://hooks.example.org:{port}/x", if tls { "https" } else { "http" });
            match guard.place(&named) {
                Ok(place) => prop_assert_eq!(guard.may(&place, ip), is_public(ip)),
                Err(_) => prop_assert!(!tls || port != 443),
            }
        }

        /// What is listed opens itself, and no other address, name or port.
        #[test]
        fn a_listed_range_opens_nothing_else(dice: u128, port in 1..u16::MAX) {
            let guard = Guard::allowing(["10.7.0.0/16:8443"]).unwrap();
            let ip = Ipv4Addr::from((dice >> 96) as u32);
            let place = Place {
                url: Url::parse("http://hooks.example.org/").unwrap(),
                host: Host::Domain("hooks.example.org".to_owned()),
                port,
                tls: false,
            };
            let listed = matches!(ip.octets(), [10, 7, ..]) && port == 8443;
            prop_assert_eq!(guard.may(&place, ip.into()), listed);
            let [.., c, d] = ip.octets();
            prop_assert_eq!(guard.may(&place, Ipv4Addr::new(10, 7, c, d).into()), port == 8443);
        }

        /// No text makes it panic, and what it takes is https at 443.
        #[test]
        fn any_text_is_judged(text in "\\PC{0,80}", rest in "\\PC{0,40}") {
            for text in [text.clone(), format!("https://{text}"), format!("https://{text}@{rest}/"), format!("//{rest}")] {
                if let Ok(place) = Guard::strict().place(&text) {
                    prop_assert!(place.tls && place.port == 443);
                    prop_assert!(place.url.username().is_empty() && place.url.password().is_none());
                }
            }
            let _ = Guard::allowing([text.as_str()]);
        }
    }

    fn refused(guard: &Guard, url: &str) -> bool {
        guard.place(url).is_err()
    }

    #[test]
    fn tricks_with_urls_are_refused() {
        let strict = Guard::strict();
        for url in [
            "",
            "hooks.example.org",
            "http://hooks.example.org/",
            "ftp://hooks.example.org/",
            "file:///etc/passwd",
            "gopher://hooks.example.org:443/",
            "https://hooks.example.org:8443/",
            "https://user@hooks.example.org/",
            "https://user:word@hooks.example.org/",
            "https://hooks.example.org@127.0.0.1/",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://017700000001/",
            "https://0/",
            "https://169.254.169.254/latest/meta-data/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[fd00:ec2::254]/",
            "https://[64:ff9b::a00:1]/",
            "https://１２７.0.0.1/",
            "https://①②⑦.0.0.1/",
        ] {
            assert!(refused(&strict, url), "{url}");
        }
        assert!(refused(&strict, &format!("https://hooks.example.org/{}", "x".repeat(LONGEST))));
        let place = strict.place("https://Höoks.Example.ORG./a?b=c#d").unwrap();
        assert_eq!(place.url.as_str(), "https://xn--hoks-5qa.example.org./a?b=c");
        assert_eq!(place.host, Host::Domain("xn--hoks-5qa.example.org".to_owned()));
    }

    #[test]
    fn a_listed_host_may_be_inside_but_never_the_metadata() {
        let guard = Guard::allowing(["hooks.inside.example.gov", "127.0.0.1", "[fd12::1]:8443"]).unwrap();
        let place = guard.place("http://Hooks.Inside.Example.gov:8080/").unwrap();
        let may = |ip: &str| guard.may(&place, ip.parse().unwrap());
        assert!(may("10.1.2.3") && may("fd12::9") && may("100.64.0.1") && may("8.8.8.8") && may("127.0.0.1"));
        for never in ["169.254.169.254", "fd00:ec2::254", "fe80::1", "224.0.0.1", "0.0.0.0", "::ffff:169.254.169.254"] {
            assert!(!may(never), "{never}");
        }
        assert!(!refused(&guard, "http://127.0.0.1:9/") && !refused(&guard, "http://[::ffff:127.0.0.1]:9/"));
        assert!(refused(&guard, "http://127.0.0.2:9/") && refused(&Guard::strict(), "http://127.0.0.1:9/"));
        // A name that is not listed may still stand for an address that is: that shows when it is looked up.
        let other = guard.place("https://other.inside.example.gov:8080/").unwrap();
        assert!(guard.may(&other, [127, 0, 0, 1].into()) && !guard.may(&other, [10, 1, 2, 3].into()));
        assert!(!guard.may(&other, [8, 8, 8, 8].into()), "a public address at another port");
        assert!(!refused(&guard, "http://[fd12::1]:8443/") && refused(&guard, "http://[fd12::1]:8444/"));
        for none in ["", "*.example.gov", "10.0.0.0/33", "host:0", "host:99999", "a b", "http://x"] {
            assert!(Guard::allowing([none]).is_err(), "{none}");
        }
    }
}
