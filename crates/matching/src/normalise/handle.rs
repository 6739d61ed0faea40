//! Account names and chat rooms, each at a platform.

use super::Read;
use super::text::{blotted, clean, collapse, fold, settle};
use model::Invalid;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::LazyLock;

#[derive(Deserialize)]
struct Platforms {
    platforms: Vec<Platform>,
}

/// One platform: its canonical name, the other names officers use, what they write before an account's name.
#[derive(Deserialize)]
struct Platform {
    name: String,
    aliases: Vec<String>,
    #[serde(default)]
    before: Vec<String>,
}

#[derive(Default)]
struct Table {
    names: HashMap<String, String>,
    before: HashMap<String, Vec<String>>,
}

/// data/platforms.json, compiled in; a test shows that it reads.
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let Ok(data) = serde_json::from_str::<Platforms>(include_str!("../../data/platforms.json")) else {
        return Table::default();
    };
    let mut table = Table::default();
    for p in data.platforms {
        for alias in p.aliases {
            table.names.insert(alias, p.name.clone());
        }
        table.before.insert(p.name, p.before);
    }
    table
});

/// Words that stand for "nobody said which platform".
const NAMELESS: [&str; 4] = ["unnamed", "unknown", "n/a", "none"];

/// The canonical name of a platform: folded, without web decoration, an alias replaced. Unknown names stay.
pub(super) fn platform(name: Option<&str>) -> Option<String> {
    let name = fold(&clean(name?).ok()?);
    let name = settle(name, |n| {
        let n = n.trim_start_matches("https://").trim_start_matches("http://");
        n.trim_start_matches("www.").trim_end_matches('/').trim().to_owned()
    });
    // What a reader writes for an account whose issuer nobody named is no platform: two such accounts may be of two.
    let known = TABLE.names.get(&name);
    Some(known.cloned().unwrap_or(name)).filter(|n| !n.is_empty() && !NAMELESS.contains(&n.as_str()))
}

/// An account name: folded, without the leading @ and what a platform writes before names (u/ at Reddit).
/// Folding is right where platforms hold names of one spelling only, which those officers meet do; ids that differ
/// only in case fall together.
pub(super) fn read(value: &str, at: Option<&str>) -> Result<Read, Invalid> {
    let platform = platform(at);
    let folded = fold(value);
    if blotted(&folded) {
        return Ok(Read::masked());
    }
    let before = platform.as_ref().and_then(|p| TABLE.before.get(p));
    let text = settle(folded, |t| {
        let t = t.trim_start_matches('@');
        let t = before.into_iter().flatten().find_map(|b| t.strip_prefix(b.as_str())).unwrap_or(t);
        collapse(t)
    });
    if text.is_empty() || text.starts_with('@') {
        return Err(Invalid::new("is not an account name", "write the name or id as the platform shows it"));
    }
    let doubt = if text.starts_with("http://") || text.starts_with("https://") {
        Some("it is a web address, not an account name")
    } else if platform.is_none() {
        Some("its platform is not given")
    } else {
        None
    };
    Ok(Read::Whole { text, platform, doubt: doubt.map(str::to_owned) })
}

/// A chat room, group or server: folded, without one leading # and the scheme of an invitation link.
pub(super) fn read_room(value: &str, at: Option<&str>) -> Result<Read, Invalid> {
    let text = settle(fold(value), |t| {
        let t = ["https://", "http://", "www."].iter().fold(t, |t, p| t.strip_prefix(p).unwrap_or(t));
        // "##room" is another room than "#room" (IRC), so only a single # goes.
        let t = t.strip_prefix('#').filter(|rest| !rest.starts_with('#')).unwrap_or(t);
        collapse(t.trim_end_matches('/'))
    });
    if blotted(&text) {
        return Ok(Read::masked());
    }
    if !text.chars().any(char::is_alphanumeric) {
        return Err(Invalid::new("is not a room", "write the room's name, id or invitation link"));
    }
    Ok(Read::Whole { text, platform: platform(at), doubt: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_reads_and_its_names_stand_still() {
        assert!(TABLE.names.len() > 40, "data/platforms.json does not read");
        for (alias, name) in &TABLE.names {
            assert_eq!(platform(Some(alias)).as_ref(), Some(name), "{alias}");
            assert_eq!(platform(Some(name)).as_ref(), Some(name), "{name}");
            assert!(TABLE.before[name].iter().all(|b| *b == fold(b)));
        }
        assert_eq!(platform(Some("https://www.Twitter.com/")).as_deref(), Some("x"));
        assert_eq!(platform(Some("Some Forum")).as_deref(), Some("some forum"));
        assert_eq!(platform(Some("  ")), None);
    }
}
