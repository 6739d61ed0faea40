//! Keys: what is fingerprinted, stored and asked.

use crate::family::Family;
use crate::lists::Lists;
use crate::normalise::{Normal, fold_mailbox, net64};
use model::{Kind, Pdq};

/// One key of an identifier. The store sees only its keyed fingerprint.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The way in which it can meet another.
    pub family: Family,
    /// What is fingerprinted: the family's word and version first, so that families and versions never meet.
    pub text: String,
}

/// A key is an identifier: no accident prints one.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("family", &self.family).finish_non_exhaustive()
    }
}

/// Keeps parts of a key apart: no normalised text holds a control character.
const APART: char = '\u{1f}';

fn key(family: Family, body: &str) -> Key {
    Key { family, text: format!("{}/{}:{body}", family.word(), family.version()) }
}

/// The keys stored with an entry, by the built-in mail rules.
pub fn keys(normal: &Normal) -> Vec<Key> {
    keys_with(normal, &Lists::built_in())
}

/// The keys stored with an entry. A site that replaces the mail rules derives its entries again.
pub fn keys_with(normal: &Normal, lists: &Lists) -> Vec<Key> {
    if normal.kind == Kind::Pdq {
        return bands(&normal.text).map(|(at, band)| band_key(at, band)).collect();
    }
    let text = normal.text.as_str();
    let placed = || format!("{}{APART}{text}", normal.platform.as_deref().unwrap_or_default());
    match normal.kind {
        Kind::Email => {
            let mailbox = fold_mailbox(text, lists);
            let provider = mailbox.map(|m| key(Family::EmailProvider, &m));
            [Some(key(Family::Email, text)), provider].into_iter().flatten().collect()
        }
        Kind::Handle => {
            let here = normal.platform.is_some().then(|| key(Family::Handle, &placed()));
            [here, Some(key(Family::HandleElsewhere, text))].into_iter().flatten().collect()
        }
        Kind::Ip => {
            let net = net64(text).map(|n| key(Family::Ip6Net, &n));
            [Some(key(Family::Ip, text)), net].into_iter().flatten().collect()
        }
        // One page is served by both schemes, and half of all reports leave the scheme out.
        Kind::Url => {
            let page = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
            vec![key(Family::Url, page)]
        }
        Kind::Payment => vec![key(Family::Payment, &placed())],
        Kind::Room => vec![key(Family::Room, &placed())],
        Kind::Phone => vec![key(Family::Phone, text)],
        Kind::Domain => vec![key(Family::Domain, text)],
        Kind::Onion => vec![key(Family::Onion, text)],
        Kind::Imei => vec![key(Family::Imei, text)],
        Kind::Imsi => vec![key(Family::Imsi, text)],
        Kind::Iccid => vec![key(Family::Iccid, text)],
        Kind::Mac => vec![key(Family::Mac, text)],
        Kind::Serial => vec![key(Family::Serial, text)],
        Kind::Wallet => vec![key(Family::Wallet, text)],
        Kind::P2p => vec![key(Family::P2p, text)],
        Kind::Plate => vec![key(Family::Plate, text)],
        Kind::Vin => vec![key(Family::Vin, text)],
        Kind::Md5 => vec![key(Family::Md5, text)],
        Kind::Sha1 => vec![key(Family::Sha1, text)],
        Kind::Sha256 => vec![key(Family::Sha256, text)],
        Kind::Address => vec![key(Family::Address, text)],
        Kind::Person => vec![key(Family::Person, text)],
        Kind::Pdq => Vec::new(),
    }
}

/// The keys asked in a look, by the built-in mail rules.
pub fn probes(normal: &Normal) -> Vec<Key> {
    probes_with(normal, &Lists::built_in())
}

/// The keys asked in a look: those stored, but for PDQ, where each of the 16 bands is asked in 17 variants, itself and
/// its 16 neighbours of one bit. Two hashes within 31 bits have a band that differs in at most one bit (31 / 16 < 2),
/// so no near pair is missed (multi-index hashing, Norouzi, Punjani, Fleet 2012).
pub fn probes_with(normal: &Normal, lists: &Lists) -> Vec<Key> {
    if normal.kind != Kind::Pdq {
        return keys_with(normal, lists);
    }
    let variants = |band: u16| std::iter::once(band).chain((0..16).map(move |bit| band ^ (1 << bit)));
    bands(&normal.text).flat_map(|(at, band)| variants(band).map(move |v| band_key(at, v))).collect()
}

fn bands(text: &str) -> impl Iterator<Item = (usize, u16)> {
    Pdq::parse(text).ok().into_iter().flat_map(|pdq| pdq.bands().into_iter().enumerate())
}

fn band_key(at: usize, band: u16) -> Key {
    key(Family::Pdq, &format!("{at:02}{APART}{band:04x}"))
}
