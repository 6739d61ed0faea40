//! Configuration: concord.toml, and the environment, which wins. Its only reader is this file.
//!
//! What is wrong is told with its key, the place where it stands and what to do. No secret stands in it: a password is in a
//! file that it names, and nothing of that file is ever printed.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use casework::model::{Clock, Invalid};
use casework::{Couriers, Secret};
use outbound::{BadOption, Guard, Limits, Mail, MailOptions, MailTls, SystemResolver, WebhookOptions, Webhooks};
use serde::Deserialize;
use testkit::SystemClock;
use toml::Spanned;
use url::Url;

use crate::args::Common;
use crate::failure::Failure;
use crate::open;

/// concord.toml as it is written. Keys of other sections are added here, each with its reader below.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    mail: Option<MailSection>,
    webhooks: Option<WebhooksSection>,
    serve: Option<ServeSection>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ServeSection {
    listen: Option<Spanned<String>>,
    origin: Option<Spanned<String>>,
    tls_certificate: Option<Spanned<String>>,
    tls_key: Option<Spanned<String>>,
    metrics: Option<Spanned<String>>,
    connections: Option<Spanned<usize>>,
}

/// Where the portal is served, as configuration says; what the command line says wins.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Serving {
    /// Where to listen.
    pub listen: Option<SocketAddr>,
    /// The public address.
    pub origin: Option<Url>,
    /// The certificate chain.
    pub tls_certificate: Option<PathBuf>,
    /// Its key.
    pub tls_key: Option<PathBuf>,
    /// Where Prometheus may ask.
    pub metrics: Option<SocketAddr>,
    /// How many connections at once.
    pub connections: Option<usize>,
}

/// What configuration says of serving.
pub fn serving(common: &Common) -> Result<Serving, Failure> {
    let variable = |name: &str| std::env::var(name).ok();
    serving_of(&Sources::open(common, &variable)?)
}

fn serving_of(sources: &Sources<'_>) -> Result<Serving, Failure> {
    let s = sources.parse()?.serve.unwrap_or_default();
    let address = |name: &str, value: Option<Spanned<String>>| {
        let Some(found) = sources.value(name, value) else { return Ok(None) };
        let cure =
            Invalid::new("is not an address to listen at", "write a number and a port, for example 127.0.0.1:8400");
        found.value.trim().parse::<SocketAddr>().map(Some).map_err(|_| found.wrong(&cure))
    };
    let path = |name: &str, value: Option<Spanned<String>>| {
        let named = sources.variable_of(name).map(|f| PathBuf::from(f.value));
        let folder = sources.file.as_ref().map(|(_, folder)| folder.clone()).unwrap_or_default();
        named.or_else(|| value.map(|v| folder.join(v.into_inner())))
    };
    let connections = match sources.variable_of("CONCORD_CONNECTIONS") {
        None => sources.found(s.connections),
        Some(found) => match found.value.trim().parse() {
            Ok(value) => Some(Found { value, place: found.place }),
            Err(_) => return Err(found.wrong(&few_connections())),
        },
    };
    if let Some(found) = connections.as_ref().filter(|c| !(1..=MOST_CONNECTIONS).contains(&c.value)) {
        return Err(found.wrong(&few_connections()));
    }
    let origin = match sources.value("CONCORD_ORIGIN", s.origin) {
        None => None,
        Some(found) => Some(found.value.trim().parse::<Url>().map_err(|_| {
            found.wrong(&Invalid::new("is no address", "write it whole, for example https://concord.example.gov"))
        })?),
    };
    Ok(Serving {
        listen: address("CONCORD_LISTEN", s.listen)?,
        origin,
        tls_certificate: path("CONCORD_TLS_CERTIFICATE", s.tls_certificate),
        tls_key: path("CONCORD_TLS_KEY", s.tls_key),
        metrics: address("CONCORD_METRICS", s.metrics)?,
        connections: connections.map(|c| c.value),
    })
}

/// More connections than a process has descriptors for on any machine.
const MOST_CONNECTIONS: usize = 1_000_000;

fn few_connections() -> Invalid {
    Invalid::new("is no number of connections", "write how many may be open at once, for example 600")
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct MailSection {
    server: Option<Spanned<String>>,
    port: Option<Spanned<u16>>,
    tls: Option<Spanned<String>>,
    from: Option<Spanned<String>>,
    user: Option<Spanned<String>>,
    password_file: Option<Spanned<String>>,
    ca_file: Option<Spanned<String>>,
    sign_in: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WebhooksSection {
    allow: Option<Spanned<Vec<String>>>,
    ca_file: Option<Spanned<String>>,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found<T> {
    value: T,
    place: String,
}

impl<T> Found<T> {
    fn wrong(&self, invalid: &Invalid) -> Failure {
        Failure::input(&self.place, invalid)
    }
}

/// Where values are looked up: the file, and variables over it.
struct Sources<'a> {
    /// The file's name in messages, and its folder; none when there is no file.
    file: Option<(String, PathBuf)>,
    text: String,
    variable: &'a dyn Fn(&str) -> Option<String>,
}

/// The couriers that configuration asks for: none without a section or a variable of theirs.
pub fn couriers(common: &Common) -> Result<Couriers, Failure> {
    let variable = |name: &str| std::env::var(name).ok();
    couriers_of(&Sources::open(common, &variable)?, Arc::new(SystemClock))
}

fn couriers_of(sources: &Sources<'_>, clock: Arc<dyn Clock>) -> Result<Couriers, Failure> {
    let file = sources.parse()?;
    Ok(Couriers {
        mail: mail(sources, file.mail, clock.clone())?.map(|mail| Arc::new(mail) as _),
        webhooks: webhooks(sources, file.webhooks, clock)?.map(|hooks| Arc::new(hooks) as _),
    })
}

impl<'a> Sources<'a> {
    /// The file is that of `--config`, of CONCORD_CONFIG, or concord.toml in the data folder when there is one.
    fn open(common: &Common, variable: &'a dyn Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let named = common.config.clone().or_else(|| variable("CONCORD_CONFIG").map(PathBuf::from));
        let path = match named {
            Some(path) => path,
            None => {
                let usual = open::data(common).join("concord.toml");
                if !usual.exists() {
                    return Ok(Self { file: None, text: String::new(), variable });
                }
                usual
            }
        };
        let text = read(&path, &path.display().to_string())?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        let text = String::from_utf8(text).map_err(|_| {
            Failure::input(&path.display().to_string(), &Invalid::new("is not UTF-8", "save it as UTF-8 text"))
        })?;
        Ok(Self { file: Some((path.display().to_string(), folder)), text, variable })
    }

    fn parse(&self) -> Result<File, Failure> {
        // The library's own words print the line, and whoever wrote a password where none belongs wants it nowhere else.
        toml::from_str(&self.text).map_err(|e| {
            let at = e.span().map_or(0, |s| s.start);
            let problem = e.message().lines().next().unwrap_or("cannot be read").to_owned();
            Failure::input(
                &self.at(at),
                &Invalid::new(problem, "correct this line; `docs/CONFIGURATION.md` lists every key"),
            )
        })
    }

    fn name(&self) -> &str {
        self.file.as_ref().map_or("concord.toml", |(name, _)| name)
    }

    /// "concord.toml, line 4, [mail] port".
    fn at(&self, byte: usize) -> String {
        let before = self.text.get(..byte).unwrap_or_default();
        let number = before.matches('\n').count();
        let line = self.text.lines().nth(number).unwrap_or_default();
        let section = self.text.lines().take(number + 1).filter(|l| l.trim_start().starts_with('[')).last();
        let section = section.and_then(|l| l.split(']').next()).map(|l| format!("{}]", l.trim())).unwrap_or_default();
        let key = line.split_once('=').map_or("", |(key, _)| key.trim());
        let place = format!("{}, line {}, {section} {key}", self.name(), number + 1);
        place.trim_end_matches([' ', ',']).to_owned()
    }

    fn found<T>(&self, value: Option<Spanned<T>>) -> Option<Found<T>> {
        value.map(|v| Found { place: self.at(v.span().start), value: v.into_inner() })
    }

    /// A text of the file, or of the variable.
    fn value(&self, name: &str, value: Option<Spanned<String>>) -> Option<Found<String>> {
        self.variable_of(name).or_else(|| self.found(value))
    }

    fn variable_of(&self, name: &str) -> Option<Found<String>> {
        // Set to nothing is not set.
        let value = (self.variable)(name).filter(|v| !v.trim().is_empty())?;
        Some(Found { value, place: format!("environment, {name}") })
    }

    /// The bytes of a file that a value names: beside concord.toml, or where the command runs.
    fn bytes_of(&self, named: Option<&Found<String>>, from_file: bool) -> Result<Option<Vec<u8>>, Failure> {
        let Some(found) = named else { return Ok(None) };
        let folder = self.file.as_ref().filter(|_| from_file).map(|(_, folder)| folder.clone()).unwrap_or_default();
        read(&folder.join(&found.value), &found.place).map(Some)
    }
}

fn read(path: &Path, place: &str) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|e| {
        let problem = format!("{} cannot be read ({})", path.display(), e.kind());
        Failure::input(place, &Invalid::new(problem, "name a file that this user may read"))
    })
}

/// Something is missing in a section that is there.
fn missing(sources: &Sources<'_>, section: &str, key: &str, variable: &str, cure: &str) -> Failure {
    let place = format!("{}, [{section}] {key}", sources.name());
    Failure::input(&place, &Invalid::new("is missing", format!("{cure}, or set {variable}")))
}

/// The value in its own type.
fn typed<T: FromStr>(found: Option<Found<String>>) -> Result<Option<Found<T>>, Failure>
where
    T::Err: Into<Invalid>,
{
    let Some(found) = found else { return Ok(None) };
    match found.value.parse() {
        Ok(value) => Ok(Some(Found { value, place: found.place })),
        Err(e) => Err(found.wrong(&e.into())),
    }
}

fn mail(sources: &Sources<'_>, section: Option<MailSection>, clock: Arc<dyn Clock>) -> Result<Option<Mail>, Failure> {
    let there = section.is_some();
    let s = section.unwrap_or_default();
    let server = sources.value("CONCORD_MAIL_SERVER", s.server);
    if server.is_none() && !there {
        return Ok(None);
    }
    let missing = |key, cure| missing(sources, "mail", key, &format!("CONCORD_MAIL_{}", key.to_uppercase()), cure);
    let server = server.ok_or_else(|| missing("server", "name the mail server"))?;
    let port = match sources.variable_of("CONCORD_MAIL_PORT") {
        None => sources.found(s.port),
        Some(found) => match found.value.trim().parse() {
            Ok(value) => Some(Found { value, place: found.place }),
            Err(_) => return Err(found.wrong(&Invalid::new("is not a port", "write a number from 1 to 65535"))),
        },
    };
    let tls = typed::<MailTls>(sources.value("CONCORD_MAIL_TLS", s.tls))?;
    let from = sources.value("CONCORD_MAIL_FROM", s.from);
    let from =
        from.ok_or_else(|| missing("from", "write who the mail is from, for example Concord <concord@example.gov>"))?;
    let user = sources.value("CONCORD_MAIL_USER", s.user);
    let file_of = |name: &str, value| (sources.value(name, value), sources.variable_of(name).is_none());
    let (password_file, ours) = file_of("CONCORD_MAIL_PASSWORD_FILE", s.password_file);
    let password = sources.bytes_of(password_file.as_ref(), ours)?;
    let password = match (password, &password_file) {
        (Some(bytes), Some(found)) => Some(password_of(bytes).map_err(|why| found.wrong(&why))?),
        _ => None,
    };
    let (ca_file, ours) = file_of("CONCORD_MAIL_CA_FILE", s.ca_file);
    let roots = sources.bytes_of(ca_file.as_ref(), ours)?;
    let sign_in = sources.value("CONCORD_MAIL_SIGN_IN", s.sign_in);
    let sign_in = sign_in.ok_or_else(|| {
        missing("sign_in", "write where members open Concord, for example https://concord.example.gov/")
    })?;
    let options = MailOptions {
        server: server.value.clone(),
        port: port.map(|p| p.value),
        tls: tls.as_ref().map(|t| t.value).unwrap_or_default(),
        from: from.value.clone(),
        user: user.as_ref().map(|u| u.value.clone()),
        password,
        sign_in: sign_in.value.clone(),
        roots,
        timeout: Duration::from_secs(20),
    };
    let places = [
        ("server", Some(&server.place)),
        ("tls", tls.as_ref().map(|f| &f.place)),
        ("from", Some(&from.place)),
        ("user", user.as_ref().map(|f| &f.place)),
        ("password_file", password_file.as_ref().map(|f| &f.place)),
        ("ca_file", ca_file.as_ref().map(|f| &f.place)),
        ("sign_in", Some(&sign_in.place)),
    ];
    Mail::new(options, clock).map(Some).map_err(|bad| bad_option(sources, "mail", &places, &bad))
}

fn webhooks(
    sources: &Sources<'_>,
    section: Option<WebhooksSection>,
    clock: Arc<dyn Clock>,
) -> Result<Option<Webhooks>, Failure> {
    let switched = match sources.variable_of("CONCORD_WEBHOOKS") {
        None => section.is_some(),
        Some(found) => match found.value.trim() {
            "on" => true,
            "off" => false,
            _ => return Err(found.wrong(&Invalid::new("is neither on nor off", "write on or off"))),
        },
    };
    if !switched {
        return Ok(None);
    }
    let s = section.unwrap_or_default();
    let allow = match sources.variable_of("CONCORD_WEBHOOKS_ALLOW") {
        None => sources.found(s.allow),
        Some(Found { value, place }) => {
            let value = value.split(',').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect();
            Some(Found { value, place })
        }
    };
    let guard = match &allow {
        None => Guard::strict(),
        Some(found) => Guard::allowing(found.value.iter().map(String::as_str)).map_err(|why| found.wrong(&why))?,
    };
    let ours = sources.variable_of("CONCORD_WEBHOOKS_CA_FILE").is_none();
    let ca_file = sources.value("CONCORD_WEBHOOKS_CA_FILE", s.ca_file);
    let roots = sources.bytes_of(ca_file.as_ref(), ours)?;
    let options = WebhookOptions { guard, resolver: Arc::new(SystemResolver), clock, limits: Limits::default(), roots };
    let places = [("ca_file", ca_file.as_ref().map(|f| &f.place))];
    Webhooks::new(options).map(Some).map_err(|bad| bad_option(sources, "webhooks", &places, &bad))
}

fn bad_option(sources: &Sources<'_>, section: &str, places: &[(&str, Option<&String>)], bad: &BadOption) -> Failure {
    let known = places.iter().find(|(key, _)| *key == bad.key).and_then(|(_, place)| *place);
    let place = known.cloned().unwrap_or_else(|| format!("{}, [{section}] {}", sources.name(), bad.key));
    Failure::input(&place, &bad.invalid)
}

/// One line, as an editor leaves it.
fn password_of(bytes: Vec<u8>) -> Result<Secret, Invalid> {
    let wrong = |problem: &str| Invalid::new(problem, "write the password into the file, on one line");
    let text = String::from_utf8(bytes).map_err(|_| wrong("names a file that is not text"))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(wrong("names an empty file")),
        word if word.contains('\n') => Err(wrong("names a file of several lines")),
        word => Ok(Secret::new(word)),
    }
}

/// No accident prints a configuration.
impl fmt::Debug for Sources<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

    use super::*;

    /// What a text and variables come to: which couriers, or what is said.
    fn said(text: &str, variables: &[(&str, &str)]) -> Result<(bool, bool), String> {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let file = Some(("concord.toml".to_owned(), PathBuf::new()));
        let sources = Sources { file, text: text.to_owned(), variable: &variable };
        couriers_of(&sources, Arc::new(SystemClock))
            .map(|c| (c.mail.is_some(), c.webhooks.is_some()))
            .map_err(|failure| failure.lines().join("\n"))
    }

    const MAIL: &str = "[mail]\nserver = \"mail.example.gov\"\nfrom = \"Concord <concord@example.gov>\"\nsign_in = \"https://concord.example.gov\"\n";

    #[test]
    fn nothing_leaves_unless_it_is_asked_for() {
        assert_eq!(said("", &[]), Ok((false, false)));
        assert_eq!(said(MAIL, &[]), Ok((true, false)));
        assert_eq!(said("[webhooks]\n", &[]), Ok((false, true)));
        assert_eq!(said("[webhooks]\n", &[("CONCORD_WEBHOOKS", "off")]), Ok((false, false)));
        assert_eq!(said("", &[("CONCORD_WEBHOOKS", "on")]), Ok((false, true)));
        assert_eq!(said("", &[("CONCORD_MAIL_SERVER", " ")]), Ok((false, false)), "set to nothing is not set");
        let all = [
            ("CONCORD_MAIL_SERVER", "mail.example.gov"),
            ("CONCORD_MAIL_FROM", "concord@example.gov"),
            ("CONCORD_MAIL_SIGN_IN", "https://concord.example.gov"),
            ("CONCORD_MAIL_PORT", "2525"),
        ];
        assert_eq!(said("", &all), Ok((true, false)), "the environment alone is enough");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_key_its_place_and_the_cure() {
        for (text, variables, words) in [
            (
                "[mail]\nserver = \"m\"\nprot = 25\n".to_owned(),
                &[][..],
                &["concord.toml, line 3, [mail] prot", "unknown field `prot`", "`port`"][..],
            ),
            ("[mial]\n".to_owned(), &[], &["concord.toml, line 1, [mial]", "unknown field `mial`", "`mail`"]),
            (format!("{MAIL}port = \"x\"\n"), &[], &["concord.toml, line 5, [mail] port", "u16"]),
            (format!("{MAIL}port = 99999\n"), &[], &["concord.toml, line 5, [mail] port"]),
            ("[mail\n".to_owned(), &[], &["concord.toml, line 1"]),
            ("[mail]\n".to_owned(), &[], &["concord.toml, [mail] server: is missing", "CONCORD_MAIL_SERVER"]),
            (
                MAIL.replace("concord@example.gov", "nobody"),
                &[],
                &["concord.toml, line 3, [mail] from: is not an e-mail address", "write for example"],
            ),
            (format!("{MAIL}tls = \"ssl\"\n"), &[], &["concord.toml, line 5, [mail] tls", "starttls"]),
            (format!("{MAIL}tls = \"none\"\n"), &[], &["concord.toml, line 5, [mail] tls", "this machine"]),
            (format!("{MAIL}user = \"u\"\n"), &[], &["[mail] password_file: is missing beside user"]),
            (
                format!("{MAIL}password_file = \"not-there\"\n"),
                &[],
                &["concord.toml, line 5, [mail] password_file: not-there cannot be read"],
            ),
            (MAIL.to_owned(), &[("CONCORD_MAIL_PORT", "0x19")], &["environment, CONCORD_MAIL_PORT: is not a port"]),
            (MAIL.to_owned(), &[("CONCORD_MAIL_TLS", "none")], &["environment, CONCORD_MAIL_TLS"]),
            (
                "\n[webhooks]\nallow = [\"10.0.0.0/99\"]\n".to_owned(),
                &[],
                &["concord.toml, line 3, [webhooks] allow", "10.0.0.0/99", "10.1.0.0/16"],
            ),
            (String::new(), &[("CONCORD_WEBHOOKS", "yes")], &["environment, CONCORD_WEBHOOKS", "on or off"]),
        ] {
            let said = said(&text, variables).unwrap_err();
            for word in words {
                assert!(said.contains(word), "{word} is not in: {said}");
            }
        }
    }

    #[test]
    fn how_many_connections_are_served_is_said_and_bounded() {
        let of = |text: &str, value: Option<&str>| {
            let variable = |name: &str| value.filter(|_| name == "CONCORD_CONNECTIONS").map(str::to_owned);
            let file = Some(("concord.toml".to_owned(), PathBuf::new()));
            let sources = Sources { file, text: text.to_owned(), variable: &variable };
            serving_of(&sources).map(|s| s.connections).map_err(|failure| failure.lines().join("\n"))
        };
        let file = "[serve]\nconnections = 2000\n";
        assert_eq!((of("", None), of(file, None), of(file, Some("3"))), (Ok(None), Ok(Some(2000)), Ok(Some(3))));
        for (text, value, place) in [
            ("[serve]\nconnections = 0\n", None, "concord.toml, line 2, [serve] connections"),
            ("[serve]\nconnections = -1\n", None, "concord.toml, line 2, [serve] connections"),
            ("", Some("many"), "environment, CONCORD_CONNECTIONS: is no number of connections"),
        ] {
            assert!(of(text, value).is_err_and(|said| said.contains(place)));
        }
    }

    #[test]
    fn a_password_written_where_none_belongs_is_not_repeated() {
        let said = said(&format!("{MAIL}password = \"hunter-of-owls\"\n"), &[]).unwrap_err();
        assert!(said.contains("[mail] password") && said.contains("password_file"), "{said}");
        assert!(!said.contains("owls"), "{said}");
    }

    #[test]
    fn a_password_is_the_one_line_of_its_file() {
        let of = |bytes: &[u8]| password_of(bytes.to_vec()).map(|s| s.reveal().to_owned()).map_err(|e| e.problem);
        assert_eq!(of(b" a word \r\n").as_deref(), Ok(" a word "));
        for none in [&b""[..], b"\n", b"a\nb\n", b"\xff"] {
            assert!(of(none).is_err());
        }
    }
}
