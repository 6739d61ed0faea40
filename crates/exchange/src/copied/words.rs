//! What a phrase of a report means: its label, heading or platform, however it is written.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::vocabulary::Means::{
    City, Date, From, Handle, Name, Noise, Party, Platform, Reference, State, TimeOfDay, To,
};
use super::vocabulary::{HEADINGS, LABELS, Means, PLATFORMS, Part};

/// Lower case, letters and digits only, one blank between words.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with(' ') && !out.is_empty() && !matches!(c, '\'' | '\u{2019}') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// A phrase's meaning, exactly.
pub(super) fn label(phrase: &str) -> Option<Means> {
    static TABLE: LazyLock<HashMap<&'static str, Means>> = LazyLock::new(|| {
        LABELS.iter().flat_map(|(means, all)| all.split('|').map(|phrase| (phrase, *means))).collect()
    });
    TABLE.get(phrase).copied().or_else(|| platform_label(phrase))
}

/// The longest platform's name a folded phrase begins with, and the words behind it.
fn platform_before(phrase: &str) -> Option<(&'static str, &str)> {
    static TABLE: LazyLock<HashMap<String, &'static str>> =
        LazyLock::new(|| PLATFORMS.iter().map(|name| (fold(name), *name)).collect());
    let ends = phrase.match_indices(' ').map(|(at, _)| at).chain([phrase.len()]);
    let mut ends: Vec<usize> = ends.take(3).collect();
    ends.reverse();
    ends.into_iter().find_map(|end| {
        let (head, rest) = phrase.split_at_checked(end)?;
        Some((*TABLE.get(head)?, rest.trim_start()))
    })
}

/// "snapchat", "snapchat username", "kik account id": an account at that platform; "discord server id": a room there.
fn platform_label(phrase: &str) -> Option<Means> {
    let first = phrase.split(' ').next()?;
    let (name, rest) = platform_before(phrase)?;
    let rest = rest.strip_prefix("account ").unwrap_or(rest);
    const OF_ACCOUNTS: [&str; 14] = [
        "",
        "account",
        "username",
        "user name",
        "user",
        "user id",
        "id",
        "handle",
        "name",
        "screen name",
        "screenname",
        "tag",
        "usernames",
        "login",
    ];
    (OF_ACCOUNTS.contains(&rest) && first.len() > 1).then_some(Handle(name))
}

/// What a label means whose words may be led by others: "secondary recovery email" is an e-mail address.
pub(super) fn label_loosely(phrase: &str) -> Option<Means> {
    if let Some(means) = label(phrase) {
        return Some(means);
    }
    if speaks_of_staff(phrase) {
        return Some(Noise);
    }
    let mut rest = phrase;
    for _ in 0..5 {
        rest = rest.split_once(' ')?.1;
        if let Some(means) = label(rest) {
            // One common word is too little to go by when others lead it.
            let vague =
                matches!(means, Name | Platform | From | To | Date | TimeOfDay | Party | State | City | Reference)
                    || matches!(
                        rest,
                        "user" | "account" | "target" | "group" | "server" | "link" | "profile" | "sim" | "cell"
                    );
            return if vague { None } else { Some(means) };
        }
    }
    None
}

/// Does a label name the provider's people, officers or NCMEC?
fn speaks_of_staff(phrase: &str) -> bool {
    const STAFF: [&str; 14] = [
        "law enforcement",
        "investigator",
        "officer",
        "detective",
        "custodian",
        "esp contact",
        "submitter",
        "ncmec",
        "hotline",
        "legal team",
        "fax",
        "agency",
        "point of contact",
        "support line",
    ];
    STAFF.iter().any(|s| phrase.contains(s))
}

/// What part of the text a heading opens.
pub(super) fn heading(phrase: &str) -> Option<Part> {
    static TABLE: LazyLock<HashMap<&'static str, Part>> = LazyLock::new(|| {
        HEADINGS.iter().flat_map(|(part, all)| all.split('|').map(|phrase| (phrase, *part))).collect()
    });
    let bare = phrase.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end();
    if let Some(part) = TABLE.get(bare) {
        return Some(*part);
    }
    // "Section B: Automated Information Added by NCMEC Systems", "2. Subscriber Information".
    let mut words = bare.splitn(3, ' ');
    let (first, second, rest) = (words.next()?, words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if matches!(first, "section" | "part" | "sección" | "seccion") && second.len() <= 2 {
        return Some(TABLE.get(rest).copied().unwrap_or(if speaks_of_staff(rest) {
            Part::Contacts
        } else {
            Part::Plain
        }));
    }
    if first.len() <= 2 && !first.is_empty() {
        return TABLE.get(bare.get(first.len()..)?.trim_start()).copied();
    }
    None
}

/// A platform's name, where the whole text is one.
pub(super) fn platform(text: &str) -> Option<&'static str> {
    if text.len() > 40 {
        return None;
    }
    let folded = fold(text);
    platform_before(&folded).filter(|(_, rest)| rest.is_empty()).map(|(name, _)| name)
}

/// The platform a heading names: "Snapchat", "Account at Snapchat", "Snapchat Account Information".
pub(super) fn platform_heading(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches(':').trim();
    if text.len() > 80 || text.contains(':') {
        return None;
    }
    if let Some(name) = platform(text).filter(|n| n.len() > 1) {
        return Some(name.to_owned());
    }
    let folded = fold(text);
    for lead in ["account at ", "accounts at ", "account on ", "cuenta en ", "profile on "] {
        if folded.starts_with(lead) {
            let words = lead.split(' ').count() - 1;
            let name = text.split_whitespace().skip(words).collect::<Vec<_>>().join(" ");
            return (!name.is_empty() && name.len() <= 40).then_some(name);
        }
    }
    const OF_TITLES: [&str; 22] = [
        "account",
        "accounts",
        "information",
        "subscriber",
        "records",
        "record",
        "return",
        "report",
        "data",
        "log",
        "logs",
        "response",
        "user",
        "profile",
        "export",
        "statement",
        "production",
        "details",
        "llc",
        "inc",
        "legal",
        "business",
    ];
    let (name, rest) = platform_before(&folded).filter(|(name, rest)| name.len() > 2 && !rest.is_empty())?;
    rest.split(' ').all(|w| OF_TITLES.contains(&w)).then(|| name.to_owned())
}

/// Words that say nothing where a value should stand.
pub(super) fn is_placeholder(text: &str) -> bool {
    let folded = fold(text);
    folded.is_empty()
        || [
            "n a",
            "na",
            "none",
            "unknown",
            "not provided",
            "not available",
            "null",
            "nil",
            "no data",
            "not applicable",
            "not reported",
            "no disponible",
            "redacted",
            "no",
            "yes",
            "true",
            "false",
            "verified",
            "unverified",
            "ninguno",
            "no records",
            "no responsive records",
            "none on file",
            "empty",
            "blank",
            "not known",
            "not given",
        ]
        .contains(&folded.as_str())
}

/// Mailboxes at which providers and agencies answer officers.
pub(super) fn is_staff_mailbox(local: &str, domain: &str) -> bool {
    let local: String = local.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    const ROLES: [&str; 22] = [
        "legal",
        "lers",
        "lawenforcement",
        "leresponse",
        "subpoena",
        "subpoenas",
        "custodian",
        "records",
        "legalprocess",
        "lert",
        "compliance",
        "legalcompliance",
        "lecompliance",
        "custodianofrecords",
        "legalrequests",
        "lawenforcementresponse",
        "leinquiries",
        "trustandsafety",
        "lerequests",
        "subpoenacompliance",
        "noreply",
        "legalsupport",
    ];
    let domain = domain.to_ascii_lowercase();
    let of = |d: &str| domain == d || domain.strip_suffix(d).is_some_and(|head| head.ends_with('.'));
    ROLES.contains(&local.as_str())
        || ["ncmec.org", "missingkids.org", "cybertipline.org", "cybertip.org"].into_iter().any(of)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use model::Kind;

    use super::*;

    #[test]
    fn no_phrase_has_two_meanings_and_all_are_folded() {
        let phrases: Vec<_> = LABELS.iter().flat_map(|(_, all)| all.split('|')).collect();
        let unlike: Vec<_> = phrases.iter().filter(|p| fold(p) != **p).collect();
        assert!(unlike.is_empty(), "{unlike:?}");
        let mut once = HashSet::new();
        let twice: Vec<_> = phrases.iter().filter(|p| !once.insert(**p)).collect();
        assert!(twice.is_empty(), "{twice:?}");
        let mut once = HashSet::new();
        let twice: Vec<_> = HEADINGS
            .iter()
            .flat_map(|(_, all)| all.split('|'))
            .filter(|p| fold(p) != **p || !once.insert(*p))
            .collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn labels_headings_and_platforms_are_found_by_their_words() {
        assert!(label_loosely("secondary recovery email") == Some(Means::Kind(Kind::Email)));
        assert!(label_loosely("snapchat username") == Some(Handle("Snapchat")));
        assert!(label_loosely("law enforcement email") == Some(Noise));
        assert!(label_loosely("wire") == Some(Handle("Wire")));
        assert!(heading("section d law enforcement contact information") == Some(Part::Contacts));
        assert!(heading("child victim 1") == Some(Part::ChildVictim));
        assert_eq!(platform_heading("Account at Snapchat").as_deref(), Some("Snapchat"));
        assert_eq!(platform_heading("Discord Account Information").as_deref(), Some("Discord"));
        assert_eq!(platform_heading("Discord was seen"), None);
    }
}
