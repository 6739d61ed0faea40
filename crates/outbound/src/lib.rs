//! What leaves the installation: mail ([`Mail`]) and signed webhooks ([`Webhooks`]), as [`casework::Courier`]s.
//!
//! A letter says that notices wait, and nothing of them. Where webhooks may go is one pure function ([`Guard`]).

mod guard;
mod mail;
mod webhook;

pub use guard::{Guard, Resolver, Resolving, SystemResolver, is_public};
pub use mail::{Mail, MailOptions, MailTls};
pub use webhook::{Limits, WebhookOptions, Webhooks};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// An option that is wrong: which, why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadOption {
    /// Its name in configuration.
    pub key: &'static str,
    /// Why and what to do.
    pub invalid: model::Invalid,
}

impl BadOption {
    pub(crate) fn of(key: &'static str, problem: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { key, invalid: model::Invalid::new(problem, cure) }
    }
}

fn no_certificate() -> BadOption {
    BadOption::of("ca_file", "holds no certificate, or one that cannot be read", "name a file of certificates in PEM")
}

/// The authorities of a file in PEM, each of which can be read: a library that skips what it cannot read would leave the
/// operator wondering.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, BadOption> {
    let all: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| no_certificate())?;
    let mut tried = RootCertStore::empty();
    for certificate in &all {
        tried.add(certificate.clone()).map_err(|_| no_certificate())?;
    }
    if all.is_empty() { Err(no_certificate()) } else { Ok(all) }
}
