//! Stop-lists, carrier-NAT ranges, mail rules and parameters: versioned data, compiled in, replaceable by a site.
//!
//! Only these suppress. Each says its source; what is not verified says so. Documentation ranges and example.org are
//! on no list, because fixtures use them.

use crate::normalise::{Normal, mailbox};
use ipnet::IpNet;
use model::Kind;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};
use url::{Host, Url};

/// Why a value makes no matches. Visible to the officer, and undone by an analyst who replaces the list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Suppressed {
    /// What the value is, without the value: "is a private address".
    pub why: String,
    /// The list it is on.
    pub list: String,
    /// The version of the lists.
    pub list_version: String,
}

/// A file of lists that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadLists {
    /// It is not the JSON expected.
    #[error("the lists are not in the form of crates/matching/data/lists.json")]
    Form(#[from] serde_json::Error),
    /// A range is no network.
    #[error("list {list}: range {at} is not a network; write for example 198.51.100.0/24")]
    Range {
        /// The list.
        list: String,
        /// Which of its ranges, counted from 1.
        at: usize,
    },
    /// A parameter makes no sense.
    #[error("parameter {0} is out of range; the cap is at least 2, times are not negative")]
    Parameter(&'static str),
    /// There is no version to name in receipts.
    #[error("the lists have no version; write one, for example 2026-11-23.1")]
    Version,
}

#[derive(Deserialize)]
struct File {
    version: String,
    parameters: Parameters,
    #[serde(default)]
    networks: Vec<Networks>,
    #[serde(default)]
    values: Vec<Values>,
    same_digit: Option<SameDigit>,
    mailboxes: Option<Mailboxes>,
    hosts: Option<Hosts>,
    carrier_nat: CarrierNat,
    #[serde(default)]
    mail: Vec<Mail>,
}

#[derive(Deserialize)]
struct Parameters {
    clock_tolerance_seconds: i64,
    recycle_gap_days: i64,
    cap: u32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { clock_tolerance_seconds: 300, recycle_gap_days: 365, cap: 100 }
    }
}

#[derive(Deserialize)]
struct Networks {
    list: String,
    why: String,
    ranges: Vec<String>,
}

#[derive(Deserialize)]
struct Values {
    list: String,
    why: String,
    kind: Kind,
    values: Vec<String>,
}

#[derive(Deserialize)]
struct SameDigit {
    list: String,
    why: String,
    kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Mailboxes {
    list: String,
    why: String,
    locals: HashSet<String>,
}

#[derive(Deserialize)]
struct Hosts {
    list: String,
    why: String,
    suffixes: Vec<String>,
    bare: bool,
}

#[derive(Deserialize)]
struct CarrierNat {
    ranges: Vec<String>,
}

/// One provider's rule on which addresses reach one mailbox.
#[derive(Deserialize)]
pub(crate) struct Mail {
    domains: Vec<String>,
    /// The domain that stands for all; `None` when each has mailboxes of its own.
    canonical: Option<String>,
    /// Characters of the local part that the provider ignores.
    ignored: String,
    /// What begins a tag.
    tag: String,
}

#[derive(Default)]
struct Inner {
    version: String,
    parameters: Parameters,
    networks: Vec<(IpNet, usize)>,
    network_names: Vec<(String, String)>,
    values: HashMap<Kind, HashMap<String, usize>>,
    value_names: Vec<(String, String)>,
    same_digit: Option<SameDigit>,
    mailboxes: Option<Mailboxes>,
    hosts: Option<Hosts>,
    carrier_nat: Vec<IpNet>,
    mail: HashMap<String, Arc<Mail>>,
}

/// All the lists of one version. Cheap to clone.
#[derive(Clone)]
pub struct Lists(Arc<Inner>);

impl std::fmt::Debug for Lists {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lists").field("version", &self.0.version).finish_non_exhaustive()
    }
}

/// A test shows that the file compiled in can be used.
static BUILT_IN: LazyLock<Lists> = LazyLock::new(|| {
    Lists::from_json(include_str!("../data/lists.json")).unwrap_or_else(|_| Lists(Arc::new(Inner::default())))
});

impl Lists {
    /// The lists compiled in.
    pub fn built_in() -> Self {
        BUILT_IN.clone()
    }

    /// A site's own lists, in the form of crates/matching/data/lists.json. They replace the built-in ones as a whole.
    ///
    /// # Errors
    /// When the form is wrong, a range is no network, or a parameter makes no sense.
    pub fn from_json(json: &str) -> Result<Self, BadLists> {
        let file: File = serde_json::from_str(json)?;
        let p = &file.parameters;
        if file.version.trim().is_empty() {
            return Err(BadLists::Version);
        }
        if !(0..=86_400).contains(&p.clock_tolerance_seconds) {
            return Err(BadLists::Parameter("clock_tolerance_seconds"));
        }
        if !(0..=36_500).contains(&p.recycle_gap_days) {
            return Err(BadLists::Parameter("recycle_gap_days"));
        }
        if p.cap < 2 {
            return Err(BadLists::Parameter("cap"));
        }
        let mut inner = Inner {
            version: file.version,
            parameters: file.parameters,
            same_digit: file.same_digit,
            mailboxes: file.mailboxes,
            hosts: file.hosts,
            carrier_nat: ranges("carrier_nat", &file.carrier_nat.ranges)?,
            ..Inner::default()
        };
        for (at, list) in file.networks.into_iter().enumerate() {
            inner.networks.extend(ranges(&list.list, &list.ranges)?.into_iter().map(|net| (net, at)));
            inner.network_names.push((list.list, list.why));
        }
        for (at, list) in file.values.into_iter().enumerate() {
            inner.values.entry(list.kind).or_default().extend(list.values.into_iter().map(|v| (v, at)));
            inner.value_names.push((list.list, list.why));
        }
        for mail in file.mail.into_iter().map(Arc::new) {
            inner.mail.extend(mail.domains.iter().map(|d| (d.clone(), Arc::clone(&mail))));
        }
        Ok(Self(Arc::new(inner)))
    }

    /// The version, as receipts and sealed inputs name it.
    pub fn version(&self) -> &str {
        &self.0.version
    }

    /// Cases that may hold one value before it makes no more pairs and goes to the watch desk.
    pub fn cap(&self) -> u32 {
        self.0.parameters.cap
    }

    /// How far two clocks may be apart, in seconds, and still speak of one time.
    pub fn clock_tolerance_seconds(&self) -> i64 {
        self.0.parameters.clock_tolerance_seconds
    }

    /// After how many days without use a telephone number or account name may have another holder.
    pub fn recycle_gap_days(&self) -> i64 {
        self.0.parameters.recycle_gap_days
    }

    /// Does a carrier put many customers behind this address at once?
    pub fn is_carrier_nat(&self, address: IpAddr) -> bool {
        self.0.carrier_nat.iter().any(|net| net.contains(&address))
    }

    /// Is the value on a list, so that it makes no matches?
    pub fn suppressed(&self, value: &Normal) -> Option<Suppressed> {
        let (list, why) = self.find(value)?;
        Some(Suppressed { why: why.to_owned(), list: list.to_owned(), list_version: self.0.version.clone() })
    }

    /// List and reason.
    fn find(&self, value: &Normal) -> Option<(&str, &str)> {
        let text = value.text.as_str();
        if let Some(at) = self.0.values.get(&value.kind).and_then(|v| v.get(text)) {
            return pair(&self.0.value_names, *at);
        }
        if let Some(same) = self.0.same_digit.as_ref().filter(|s| s.kinds.contains(&value.kind))
            && one_digit(text)
        {
            return Some((&same.list, &same.why));
        }
        match value.kind {
            Kind::Ip => self.network(text.parse().ok()?),
            Kind::Domain => self.host(text),
            Kind::Url => match Url::parse(text).ok()?.host()? {
                Host::Domain(name) => self.host(name),
                Host::Ipv4(a) => self.network(IpAddr::V4(a)),
                Host::Ipv6(a) => self.network(IpAddr::V6(a).to_canonical()),
            },
            Kind::Email => {
                let (local, domain) = mailbox(text)?;
                let role = self.0.mailboxes.as_ref().filter(|m| {
                    let base = local.split('+').next().unwrap_or(local);
                    m.locals.contains(base)
                });
                role.map(|m| (m.list.as_str(), m.why.as_str())).or_else(|| self.host(domain))
            }
            _ => None,
        }
    }

    fn network(&self, address: IpAddr) -> Option<(&str, &str)> {
        let (_, at) = self.0.networks.iter().find(|(net, _)| net.contains(&address))?;
        pair(&self.0.network_names, *at)
    }

    fn host(&self, name: &str) -> Option<(&str, &str)> {
        let hosts = self.0.hosts.as_ref()?;
        let under = |suffix: &String| {
            name.strip_suffix(suffix.as_str()).is_some_and(|head| head.is_empty() || head.ends_with('.'))
        };
        let local = hosts.suffixes.iter().any(under) || (hosts.bare && !name.contains(['.', ':', '[']));
        local.then_some((hosts.list.as_str(), hosts.why.as_str()))
    }

    /// The rule of a mail domain.
    pub(crate) fn mail(&self, domain: &str) -> Option<&Mail> {
        self.0.mail.get(domain).map(Arc::as_ref)
    }
}

impl Mail {
    /// The one mailbox that `local` at `domain` reaches; `None` when nothing would be left of the local part.
    pub(crate) fn reduce(&self, local: &str, domain: &str) -> Option<String> {
        let base = if self.tag.is_empty() { local } else { local.split(self.tag.as_str()).next().unwrap_or(local) };
        let bare: String = base.chars().filter(|c| !self.ignored.contains(*c)).collect();
        (!bare.is_empty()).then(|| format!("{bare}@{}", self.canonical.as_deref().unwrap_or(domain)))
    }
}

fn pair(names: &[(String, String)], at: usize) -> Option<(&str, &str)> {
    names.get(at).map(|(list, why)| (list.as_str(), why.as_str()))
}

fn ranges(list: &str, texts: &[String]) -> Result<Vec<IpNet>, BadLists> {
    let bad = |i: usize| BadLists::Range { list: list.to_owned(), at: i + 1 };
    texts.iter().enumerate().map(|(i, t)| t.trim().parse().map_err(|_| bad(i))).collect()
}

fn one_digit(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| chars.all(|c| c == first))
}
