//! Words on the screen (../shared/ui/README.md section 8): one place, so that a thing is called the same everywhere.

use model::Micros;

/// A moment as people read it, and as machines do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct When {
    /// RFC 3339, for `datetime`.
    pub exact: String,
    /// "21 Nov 2026, 09:14 UTC".
    pub words: String,
}

/// Reads RFC 3339, as the desk writes it; anything else is shown as it is.
pub(crate) fn when(exact: &str) -> When {
    let words = Micros::parse(exact).map_or_else(|_| exact.to_owned(), Micros::in_words);
    When { exact: exact.to_owned(), words }
}

/// A state of one's own side, as the field says it.
pub(crate) fn state(word: &str) -> &str {
    match word {
        "notified" => "Both told",
        "acknowledged" => "Acknowledged by you",
        "coordinating" => "Talking",
        "resolved" => "Resolved",
        "silent" => "Met your silent entry",
        "desk" => "At the watch desk",
        "message" => "Message",
        "hold" => "Hold",
        "withdrawn" => "Withdrawn",
        "corrected" => "Corrected",
        "bulk" => "Bulk job",
        "transfer" => "Transfer",
        "asked" => "Somebody asked",
        other => other,
    }
}

/// A kind of identifier in words.
pub(crate) fn kind(word: &str) -> &str {
    match word {
        "email" => "E-mail",
        "phone" => "Telephone",
        "handle" => "Account name",
        "ip" => "IP address",
        "url" => "Web address",
        "domain" => "Domain",
        "onion" => "Onion service",
        "imei" => "IMEI",
        "imsi" => "IMSI",
        "iccid" => "SIM card (ICCID)",
        "mac" => "MAC address",
        "serial" => "Serial number",
        "wallet" => "Wallet",
        "payment" => "Payment account",
        "p2p" => "Peer-to-peer GUID",
        "room" => "Chat room",
        "plate" => "Vehicle plate",
        "vin" => "VIN",
        "md5" => "MD5",
        "sha1" => "SHA-1",
        "sha256" => "SHA-256",
        "pdq" => "PDQ hash",
        "address" => "Postal address",
        "person" => "Person",
        other => other,
    }
}

/// A resolution in words.
pub(crate) fn resolution(word: &str) -> &str {
    match word {
        "joint" => "One joint case",
        "ceded" => "One side leaves it to the other",
        "parallel-agreed" => "Both go on, in agreed lanes",
        "same-investigation" => "It is one investigation, entered twice",
        "not-the-same" => "The identifiers are equal, the people are not",
        "withdrawn" => "An entry was withdrawn",
        other => other,
    }
}

/// A threat area in words (the five of the 2010 threat assessment).
pub(crate) fn area(word: &str) -> &str {
    match word {
        "material" => "Child sexual abuse material",
        "enticement" => "Online enticement",
        "travel" => "Travel to exploit children",
        "commercial" => "Commercial sexual exploitation",
        "indian-country" => "Exploitation in Indian Country",
        other => other,
    }
}

/// How a case ended, in words.
pub(crate) fn outcome(word: &str) -> &str {
    match word {
        "charged" => "Somebody was charged",
        "convicted" => "Somebody was convicted",
        "referred" => "Referred to another agency",
        "exhausted" => "Nothing more can be done for now",
        "unfounded" => "There was no crime",
        "cleared" => "The subject was cleared",
        "acquitted" => "The subject was acquitted",
        "unlawfully-obtained" => "The information was unlawfully obtained",
        other => other,
    }
}

/// "1 identifier", "2 identifiers".
pub(crate) fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{} {one}s", grouped(n)) }
}

/// 1,234,567.
pub(crate) fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A telephone as `tel:` takes it: digits, and a plus before a whole international number.
pub(crate) fn tel(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_one_way_everywhere() {
        assert_eq!(when("2026-11-21T09:14:00Z").words, "21 Nov 2026, 09:14 UTC");
        assert_eq!(when("2026-11-01T00:00:00.123456Z").words, "1 Nov 2026, 00:00 UTC");
        assert_eq!(when("soon").words, "soon");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!((grouped(5), grouped(1_000), grouped(1_234_567)), ("5".into(), "1,000".into(), "1,234,567".into()));
        assert_eq!((count(1, "identifier"), count(2, "identifier")), ("1 identifier".into(), "2 identifiers".into()));
    }

    #[test]
    fn every_kind_and_resolution_has_its_words() {
        for k in model::Kind::ALL {
            assert_ne!(kind(k.word()), k.word(), "{k}");
        }
        for r in model::Resolution::ALL {
            assert_ne!(resolution(r.word()), r.word(), "{r}");
        }
        for a in model::ThreatArea::ALL {
            assert_ne!(area(a.word()), a.word(), "{a}");
        }
        for o in model::Outcome::ALL {
            assert_ne!(outcome(o.word()), o.word(), "{o}");
        }
        for s in model::SideState::ALL {
            assert_ne!(state(s.word()), s.word(), "{s}");
        }
    }

    #[test]
    fn a_telephone_link_holds_digits_only() {
        assert_eq!(tel("+1 (202) 555-0143 ext<script>"), "+12025550143");
    }
}
