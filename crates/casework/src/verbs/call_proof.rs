//! The call proof: two words a side, by which two officers who never met know on the telephone that they speak with each
//! other. An impostor has the number from anywhere and does not have the words.
//!
//! They are a fingerprint of conflict, agency and case under a key of the installation: nothing is stored, both sides
//! reckon the same, and a case that goes to another agency gets new ones, because the first owner has read the old.

use std::sync::LazyLock;

use model::{AgencyId, CaseId, ConflictId};
use serde::{Deserialize, Serialize};
use store::Store;

/// What each side says when it calls or is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallProof {
    /// "Say these."
    pub yours: String,
    /// "They must say these."
    pub theirs: String,
}

/// 1,024 words (data/call_words.txt): ten bits each.
static WORDS: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| include_str!("../../data/call_words.txt").lines().filter(|l| !l.starts_with('#')).collect());

/// The two words of one side: never one word twice.
pub(crate) fn words(store: &Store, conflict: ConflictId, (agency, case): (AgencyId, CaseId)) -> String {
    let [a, b, c, d, ..] = store.call_proof(conflict, agency, case);
    let count = WORDS.len();
    let first = usize::from(u16::from_be_bytes([a, b])).checked_rem(count).unwrap_or(0);
    let step = usize::from(u16::from_be_bytes([c, d])).checked_rem(count.saturating_sub(1)).unwrap_or(0);
    let second = (first + 1 + step).checked_rem(count).unwrap_or(0);
    [first, second].map(|at| WORDS.get(at).copied().unwrap_or_default()).join(" ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Consonants as they are heard, after the manner of Metaphone (L. Philips, 1990) and closer: b is p, d is t, g is k, v
    /// is f, m is n, vowels are nothing but at the beginning.
    fn sound(word: &str) -> String {
        let mut word = word.to_owned();
        for (silent, heard) in
            [("kn", "n"), ("wr", "r"), ("gn", "n"), ("ps", "s"), ("rh", "r"), ("wh", "w"), ("x", "s")]
        {
            if let Some(rest) = word.strip_prefix(silent) {
                word = format!("{heard}{rest}");
                break;
            }
        }
        for (written, heard) in [
            ("tch", "C"),
            ("sch", "sk"),
            ("ch", "C"),
            ("sh", "S"),
            ("th", "0"),
            ("ph", "f"),
            ("ck", "k"),
            ("dge", "J"),
            ("gh", ""),
            ("qu", "kw"),
            ("x", "ks"),
        ] {
            word = word.replace(written, heard);
        }
        let letters: Vec<char> = word.chars().collect();
        let mut out = String::new();
        for (at, letter) in letters.iter().enumerate() {
            let soft = letters.get(at + 1).is_some_and(|next| "eiy".contains(*next));
            let heard = match letter {
                'c' if soft => 's',
                'g' if soft => 'J',
                'c' | 'q' | 'g' => 'k',
                'j' => 'J',
                'z' => 's',
                'v' => 'f',
                'd' => 't',
                'b' => 'p',
                'm' => 'n',
                'a' | 'e' | 'i' | 'o' | 'u' if at == 0 => 'A',
                'y' | 'h' | 'w' if at == 0 => *letter,
                'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'h' | 'w' => continue,
                other => *other,
            };
            if !out.ends_with(heard) {
                out.push(heard);
            }
        }
        out
    }

    #[test]
    fn the_words_are_1024_and_none_is_taken_for_another() {
        assert_eq!(WORDS.len(), 1_024);
        assert!(WORDS.is_sorted(), "a place in the list is part of every proof: they stand in the alphabet's order");
        let (mut begin, mut heard) = (BTreeSet::new(), BTreeSet::new());
        for word in WORDS.iter() {
            assert!((3..=8).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase()), "{word}");
            assert!(begin.insert(&word[..word.len().min(4)]), "{word} begins like another");
            assert!(heard.insert(sound(word)), "{word} sounds like another");
        }
        assert_eq!(sound("knight"), sound("night"), "the check hears what is written apart");
        assert_eq!((sound("cellar"), sound("phone")), (sound("seller"), sound("foam")));
        assert_ne!(sound("cat"), sound("cap"));
    }

    // What nobody should have to say to a stranger, or hear of a case: people, crime, bodies, numbers.
    #[test]
    fn no_word_is_out_of_place() {
        let away = [
            "boy", "girl", "child", "baby", "mother", "father", "sister", "brother", "school", "gun", "knife", "dead",
            "kill", "drug", "naked", "kiss", "love", "white", "brown", "gypsy", "one", "two", "three", "four", "five",
            "six", "seven", "eight", "nine", "ten", "clear", "yes", "no",
        ];
        assert!(WORDS.iter().all(|word| !away.contains(word)));
    }

    #[test]
    fn the_list_is_edition_1_and_is_never_edited() {
        use sha2::{Digest, Sha256};
        let digest = hex::encode(Sha256::digest(WORDS.join("\n")));
        assert_eq!(digest, "bc8fa6379e19ddb5273ed4b72bc35efdd871accdfa6b0ffb1228099017750f8f");
    }
}
