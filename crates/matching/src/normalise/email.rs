//! E-mail addresses (RFC 5321 mailboxes).

use super::text::{blotted, fold, refang, settle, unlabel};
use super::{Read, net, web};
use model::Invalid;

/// Domain and local part are both case folded. RFC 5321 section 2.4 lets a host tell "A@" from "a@"; no provider in use
/// does, and officers write both.
pub(super) fn read(value: &str) -> Result<Read, Invalid> {
    let text = settle(refang(value), |t| bare(t).to_owned());
    if blotted(&text) {
        return Ok(Read::masked());
    }
    let (local, domain, quoted) = split(&text).ok_or_else(not_mailbox)?;
    let (local, odd) = if quoted { local_quoted(local)? } else { (fold(local), None) };
    let plain = !local.starts_with('"');
    if local.is_empty() || (plain && local.chars().any(|c| !in_atom(c) && c != '.')) {
        return Err(not_mailbox());
    }
    let (domain, doubt) = read_domain(domain)?;
    let odd = odd.or(doubt).or_else(|| {
        if local.len() > 64 || local.len() + domain.len() > 253 {
            Some("it is longer than mail systems carry")
        } else if plain && (local.starts_with('.') || local.ends_with('.') || local.contains("..")) {
            Some("its dots stand where the standard allows none")
        } else {
            None
        }
    });
    Ok(Read::with(format!("{local}@{domain}"), odd))
}

/// Local part and domain of a normalised address without quotes; the parts a provider's rules speak of.
pub(crate) fn mailbox(text: &str) -> Option<(&str, &str)> {
    if text.starts_with('"') { None } else { text.rsplit_once('@') }
}

/// The one mailbox a normalised address reaches by its provider's rules; `None` where no rule is known.
pub(crate) fn fold_mailbox(text: &str, lists: &crate::lists::Lists) -> Option<String> {
    let (local, domain) = mailbox(text)?;
    lists.mail(domain)?.reduce(local, domain)
}

fn not_mailbox() -> Invalid {
    Invalid::new("is not an e-mail address", "write one address, for example name@example.org")
}

/// The address inside `mailto:` links and `Name <address>`.
fn bare(text: &str) -> &str {
    let inner = text.strip_suffix('>').and_then(|t| t.rsplit_once('<')).map_or(text, |(_, inner)| inner).trim();
    let address = unlabel(inner, &["mailto:", "email:", "e-mail:"]);
    if address.len() == inner.len() {
        return address;
    }
    // A query is part of the link, not of the address (RFC 6068).
    address.split_once('?').map_or(address, |(head, _)| head)
}

/// Local part (without its quotes), domain, and whether it was quoted.
fn split(text: &str) -> Option<(&str, &str, bool)> {
    if let Some(rest) = text.strip_prefix('"') {
        let mut escaped = false;
        let end = rest.char_indices().find_map(|(i, c)| {
            let close = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            close.then_some(i)
        })?;
        let (local, tail) = rest.split_at_checked(end)?;
        return Some((local, tail.strip_prefix('"')?.trim_start().strip_prefix('@')?.trim(), true));
    }
    let (local, domain) = text.rsplit_once('@')?;
    Some((local.trim(), domain.trim(), false))
}

/// A quoted local part: without its quotes where it needs none (RFC 5321 section 4.1.2 calls both the same mailbox).
fn local_quoted(content: &str) -> Result<(String, Option<&'static str>), Invalid> {
    let mut plain = String::with_capacity(content.len());
    let mut escaped = false;
    for c in content.chars() {
        if c == '\\' && !escaped {
            escaped = true;
        } else {
            escaped = false;
            plain.push(c);
        }
    }
    let plain = fold(&plain);
    if plain.is_empty() {
        return Err(not_mailbox());
    }
    let dotted = plain.chars().all(|c| in_atom(c) || c == '.');
    if dotted && !plain.starts_with('.') && !plain.ends_with('.') && !plain.contains("..") {
        return Ok((plain, None));
    }
    let escaped = plain.replace('\\', "\\\\").replace('"', "\\\"");
    Ok((format!("\"{escaped}\""), Some("its local part is quoted")))
}

/// What stands unquoted in a local part (RFC 5321 atext, RFC 6531 for other scripts).
fn in_atom(c: char) -> bool {
    !c.is_whitespace()
        && !c.is_control()
        && !matches!(c, '"' | '(' | ')' | '<' | '>' | '[' | ']' | ':' | ';' | ',' | '\\' | '@')
}

/// A domain, or an address literal in brackets.
fn read_domain(domain: &str) -> Result<(String, Option<&'static str>), Invalid> {
    if let Some(inner) = domain.strip_prefix('[').and_then(|d| d.strip_suffix(']')) {
        let address = net::address(unlabel(inner, &["ipv6:"])).ok_or_else(not_mailbox)?;
        let tag = if address.is_ipv6() { "IPv6:" } else { "" };
        return Ok((format!("[{tag}{address}]"), Some("its domain is a bare address")));
    }
    let (name, doubt) = web::domain_name(domain)?;
    let doubt = doubt.or((!name.contains('.')).then_some("its domain is a bare host name"));
    Ok((name, doubt))
}
