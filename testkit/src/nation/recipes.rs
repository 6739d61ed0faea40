//! The planted pairs: for every rule, the ways of writing one identifier that it promises to join.
//!
//! Written from how identifiers are written, not from the code that reads them: where the two disagree, a test that
//! loads the nation fails.

use model::Kind::{self, *};
use model::Strength::{self, Possible, Strong};
use model::Window;

use super::pen::{Pen, Written, capitals, grouped};
use super::values as v;

/// One way in which two entries meet.
pub(super) struct Recipe {
    /// The rule that joins them.
    pub rule: &'static str,
    /// What the meeting is worth.
    pub strength: Strength,
    /// What differs, in a few words.
    pub what: &'static str,
    /// Is it an account, so that it may be a persona's?
    pub account: bool,
    /// Can it be a person's, so that it may be a victim's or a witness's?
    pub personal: bool,
    pub write: fn(&Pen<'_>) -> Written,
}

const fn recipe(rule: &'static str, strength: Strength, what: &'static str, write: fn(&Pen<'_>) -> Written) -> Recipe {
    Recipe { rule, strength, what, account: false, personal: false, write }
}

/// Of an account or device: also a victim's, a witness's or a persona's.
const fn account(rule: &'static str, strength: Strength, what: &'static str, write: fn(&Pen<'_>) -> Written) -> Recipe {
    Recipe { account: true, personal: true, ..recipe(rule, strength, what, write) }
}

/// Of a person or a place, never a persona's.
const fn personal(
    rule: &'static str,
    strength: Strength,
    what: &'static str,
    write: fn(&Pen<'_>) -> Written,
) -> Recipe {
    Recipe { personal: true, ..recipe(rule, strength, what, write) }
}

/// The first recipe of telephone numbers, and how many there are.
pub(super) const FIRST_PHONE: usize = 10;
pub(super) const PHONES: usize = 6;
/// Taken where a number without area code cannot be read as American, or all 100 such numbers are taken.
pub(super) const PLAIN_PHONE: usize = 14;
/// The recipe of numbers without area code.
pub(super) const LOCAL_PHONE: usize = 15;
/// How many numbers without area code there are: 555-0100 to 555-0199.
pub(super) const LOCAL_PHONES: u64 = 100;

pub(super) const RECIPES: &[Recipe] = &[
    account("email-exact", Strong, "capitals", |p| {
        let e = v::email(p.id());
        p.write(Email, p.either(e.clone(), capitals(&e)))
    }),
    account("email-exact", Strong, "link and label", |p| {
        let e = v::email(p.id());
        p.write(Email, p.either(format!("mailto:{e}"), format!("Someone <{e}>")))
    }),
    account("email-exact", Strong, "bracketed against clicks", |p| {
        let e = v::email(p.id());
        p.write(Email, p.either(e.replace('@', "[at]").replace('.', "[.]"), e))
    }),
    account("email-exact", Strong, "international domain and its ASCII form", |p| {
        let n = v::name(v::topic::EMAIL, p.id());
        p.write(Email, p.either(format!("{n}@bücher.example.org"), format!("{n}@xn--bcher-kva.example.org")))
    }),
    account("email-exact", Strong, "quotes that change nothing", |p| {
        let n = v::name(v::topic::EMAIL, p.id());
        p.write(Email, p.either(format!("\"{n}\"@example.net"), format!("{n}@example.net")))
    }),
    account("email-provider", Possible, "dots at Gmail", |p| {
        let l = v::provider_local(p.id());
        p.write(Email, p.either(format!("{l}@gmail.com"), format!("{}@gmail.com", grouped(&l, 5, "."))))
    }),
    account("email-provider", Possible, "tag at Gmail", |p| {
        let l = v::provider_local(p.id());
        p.write(Email, p.either(format!("{l}+chat@gmail.com"), format!("{l}+games@gmail.com")))
    }),
    account("email-provider", Possible, "Gmail's older domain", |p| {
        let l = v::provider_local(p.id());
        p.write(Email, p.either(format!("{l}@googlemail.com"), format!("{}@gmail.com", capitals(&l))))
    }),
    account("email-provider", Possible, "Proton's domains and separators", |p| {
        let l = v::provider_local(p.id());
        p.write(Email, p.either(format!("{l}@proton.me"), format!("{}@pm.me", l.replace('-', "_"))))
    }),
    account("email-provider", Possible, "Apple's domains", |p| {
        let l = v::provider_local(p.id());
        p.write(Email, p.either(format!("{l}@icloud.com"), format!("{l}+shop@me.com")))
    }),
    account("phone-exact", Strong, "brackets, points, country code", |p| p.write(Phone, p.phone(0))),
    account("phone-exact", Strong, "another spelling", |p| p.write(Phone, p.phone(0))),
    account("phone-exact", Strong, "an extension", |p| {
        let n = p.phone(0);
        // A bare number of ten digits and x12 is one way, a comma and a pause the other.
        p.write(Phone, p.either(n.clone(), format!("{n} ext. 12")))
    }),
    account("phone-exact", Possible, "seen more than a year apart", |p| p.seen(p.recycled(), Phone, p.phone(0))),
    account("phone-exact", Strong, "digits of another script", |p| {
        let arabic = |t: String| {
            t.chars().map(|c| c.to_digit(10).and_then(|d| char::from_u32(0x660 + d)).unwrap_or(c)).collect()
        };
        let n = p.phone(0);
        p.write(Phone, p.either(n.clone(), arabic(n)))
    }),
    account("phone-exact", Possible, "no area code", |p| {
        p.write(Phone, p.either(format!("555-01{:02}", p.round), format!("55501{:02}", p.round)))
    }),
    account("handle-exact", Strong, "capitals and the platform's other name", |p| {
        let h = v::handle(p.id());
        p.at(Handle, p.either(h.clone(), capitals(&h)), p.platform())
    }),
    account("handle-exact", Strong, "a leading @", |p| {
        let h = v::handle(p.id());
        p.at(Handle, p.either(format!("@{h}"), h), p.platform())
    }),
    account("handle-exact", Strong, "u/ at Reddit", |p| {
        let h = v::handle(p.id());
        p.at(Handle, p.either(format!("u/{h}"), h), p.either("Reddit", "old.reddit.com"))
    }),
    account("handle-exact", Strong, "live: at Skype", |p| {
        let h = v::handle(p.id());
        p.at(Handle, p.either(format!("live:{h}"), h), "Skype")
    }),
    account("handle-exact", Possible, "seen more than a year apart", |p| Written {
        platform: Some(p.platform()),
        ..p.seen(p.recycled(), Handle, v::handle(p.id()))
    }),
    account("handle-elsewhere", Possible, "another platform", |p| {
        let h = v::handle(p.id());
        p.at(Handle, p.either(h.clone(), capitals(&h)), p.either("Kik", "Snapchat"))
    }),
    account("handle-elsewhere", Possible, "a platform nobody named", |p| {
        p.at(Handle, v::handle(p.id()), p.either("unknown", "Discord"))
    }),
    recipe("ip-window", Strong, "overlapping times, IPv4", |p| {
        let value = p.either(p.ip4(), p.ip4().replace('.', "[.]"));
        p.seen(p.either(p.minutes(0, 10), p.minutes(5, 20)), Ip, value)
    }),
    recipe("ip-window", Strong, "clocks four minutes apart, IPv4 inside IPv6", |p| {
        let value = p.either(p.ip4(), format!("::ffff:{}", p.ip4()));
        p.seen(p.either(p.minutes(0, 10), p.minutes(14, 20)), Ip, value)
    }),
    recipe("ip-window", Strong, "one moment, with a port", |p| {
        let value = p.either(p.ip4(), format!("{}:5190", p.ip4()));
        let seen = p.either(p.minutes(10, 10), p.minutes(0, 30));
        Written { port: Some(p.either(40_000, 5_190)), ..p.seen(seen, Ip, value) }
    }),
    recipe("ip-window", Possible, "one side says no time", |p| {
        let value = p.ip4_alone().unwrap_or_else(|| p.ip6(0, 0).to_string());
        p.seen(p.either(p.minutes(0, 10), Window::default()), Ip, value)
    }),
    recipe("ip-window", Strong, "IPv6 short and in full, overlapping times", |p| {
        let a = p.ip6(0, 0);
        let full = a.segments().map(|s| format!("{s:04X}")).join(":");
        p.seen(p.either(p.minutes(0, 10), p.minutes(5, 20)), Ip, p.either(a.to_string(), full))
    }),
    recipe("ip-window", Possible, "IPv6 in brackets, no time", |p| {
        let a = p.ip6(0, 0);
        p.seen(Window::default(), Ip, p.either(a.to_string(), format!("[{a}]:443")))
    }),
    recipe("ip6-net", Possible, "two hosts of a network, overlapping times", |p| {
        let a = p.ip6(0, p.either(0, 1));
        p.seen(p.either(p.minutes(0, 10), p.minutes(5, 20)), Ip, a.to_string())
    }),
    recipe("ip6-net", Possible, "two hosts of a network, no time", |p| {
        let a = p.ip6(0, p.either(0, 1));
        p.seen(p.either(Window::default(), p.minutes(0, 10)), Ip, a.to_string())
    }),
    recipe("url-exact", Strong, "http and https", |p| {
        let page = v::page(p.id());
        p.write(Url, p.either(format!("https://{page}"), format!("http://{page}")))
    }),
    recipe("url-exact", Strong, "capitals of the host, port, fragment", |p| {
        let page = v::page(p.id());
        let (host, path) = page.split_once('/').unwrap_or((&page, ""));
        let odd = format!("HTTPS://{}:443/{path}#part", host.to_ascii_uppercase());
        p.write(Url, p.either(format!("https://{page}"), odd))
    }),
    recipe("url-exact", Strong, "no scheme, bracketed against clicks", |p| {
        let page = v::page(p.id());
        p.write(Url, p.either(page.clone(), format!("hxxps://{}", page.replace('.', "[.]"))))
    }),
    recipe("url-exact", Strong, "international host, percent codes", |p| {
        let n = v::name(v::topic::URL, p.id());
        let (a, b) = ("https://münchen.example.com/caf%c3%a9/", "https://xn--mnchen-3ya.example.com/café/");
        p.write(Url, p.either(format!("{a}{n}"), format!("{b}{n}")))
    }),
    recipe("domain-exact", Strong, "capitals, trailing dot", |p| {
        let d = v::domain(p.id());
        p.write(Domain, p.either(d.clone(), format!("{}.", capitals(&d))))
    }),
    recipe("domain-exact", Strong, "international name and its ASCII form", |p| {
        let d = v::domain(p.id());
        p.write(Domain, p.either(format!("bücher.{d}"), format!("xn--bcher-kva.{d}")))
    }),
    recipe("onion-exact", Strong, "as a link, in capitals", |p| {
        let o = v::onion(p.id());
        p.write(Onion, p.either(format!("http://{o}/index"), o.to_ascii_uppercase()))
    }),
    recipe("onion-exact", Strong, "below another name", |p| {
        let o = v::onion(p.id());
        p.write(Onion, p.either(o.clone(), format!("www.{o}")))
    }),
    personal("imei-exact", Strong, "with its software version", |p| {
        let (a, b) = (v::imei(p.id()), v::imei14(p.id()));
        p.write(Imei, p.either(a, format!("{b}07")))
    }),
    personal("imei-exact", Strong, "no check digit, hyphens", |p| {
        let b = v::imei14(p.id());
        let (tac, rest) = b.split_at(8);
        p.write(Imei, p.either(b.clone(), format!("IMEI: {tac}-{rest}-0")))
    }),
    personal("imsi-exact", Strong, "grouped", |p| {
        let i = v::imsi(p.id());
        p.write(Imsi, p.either(i.clone(), grouped(&i, 5, " ")))
    }),
    personal("imsi-exact", Strong, "labelled", |p| {
        let i = v::imsi(p.id());
        p.write(Imsi, p.either(i.clone(), format!("IMSI: {i}")))
    }),
    personal("iccid-exact", Strong, "grouped", |p| {
        let i = v::iccid(p.id());
        p.write(Iccid, p.either(i.clone(), grouped(&i, 4, " ")))
    }),
    personal("iccid-exact", Strong, "the F that fills the last byte", |p| {
        let i = v::iccid(p.id());
        p.write(Iccid, p.either(i.clone(), format!("{i}F")))
    }),
    personal("mac-exact", Strong, "colons and hyphens", |p| {
        let m = v::mac(p.id());
        p.write(Mac, p.either(grouped(&m, 2, ":"), grouped(&m.to_ascii_uppercase(), 2, "-")))
    }),
    personal("mac-exact", Strong, "points and none", |p| {
        let m = v::mac(p.id());
        p.write(Mac, p.either(grouped(&m, 4, "."), m))
    }),
    personal("serial-exact", Strong, "case and blanks", |p| {
        let s = v::serial(p.id());
        p.write(Serial, p.either(s.clone(), grouped(&s.to_ascii_lowercase(), 4, " ")))
    }),
    personal("serial-exact", Strong, "labelled", |p| {
        let s = v::serial(p.id());
        p.write(Serial, p.either(s.clone(), format!("S/N: {s}")))
    }),
    recipe("wallet-exact", Strong, "Bitcoin as a payment link", |p| {
        let w = v::wallet_base58(p.id());
        p.write(Wallet, p.either(w.clone(), format!("bitcoin:{w}?amount=0.01")))
    }),
    recipe("wallet-exact", Strong, "bech32 in capitals", |p| {
        let w = v::wallet_bech32(p.id());
        p.write(Wallet, p.either(w.clone(), w.to_ascii_uppercase()))
    }),
    recipe("wallet-exact", Strong, "Ethereum with checking capitals, and bare", |p| {
        let w = v::wallet_ethereum(p.id());
        p.write(Wallet, p.either(format!("0x{}", v::ethereum_capitals(&w)), w))
    }),
    account("payment-exact", Strong, "a tag of Cash App", |p| {
        let n = v::payment(p.id());
        p.either(
            p.write(Payment, format!("${n}")),
            Written { platform: Some("Cash App"), ..p.write(Payment, capitals(&n)) },
        )
    }),
    account("payment-exact", Strong, "a leading @", |p| {
        let n = v::payment(p.id());
        p.at(Payment, p.either(format!("@{n}"), n), p.either("Venmo", "venmo.com"))
    }),
    recipe("payment-exact", Strong, "IBAN in groups", |p| {
        let i = v::iban(p.id());
        p.write(Payment, p.either(i.clone(), grouped(&i.to_ascii_lowercase(), 4, " ")))
    }),
    recipe("p2p-exact", Strong, "braces and hyphens", |p| {
        p.write(P2p, p.either(v::guid(p.id()), format!("{{{}}}", v::guid_grouped(p.id()).to_ascii_uppercase())))
    }),
    recipe("p2p-exact", Strong, "urn:uuid", |p| {
        p.write(P2p, p.either(format!("urn:uuid:{}", v::guid_grouped(p.id())), v::guid(p.id())))
    }),
    account("room-exact", Strong, "a leading #", |p| {
        let r = v::room(p.id());
        p.at(Room, p.either(format!("#{r}"), capitals(&r)), p.either("irc", "Internet Relay Chat"))
    }),
    account("room-exact", Strong, "an invitation link", |p| {
        let r = v::room(p.id());
        p.at(Room, p.either(format!("https://chat.example.org/{r}"), format!("chat.example.org/{r}/")), "Discord")
    }),
    personal("plate-exact", Strong, "case, blanks, hyphen", |p| {
        let n = v::plate_number(p.id());
        p.write(Plate, p.either(format!("WA {n}"), format!("wa-{}", grouped(&n.to_ascii_lowercase(), 3, " "))))
    }),
    personal("plate-exact", Possible, "no State", |p| {
        let n = v::plate_number(p.id());
        p.write(Plate, p.either(n.clone(), n.to_ascii_lowercase()))
    }),
    personal("vin-exact", Strong, "lower case, hyphens", |p| {
        let n = v::vin(p.id());
        p.write(Vin, p.either(n.clone(), grouped(&n.to_ascii_lowercase(), 6, "-")))
    }),
    personal("vin-exact", Strong, "labelled", |p| {
        let n = v::vin(p.id());
        p.write(Vin, p.either(format!("VIN: {n}"), n))
    }),
    hash("md5-exact", "capitals", |p| one_hash(p, Md5, v::md5(p.id()), "md5:")),
    hash("md5-exact", "blanks", |p| blanks(p, Md5, v::md5(p.id()))),
    hash("sha1-exact", "capitals, labelled", |p| one_hash(p, Sha1, v::sha1(p.id()), "SHA1:")),
    hash("sha1-exact", "blanks", |p| blanks(p, Sha1, v::sha1(p.id()))),
    hash("sha256-exact", "capitals, labelled", |p| one_hash(p, Sha256, v::sha256(p.id()), "sha256: ")),
    hash("sha256-exact", "blanks", |p| blanks(p, Sha256, v::sha256(p.id()))),
    hash("pdq-near", "equal, quality given once", |p| {
        let t = v::pdq_text(v::pdq(p.id()));
        p.write(Pdq, p.either(format!("{t}:88"), t.to_ascii_uppercase()))
    }),
    recipe("pdq-near", Possible, "equal, both poor", |p| {
        let t = v::pdq_text(v::pdq(p.id()));
        p.write(Pdq, p.either(format!("{t}:31"), format!("{t}:12")))
    }),
    recipe("pdq-near", Possible, "1 to 30 bits apart", |p| {
        let bits = p.either(v::pdq(p.id()), v::pdq_turned(p.id(), 1 + p.both % 30));
        p.write(Pdq, v::pdq_text(bits))
    }),
    recipe("pdq-near", Possible, "31 bits apart", |p| {
        let bits = p.either(v::pdq(p.id()), v::pdq_turned(p.id(), 31));
        p.write(Pdq, v::pdq_text(bits))
    }),
    personal("address-plain", Possible, "abbreviations, ZIP+4, capitals", |p| {
        let s = v::street(p.id());
        p.write(Address, p.either(s.long(), s.short()))
    }),
    personal("address-plain", Possible, "lower case, no commas", |p| {
        let s = v::street(p.id());
        p.write(Address, p.either(s.long(), s.long().to_lowercase().replace(',', "")))
    }),
    personal("person-exact", Possible, "capitals, accents, spaces", |p| {
        p.write(Person, p.either(p.person().plain(), p.person().same(p.both)))
    }),
    personal("person-exact", Possible, "as written", |p| p.write(Person, p.person().plain())),
];

const fn hash(rule: &'static str, what: &'static str, write: fn(&Pen<'_>) -> Written) -> Recipe {
    recipe(rule, Strong, what, write)
}

fn one_hash(p: &Pen<'_>, kind: Kind, digits: String, label: &str) -> Written {
    let labelled = format!("{label}{digits}");
    p.write(kind, p.either(labelled, digits.to_ascii_uppercase()))
}

fn blanks(p: &Pen<'_>, kind: Kind, digits: String) -> Written {
    p.write(kind, p.either(grouped(&digits, 8, " "), digits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_rule_has_two_recipes_and_the_named_ones_stand_where_named() {
        let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
        RECIPES.iter().for_each(|r| *rules.entry(r.rule).or_default() += 1);
        assert_eq!(rules.len(), 27);
        assert!(rules.values().all(|n| *n >= 2), "{rules:?}");
        let phones = RECIPES.iter().skip(FIRST_PHONE).take_while(|r| r.rule == "phone-exact").count();
        assert_eq!((phones, RECIPES.iter().filter(|r| r.rule == "phone-exact").count()), (PHONES, PHONES));
        assert_eq!(RECIPES[LOCAL_PHONE].what, "no area code");
        assert_eq!((RECIPES[PLAIN_PHONE].rule, RECIPES[PLAIN_PHONE].strength), ("phone-exact", Strong));
    }
}
