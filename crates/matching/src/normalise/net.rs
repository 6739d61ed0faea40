//! IP and MAC addresses.

use super::Read;
use super::text::{is_mask, refang, separator, unlabel, without};
use model::Invalid;
use std::net::{IpAddr, Ipv6Addr};

fn not_ip(cure: &str) -> Invalid {
    Invalid::new("is not an IP address", cure)
}

/// One address. Brackets, a port and a zone are tolerated and dropped; an IPv4 address inside IPv6 is IPv4; leading
/// zeros are refused, because some programs read them as octal.
pub(super) fn read_ip(value: &str) -> Result<Read, Invalid> {
    let text = refang(unlabel(value, &["ip:", "ipv4:", "ipv6:"]));
    if let Some((host, length)) = text.split_once('/') {
        // The whole length names one address; less names a network.
        let address = address(host).ok_or_else(|| not_ip("write one address, for example 192.0.2.1"))?;
        let whole = (host.contains(':') && length == "128") || (!host.contains(':') && length == "32");
        if !whole {
            return Err(Invalid::new("is a network, not an address", "write one address, for example 192.0.2.1"));
        }
        return Ok(Read::sure(address.to_string()));
    }
    if let Some(address) = address(&text) {
        return Ok(Read::sure(address.to_string()));
    }
    let in_address = |c: char| c.is_ascii_hexdigit() || is_mask(c) || matches!(c, '.' | ':' | '[' | ']');
    if text.chars().any(is_mask) && text.chars().all(in_address) && text.contains(['.', ':']) {
        return Ok(Read::masked());
    }
    Err(not_ip("write 192.0.2.1 or 2001:db8::1, without leading zeros; the port has its own column"))
}

/// Reads one address in any of the notations above.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix('[') {
        let (inner, after) = rest.split_once(']')?;
        return (after.is_empty() || after.strip_prefix(':').is_some_and(is_port)).then(|| plain(inner)).flatten();
    }
    if let Some((host, port)) = text.split_once(':')
        && host.contains('.')
        && is_port(port)
    {
        return plain(host);
    }
    plain(text)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

fn plain(text: &str) -> Option<IpAddr> {
    let text = text.split_once('%').map_or(text, |(head, _)| head);
    text.parse::<IpAddr>().ok().map(|a| a.to_canonical())
}

/// The /64 network of an IPv6 address: what a household or a phone is given (RFC 7421).
pub(crate) fn net64(text: &str) -> Option<String> {
    match text.parse().ok()? {
        IpAddr::V4(_) => None,
        IpAddr::V6(a) => Some(Ipv6Addr::from_bits(a.to_bits() & (u128::MAX << 64)).to_string()),
    }
}

/// EUI-48 or EUI-64 in any notation, as lower-case hexadecimal. The locally administered bit (IEEE 802, 0x02 of the
/// first byte) marks the addresses phones make up to avoid being followed.
pub(super) fn read_mac(value: &str) -> Result<Read, Invalid> {
    let bare = unlabel(value, &["mac:", "bssid:", "bluetooth:"]);
    let digits = without(bare, separator).to_ascii_lowercase();
    if matches!(digits.len(), 12 | 16) && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        let local = digits.chars().nth(1).and_then(|c| c.to_digit(16)).is_some_and(|d| d & 2 != 0);
        return Ok(Read::with(digits, local.then_some("it may be a randomised address")));
    }
    if digits.chars().any(is_mask) && digits.chars().all(|c| c.is_ascii_hexdigit() || is_mask(c)) {
        return Ok(Read::masked());
    }
    Err(Invalid::new("is not a MAC address", "write 12 or 16 hexadecimal digits, for example 00:00:5e:00:53:01"))
}
