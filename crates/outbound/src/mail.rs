//! Mail to members: a sentence that says how many notices wait and by when, and where to sign in. Mail passes through
//! servers of others, so nothing else is in it, in no header either.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use casework::{Courier, Letter, Secret, Sending, To, Undelivered};
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Mailboxes, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use model::{Clock, Invalid, Micros};
use url::Url;

use crate::{BadOption, certificates, no_certificate};

/// How mail is kept from being read on its way to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MailTls {
    /// The connection turns to TLS before anything is said (STARTTLS), or nothing is said.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Implicit,
    /// None: only for a server on this very machine.
    None,
}

impl std::str::FromStr for MailTls {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "starttls" => Ok(Self::Starttls),
            "implicit" => Ok(Self::Implicit),
            "none" => Ok(Self::None),
            _ => Err(Invalid::new(
                "is not a way to use TLS",
                "write starttls, implicit, or none for a server on this machine",
            )),
        }
    }
}

/// What it takes to send mail.
#[derive(Debug, Clone)]
pub struct MailOptions {
    /// The server's name or address.
    pub server: String,
    /// Its port; none takes 587, or 465 where TLS is implicit, or 25 without TLS.
    pub port: Option<u16>,
    /// TLS.
    pub tls: MailTls,
    /// Who the mail is from: an address, or a name and an address.
    pub from: String,
    /// Who signs in at the server; none signs nobody in.
    pub user: Option<String>,
    /// With what.
    pub password: Option<Secret>,
    /// Where members sign in: the portal's address, as the mail says it.
    pub sign_in: String,
    /// Certificates in PEM that are trusted besides the public ones.
    pub roots: Option<Vec<u8>>,
    /// How long the server may take.
    pub timeout: Duration,
}

/// Sends mail.
pub struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    sign_in: String,
    timeout: Duration,
    clock: Arc<dyn Clock>,
}

impl Mail {
    /// Ready to send; nothing is sent yet.
    ///
    /// # Errors
    /// An option that is wrong, or that would send mail or a password in the clear to another machine.
    pub fn new(options: MailOptions, clock: Arc<dyn Clock>) -> Result<Self, BadOption> {
        let MailOptions { server, port, tls, from, user, password, sign_in, roots, timeout } = options;
        if tls == MailTls::None && !is_this_machine(&server) {
            return Err(BadOption::of(
                "tls",
                "none is for a server on this machine alone",
                "write starttls, or implicit for a server that speaks TLS from the first byte",
            ));
        }
        let from: Mailbox = from.parse().map_err(|_| {
            BadOption::of("from", "is not an e-mail address", "write for example Concord <concord@example.gov>")
        })?;
        let sign_in = match Url::parse(&sign_in) {
            Ok(url) if matches!(url.scheme(), "https" | "http") && url.host().is_some() => url.to_string(),
            _ => {
                let cure = "write where members open Concord, for example https://concord.example.gov/";
                return Err(BadOption::of("sign_in", "is not the address of a page", cure));
            }
        };
        let wrap = match tls {
            MailTls::None => Tls::None,
            MailTls::Starttls => Tls::Required(parameters(&server, roots.as_deref())?),
            MailTls::Implicit => Tls::Wrapper(parameters(&server, roots.as_deref())?),
        };
        let usual = match tls {
            MailTls::None => 25,
            MailTls::Starttls => 587,
            MailTls::Implicit => 465,
        };
        // Not this machine's name, which would tell of the network inside.
        let hello = ClientId::Domain(from.email.domain().to_owned());
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server)
            .port(port.unwrap_or(usual))
            .tls(wrap)
            .timeout(Some(timeout))
            .hello_name(hello);
        match (user, password) {
            (None, None) => {}
            (Some(user), Some(password)) => {
                builder = builder.credentials(Credentials::new(user, password.reveal().to_owned()));
            }
            (Some(_), None) => {
                let cure = "name a file that holds the password";
                return Err(BadOption::of("password_file", "is missing beside user", cure));
            }
            (None, Some(_)) => {
                return Err(BadOption::of("user", "is missing beside password_file", "name who signs in"));
            }
        }
        Ok(Self { transport: builder.build(), from, sign_in, timeout, clock })
    }

    fn message(&self, letter: &Letter) -> Option<Message> {
        let To::Mail { address } = &letter.to else { return None };
        let to: Address = address.parse().ok()?;
        let (count, due) = (letter.count, minute(letter.due));
        let notices = if count == 1 { "1 new notice".to_owned() } else { format!("{count} new notices") };
        let first = if count == 1 { "It should be answered" } else { "The first should be answered" };
        let body = format!(
            "You have {notices} in Concord.\r\n{first} by {due} UTC.\r\n\r\nSign in: {}\r\n\r\n\
             For your protection this mail says nothing of them.\r\nLetter {}",
            self.sign_in, letter.id
        );
        Message::builder()
            .from(self.from.clone())
            .mailbox(lettre::message::header::To::from(Mailboxes::from(Mailbox::new(None, to))))
            .subject(format!("Concord: {notices}"))
            // The letter's own, so that a mail that comes twice is seen to be one.
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.email.domain())))
            .date(system_time(self.clock.now()))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .ok()
    }
}

impl Courier for Mail {
    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        Box::pin(async move {
            // An address no mail goes to is nobody's fault that time would heal.
            let message = self.message(letter).ok_or(Undelivered::Refused(553))?;
            // The library's own limit ends with the connection; a server that then says nothing would hold us.
            match tokio::time::timeout(self.timeout, self.transport.send(message)).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(e)) => Err(why(&e)),
                Err(_) => Err(Undelivered::Slow),
            }
        })
    }

    fn address(&self, to: &str) -> Result<String, Invalid> {
        let wrong = |_| Invalid::new("is not an e-mail address", "write it as name@example.gov");
        to.trim().parse::<Address>().map(|a| a.to_string()).map_err(wrong)
    }
}

/// "localhost" or an address of this machine. A name is not looked up: the answer could be another at the next start.
fn is_this_machine(server: &str) -> bool {
    let bare = server.strip_prefix('[').and_then(|s| s.strip_suffix(']')).unwrap_or(server);
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

fn parameters(server: &str, roots: Option<&[u8]>) -> Result<TlsParameters, BadOption> {
    let mut builder = TlsParameters::builder(server.to_owned()).certificate_store(CertificateStore::WebpkiRoots);
    if let Some(pem) = roots {
        for certificate in certificates(pem)? {
            let read = Certificate::from_der(certificate.to_vec());
            builder = builder.add_root_certificate(read.map_err(|_| no_certificate())?);
        }
    }
    builder.build_rustls().map_err(|_| {
        BadOption::of(
            "server",
            "is not a name or address that TLS can check",
            "write its name as its certificate has it",
        )
    })
}

/// Of what servers refuse for good, only that there is no such mailbox is final: a wrong password is 535, and comes right.
fn why(e: &lettre::transport::smtp::Error) -> Undelivered {
    match e.status().map(u16::from) {
        Some(digits @ (550 | 551 | 553)) => Undelivered::Refused(digits),
        Some(digits) => Undelivered::Answered(digits),
        None if e.is_timeout() => Undelivered::Slow,
        None if e.is_tls() => Undelivered::Untrusted,
        // "STARTTLS is not supported on this server"
        None if e.is_client() => Undelivered::Untrusted,
        None if e.is_response() => Undelivered::Unintelligible,
        None => Undelivered::Unreachable,
    }
}

/// "2026-11-24 01:05".
fn minute(at: Micros) -> String {
    at.to_string().chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect()
}

fn system_time(at: Micros) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(at.0).unwrap_or(0))
}

/// RFC 3834: nobody's absence note answers this mail.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
