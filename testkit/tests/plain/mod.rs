//! Canonical forms of this test's own: a second reading of what the nation writes, smaller than the matcher's and made
//! without it. It knows the writings the nation uses and no others.

use std::collections::HashMap;
use std::net::IpAddr;

use model::{EntryDraft, Kind, Pdq, Strength};
use testkit::nation::Held;
use unicode_normalization::UnicodeNormalization;

/// One way in which an entry can meet another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Form {
    pub rule: &'static str,
    text: String,
}

/// Rules in the order of their codes.
const RULES: [&str; 27] = [
    "email-exact",
    "email-provider",
    "phone-exact",
    "handle-exact",
    "handle-elsewhere",
    "ip-window",
    "ip6-net",
    "url-exact",
    "domain-exact",
    "onion-exact",
    "imei-exact",
    "imsi-exact",
    "iccid-exact",
    "mac-exact",
    "serial-exact",
    "wallet-exact",
    "payment-exact",
    "p2p-exact",
    "room-exact",
    "plate-exact",
    "vin-exact",
    "md5-exact",
    "sha1-exact",
    "sha256-exact",
    "pdq-near",
    "address-plain",
    "person-exact",
];

/// Strongest first, then the rule with the lower code.
pub fn rank(strength: Strength, rule: &str) -> (bool, usize) {
    (strength != Strength::Strong, RULES.iter().position(|r| *r == rule).unwrap())
}

fn alnum(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn hosts(text: &str) -> String {
    text.replace("[.]", ".").replace("bücher", "xn--bcher-kva").replace("münchen", "xn--mnchen-3ya")
}

/// Every form of an entry whose value is whole.
pub fn forms(e: &EntryDraft, country: &str) -> Vec<Form> {
    let one = |rule, text: String| vec![Form { rule, text }];
    let lower = e.value.to_lowercase();
    match e.kind {
        Kind::Email => email(&lower),
        Kind::Phone => one("phone-exact", phone(&e.value, country)),
        Kind::Handle => handle(&lower, e.platform.as_deref().unwrap()),
        Kind::Ip => ip(&lower),
        Kind::Url => one("url-exact", url(&e.value)),
        Kind::Domain => one("domain-exact", hosts(&lower).trim_end_matches('.').to_owned()),
        Kind::Onion => {
            let host = lower.trim_start_matches("http://").split('/').next().unwrap();
            one("onion-exact", host.trim_start_matches("www.").to_owned())
        }
        Kind::Imei => one("imei-exact", digits(&lower)[..14].to_owned()),
        Kind::Imsi => one("imsi-exact", digits(&lower)),
        Kind::Iccid => one("iccid-exact", digits(&lower)),
        Kind::Mac => one("mac-exact", alnum(&lower)),
        Kind::Serial => one("serial-exact", lower.replace(' ', "").trim_start_matches("s/n:").to_owned()),
        Kind::Wallet => one("wallet-exact", wallet(&e.value)),
        Kind::Payment => one("payment-exact", payment(&lower, e.platform.as_deref())),
        Kind::P2p => one("p2p-exact", alnum(lower.trim_start_matches("urn:uuid:"))),
        Kind::Room => one("room-exact", room(&lower, e.platform.as_deref().unwrap())),
        Kind::Plate => {
            let state = lower.split_once([' ', '-']).map(|(s, _)| s).filter(|s| s.len() == 2);
            let rest = lower.split_once([' ', '-']).filter(|_| state.is_some()).map_or(lower.as_str(), |(_, r)| r);
            one("plate-exact", format!("{} {}", state.unwrap_or_default(), alnum(rest)))
        }
        Kind::Vin => one("vin-exact", alnum(lower.trim_start_matches("vin:"))),
        Kind::Md5 => one("md5-exact", alnum(lower.trim_start_matches("md5:"))),
        Kind::Sha1 => one("sha1-exact", alnum(lower.trim_start_matches("sha1:"))),
        Kind::Sha256 => one("sha256-exact", alnum(lower.trim_start_matches("sha256:"))),
        // Every two of them are compared.
        Kind::Pdq => one("pdq-near", String::new()),
        Kind::Address => one("address-plain", address(&lower)),
        Kind::Person => one("person-exact", person(&e.value)),
    }
}

fn email(lower: &str) -> Vec<Form> {
    let text = hosts(&lower.replace("[at]", "@")).replace('"', "");
    let text = text.trim_start_matches("mailto:").trim_start_matches("someone <").trim_end_matches('>').to_owned();
    let (local, domain) = text.split_once('@').unwrap();
    let base = local.split('+').next().unwrap();
    let mailbox = match domain {
        "gmail.com" | "googlemail.com" => Some(format!("{}@gmail", base.replace('.', ""))),
        "proton.me" | "pm.me" => Some(format!("{}@proton", alnum(base))),
        "icloud.com" | "me.com" => Some(format!("{base}@icloud")),
        _ => None,
    };
    let exact = Form { rule: "email-exact", text: text.clone() };
    std::iter::once(exact).chain(mailbox.map(|text| Form { rule: "email-provider", text })).collect()
}

/// With the country code; numbers without area code stay short.
fn phone(value: &str, country: &str) -> String {
    let ascii: String = value
        .chars()
        .map(|c| u32::from(c).checked_sub(0x660).filter(|d| *d < 10).and_then(|d| char::from_digit(d, 10)).unwrap_or(c))
        .collect();
    let main = ascii.split(" ext.").next().unwrap();
    let number = digits(main);
    match (main.contains('+'), country, number.len()) {
        (true, _, _) => number,
        (false, "US", 10) => format!("1{number}"),
        (false, "US", 11) if number.starts_with('1') => number,
        (false, "US", 7) => number,
        (false, "US", _) => number.strip_prefix("011").expect("an international prefix").to_owned(),
        _ => panic!("a number without + outside the United States"),
    }
}

fn platform(name: &str) -> String {
    const SAME: [(&str, &str); 14] = [
        ("twitter", "x"),
        ("discordapp", "discord"),
        ("t.me", "telegram"),
        ("tg", "telegram"),
        ("insta", "instagram"),
        ("ig", "instagram"),
        ("kik messenger", "kik"),
        ("snap", "snapchat"),
        ("steamcommunity", "steam"),
        ("tik tok", "tiktok"),
        ("fb", "facebook"),
        ("whats app", "whatsapp"),
        ("wa.me", "whatsapp"),
        ("internet relay chat", "irc"),
    ];
    let lower = name.to_lowercase().replace("https://", "").replace("www.", "").replace("old.", "");
    let bare = lower.trim_end_matches('/').trim_end_matches(".com");
    SAME.iter().find(|(alias, _)| *alias == bare).map_or(bare, |(_, name)| name).to_owned()
}

fn handle(lower: &str, at: &str) -> Vec<Form> {
    let at = platform(at);
    let name = match at.as_str() {
        "reddit" => lower.trim_start_matches("u/"),
        "skype" => lower.trim_start_matches("live:"),
        _ => lower.trim_start_matches('@'),
    };
    let elsewhere = Form { rule: "handle-elsewhere", text: name.to_owned() };
    let here = (at != "unknown").then(|| Form { rule: "handle-exact", text: format!("{at} {name}") });
    here.into_iter().chain([elsewhere]).collect()
}

fn ip(lower: &str) -> Vec<Form> {
    let text = lower.replace("[.]", ".");
    let text = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap(),
        None if text.matches(':').count() == 1 => text.split(':').next().unwrap(),
        None => &text,
    };
    let address = text.parse::<IpAddr>().unwrap().to_canonical();
    let own = Form { rule: "ip-window", text: address.to_string() };
    let net = match address {
        IpAddr::V4(_) => None,
        IpAddr::V6(a) => Some(Form { rule: "ip6-net", text: format!("{:x}", a.to_bits() >> 64) }),
    };
    std::iter::once(own).chain(net).collect()
}

fn url(value: &str) -> String {
    let text = hosts(value).replace("%c3%a9", "é");
    let rest = text.split_once("://").map_or(text.as_str(), |(_, r)| r).split('#').next().unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    format!("{}/{path}", host.to_lowercase().trim_end_matches(":443"))
}

fn wallet(value: &str) -> String {
    let text = value.trim_start_matches("bitcoin:").split('?').next().unwrap();
    let lower = text.to_lowercase();
    let hex = lower.trim_start_matches("0x");
    if hex.len() == 40 && hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        hex.to_owned()
    } else if lower.starts_with("tb1") {
        lower
    } else {
        text.to_owned()
    }
}

fn payment(lower: &str, at: Option<&str>) -> String {
    let packed = lower.replace(' ', "");
    if packed.starts_with("xz") && packed.len() == 22 && digits(&packed).len() == 20 {
        return packed;
    }
    let at = at.map_or_else(|| "cash app".to_owned(), platform);
    format!("{at} {}", lower.trim_start_matches(['$', '@']))
}

fn room(lower: &str, at: &str) -> String {
    let text = lower.trim_start_matches("https://").trim_end_matches('/');
    let text = text.strip_prefix('#').filter(|r| !r.starts_with('#')).unwrap_or(text);
    format!("{} {text}", platform(at))
}

fn address(lower: &str) -> String {
    let spaced = lower.replace('#', " unit ").replace([',', '.'], " ");
    let word = |w: &str| match w {
        "street" => "st".to_owned(),
        "avenue" => "ave".to_owned(),
        "boulevard" => "blvd".to_owned(),
        "lane" => "ln".to_owned(),
        "apartment" => "unit".to_owned(),
        w => w.split('-').next().unwrap().to_owned(),
    };
    spaced.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

fn person(value: &str) -> String {
    let bare: String = value.nfd().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).collect();
    let folded = bare.to_lowercase().replace('ł', "l").replace('đ', "d").replace('-', " ").replace(['\'', '’'], "");
    let parts: Vec<String> = folded
        .split([',', ';'])
        .map(|part| part.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" "))
        .collect();
    parts.join("|")
}

/// Seconds between two windows; `None` when one says no time.
fn gap(a: &EntryDraft, b: &EntryDraft) -> Option<i64> {
    let ((a_from, a_to), (b_from, b_to)) = (a.seen.ends()?, b.seen.ends()?);
    Some((a_from.max(b_from).0 - a_to.min(b_to).0) / 1_000_000)
}

/// What a meeting is worth, by the promises of the rules; `None` when it is none.
pub fn worth(form: &Form, a: &EntryDraft, b: &EntryDraft) -> Option<Strength> {
    use Strength::{Possible, Strong};
    let gap = gap(a, b);
    match form.rule {
        "pdq-near" => None,
        "ip-window" => match gap {
            None => Some(Possible),
            Some(seconds) => (seconds <= 300).then_some(Strong),
        },
        "ip6-net" => {
            let own = |e: &EntryDraft| ip(&e.value.to_lowercase())[0].text.clone();
            (own(a) != own(b) && gap.is_none_or(|s| s <= 300)).then_some(Possible)
        }
        "phone-exact" if form.text.len() == 7 => Some(Possible),
        "phone-exact" | "handle-exact" if gap.is_some_and(|s| s > 365 * 86_400) => Some(Possible),
        "plate-exact" if form.text.starts_with(' ') => Some(Possible),
        "email-provider" | "handle-elsewhere" | "address-plain" | "person-exact" => Some(Possible),
        _ => Some(Strong),
    }
}

/// Every two perceptual hashes within 31 bits.
pub fn near_pdq(held: &HashMap<Form, Vec<(Held, EntryDraft)>>, mut met: impl FnMut(Held, Held, Strength)) {
    let all = &held[&Form { rule: "pdq-near", text: String::new() }];
    let read: Vec<(Held, Pdq)> = all.iter().map(|(h, e)| (*h, Pdq::parse(&e.value).unwrap())).collect();
    for (i, (a, one)) in read.iter().enumerate() {
        for (b, two) in &read[i + 1..] {
            let poor = |p: &Pdq| p.quality().is_some_and(|q| q < 50);
            match one.distance(two) {
                0 if !poor(one) && !poor(two) => met(*a, *b, Strength::Strong),
                0..=31 => met(*a, *b, Strength::Possible),
                _ => {}
            }
        }
    }
}

/// Is this a number kept for fiction, by its digits? ATIS-0300115, Ofcom, ACMA, Bundesnetzagentur.
pub fn fictitious(digits: &str) -> bool {
    const ELSEWHERE: [(&str, usize); 4] = [("4416329", 12), ("447700900", 12), ("44", 12), ("61", 11)];
    let american = digits.strip_prefix('1').filter(|d| d.len() == 10).unwrap_or(digits);
    let at = american.len().saturating_sub(7);
    if matches!(american.len(), 7 | 10) && american[at..].starts_with("55501") {
        return true;
    }
    let german =
        ["493023125", "496990009", "494066969", "492214710", "498999998"].iter().any(|p| digits.starts_with(p));
    let british = digits.starts_with("441632960")
        || digits.starts_with("447700900")
        || digits.starts_with("442079460")
        || (digits.starts_with("441") && matches!(&digits[5..9], "4960" | "4980"));
    let australian = digits.starts_with("61") && matches!(&digits[3..7], "5550" | "7010");
    let long = ELSEWHERE.iter().any(|(p, n)| digits.starts_with(p) && digits.len() == *n);
    german || ((british || australian) && long)
}

/// Does a value stand in a range kept for examples, or can it have no holder?
pub fn for_examples(e: &EntryDraft) -> bool {
    let lower = e.value.to_lowercase();
    let example = |host: &str| {
        let host = host.trim_end_matches(['.', '/', '>']);
        ["example.org", "example.com", "example.net"].iter().any(|d| host == *d || host.ends_with(&format!(".{d}")))
    };
    match e.kind {
        Kind::Email => {
            let text = hosts(&lower.replace("[at]", "@"));
            let (local, domain) = text.rsplit_once('@').unwrap();
            // Or a mailbox that is too long for the provider to give out, with a hyphen or its like.
            example(domain) || (local.len() > 40 && local.contains(['-', '_']))
        }
        Kind::Url => example(url(&e.value).split('/').next().unwrap()),
        Kind::Domain => example(&hosts(&lower)),
        Kind::Ip => match ip(&lower)[0].text.parse::<IpAddr>().unwrap() {
            IpAddr::V4(a) => [[192, 0, 2], [198, 51, 100], [203, 0, 113]].iter().any(|n| a.octets().starts_with(n)),
            IpAddr::V6(a) => a.segments().starts_with(&[0x2001, 0xdb8]),
        },
        Kind::Phone => {
            let country = if e.value.contains('+') { "" } else { "US" };
            fictitious(&phone(&e.value, country))
        }
        Kind::Imei => digits(&lower).starts_with("00"),
        Kind::Imsi => digits(&lower).starts_with("001"),
        Kind::Iccid => digits(&lower).starts_with("8999") || digits(&lower).starts_with("89990"),
        Kind::Mac => alnum(&lower).starts_with("02") || alnum(&lower).starts_with("12"),
        Kind::Vin => alnum(lower.trim_start_matches("vin:")).starts_with('0'),
        Kind::Wallet => !lower.starts_with("bc1") && !e.value.starts_with(['1', '3']),
        Kind::Plate => alnum(&lower).len() >= 10,
        _ => true,
    }
}
