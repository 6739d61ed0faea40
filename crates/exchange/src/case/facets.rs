//! Which property of which facet is an identifier, and of which kind.

use std::collections::HashMap;

use model::{Day, Invalid, Kind, Problem};

use super::graph::{Graph, Item, Node};
use crate::problems::check_value;
use crate::{MOST_PROBLEMS, MOST_RECORDS};

/// The platform of an account whose file names neither application nor issuer.
pub(crate) const UNNAMED: &str = "unnamed";
/// No person has more names, and no account more applications, that anybody would read.
const FEW: usize = 8;

/// Most values looked at in one file, those met again through a reference included.
const MOST_LOOKS: usize = 4 * MOST_RECORDS;

/// How a property becomes an identifier.
#[derive(Clone, Copy)]
enum Rule {
    /// As it stands.
    Plain(Kind),
    /// MSISDN: international digits without the plus (ITU-T E.164, 3GPP TS 23.003).
    Msisdn,
    /// A domain name; a host's bare name is none.
    Domain,
    /// A web address; a file's path is none.
    Web,
    /// An e-mail address or the name of an account.
    Account,
    /// As it stands, or held by a facet of the object it names.
    Through(&'static str, &'static str, Kind),
}

/// Facet, property, rule (UCO 1.x, observable).
const RULES: [(&str, &str, Rule); 20] = [
    ("EmailAddressFacet", "addressValue", Rule::Plain(Kind::Email)),
    ("EmailAccountFacet", "emailAddress", Rule::Through("EmailAddressFacet", "addressValue", Kind::Email)),
    ("PhoneAccountFacet", "phoneNumber", Rule::Plain(Kind::Phone)),
    ("MobileAccountFacet", "MSISDN", Rule::Msisdn),
    ("MobileAccountFacet", "IMSI", Rule::Plain(Kind::Imsi)),
    ("AccountFacet", "accountIdentifier", Rule::Account),
    ("DigitalAccountFacet", "accountLogin", Rule::Account),
    ("IPv4AddressFacet", "addressValue", Rule::Plain(Kind::Ip)),
    ("IPv6AddressFacet", "addressValue", Rule::Plain(Kind::Ip)),
    ("IPAddressFacet", "addressValue", Rule::Plain(Kind::Ip)),
    ("MACAddressFacet", "addressValue", Rule::Plain(Kind::Mac)),
    ("WifiAddressFacet", "addressValue", Rule::Plain(Kind::Mac)),
    ("BluetoothAddressFacet", "addressValue", Rule::Plain(Kind::Mac)),
    ("DomainNameFacet", "value", Rule::Domain),
    ("DeviceFacet", "serialNumber", Rule::Plain(Kind::Serial)),
    ("MobileDeviceFacet", "IMEI", Rule::Plain(Kind::Imei)),
    ("MobileDeviceFacet", "MSISDN", Rule::Msisdn),
    ("SIMCardFacet", "ICCID", Rule::Plain(Kind::Iccid)),
    ("SIMCardFacet", "IMSI", Rule::Through("MobileAccountFacet", "IMSI", Kind::Imsi)),
    ("URLFacet", "fullValue", Rule::Web),
];

/// One identifier in one facet.
pub(super) struct Found {
    /// The facet in which the value itself stands.
    pub facet: usize,
    pub kind: Kind,
    pub value: String,
}

/// Reads facets one at a time.
pub(super) struct Reader<'g> {
    graph: &'g Graph,
    platforms: HashMap<usize, String>,
    /// Values looked at: references can multiply a small file, so they are counted.
    looks: usize,
}

impl<'g> Reader<'g> {
    pub(super) fn new(graph: &'g Graph) -> Self {
        Self { graph, platforms: HashMap::new(), looks: 0 }
    }

    /// True when the file holds more values than are looked at; what was read of it is not the whole.
    pub(super) fn is_spent(&self) -> bool {
        self.looks > MOST_LOOKS
    }

    /// The identifiers of one facet, or all that is wrong with it.
    pub(super) fn facet(&mut self, at: usize, node: &Node) -> Result<Vec<Found>, Vec<Problem>> {
        let looks = &mut self.looks;
        let mut reading = Facet { graph: self.graph, at, node, found: Vec::new(), wrong: Vec::new(), looks };
        for (_, property, rule) in RULES.iter().filter(|(facet, ..)| node.is(facet)) {
            for item in node.items(property) {
                reading.item(property, *rule, item);
            }
        }
        if node.is("ContentDataFacet") || node.is("HashFacet") {
            reading.hashes();
        }
        if reading.wrong.is_empty() { Ok(reading.found) } else { Err(reading.wrong) }
    }

    /// "Family, Given; 1980-02-01", when the object has a full name and a birthday; a name alone is nobody.
    pub(super) fn person(&self, at: usize, node: &Node, object: usize) -> Option<Result<Found, Problem>> {
        if !node.is("SimpleNameFacet") {
            return None;
        }
        let name = |property| {
            let parts: Vec<_> = node.texts(property).take(FEW).flat_map(str::split_whitespace).collect();
            Some(parts.join(" ")).filter(|joined| !joined.is_empty())
        };
        let (family, given) = (name("familyName")?, name("givenName")?);
        let facets = self.graph.facets(object, "BirthInformationFacet");
        let (birth, text) = facets.iter().take(FEW).find_map(|facet| {
            let birth = self.graph.node(*facet)?;
            Some((birth, birth.texts("birthdate").next()?))
        })?;
        // xsd:dateTime or xsd:date: the day is the first ten characters of both.
        let day = text.get(..10).unwrap_or(text);
        if let Err(e) = Day::parse(day) {
            return Some(Err(e.at(birth.pointer.clone(), "birthdate")));
        }
        let value = format!("{family}, {given}; {day}");
        Some(match check_value(Some(Kind::Person), &value) {
            Ok(()) => Ok(Found { facet: at, kind: Kind::Person, value }),
            Err(e) => Err(e.at(node.pointer.clone(), "familyName")),
        })
    }

    /// The platform of an account: its application's name, else its issuer's.
    pub(super) fn platform(&mut self, object: usize) -> String {
        if let Some(known) = self.platforms.get(&object) {
            return known.clone();
        }
        let name = self.application(object).or_else(|| self.issuer(object)).unwrap_or_else(|| UNNAMED.to_owned());
        self.platforms.insert(object, name.clone());
        name
    }

    fn application(&self, object: usize) -> Option<String> {
        let accounts = self.graph.facets(object, "ApplicationAccountFacet");
        accounts.iter().take(FEW).find_map(|facet| {
            self.graph.nodes_of(*facet, "application").take(FEW).find_map(|application| {
                let facets = self.graph.facets(application, "ApplicationFacet");
                let all = || facets.iter().take(FEW).copied().chain([application]);
                let said = |property| all().find_map(|at| self.text(at, property));
                said("name").or_else(|| said("applicationIdentifier"))
            })
        })
    }

    fn issuer(&self, object: usize) -> Option<String> {
        let accounts = self.graph.facets(object, "AccountFacet");
        accounts.iter().take(FEW).find_map(|facet| {
            let mut issuers = self.graph.nodes_of(*facet, "accountIssuer").take(FEW);
            issuers.find_map(|issuer| self.text(issuer, "name")).or_else(|| self.text(*facet, "accountIssuer"))
        })
    }

    /// The first text of a property that is fit to be a name.
    fn text(&self, at: usize, property: &str) -> Option<String> {
        let mut texts = self.graph.node(at)?.texts(property).take(FEW);
        texts.find(|t| check_value(None, t).is_ok()).map(str::to_owned)
    }
}

/// One facet while it is read.
struct Facet<'g> {
    graph: &'g Graph,
    at: usize,
    node: &'g Node,
    found: Vec<Found>,
    wrong: Vec<Problem>,
    looks: &'g mut usize,
}

impl Facet<'_> {
    fn refuse(&mut self, property: &str, why: Invalid) {
        if self.wrong.len() <= MOST_PROBLEMS {
            self.wrong.push(why.at(self.node.pointer.clone(), property));
        }
    }

    /// Counts one value; false when no more are looked at.
    fn look(&mut self) -> bool {
        *self.looks = self.looks.saturating_add(1);
        *self.looks <= MOST_LOOKS
    }

    fn add(&mut self, facet: usize, property: &str, kind: Kind, value: &str) {
        match check_value(Some(kind), value) {
            Ok(()) => self.found.push(Found { facet, kind, value: value.to_owned() }),
            Err(e) => self.refuse(property, e),
        }
    }

    fn item(&mut self, property: &str, rule: Rule, item: &Item) {
        if !self.look() {
            return;
        }
        match (item, rule) {
            (Item::Text(text), _) => self.text(property, rule, text.trim()),
            (Item::Rounded, _) => {
                self.refuse(property, Invalid::new("is a number that was rounded", "write it in quotation marks"));
            }
            (Item::Node(_) | Item::Named(_), Rule::Through(word, inner, kind)) => match self.written(item) {
                Some(object) => self.through(object, word, inner, kind),
                None => self.refuse(
                    property,
                    Invalid::new("names an object that is not in the file", "export it with the objects it links to"),
                ),
            },
            (Item::Node(_) | Item::Named(_), _) => {
                self.refuse(property, Invalid::new("is an object where a text should stand", "write the value itself"));
            }
        }
    }

    fn written(&self, item: &Item) -> Option<usize> {
        self.graph.resolve(item).filter(|at| self.graph.node(*at).is_some_and(|n| n.is_written))
    }

    fn text(&mut self, property: &str, rule: Rule, text: &str) {
        if text.is_empty() {
            return;
        }
        match rule {
            Rule::Plain(kind) | Rule::Through(_, _, kind) => self.add(self.at, property, kind, text),
            Rule::Msisdn => self.add(self.at, property, Kind::Phone, &international(text)),
            Rule::Account if is_email(text) => self.add(self.at, property, Kind::Email, text),
            Rule::Account => self.add(self.at, property, Kind::Handle, text),
            Rule::Web if text.get(..5).is_some_and(|s| s.eq_ignore_ascii_case("file:")) => {}
            Rule::Web => self.add(self.at, property, Kind::Url, text),
            Rule::Domain => {
                let name = text.trim_end_matches('.');
                let is_onion = name.to_ascii_lowercase().ends_with(".onion");
                if name.contains('.') {
                    self.add(self.at, property, if is_onion { Kind::Onion } else { Kind::Domain }, text);
                }
            }
        }
    }

    fn through(&mut self, object: usize, word: &'static str, inner: &str, kind: Kind) {
        let graph = self.graph;
        for facet in graph.facets(object, word).iter().copied().chain([object]) {
            let Some(node) = graph.node(facet).filter(|n| n.is(word)) else { continue };
            for text in node.texts(inner) {
                if !self.look() {
                    return;
                }
                // A fault of that value is told where it stands.
                if check_value(Some(kind), text).is_ok() {
                    self.found.push(Found { facet, kind, value: text.to_owned() });
                }
            }
        }
    }

    fn hashes(&mut self) {
        let graph = self.graph;
        for item in self.node.items("hash") {
            let Some(hash) = graph.resolve(item).and_then(|at| graph.node(at)) else { continue };
            let Some(kind) = hash.texts("hashMethod").take(FEW).find_map(method) else { continue };
            for item in hash.items("hashValue") {
                if *self.looks > MOST_LOOKS {
                    return;
                }
                self.item("hashValue", Rule::Plain(kind), item);
            }
        }
    }
}

/// The hashes Concord matches, as tools spell them; others are passed over.
fn method(name: &str) -> Option<Kind> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    match plain.to_ascii_lowercase().as_str() {
        "md5" => Some(Kind::Md5),
        "sha1" => Some(Kind::Sha1),
        "sha256" => Some(Kind::Sha256),
        "pdq" => Some(Kind::Pdq),
        _ => None,
    }
}

/// Adds the plus to a whole international number. Ten digits and fewer stay: tools write national numbers there too,
/// and a plus would turn Washington into Egypt.
fn international(text: &str) -> String {
    let whole = (11..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    if whole { format!("+{text}") } else { text.to_owned() }
}

/// One at-sign, something before it and a host with a dot after it.
fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.split_once('@') else { return false };
    let plain = !text.contains([' ', '/', ':', ',', ';', '<', '>']);
    plain
        && !local.is_empty()
        && !host.contains('@')
        && host.split('.').count() > 1
        && host.split('.').all(|l| !l.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_international_number_gets_its_plus() {
        assert_eq!(international("12025550123"), "+12025550123");
        for kept in ["2025550123", "+12025550123", "31618300XXX", "00442071838750", ""] {
            assert_eq!(international(kept), kept);
        }
    }

    #[test]
    fn an_account_is_an_address_only_when_it_looks_like_one() {
        assert!(is_email("willy@example.org"));
        for name in ["@willy", "willy@", "willy@host", "willy@example.", "a@b@example.org", "http://u@example.org"] {
            assert!(!is_email(name), "{name}");
        }
    }
}
