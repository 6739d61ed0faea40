//! The families of keys: each is one way in which two identifiers can meet.

macro_rules! families {
    ($($(#[$doc:meta])* $variant:ident = $code:literal $word:literal $rule:literal v $version:literal),* $(,)?) => {
        /// One way in which two identifiers can meet. The word is the prefix of its keys, the rule is the name by which
        /// receipts and validation documents speak of it; neither is ever reused for another meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum Family { $($(#[$doc])* #[serde(rename = $word)] $variant),* }

        impl Family {
            /// Every family, in the order of its code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word, as in keys and files.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The number in the database; never reused for another meaning.
            pub fn code(self) -> i64 {
                match self { $(Self::$variant => $code),* }
            }

            /// The family with this number.
            pub fn from_code(code: i64) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }

            /// The name of the rule that judges its meetings.
            pub fn rule(self) -> &'static str {
                match self { $(Self::$variant => $rule),* }
            }

            /// The version of the rule and of the form of its keys. A change of either raises it, and with it the
            /// keys: entries are then derived again into a new space.
            pub fn version(self) -> u32 {
                match self { $(Self::$variant => $version),* }
            }
        }
    };
}

families! {
    /// The same e-mail address after case folding.
    Email = 1 "email" "email-exact" v 1,
    /// The same mailbox after the provider's own rules on dots, tags and domains.
    EmailProvider = 2 "email-provider" "email-provider" v 1,
    /// The same telephone number in E.164.
    Phone = 3 "phone" "phone-exact" v 1,
    /// The same account name at the same platform.
    Handle = 4 "handle" "handle-exact" v 1,
    /// The same account name at another platform.
    HandleElsewhere = 5 "handle-elsewhere" "handle-elsewhere" v 1,
    /// The same IP address at overlapping times.
    Ip = 6 "ip" "ip-window" v 1,
    /// The same IPv6 /64 network.
    Ip6Net = 7 "ip6-net" "ip6-net" v 1,
    /// The same web address.
    Url = 8 "url" "url-exact" v 1,
    /// The same domain name.
    Domain = 9 "domain" "domain-exact" v 1,
    /// The same onion service.
    Onion = 10 "onion" "onion-exact" v 1,
    /// The same mobile equipment (type allocation code and serial, without check digit or software version).
    Imei = 11 "imei" "imei-exact" v 1,
    /// The same mobile subscriber.
    Imsi = 12 "imsi" "imsi-exact" v 1,
    /// The same SIM card.
    Iccid = 13 "iccid" "iccid-exact" v 1,
    /// The same network interface.
    Mac = 14 "mac" "mac-exact" v 1,
    /// The same maker's serial number.
    Serial = 15 "serial" "serial-exact" v 1,
    /// The same crypto-currency address.
    Wallet = 16 "wallet" "wallet-exact" v 1,
    /// The same payment account.
    Payment = 17 "payment" "payment-exact" v 1,
    /// The same peer-to-peer client.
    P2p = 18 "p2p" "p2p-exact" v 1,
    /// The same chat room, group or server.
    Room = 19 "room" "room-exact" v 1,
    /// The same vehicle plate.
    Plate = 20 "plate" "plate-exact" v 1,
    /// The same vehicle identification number.
    Vin = 21 "vin" "vin-exact" v 1,
    /// The same MD5.
    Md5 = 22 "md5" "md5-exact" v 1,
    /// The same SHA-1.
    Sha1 = 23 "sha1" "sha1-exact" v 1,
    /// The same SHA-256.
    Sha256 = 24 "sha256" "sha256-exact" v 1,
    /// PDQ hashes within 31 of 256 bits.
    Pdq = 25 "pdq" "pdq-near" v 1,
    /// The same postal address in plain form.
    Address = 26 "address" "address-plain" v 1,
    /// The same name and birth date.
    Person = 27 "person" "person-exact" v 1,
}

impl std::fmt::Display for Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn words_codes_and_rules_name_one_family_each() {
        let count = Family::ALL.len();
        assert_eq!(count, 27);
        assert_eq!(Family::ALL.iter().map(|f| f.word()).collect::<BTreeSet<_>>().len(), count);
        assert_eq!(Family::ALL.iter().map(|f| f.rule()).collect::<BTreeSet<_>>().len(), count);
        for f in Family::ALL {
            assert_eq!(Family::from_code(f.code()), Some(*f));
        }
        assert_eq!(Family::from_code(0), None);
    }

    /// Raising a version here means deriving every stored key again: do it knowingly.
    #[test]
    fn versions_are_pinned() {
        assert!(Family::ALL.iter().all(|f| f.version() == 1));
    }
}
