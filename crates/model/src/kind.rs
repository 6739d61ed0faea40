//! The kinds of identifier.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What sort of value an identifier is. The word is the CSV column `kind`; the code is never reused.
    pub enum Kind as "kind of identifier" {
        /// An e-mail address (RFC 5321 mailbox).
        Email = 1 "email",
        /// A telephone number; normalised to E.164 in the region of the agency's country.
        Phone = 2 "phone",
        /// An account name or id at a named platform.
        Handle = 3 "handle",
        /// An IPv4 or IPv6 address, with a port and a time window where known.
        Ip = 4 "ip",
        /// A web address (WHATWG URL).
        Url = 5 "url",
        /// A domain name (IDNA 2008 A-label form).
        Domain = 6 "domain",
        /// A Tor onion service, version 3.
        Onion = 7 "onion",
        /// Mobile equipment identity, 15 digits (3GPP TS 23.003).
        Imei = 8 "imei",
        /// Mobile subscriber identity, up to 15 digits (ITU-T E.212).
        Imsi = 9 "imsi",
        /// SIM card number, 18 to 20 digits (ITU-T E.118).
        Iccid = 10 "iccid",
        /// A MAC address of a network, Wi-Fi or Bluetooth interface (EUI-48 or EUI-64).
        Mac = 11 "mac",
        /// A maker's serial number.
        Serial = 12 "serial",
        /// A crypto-currency address.
        Wallet = 13 "wallet",
        /// A payment handle or account.
        Payment = 14 "payment",
        /// A peer-to-peer client GUID.
        P2p = 15 "p2p",
        /// A chat room, group or server id.
        Room = 16 "room",
        /// A vehicle plate, "XX ABC123": state, then number.
        Plate = 17 "plate",
        /// A vehicle identification number (ISO 3779).
        Vin = 18 "vin",
        /// MD5 of a file, 32 hexadecimal digits.
        Md5 = 19 "md5",
        /// SHA-1 of a file, 40 hexadecimal digits.
        Sha1 = 20 "sha1",
        /// SHA-256 of a file, 64 hexadecimal digits.
        Sha256 = 21 "sha256",
        /// PDQ perceptual hash, 64 hexadecimal digits, with quality where known. Treated as content: it can partly be inverted.
        Pdq = 22 "pdq",
        /// A postal address.
        Address = 23 "address",
        /// A person: "Family, Given; 1980-02-01".
        Person = 24 "person",
    }
}

impl Kind {
    /// The kinds that need a platform beside the value.
    pub fn needs_platform(self) -> bool {
        self == Self::Handle
    }
}
