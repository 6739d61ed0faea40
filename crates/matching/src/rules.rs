//! Rules: what one meeting of two identifiers is worth.

use crate::family::Family;
use crate::lists::Lists;
use crate::normalise::{Normal, lacks_area_code, names_state};
use model::{AgeClass, EntryRole, Kind, Micros, Pdq, Source, Strength, Window};

/// What the rules look at on each side. Of the other side nothing beyond this is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Facts {
    /// What sort of value.
    pub kind: Kind,
    /// Whose it is.
    pub role: EntryRole,
    /// Adult or minor.
    pub age: AgeClass,
    /// Where it came from.
    pub source: Option<Source>,
    /// When it was seen in use.
    pub seen: Window,
    /// The port of an IP address.
    pub port: Option<u16>,
    /// When it was entered.
    pub entered: Micros,
}

/// What a rule says of one meeting. It speaks of identifiers, never of people.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Verdict {
    /// The way in which they met.
    pub family: Family,
    /// The rule's name.
    pub rule: &'static str,
    /// The rule's version.
    pub version: u32,
    /// How sure it is that the identifiers are equal.
    pub strength: Strength,
    /// One sentence, made only from one's own submission, the family and the strength.
    pub why: String,
    /// It answers "call the watch desk" whatever the entries' levels: persons.
    pub desk: bool,
}

/// Are two normalised PDQ hashes within 31 of 256 bits? `None` when one is no PDQ hash.
pub fn pdq_near(mine: &Normal, theirs: &Normal) -> Option<bool> {
    let hash = |n: &Normal| (n.kind == Kind::Pdq).then(|| Pdq::parse(&n.text).ok()).flatten();
    Some(hash(mine)?.distance(&hash(theirs)?) <= Pdq::NEAR)
}

/// Judges one meeting by the rule of its family; `None` when it is no match.
///
/// `same_text` says whether the normalised texts are equal, where the store has opened both; `near` whether two PDQ
/// hashes are within 31 bits. A band that meets is no match until one of the two is confirmed.
pub fn compare(
    family: Family,
    mine: &Facts,
    theirs: &Facts,
    same_text: Option<bool>,
    near: Option<bool>,
    lists: &Lists,
    my_value: &Normal,
) -> Option<Verdict> {
    let strength = match family {
        Family::Ip => judge_ip(mine, theirs, same_text, lists, my_value),
        Family::Ip6Net if same_text == Some(true) => judge_ip(mine, theirs, same_text, lists, my_value),
        Family::Ip6Net => (times(mine, theirs, lists) != Times::Apart).then_some(Strength::Possible),
        Family::EmailProvider | Family::HandleElsewhere => Some(Strength::Possible),
        // http and https are one page: the texts may differ in that alone.
        Family::Url => Some(Strength::Strong),
        Family::Pdq => judge_pdq(same_text, near, my_value),
        _ if same_text == Some(false) => None,
        Family::Person | Family::Address => Some(Strength::Possible),
        Family::Phone if lacks_area_code(&my_value.text) => Some(Strength::Possible),
        Family::Plate if !names_state(&my_value.text) => Some(Strength::Possible),
        Family::Phone | Family::Handle if recycled(mine, theirs, lists) => Some(Strength::Possible),
        Family::Phone | Family::Handle | Family::Plate => Some(Strength::Strong),
        Family::Email | Family::Domain | Family::Onion | Family::Room | Family::Payment | Family::Wallet => {
            Some(Strength::Strong)
        }
        Family::Imei | Family::Imsi | Family::Iccid | Family::Mac | Family::Serial | Family::P2p | Family::Vin => {
            Some(Strength::Strong)
        }
        Family::Md5 | Family::Sha1 | Family::Sha256 => Some(Strength::Strong),
    }?;
    Some(Verdict {
        family,
        rule: family.rule(),
        version: family.version(),
        strength,
        why: sentence(family, strength, mine, my_value),
        desk: family == Family::Person,
    })
}

/// How two windows lie.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Times {
    Overlap,
    Apart,
    Unknown,
}

/// Seconds between two windows, zero or less where they touch; `None` when one is unknown.
fn gap(a: Window, b: Window) -> Option<i64> {
    let ((a_from, a_to), (b_from, b_to)) = (a.ends()?, b.ends()?);
    let micros = a_from.max(b_from).0.saturating_sub(a_to.min(b_to).0);
    // Rounded up, so that a gap of a microsecond over the limit is over it.
    Some(micros.div_euclid(1_000_000).saturating_add(i64::from(micros.rem_euclid(1_000_000) > 0)))
}

fn times(mine: &Facts, theirs: &Facts, lists: &Lists) -> Times {
    match gap(mine.seen, theirs.seen) {
        None => Times::Unknown,
        Some(seconds) if seconds <= lists.clock_tolerance_seconds() => Times::Overlap,
        Some(_) => Times::Apart,
    }
}

/// Numbers and account names are given out again: windows too far apart may be of two holders.
fn recycled(mine: &Facts, theirs: &Facts, lists: &Lists) -> bool {
    gap(mine.seen, theirs.seen).is_some_and(|s| s > lists.recycle_gap_days().saturating_mul(86_400))
}

/// The same address at the same time; where a carrier puts many behind it, on the same port (RFC 6269, RFC 6302).
fn judge_ip(mine: &Facts, theirs: &Facts, same_text: Option<bool>, lists: &Lists, value: &Normal) -> Option<Strength> {
    let times = times(mine, theirs, lists);
    if times == Times::Apart || same_text == Some(false) {
        return None;
    }
    let certain = if shared(value, lists) {
        match (mine.port, theirs.port) {
            (Some(a), Some(b)) if a != b => return None,
            (Some(_), Some(_)) => true,
            _ => false,
        }
    } else {
        true
    };
    Some(if certain && times == Times::Overlap { Strength::Strong } else { Strength::Possible })
}

fn shared(value: &Normal, lists: &Lists) -> bool {
    value.text.parse().is_ok_and(|a| lists.is_carrier_nat(a))
}

/// Equal hashes are strong unless the tool called mine poor: blank and dark pictures share one hash.
fn judge_pdq(same_text: Option<bool>, near: Option<bool>, value: &Normal) -> Option<Strength> {
    match (same_text, near) {
        (Some(true), _) if value.doubt.is_none() => Some(Strength::Strong),
        (Some(true), _) | (_, Some(true)) => Some(Strength::Possible),
        _ => None,
    }
}

/// Made from family, strength and one's own submission, and from nothing else.
/// Why two identifiers meet, from one's own side alone: the family, the strength, one's own facts and value.
pub fn sentence(family: Family, strength: Strength, mine: &Facts, value: &Normal) -> String {
    let strong = strength == Strength::Strong;
    match family {
        Family::Email => "Your e-mail address and theirs are equal after case folding.".to_owned(),
        Family::EmailProvider => {
            "Your e-mail address and theirs reach one mailbox by the provider's rules on dots, tags and domains."
                .to_owned()
        }
        Family::Phone if lacks_area_code(&value.text) => {
            "Your telephone number and theirs are equal as far as yours goes: it has no area code.".to_owned()
        }
        Family::Phone if !strong => "Your telephone number and theirs are equal. Numbers are given out again, and the \
             times seen do not settle whether it was the same line."
            .to_owned(),
        Family::Handle if !strong => {
            "Your account name and theirs are equal at the same platform. Names are given out \
             again, and the times seen do not settle whether it was the same account."
                .to_owned()
        }
        Family::Handle => "Your account name and theirs are equal at the same platform.".to_owned(),
        Family::HandleElsewhere if value.platform.is_none() => {
            "Your account name and theirs are equal; yours names no platform.".to_owned()
        }
        Family::HandleElsewhere => "Your account name and theirs are equal, at another platform.".to_owned(),
        Family::Ip | Family::Ip6Net => ip_sentence(family, strong, mine),
        Family::Url => "Your web address and theirs are equal, http and https taken as one.".to_owned(),
        Family::Plate if !strong => {
            "Your plate and theirs are equal as far as yours goes: it names no State.".to_owned()
        }
        Family::Imei => "Your IMEI and theirs name the same equipment in their first 14 digits.".to_owned(),
        Family::Pdq if strong => "Your perceptual hash and theirs are equal.".to_owned(),
        Family::Pdq => {
            "Your perceptual hash and theirs are as near as PDQ's makers ask for two copies of one picture.".to_owned()
        }
        Family::Address => "Your address and theirs are equal in plain form.".to_owned(),
        Family::Person => "Your name and birth date and theirs are equal in plain form.".to_owned(),
        _ => format!("Your {} and theirs are equal.", noun(family)),
    }
}

fn ip_sentence(family: Family, strong: bool, mine: &Facts) -> String {
    let what = match family {
        Family::Ip6Net => "Your IPv6 address and theirs are in the same /64 network",
        _ => "Your IP address and theirs are equal",
    };
    match (strong, mine.seen.is_unknown(), family) {
        (true, _, _) => format!("{what}, at overlapping times."),
        (false, true, _) => format!("{what}; yours says no time, so times do not settle it."),
        (false, false, Family::Ip6Net) => format!("{what}."),
        (false, false, _) => format!("{what}; times or ports do not settle it."),
    }
}

fn noun(family: Family) -> &'static str {
    match family {
        Family::Email | Family::EmailProvider => "e-mail address",
        Family::Phone => "telephone number",
        Family::Handle | Family::HandleElsewhere => "account name",
        Family::Ip | Family::Ip6Net => "IP address",
        Family::Url => "web address",
        Family::Domain => "domain name",
        Family::Onion => "onion address",
        Family::Imei => "IMEI",
        Family::Imsi => "IMSI",
        Family::Iccid => "SIM card number",
        Family::Mac => "MAC address",
        Family::Serial => "serial number",
        Family::Wallet => "wallet address",
        Family::Payment => "payment account",
        Family::P2p => "peer-to-peer client id",
        Family::Room => "room",
        Family::Plate => "plate",
        Family::Vin => "vehicle identification number",
        Family::Md5 => "MD5",
        Family::Sha1 => "SHA-1",
        Family::Sha256 => "SHA-256",
        Family::Pdq => "perceptual hash",
        Family::Address => "address",
        Family::Person => "name and birth date",
    }
}
