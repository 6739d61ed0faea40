//! Values that no two tips share: each follows from a number, one to one.
//!
//! All come from ranges reserved for examples, or are of a form that nobody was given: telephones NXX-555-0100 to
//! 0199, RFC 5737 and RFC 3849 addresses, RFC 2606 names, IMEI of the test body 00, IMSI of the test network 001-01,
//! MAC addresses with the local bit, ZIP codes below the lowest in use (00501).
//! To leave room for others' fixtures: IPv4 of tips lies in 198.51.100.0/24, IPv6 in 2001:db8:8000::/33.

use std::fmt::Write;
use std::net::Ipv6Addr;

use super::draw::{Draw, mix, shuffle};
use super::mix::STATES;

/// How many values of one sort a tip may have: value `slot` of tip `index` has the number `index * SLOTS + slot`.
const SLOTS: u64 = 16;

/// Days from 1950-01-01 to a birth date of an adult: up to 1990.
const ADULT_DAYS: u64 = 14_600;

const FIRST: &[&str] = &[
    "Avery",
    "Blake",
    "Casey",
    "Devin",
    "Ellis",
    "Finley",
    "Gray",
    "Harper",
    "Indra",
    "Jules",
    "Kerry",
    "Lane",
    "Morgan",
    "Noor",
    "Oakley",
    "Parker",
    "Quinn",
    "Rowan",
    "Sasha",
    "Tatum",
    "Uma",
    "Vesna",
    "Wren",
    "Xochitl",
    "Yuki",
    "Zoë",
    "José",
    "Søren",
    "Łukasz",
    "Αλέξης",
    "Оля",
    "نور",
    "美咲",
    "Nguyễn",
    "Anne-Marie",
    "Jo Ann",
];
const LAST: &[&str] = &[
    "Ashdown",
    "Birchfield",
    "Cedarholm",
    "Dunmore",
    "Elmsworth",
    "Fernhill",
    "Glenrock",
    "Hawthorn",
    "Ivybridge",
    "Juniper",
    "Kestrel",
    "Larkspur",
    "Mossley",
    "Nettleton",
    "Oakhurst",
    "Pinewood",
    "Quarry",
    "Rushmoor",
    "Sedgefield",
    "Thornbury",
    "Underhill",
    "Valewood",
    "Willowby",
    "Yarrow",
    "Zephyr",
    "O'Example",
    "D'Exemple",
    "Muñoz-Beispiel",
    "Ďuriček",
    "van der Voorbeeld",
    "Παράδειγμα",
    "Примеров",
    "مثال",
    "例文",
    "Ví Dụ",
];
const WORDS: &[&str] = &[
    "amber", "brook", "cobalt", "delta", "ember", "fjord", "grove", "harbor", "island", "jade", "kelp", "lagoon",
    "meadow", "north", "opal", "prairie", "quartz", "ridge", "slate", "tundra", "umber", "violet", "willow", "zinc",
];
/// What screen names of the world hold, XML's special characters among it.
const ODD_WORDS: &[&str] =
    &["ñandú", "桜", "Ωmega", "Жук", "tea&milk", "it's", "a<b", "b>a", "çay", "ß", "नमस्ते", "two words", "🦊"];
const STREETS: &[&str] = &["Sample Street", "Specimen Avenue", "Fixture Road", "Placeholder Lane", "Model Court"];
const CITIES: &[&str] = &["Exampleton", "Fixture Falls", "Sampleville", "Port Specimen", "Mock Springs"];
/// Area codes whose 555-0100 to 0199 these tips use; others' fixtures can keep to other codes.
const AREAS: &[u32] = &[
    205, 208, 217, 228, 231, 252, 260, 270, 276, 304, 307, 308, 315, 318, 325, 334, 360, 402, 406, 417, 419, 423, 432,
    434, 440, 479, 501, 507, 515, 530, 541, 559, 563, 570, 574, 601, 605, 606, 608, 618,
];
/// How many telephone numbers there are for entries.
pub(super) const PHONES: u64 = 4_000;
/// Telephones of free text and of reporters come from here, so that none can be an entry's.
const FREE_AREA: u32 = 907;

/// Where the values of one tip come from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values {
    seed: u64,
    index: u64,
}

impl Values {
    /// The values of tip `index` under `seed`.
    pub(super) fn new(seed: u64, index: u64) -> Self {
        Self { seed, index }
    }

    fn number(self, slot: u64) -> u64 {
        self.index.saturating_mul(SLOTS).saturating_add(slot)
    }

    /// Ten letters and digits that stand for one number and for no other.
    pub(super) fn tag(self, slot: u64) -> String {
        // 36^10
        let mut left = shuffle(self.number(slot), 3_656_158_440_062_976, self.seed);
        let mut out = String::with_capacity(10);
        for _ in 0..10 {
            out.push(char::from_digit(u32::try_from(left % 36).unwrap_or(0), 36).unwrap_or('0'));
            left /= 36;
        }
        out
    }

    /// A mailbox under example.org, example.net or example.com.
    pub(super) fn email(self, slot: u64, draw: &mut Draw) -> String {
        let host = draw.pick(&["example.org", "example.net", "mail.example.com", "post.example.org"]);
        format!("{}.{}@{host}", draw.pick(WORDS), self.tag(slot))
    }

    /// An account name.
    pub(super) fn handle(self, slot: u64, draw: &mut Draw) -> String {
        let word = if draw.once_in(12) { draw.pick(ODD_WORDS) } else { draw.pick(WORDS) };
        format!("{word}_{}", self.tag(slot))
    }

    /// An account's number at its provider: digits, never all of one value.
    pub(super) fn account(self, slot: u64) -> String {
        format!("1000{:014}", shuffle(self.number(slot), 100_000_000_000_000, self.seed))
    }

    /// The page of an account.
    pub(super) fn profile(self, slot: u64, draw: &mut Draw) -> String {
        format!("https://{}.example.com/u/{}", draw.pick(WORDS), self.tag(slot))
    }

    /// A page somebody reported.
    pub(super) fn page(self, slot: u64, draw: &mut Draw) -> String {
        format!("https://{}.example.net/page/{}?view=1&lang=en", draw.pick(WORDS), self.tag(slot))
    }

    /// The name of a room or group.
    pub(super) fn room(self, slot: u64, draw: &mut Draw) -> String {
        format!("{}-room-{}", draw.pick(WORDS), self.tag(slot))
    }

    /// An IPv6 address in a /64 of its own.
    pub(super) fn ip6(self, slot: u64) -> String {
        let net = 0x8000_0000 | shuffle(self.number(slot), 0x8000_0000, self.seed);
        let host = mix(net ^ self.seed);
        Ipv6Addr::from((0x2001_0db8_u128 << 96) | (u128::from(net) << 64) | u128::from(host)).to_string()
    }

    /// A neighbour of [`Values::ip6`] in the same /64.
    pub(super) fn ip6_neighbour(self, slot: u64, other: u64) -> String {
        let near = self.ip6(slot).parse::<Ipv6Addr>().map_or(0, u128::from);
        Ipv6Addr::from((near & !0xffff) | u128::from(mix(other) & 0xffff)).to_string()
    }

    /// Telephone number `n`, of [`PHONES`], in one of three spellings.
    pub(super) fn phone(n: u64, form: u64) -> Option<String> {
        let area = AREAS.get(usize::try_from(n / 100).ok()?)?;
        let last = n % 100;
        Some(match form % 3 {
            0 => format!("+1 {area} 555 01{last:02}"),
            1 => format!("({area}) 555-01{last:02}"),
            _ => format!("+1{area}55501{last:02}"),
        })
    }

    /// A telephone number that stands in no field an entry is made from.
    pub(super) fn free_phone(draw: &mut Draw) -> String {
        format!("{FREE_AREA}-555-01{:02}", draw.below(100))
    }

    /// Given name, family name, and the day of birth as days since 1970; `None` when names and days are used up.
    pub(super) fn adult(self, slot: u64) -> Option<(&'static str, &'static str, i64)> {
        let names = (FIRST.len() * LAST.len()) as u64;
        let number = self.number(slot);
        if number >= names * ADULT_DAYS {
            return None;
        }
        let at = shuffle(number, names * ADULT_DAYS, self.seed);
        let (first, last) = name(at % names)?;
        // 1950-01-01 is 7,305 days before 1970-01-01.
        Some((first, last, i64::try_from(at / names).ok()? - 7_305))
    }

    /// A child's name and an age; birth days of children are given rarely, and then by [`Values::child_born`].
    pub(super) fn child(draw: &mut Draw) -> (&'static str, &'static str, u64) {
        let names = (FIRST.len() * LAST.len()) as u64;
        let (first, last) = name(draw.below(names)).unwrap_or(("Sasha", "Underhill"));
        (first, last, 8 + draw.below(9))
    }

    /// A child with a birth day: `n` counts such children. Days lie 9 to 16 years before `today` (days since 1970).
    pub(super) fn child_born(n: u64, today: i64) -> Option<(&'static str, &'static str, i64)> {
        let (names, days) = ((FIRST.len() * LAST.len()) as u64, 7 * 365);
        if n >= names * days {
            return None;
        }
        let at = shuffle(n, names * days, 0);
        let (first, last) = name(at % names)?;
        Some((first, last, today - 9 * 366 - i64::try_from(at / names).ok()?))
    }

    /// Street, city, State and ZIP code.
    pub(super) fn address(self, slot: u64, state: Option<&str>) -> (String, &'static str, String, String) {
        let at = shuffle(self.number(slot), 9_999 * 5 * 5 * 400, self.seed);
        let turn = self.number(slot) / (9_999 * 5 * 5 * 400);
        let (number, rest) = (1 + at % 9_999, at / 9_999);
        let pick = |list: &[&'static str], n: u64| *list.get(usize::try_from(n).unwrap_or(0)).unwrap_or(&"Sample");
        let mut street = format!("{number} {}", pick(STREETS, rest % 5));
        if turn > 0 {
            let _ = write!(street, " Unit {turn}");
        }
        let state = state.unwrap_or_else(|| pick(STATES, at % STATES.len() as u64)).to_owned();
        (street, pick(CITIES, rest / 5 % 5), state, format!("00{:03}", 1 + rest / 25))
    }

    /// 15 digits with their check digit; 00 is the reporting body of test equipment.
    pub(super) fn imei(self, slot: u64) -> String {
        with_check_digit(format!("00{:012}", shuffle(self.number(slot), 1_000_000_000_000, self.seed)))
    }

    /// 15 digits of the test network 001-01.
    pub(super) fn imsi(self, slot: u64) -> String {
        format!("00101{:010}", shuffle(self.number(slot), 10_000_000_000, self.seed))
    }

    /// 19 digits with their check digit, of an issuer nobody is.
    pub(super) fn iccid(self, slot: u64) -> String {
        with_check_digit(format!("8900101{:011}", shuffle(self.number(slot), 100_000_000_000, self.seed)))
    }

    /// A locally administered MAC address.
    pub(super) fn mac(self, slot: u64) -> String {
        let low = shuffle(self.number(slot), 1 << 40, self.seed);
        let byte = |n: u32| (low >> (8 * n)) & 0xff;
        format!("02:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", byte(4), byte(3), byte(2), byte(1), byte(0))
    }

    /// A maker's serial number.
    pub(super) fn serial(self, slot: u64) -> String {
        format!("EXM-{}", self.tag(slot).to_uppercase())
    }
}

fn name(n: u64) -> Option<(&'static str, &'static str)> {
    let n = usize::try_from(n).ok()?;
    Some((FIRST.get(n % FIRST.len())?, LAST.get(n / FIRST.len())?))
}

/// Luhn's check digit (ISO/IEC 7812-1).
fn with_check_digit(mut digits: String) -> String {
    let sum: u32 = digits
        .bytes()
        .rev()
        .zip(0_u32..)
        .map(|(b, n)| {
            let d = u32::from(b - b'0') * if n % 2 == 0 { 2 } else { 1 };
            d / 10 + d % 10
        })
        .sum();
    let _ = write!(digits, "{}", (10 - sum % 10) % 10);
    digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn values_of_different_tips_differ_for_every_sort() {
        let mut seen = HashSet::new();
        let mut nets = HashSet::new();
        for index in 0..20_000 {
            let v = Values::new(3, index);
            let mut draw = Draw::new(3, index);
            for slot in 0..2 {
                let (street, city, state, zip) = v.address(slot, Some("OH"));
                let (first, last, born) = v.adult(slot).unwrap();
                let all = [
                    v.email(slot, &mut draw),
                    v.handle(slot, &mut draw),
                    v.imei(slot),
                    v.imsi(slot),
                    v.iccid(slot),
                    v.mac(slot),
                    v.serial(slot),
                    v.account(slot),
                    format!("{street}{city}{state}{zip}"),
                    format!("{first}{last}{born}"),
                    v.page(slot, &mut draw),
                    v.profile(slot, &mut draw),
                ];
                for value in all {
                    assert!(seen.insert(value), "a value came twice at tip {index}");
                }
                let ip: Ipv6Addr = v.ip6(slot).parse().unwrap();
                assert!(nets.insert(u128::from(ip) >> 64), "a /64 came twice");
                assert_eq!(
                    u128::from(ip) >> 95,
                    (0x2001_0db8_u128 << 1) | 1,
                    "the upper half of the documentation range"
                );
            }
        }
        let phones: Vec<String> = (0..PHONES).map_while(|n| Values::phone(n, n)).collect();
        let digits = |p: &String| p.bytes().filter(u8::is_ascii_digit).map(char::from).collect::<String>();
        let different: HashSet<String> = phones.iter().map(|p| digits(p).split_off(digits(p).len() - 10)).collect();
        assert_eq!(different.len() as u64, PHONES);
        assert_eq!(Values::phone(PHONES, 0), None);
    }

    #[test]
    fn check_digits_are_luhns() {
        // The specimen of 3GPP TS 23.003 annex B's method as commonly printed: 49015420323751 8.
        assert_eq!(with_check_digit("49015420323751".into()), "490154203237518");
    }
}
