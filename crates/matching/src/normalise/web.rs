//! Web addresses, domain names, onion services.

use super::text::{blotted, is_blot, refang, settle, unlabel};
use super::{Read, net};
use idna::AsciiDenyList;
use model::Invalid;
use sha3::{Digest, Sha3_256};
use url::{Host, Url};

/// A web address in the form of the WHATWG standard: host in lower case and A-labels, default port, user, password,
/// fragment and empty query dropped, percent codes in capitals. Tracking parameters stay: they tell visitors apart.
pub(super) fn read_url(value: &str) -> Result<Read, Invalid> {
    let bad = || Invalid::new("is not a web address", "write it whole, for example https://example.org/page");
    let text = refang(unlabel(value, &["url:"]));
    let scheme = text.split_once(':').map_or("", |(s, _)| s).to_ascii_lowercase();
    if matches!(scheme.as_str(), "data" | "javascript" | "mailto" | "tel" | "blob" | "about") {
        return Err(bad());
    }
    if hidden(&text) {
        return Ok(Read::masked());
    }
    if let Some(done) = settled(&text) {
        // A host's percent codes may decode to a mark.
        return Ok(if hidden(&done) { Read::masked() } else { Read::sure(done) });
    }
    let schemed = text.split_once("://").is_some_and(|(s, rest)| is_scheme(s) && !rest.is_empty());
    if schemed && !matches!(scheme.as_str(), "http" | "https") {
        // ed2k and the like: links that are no URLs, kept as they stand.
        let rest = text.split_once(':').map_or("", |(_, r)| r);
        return Ok(Read::with(format!("{scheme}:{rest}"), Some("it does not follow the standard for web addresses")));
    }
    let host = text.split(['/', '?', '#', ':']).next().unwrap_or_default();
    if !schemed && host.contains('.') && !host.contains(char::is_whitespace) {
        let made = settled(&format!("https://{text}")).filter(|t| !hidden(t)).ok_or_else(bad)?;
        return Ok(Read::with(made, Some("its scheme is not given; https was taken")));
    }
    Err(bad())
}

/// Is part of it masked or cut?
fn hidden(text: &str) -> bool {
    text.chars().any(is_blot) || text.ends_with("...")
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// The standard form that stands still when read again, or `None`.
fn settled(text: &str) -> Option<String> {
    let done = settle(standard(text)?, |t| standard(t).unwrap_or_else(|| t.to_owned()));
    (standard(&done).as_ref() == Some(&done)).then_some(done)
}

fn standard(text: &str) -> Option<String> {
    let mut url = Url::parse(text).ok()?;
    let magnet = url.scheme() == "magnet" && url.query().is_some();
    if !magnet && url.host_str().is_none_or(str::is_empty) {
        return None;
    }
    url.set_fragment(None);
    if url.query() == Some("") {
        url.set_query(None);
    }
    // Both fail only for addresses that can have neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let host = match url.host() {
        Some(Host::Domain(d)) if d.ends_with('.') => Some(d.trim_end_matches('.').to_owned()),
        _ => None,
    };
    if let Some(host) = host {
        url.set_host(Some(&host)).ok()?;
    }
    Some(capital_percent(url.as_str()))
}

/// Percent codes in capitals (RFC 3986 section 6.2.2.1).
fn capital_percent(text: &str) -> String {
    let mut left = 0u8;
    text.chars()
        .map(|c| {
            left = if c == '%' { 3 } else { left };
            let code = left > 0 && c.is_ascii_hexdigit();
            left = if code || c == '%' { left.saturating_sub(1) } else { 0 };
            if code { c.to_ascii_uppercase() } else { c }
        })
        .collect()
}

/// A domain name in A-labels (IDNA by UTS 46), lower case, no trailing dot.
pub(super) fn read_domain(value: &str) -> Result<Read, Invalid> {
    let text =
        settle(refang(value), |t| unlabel(t, &["https://", "http://", "domain:"]).trim_end_matches('/').to_owned());
    if blotted(&text) {
        return Ok(Read::masked());
    }
    if net::address(&text).is_some() {
        return Err(Invalid::new("is an IP address", "use the kind ip"));
    }
    let host = match text.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => &text,
    };
    let (name, doubt) = domain_name(host)?;
    Ok(Read::with(name, doubt))
}

/// A domain name in canonical form, and what is odd about it.
pub(super) fn domain_name(text: &str) -> Result<(String, Option<&'static str>), Invalid> {
    let bad = || Invalid::new("is not a domain name", "write the name alone, for example example.org");
    let text = text.trim().trim_end_matches(['.', '\u{3002}']);
    let in_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
    let (name, doubt) = match idna::domain_to_ascii_cow(text.as_bytes(), AsciiDenyList::EMPTY) {
        Ok(name) => (name.trim_end_matches('.').to_owned(), None),
        Err(_) => (text.to_ascii_lowercase(), Some("its letters break the rules for domain names")),
    };
    if name.is_empty() || !name.chars().all(in_name) || name.split('.').any(str::is_empty) {
        return Err(bad());
    }
    let long = name.len() > 253 || name.split('.').any(|label| label.len() > 63);
    Ok((name, doubt.or(long.then_some("it is longer than domain names can be"))))
}

/// An onion service: 56 base32 characters and ".onion", whatever stands before or after. Version 2 names (16) are kept.
pub(super) fn read_onion(value: &str) -> Result<Read, Invalid> {
    let bad = || Invalid::new("is not an onion address", "write the 56 characters before .onion");
    let lower = refang(value).to_ascii_lowercase();
    let text = unlabel(&lower, &["https://", "http://"]);
    let host = text.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let name = host.strip_suffix(".onion").unwrap_or(host);
    let label = name.rsplit('.').next().unwrap_or_default();
    if blotted(text) {
        return Ok(Read::masked());
    }
    let bytes = base32(label).ok_or_else(bad)?;
    match label.len() {
        56 => Ok(Read::with(format!("{label}.onion"), (!checksum_holds(&bytes)).then_some("its checksum is wrong"))),
        16 => Ok(Read::with(format!("{label}.onion"), Some("it is of version 2, which no longer works"))),
        _ => Err(bad()),
    }
}

/// RFC 4648 base32, lower case, no padding.
fn base32(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut held, mut out) = (0u32, 0u32, Vec::with_capacity(35));
    for c in text.bytes() {
        let five = match c {
            b'a'..=b'z' => c - b'a',
            b'2'..=b'7' => c - b'2' + 26,
            _ => return None,
        };
        bits = (bits << 5) | u32::from(five);
        held += 5;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from((bits >> held) & 0xff).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    Some(out)
}

/// Tor rend-spec-v3 section 6: SHA3-256(".onion checksum" | key | version) begins with the two bytes before the version.
fn checksum_holds(bytes: &[u8]) -> bool {
    let Some((key, [a, b, version])) = bytes.split_first_chunk::<32>() else {
        return false;
    };
    let digest = Sha3_256::new().chain_update(b".onion checksum").chain_update(key).chain_update([*version]).finalize();
    *version == 3 && digest.starts_with(&[*a, *b])
}
