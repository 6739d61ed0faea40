//! Identifiers from numbers: distinct numbers give distinct identifiers of every kind, by construction and not by luck.
//!
//! Each number is scrambled by a bijection and then spelt out, so that no two numbers share a spelling. All values stand
//! in ranges kept for examples, or can have no holder: the reason stands at each function.

use std::fmt::Write as _;

use super::checks;
use super::mix::{draw, scramble};

/// Bits of an id: two for whose it is, 31 for its index.
pub(super) const ID_BITS: u32 = 33;

/// Whose an id is: ids of different classes never meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// One entry that meets nobody.
    Filler = 0,
    /// A planted pair.
    Planted = 1,
    /// A pair that must not meet.
    Near = 2,
    /// A value many hold.
    Shared = 3,
}

/// The id of the `index`-th of a class.
pub(super) const fn id(class: Class, index: u64) -> u64 {
    ((class as u64) << 31) | (index & 0x7fff_ffff)
}

/// What differs between kinds, so that one id gives unrelated values.
pub(super) mod topic {
    pub(in super::super) const EMAIL: u64 = 1;
    pub(in super::super) const HANDLE: u64 = 2;
    pub(in super::super) const URL: u64 = 3;
    pub(in super::super) const DOMAIN: u64 = 4;
    pub(in super::super) const ROOM: u64 = 5;
    pub(in super::super) const PAYMENT: u64 = 6;
    pub(in super::super) const SERIAL: u64 = 7;
    pub(in super::super) const PLATE: u64 = 8;
    pub(in super::super) const VIN: u64 = 9;
    pub(in super::super) const IMEI: u64 = 10;
    pub(in super::super) const IMSI: u64 = 11;
    pub(in super::super) const ICCID: u64 = 12;
    pub(in super::super) const MAC: u64 = 13;
    pub(in super::super) const HASH: u64 = 14;
    pub(in super::super) const WALLET: u64 = 15;
    pub(in super::super) const ONION: u64 = 16;
    pub(in super::super) const P2P: u64 = 17;
    pub(in super::super) const PDQ: u64 = 18;
    pub(in super::super) const ADDRESS: u64 = 19;
    pub(in super::super) const IP6: u64 = 20;
    pub(in super::super) const HOST: u64 = 21;
}

/// A word one can say, and a number: three syllables (18 bits) and 15 bits.
pub(super) fn name(topic: u64, id: u64) -> String {
    const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
    const VOWELS: &[u8; 4] = b"aeio";
    let x = scramble(ID_BITS, topic, id);
    let mut out = String::with_capacity(24);
    for part in 0..3 {
        let six = (x >> (15 + 6 * part)) & 63;
        out.push(char::from(CONSONANTS[(six >> 2) as usize]));
        out.push(char::from(VOWELS[(six & 3) as usize]));
    }
    push_number(&mut out, x & 0x7fff);
    out
}

/// Faster than the formatter, which this is called a million times beside.
pub(super) fn push_number(out: &mut String, mut n: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out.extend(digits[at..].iter().map(|d| char::from(*d)));
}

/// Exactly `width` digits.
fn padded(out: &mut String, n: u64, width: usize) {
    let mut power = 10u64.pow(width as u32 - 1);
    for _ in 0..width {
        out.push(char::from(b'0' + (n / power % 10) as u8));
        power = (power / 10).max(1);
    }
}

/// Hexadecimal of `bytes` drawn bytes.
fn hex(topic: u64, id: u64, bytes: usize) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes * 2);
    for word in 0..bytes.div_ceil(8) {
        let drawn = draw(topic, word as u64, id);
        for i in 0..(bytes - word * 8).min(8) {
            let b = (drawn >> (56 - 8 * i)) & 0xff;
            out.push(char::from(DIGITS[(b >> 4) as usize]));
            out.push(char::from(DIGITS[(b & 15) as usize]));
        }
    }
    out
}

fn bytes<const N: usize>(topic: u64, id: u64) -> [u8; N] {
    let mut out = [0; N];
    for (word, part) in out.chunks_mut(8).enumerate() {
        part.copy_from_slice(&draw(topic, word as u64, id).to_be_bytes()[..part.len()]);
    }
    out
}

/// Hosts under the domains RFC 2606 keeps for examples.
pub(super) fn host(id: u64) -> &'static str {
    const HOSTS: [&str; 8] = [
        "example.org",
        "mail.example.org",
        "post.example.net",
        "example.com",
        "box.example.net",
        "web.example.com",
        "inbox.example.org",
        "home.example.net",
    ];
    HOSTS[(draw(topic::HOST, 0, id) & 7) as usize]
}

pub(super) fn email(id: u64) -> String {
    let mut out = name(topic::EMAIL, id);
    out.push('@');
    out.push_str(host(id));
    out
}

/// The part before the @ of a mailbox at a real provider that no provider gives out: over 40 characters and with a
/// hyphen, where Gmail takes 30, Yandex 30, iCloud 20 and Proton 40. Their rules can be tried, and nobody is written to.
pub(super) fn provider_local(id: u64) -> String {
    format!("{}-nobody-reads-this-synthetic-mailbox", name(topic::EMAIL, id))
}

pub(super) fn handle(id: u64) -> String {
    name(topic::HANDLE, id)
}

pub(super) fn domain(id: u64) -> String {
    format!("{}.example.net", name(topic::DOMAIN, id))
}

/// Without its scheme.
pub(super) fn page(id: u64) -> String {
    format!("{}.example.org/u/{}", name(topic::HOST, id), name(topic::URL, id))
}

pub(super) fn room(id: u64) -> String {
    name(topic::ROOM, id)
}

pub(super) fn payment(id: u64) -> String {
    name(topic::PAYMENT, id)
}

/// Country XZ is a user-assigned code of ISO 3166-1: no bank is there.
pub(super) fn iban(id: u64) -> String {
    let mut account = String::with_capacity(18);
    padded(&mut account, scramble(ID_BITS, topic::PAYMENT, id), 18);
    format!("XZ{:02}{account}", checks::iban("XZ", &account))
}

/// Longer than makers' numbers, with a word of ours.
pub(super) fn serial(id: u64) -> String {
    format!("SYN-{}", name(topic::SERIAL, id).to_ascii_uppercase())
}

/// Ten characters: plates have eight at most.
pub(super) fn plate_number(id: u64) -> String {
    let mut out = String::from("SYN");
    let mut x = scramble(ID_BITS, topic::PLATE, id);
    for _ in 0..7 {
        let digit = (x % 36) as u8;
        out.push(char::from(if digit < 10 { b'0' + digit } else { b'A' + digit - 10 }));
        x /= 36;
    }
    out
}

/// It begins with 0, which ISO 3780 gives to no region.
pub(super) fn vin(id: u64) -> String {
    let mut digits = String::with_capacity(10);
    padded(&mut digits, scramble(ID_BITS, topic::VIN, id), 10);
    let (head, tail) = digits.split_at(2);
    let check = checks::vin(&format!("0NA{head}ZZZ0{tail}"));
    format!("0NA{head}ZZZ{check}{tail}")
}

/// The first 14 digits. A type allocation code that begins with 00 is for test equipment (GSMA TS.06).
pub(super) fn imei14(id: u64) -> String {
    let mut out = String::from("00");
    padded(&mut out, scramble(ID_BITS, topic::IMEI, id), 12);
    out
}

pub(super) fn imei(id: u64) -> String {
    let mut out = imei14(id);
    let check = checks::luhn(&out);
    out.push(check);
    out
}

/// Network 001-01 is for tests (ITU-T E.212).
pub(super) fn imsi(id: u64) -> String {
    let mut out = String::from("00101");
    padded(&mut out, scramble(ID_BITS, topic::IMSI, id), 10);
    out
}

/// 89, then country code 999, which ITU-T E.164 keeps unassigned.
pub(super) fn iccid(id: u64) -> String {
    let mut out = String::from("89999");
    padded(&mut out, scramble(ID_BITS, topic::ICCID, id), 13);
    let check = checks::luhn(&out);
    out.push(check);
    out
}

/// Twelve digits. RFC 7042's range for documents holds 256 addresses, so these are locally administered (bit 0x02 of
/// the first byte): no maker gave them out.
pub(super) fn mac(id: u64) -> String {
    format!("02{:010x}", scramble(ID_BITS, topic::MAC, id))
}

pub(super) fn md5(id: u64) -> String {
    hex(topic::HASH, id, 16)
}

pub(super) fn sha1(id: u64) -> String {
    hex(topic::HASH + 100, id, 20)
}

pub(super) fn sha256(id: u64) -> String {
    hex(topic::HASH + 200, id, 32)
}

pub(super) fn guid(id: u64) -> String {
    hex(topic::P2P, id, 16)
}

/// Groups of a GUID as programs print them.
pub(super) fn guid_grouped(id: u64) -> String {
    let h = guid(id);
    format!("{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..])
}

/// 256 drawn bits: two of them are 128 apart, and 31 is twelve standard deviations away.
pub(super) fn pdq(id: u64) -> [u64; 4] {
    [0, 1, 2, 3].map(|word| draw(topic::PDQ, word, id))
}

/// The same with `bits` distinct bits turned, chosen by `id`.
pub(super) fn pdq_turned(id: u64, bits: u64) -> [u64; 4] {
    let mut out = pdq(id);
    let (start, step) = (draw(topic::PDQ, 8, id), draw(topic::PDQ, 9, id) | 1);
    for i in 0..bits {
        let at = start.wrapping_add(step.wrapping_mul(i)) & 255;
        out[(at >> 6) as usize] ^= 1 << (at & 63);
    }
    out
}

pub(super) fn pdq_text(bits: [u64; 4]) -> String {
    bits.iter().fold(String::with_capacity(64), |mut out, w| {
        let _ = write!(out, "{w:016x}");
        out
    })
}

/// Bitcoin's test network: such coins are worth nothing.
pub(super) fn wallet_base58(id: u64) -> String {
    checks::base58(0x6f, &bytes(topic::WALLET, id))
}

pub(super) fn wallet_bech32(id: u64) -> String {
    checks::bech32("tb", &bytes(topic::WALLET + 100, id))
}

/// 40 digits drawn: nobody has a key to them.
pub(super) fn wallet_ethereum(id: u64) -> String {
    hex(topic::WALLET + 200, id, 20)
}

pub(super) fn ethereum_capitals(lower: &str) -> String {
    checks::ethereum(lower)
}

pub(super) fn onion(id: u64) -> String {
    checks::onion(&bytes(topic::ONION, id))
}

/// A street address: its parts, so that the same one can be written in several ways.
pub(super) struct Street {
    pub number: u64,
    pub name: &'static str,
    pub suffix: (&'static str, &'static str),
    pub unit: u64,
    pub city: &'static str,
    pub state: &'static str,
    pub zip: u64,
}

/// 6 bits of street, 5 of place, 10 of unit, 12 of number. ZIP codes from 00001 to 00099 are assigned nowhere.
pub(super) fn street(id: u64) -> Street {
    const NAMES: [&str; 16] = [
        "Sample",
        "Example",
        "Specimen",
        "Pattern",
        "Model",
        "Fixture",
        "Placeholder",
        "Dummy",
        "Trial",
        "Proof",
        "Draft",
        "Sketch",
        "Outline",
        "Mockup",
        "Stencil",
        "Template",
    ];
    const SUFFIXES: [(&str, &str); 4] = [("Street", "St"), ("Avenue", "Ave"), ("Boulevard", "Blvd"), ("Lane", "Ln")];
    const CITIES: [(&str, &str); 32] = [
        ("Anytown", "WA"),
        ("Sampleville", "OR"),
        ("Testburg", "CA"),
        ("Mockton", "NV"),
        ("Fablewood", "AZ"),
        ("Exampleton", "NM"),
        ("Draftfield", "TX"),
        ("Specimen Falls", "OK"),
        ("Patternville", "KS"),
        ("Modelton", "NE"),
        ("Prooftown", "SD"),
        ("Trialville", "ND"),
        ("Sketchford", "MN"),
        ("Dummyville", "IA"),
        ("Outlineburg", "MO"),
        ("Stencilton", "AR"),
        ("Templeford", "LA"),
        ("Placeholderton", "MS"),
        ("Samplewood", "AL"),
        ("Testfield", "GA"),
        ("Mockville", "FL"),
        ("Fableton", "SC"),
        ("Examplewood", "NC"),
        ("Draftville", "VA"),
        ("Specimen Grove", "WV"),
        ("Patternton", "KY"),
        ("Modelville", "TN"),
        ("Proofwood", "OH"),
        ("Trialton", "IN"),
        ("Sketchville", "MI"),
        ("Dummyton", "PA"),
        ("Outlinewood", "NY"),
    ];
    let x = scramble(ID_BITS, topic::ADDRESS, id);
    let place = ((x >> 6) & 31) as usize;
    Street {
        number: ((x >> 21) & 4095) + 1,
        name: NAMES[(x & 15) as usize],
        suffix: SUFFIXES[((x >> 4) & 3) as usize],
        unit: ((x >> 11) & 1023) + 1,
        city: CITIES[place].0,
        state: CITIES[place].1,
        zip: place as u64 + 1,
    }
}

impl Street {
    pub(super) fn long(&self) -> String {
        format!(
            "{} {} {}, Apartment {}, {}, {} {:05}",
            self.number, self.name, self.suffix.0, self.unit, self.city, self.state, self.zip
        )
    }

    pub(super) fn short(&self) -> String {
        format!(
            "{} {} {}. #{} {} {} {:05}-0001",
            self.number,
            self.name.to_ascii_uppercase(),
            self.suffix.1,
            self.unit,
            self.city.to_ascii_uppercase(),
            self.state,
            self.zip
        )
    }
}

/// A /64 under 2001:db8::/32 (RFC 3849) of its own for each of 2^32 numbers, and a host in it.
pub(super) fn ip6(net: u64, host: u64) -> std::net::Ipv6Addr {
    let net = scramble(32, topic::IP6, net & 0xffff_ffff);
    // Never a host of zero: it names the router.
    let host = draw(topic::IP6, host, net) | 1;
    std::net::Ipv6Addr::from_bits((0x2001_0db8_u128 << 96) | (u128::from(net) << 64) | u128::from(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn distinct_ids_give_distinct_values_of_every_kind() {
        let makers: [fn(u64) -> String; 22] = [
            email,
            handle,
            domain,
            page,
            room,
            payment,
            iban,
            serial,
            plate_number,
            vin,
            imei14,
            imsi,
            iccid,
            mac,
            md5,
            sha1,
            sha256,
            guid,
            wallet_base58,
            wallet_bech32,
            wallet_ethereum,
            onion,
        ];
        for (at, make) in makers.iter().enumerate() {
            let ids =
                (0..500).flat_map(|i| [Class::Filler, Class::Planted, Class::Near, Class::Shared].map(|c| id(c, i)));
            let seen: HashSet<String> = ids.map(make).collect();
            assert_eq!(seen.len(), 2_000, "maker {at}");
        }
    }

    #[test]
    fn turned_bits_are_as_many_as_asked() {
        for bits in [0, 1, 31, 32, 40] {
            let (a, b) = (pdq(9), pdq_turned(9, bits));
            let apart: u32 = a.iter().zip(&b).map(|(a, b)| (a ^ b).count_ones()).sum();
            assert_eq!(u64::from(apart), bits);
        }
    }
}
