//! What must not meet: near misses of every rule, values every house has, values with a part hidden.

use model::Kind::{self, *};

use super::pen::{Pen, Written, span};
use super::values as v;

/// One way in which two entries look alike and do not meet.
pub(super) struct Near {
    /// The rule that must not join them.
    pub rule: &'static str,
    /// What differs.
    pub what: &'static str,
    pub write: fn(&Pen<'_>) -> Written,
}

const fn near(rule: &'static str, what: &'static str, write: fn(&Pen<'_>) -> Written) -> Near {
    Near { rule, what, write }
}

/// One character of the text is another of its alphabet, at a place that counts.
fn one_off(text: &str, at: usize) -> String {
    let other = |c: char| match c {
        '0'..='8' => char::from(c as u8 + 1),
        '9' => '0',
        'a'..='e' => char::from(c as u8 + 1),
        'f' => 'a',
        'A'..='Y' => char::from(c as u8 + 1),
        _ => 'A',
    };
    text.chars().enumerate().map(|(i, c)| if i == at { other(c) } else { c }).collect()
}

pub(super) const NEAR: &[Near] = &[
    near("email-exact", "another domain", |p| {
        let n = v::name(v::topic::EMAIL, p.id());
        p.write(Email, p.either(format!("{n}@mail.example.org"), format!("{n}@mail.example.com")))
    }),
    near("email-exact", "a dot, where the host counts dots", |p| {
        let n = v::name(v::topic::EMAIL, p.id());
        p.write(Email, p.either(format!("{n}@example.org"), format!("{}.{}@example.org", &n[..3], &n[3..])))
    }),
    near("email-provider", "another name at Gmail", |p| {
        let l = v::provider_local(p.id());
        p.write(Email, p.either(format!("{l}@gmail.com"), format!("{l}1@gmail.com")))
    }),
    near("phone-exact", "one digit", |p| p.write(Phone, p.phone(p.either(0, 1)))),
    near("handle-exact", "a suffix", |p| {
        let h = v::handle(p.id());
        p.at(Handle, p.either(h.clone(), format!("{h}_2")), p.platform())
    }),
    near("handle-elsewhere", "a point, at another platform", |p| {
        let h = v::handle(p.id());
        p.at(Handle, p.either(h.clone(), format!("{}.{}", &h[..4], &h[4..])), p.either("Kik", "Telegram"))
    }),
    near("ip-window", "the same address half an hour later", |p| {
        p.seen(p.either(p.minutes(0, 10), p.minutes(40, 50)), Ip, p.ip4())
    }),
    near("ip-window", "clocks six minutes apart", |p| {
        p.seen(p.either(p.minutes(0, 10), p.minutes(16, 20)), Ip, p.ip4())
    }),
    near("ip6-net", "the neighbouring network", |p| p.seen(p.minutes(0, 10), Ip, p.ip6(p.either(0, 1), 0).to_string())),
    near("ip6-net", "the same address an hour later", |p| {
        p.seen(p.either(p.minutes(0, 10), p.minutes(70, 80)), Ip, p.ip6(0, 0).to_string())
    }),
    near("url-exact", "another page", |p| {
        let page = v::page(p.id());
        p.write(Url, p.either(format!("https://{page}"), format!("https://{page}/2")))
    }),
    near("url-exact", "a tracking parameter", |p| {
        let page = v::page(p.id());
        p.write(Url, p.either(format!("https://{page}"), format!("https://{page}?from=chat")))
    }),
    near("domain-exact", "a name below it", |p| {
        let d = v::domain(p.id());
        p.write(Domain, p.either(d.clone(), format!("www2.{d}")))
    }),
    near("onion-exact", "another service", |p| p.write(Onion, v::onion(p.either(p.id(), p.id() ^ 0x4000_0000)))),
    near("imei-exact", "one digit", |p| p.write(Imei, p.either(v::imei14(p.id()), one_off(&v::imei14(p.id()), 2)))),
    near("imsi-exact", "one digit", |p| p.write(Imsi, p.either(v::imsi(p.id()), one_off(&v::imsi(p.id()), 4)))),
    near("iccid-exact", "one digit", |p| p.write(Iccid, p.either(v::iccid(p.id()), one_off(&v::iccid(p.id()), 5)))),
    near("mac-exact", "one digit", |p| p.write(Mac, p.either(v::mac(p.id()), one_off(&v::mac(p.id()), 2)))),
    near("serial-exact", "a hyphen, which makers mean", |p| {
        let s = v::serial(p.id());
        p.write(Serial, p.either(s.clone(), s.replace('-', "")))
    }),
    near("wallet-exact", "another address", |p| {
        let w = v::wallet_ethereum(p.id());
        p.write(Wallet, p.either(format!("0x{w}"), format!("0x{}", one_off(&w, 39))))
    }),
    near("payment-exact", "another service", |p| p.at(Payment, v::payment(p.id()), p.either("Venmo", "PayPal"))),
    near("p2p-exact", "one digit", |p| p.write(P2p, p.either(v::guid(p.id()), one_off(&v::guid(p.id()), 31)))),
    near("room-exact", "another platform", |p| p.at(Room, v::room(p.id()), p.either("Discord", "Telegram"))),
    near("room-exact", "two signs, which is another room", |p| {
        let r = v::room(p.id());
        p.at(Room, p.either(format!("#{r}"), format!("##{r}")), "irc")
    }),
    near("plate-exact", "another State", |p| {
        let n = v::plate_number(p.id());
        p.write(Plate, p.either(format!("WA {n}"), format!("OR {n}")))
    }),
    near("plate-exact", "one side names no State", |p| {
        let n = v::plate_number(p.id());
        p.write(Plate, p.either(format!("ID {n}"), n))
    }),
    near("vin-exact", "one character", |p| p.write(Vin, p.either(v::vin(p.id()), one_off(&v::vin(p.id()), 2)))),
    near("md5-exact", "one digit", |p| p.write(Md5, p.either(v::md5(p.id()), one_off(&v::md5(p.id()), 31)))),
    near("sha1-exact", "one digit", |p| p.write(Sha1, p.either(v::sha1(p.id()), one_off(&v::sha1(p.id()), 0)))),
    near("sha256-exact", "one digit", |p| {
        p.write(Sha256, p.either(v::sha256(p.id()), one_off(&v::sha256(p.id()), 63)))
    }),
    near("pdq-near", "32 to 47 bits apart", |p| {
        let bits = p.either(v::pdq(p.id()), v::pdq_turned(p.id(), 32 + p.both % 16));
        p.write(Pdq, v::pdq_text(bits))
    }),
    near("address-plain", "another flat", |p| {
        let mut s = v::street(p.id());
        s.unit += p.either(0, 2_000);
        p.write(Address, s.long())
    }),
    near("person-exact", "another birth date", |p| {
        let plain = p.person().plain();
        let (head, day) = plain.split_at(plain.len() - 10);
        let (year, rest) = day.split_at(4);
        // Sixty years before: nobody else of the nation was born then.
        let earlier = year.parse().unwrap_or(2_000) - 60;
        p.write(Person, p.either(format!("{head}{earlier}{rest}"), plain))
    }),
];

/// Values of the kinds every house, server or form has, as officers paste them. None may ever make a match. Told from
/// what networks, mail standards and forms are: RFC 1918, RFC 6598, RFC 2142, hashes of no bytes, unset fields.
pub(super) const EVERYBODYS: &[(Kind, &str, Option<&str>)] = &[
    (Ip, "192.168.1.1", None),
    (Ip, "192.168.0.10", None),
    (Ip, "10.0.0.2", None),
    (Ip, "172.16.4.9", None),
    (Ip, "100.64.7.7", None),
    (Ip, "127.0.0.1", None),
    (Ip, "::1", None),
    (Ip, "169.254.10.10", None),
    (Ip, "fe80::1", None),
    (Ip, "fd00::5", None),
    (Ip, "0.0.0.0", None),
    (Ip, "255.255.255.255", None),
    (Ip, "224.0.0.251", None),
    (Ip, "8.8.8.8", None),
    (Ip, "1.1.1.1", None),
    (Ip, "9.9.9.9", None),
    (Ip, "2001:4860:4860::8888", None),
    (Email, "noreply@example.org", None),
    (Email, "No-Reply@mail.example.com", None),
    (Email, "abuse@example.net", None),
    (Email, "postmaster@example.org", None),
    (Email, "MAILER-DAEMON@example.com", None),
    (Md5, "d41d8cd98f00b204e9800998ecf8427e", None),
    (Sha1, "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", None),
    (Sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", None),
    (Md5, "00000000000000000000000000000000", None),
    (Pdq, "0000000000000000000000000000000000000000000000000000000000000000", None),
    (Mac, "ff:ff:ff:ff:ff:ff", None),
    (Mac, "00:00:00:00:00:00", None),
    (Imei, "000000000000000", None),
    (Serial, "To be filled by O.E.M.", None),
    (Serial, "0123456789", None),
    (Handle, "unknown", Some("Snapchat")),
    (Handle, "[deleted]", Some("Reddit")),
    (Handle, "anonymous", Some("Omegle")),
    (Room, "#general", Some("Discord")),
    (Room, "lobby", Some("irc")),
    (Plate, "UNKNOWN", None),
    (Address, "homeless", None),
    (Domain, "localhost", None),
    (Domain, "router.local", None),
    (Url, "http://192.168.0.1/login", None),
    (Url, "http://localhost:8080/", None),
];

/// Values a provider or a clerk hid a part of: kept, and never matched.
pub(super) const HIDDEN: &[(Kind, &str)] = &[
    (Phone, "206-555-01XX"),
    (Phone, "+1 (503) 555-01**"),
    (Email, "m*****a@example.org"),
    (Email, "j...9@mail.example.com"),
    (Ip, "203.0.113.x"),
    (Ip, "2001:db8:****::1"),
    (Imei, "0010170*******7"),
    (Wallet, "mipcBbFg...VGVYzdE"),
    (Sha256, "e3b0c442********************************************************"),
    (Vin, "0NA????????042788"),
    (Address, "12** Example Street, Anytown, WA"),
    (Person, "Doe, J***; 1980-02-01"),
    (Person, "Doe, Jane"),
    (Plate, "WA ABC???"),
];

/// A window of an hour some days before a moment: for noise, whose time says nothing.
pub(super) fn hour_before(as_of: i64, days: i64) -> model::Window {
    let from = as_of - days * super::pen::DAY;
    span(from, from + 3_600 * super::pen::SECOND)
}
