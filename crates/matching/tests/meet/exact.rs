use crate::common::*;
use matching::{Family, keys, probes, rule_version};
use model::Kind;
use model::Strength::Strong;

/// Kind, platform, family, then two spellings that must meet and one that must not.
type Row = (Kind, Option<&'static str>, Family, &'static str, &'static str, &'static str);

const ROWS: [Row; 20] = [
    (Kind::Email, None, Family::Email, "Willy.Rox@example.org", "mailto:willy.rox@EXAMPLE.org", "willyrox@example.org"),
    (Kind::Phone, None, Family::Phone, "(206) 555-0100", "+1 206 555 0100", "+1 206 555 0101"),
    (Kind::Handle, Some("Twitter"), Family::Handle, "@Willy", "willy", "willy_"),
    (Kind::Url, None, Family::Url, "http://example.org/a", "https://EXAMPLE.org:443/a#b", "https://example.org/A"),
    (Kind::Domain, None, Family::Domain, "bücher.example", "XN--bcher-kva.example.", "bucher.example"),
    (Kind::Imei, None, Family::Imei, "490154203237518", "4901542032375109", "490154203237528"),
    (Kind::Imsi, None, Family::Imsi, "310150123456789", "310-150-123456789", "310150123456788"),
    (Kind::Iccid, None, Family::Iccid, "89014103211118510720", "8901 4103 2111 1851 0720F", "89014103211118510721"),
    (Kind::Mac, None, Family::Mac, "00:00:5E:00:53:01", "0000.5e00.5301", "00:00:5E:00:53:02"),
    (Kind::Serial, None, Family::Serial, "c02xk1", "C02 XK1", "C02-XK1"),
    (
        Kind::Wallet,
        None,
        Family::Wallet,
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee",
    ),
    (Kind::Payment, Some("venmo"), Family::Payment, "@Willy-Rox", "willy-rox", "willyrox"),
    (
        Kind::P2p,
        None,
        Family::P2p,
        "{0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9}",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f8",
    ),
    (Kind::Room, Some("irc"), Family::Room, "#Hidden", "hidden", "##hidden"),
    (Kind::Plate, None, Family::Plate, "wa abc-123", "WA ABC123", "OR ABC123"),
    (Kind::Vin, None, Family::Vin, "1m8gdm9axkp042788", "1M8-GDM9AXKP042788", "1M8GDM9AXKP042789"),
    (
        Kind::Md5,
        None,
        Family::Md5,
        "0123456789abcdef0123456789abcdef",
        "MD5:0123456789ABCDEF0123456789ABCDEF",
        "0123456789abcdef0123456789abcdee",
    ),
    (
        Kind::Sha1,
        None,
        Family::Sha1,
        "0123456789abcdef0123456789abcdef01234567",
        "0123456789ABCDEF0123456789ABCDEF01234567",
        "0123456789abcdef0123456789abcdef01234568",
    ),
    (
        Kind::Sha256,
        None,
        Family::Sha256,
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdee",
    ),
    (
        Kind::Onion,
        None,
        Family::Onion,
        "aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypxxxxx.onion",
        "http://AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPXXXXX.onion/a",
        "baaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypxxxxx.onion",
    ),
];

#[test]
fn equal_identifiers_meet_strongly_and_others_do_not() {
    for (kind, platform, family, one, same, other) in ROWS {
        let (one, same, other) = (at(kind, one, platform), at(kind, same, platform), at(kind, other, platform));
        assert_eq!(plain(&one, &same), Some((family, Strong)), "{kind}");
        assert_eq!(plain(&same, &one), Some((family, Strong)), "{kind}, the other way");
        assert_eq!(plain(&one, &other), None, "{kind} must not meet");
    }
}

#[test]
fn kinds_never_meet_although_their_texts_are_equal() {
    let (serial, p2p) = (read(Kind::Serial, "490154203237518"), read(Kind::Imei, "490154203237518"));
    assert!(shared(&serial, &p2p).is_empty());
    assert!(shared(&read(Kind::Md5, &"ab".repeat(16)), &read(Kind::P2p, &"ab".repeat(16))).is_empty());
}

#[test]
fn fixtures_of_documentation_ranges_and_names_meet() {
    for (kind, value) in [
        (Kind::Email, "a@example.org"),
        (Kind::Domain, "example.org"),
        (Kind::Ip, "192.0.2.1"),
        (Kind::Ip, "198.51.100.1"),
        (Kind::Ip, "203.0.113.1"),
        (Kind::Ip, "2001:db8::1"),
        (Kind::Phone, "206-555-0100"),
    ] {
        let n = read(kind, value);
        assert!(matching::Lists::built_in().suppressed(&n).is_none(), "{value} is suppressed");
        assert!(plain(&n, &n).is_some(), "{value}");
    }
}

#[test]
fn platforms_keep_rooms_and_payments_apart() {
    let room = |p| at(Kind::Room, "hidden", p);
    assert_eq!(plain(&room(Some("irc")), &room(Some("discord"))), None);
    let pay = |v, p| at(Kind::Payment, v, p);
    assert_eq!(plain(&pay("willy", Some("venmo")), &pay("willy", Some("paypal"))), None);
    assert_eq!(plain(&pay("$willy", None), &pay("willy", Some("Cash App"))), Some((Family::Payment, Strong)));
}

/// The texts are what stored fingerprints were made of: a change here needs a new space.
#[test]
fn key_texts_and_versions_are_pinned() {
    assert!(Kind::ALL.iter().all(|k| rule_version(*k) == 1));
    let texts = |n| keys(&n).into_iter().map(|k| k.text).collect::<Vec<_>>();
    assert_eq!(
        texts(read(Kind::Email, "W.R+x@googlemail.com")),
        ["email/1:w.r+x@googlemail.com", "email-provider/1:wr@gmail.com"]
    );
    assert_eq!(texts(at(Kind::Handle, "@W", Some("twitter"))), ["handle/1:x\u{1f}w", "handle-elsewhere/1:w"]);
    assert_eq!(texts(read(Kind::Ip, "2001:db8:1:2:3::4")), ["ip/1:2001:db8:1:2:3::4", "ip6-net/1:2001:db8:1:2::"]);
    assert_eq!(texts(read(Kind::Url, "https://example.org")), ["url/1:example.org/"]);
    assert_eq!(texts(read(Kind::Person, "Doe, Jane; 1980-02-01")), ["person/1:doe, jane; 1980-02-01"]);
    for family in Family::ALL {
        assert_eq!((family.version(), Family::from_code(family.code())), (1, Some(*family)));
    }
    let n = read(Kind::Email, "a@example.org");
    assert_eq!(keys(&n), probes(&n));
    assert!(!format!("{:?}", keys(&n)).contains("example.org"));
}
