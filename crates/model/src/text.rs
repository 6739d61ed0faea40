//! Free text: sealed, never matched, never a carrier of pictures.

use crate::problem::Invalid;

/// Longest free text kept, in bytes.
const LONGEST: usize = 64 * 1024;
/// A run of base64 or hex shorter than this is a hash, a key or a token, not a picture.
const RUN: usize = 64;

/// Text that would carry an image, a sound or a film (invariant 6).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("carries {0}; Concord never stores an image, sound or film: describe it in words or give its hash")]
pub struct MediaRefused(pub &'static str);

impl From<MediaRefused> for Invalid {
    fn from(e: MediaRefused) -> Self {
        Self::new(
            format!("carries {}", e.0),
            "Concord never stores an image, sound or film: describe it in words or give its hash",
        )
    }
}

/// Text an officer wrote. Refuses data URIs and encoded runs that decode to media.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FreeText(String);

impl TryFrom<String> for FreeText {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<FreeText> for String {
    fn from(text: FreeText) -> Self {
        text.0
    }
}

impl FreeText {
    /// Trims; refuses nothing at all, control characters, more than 64 KiB, and media in disguise.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::new("is empty", "write what another officer would need to understand it"));
        }
        if text.len() > LONGEST {
            return Err(Invalid::new(
                "is longer than 64 KiB",
                "keep long documents in your agency's file and give a summary",
            ));
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(Invalid::new("holds control characters", "paste it as plain text"));
        }
        refuse_media(text)?;
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Never prints what it holds: a free text in a log would be a leak.
impl std::fmt::Debug for FreeText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FreeText({} bytes)", self.0.len())
    }
}

/// Why somebody asks (need to know, 28 CFR 23.20(d)): every check and submission has one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Purpose(FreeText);

impl Purpose {
    /// At least three letters: a purpose that says nothing is none.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let free = FreeText::parse(text)?;
        if free.as_str().chars().filter(|c| c.is_alphabetic()).count() < 3 {
            return Err(Invalid::new(
                "says nothing",
                "say why you ask, for example: verify the subject of a live chat before a warrant (28 CFR 23.20(d))",
            ));
        }
        Ok(Self(free))
    }

    /// The purpose in the officer's words.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Refuses a `data:` URI and any long run of base64 or hex whose first bytes are those of a picture, sound or film.
fn refuse_media(text: &str) -> Result<(), MediaRefused> {
    let lower = text.to_ascii_lowercase();
    for (at, _) in lower.match_indices("data:") {
        let rest = lower.get(at + 5..).unwrap_or_default();
        let head: String = rest.chars().take_while(|c| !matches!(c, ',' | ' ' | '\n')).take(100).collect();
        if rest.get(head.len()..).is_some_and(|r| r.starts_with(',')) && (head.contains("base64") || head.contains('/'))
        {
            return Err(MediaRefused("a data: URI"));
        }
    }
    // Runs may be broken over lines, as mail programs break them.
    let joined: String = text.chars().filter(|c| !matches!(c, '\n' | '\r' | '\t')).collect();
    for run in joined.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_' | '='))) {
        if run.len() < RUN {
            continue;
        }
        // Text may run straight into the encoded part; any of four alignments may be the true one.
        for skip in 0..4.min(run.len()) {
            let bytes = base64_head(run.get(skip..).unwrap_or_default());
            if let Some(what) = signed_media(&bytes) {
                return Err(MediaRefused(what));
            }
        }
        for skip in 0..2 {
            if let Some(what) = signed_media(&hex_head(run.get(skip..).unwrap_or_default())) {
                return Err(MediaRefused(what));
            }
        }
    }
    Ok(())
}

fn base64_head(run: &str) -> Vec<u8> {
    let mut bits = 0u32;
    let mut held = 0u32;
    let mut out = Vec::with_capacity(24);
    for c in run.bytes().take(32) {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => break,
        };
        bits = (bits << 6) | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from((bits >> held) & 0xff).unwrap_or(0));
            bits &= (1 << held) - 1;
        }
    }
    out
}

fn hex_head(run: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        run.chars().take(48).map_while(|c| c.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    digits
        .chunks_exact(2)
        .filter_map(|pair| if let [high, low] = pair { Some(high * 16 + low) } else { None })
        .collect()
}

/// What the first bytes of a file say it is, when it is an image, a sound or a film.
pub(crate) fn media(bytes: &[u8]) -> Option<&'static str> {
    signed_media(bytes).or_else(|| match bytes {
        // A bare MPEG audio frame has eleven bits of signature: enough for a file, too few for a run of text, where one
        // hash in two thousand would be refused.
        [0xFF, b, _, _, _, ..] if b & 0xE6 == 0xE2 => Some("an MP3 sound"),
        _ => None,
    })
}

/// The same by signatures of three bytes and more. Signatures: the formats' own specifications.
fn signed_media(bytes: &[u8]) -> Option<&'static str> {
    const HEADS: [(&[u8], &str); 16] = [
        (b"\xFF\xD8\xFF", "a JPEG picture"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"GIF87a", "a GIF picture"),
        (b"GIF89a", "a GIF picture"),
        (b"II*\0", "a TIFF picture"),
        (b"MM\0*", "a TIFF picture"),
        (b"8BPS", "a Photoshop picture"),
        (b"\0\0\x01\0", "an icon picture"),
        (b"OggS", "an Ogg sound or film"),
        (b"ID3", "an MP3 sound"),
        (b"fLaC", "a FLAC sound"),
        (b"\x1A\x45\xDF\xA3", "a Matroska or WebM film"),
        (b"FLV\x01", "a Flash film"),
        (b"\0\0\x01\xBA", "an MPEG film"),
        (b"\0\0\x01\xB3", "an MPEG film"),
        (b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", "a Windows Media film"),
    ];
    if let Some((_, what)) = HEADS.iter().find(|(head, _)| bytes.starts_with(head)) {
        return Some(what);
    }
    match (bytes.get(..4), bytes.get(4..8), bytes.get(8..12)) {
        (Some(b"RIFF"), Some(_), Some(b"WEBP")) => Some("a WebP picture"),
        (Some(b"RIFF"), Some(_), Some(b"WAVE" | b"AVI ")) => Some("a RIFF sound or film"),
        (Some(_), Some(b"ftyp"), _) => Some("an MP4, QuickTime, HEIC or AVIF file"),
        (Some([b'B', b'M', ..]), Some([_, _, 0, 0]), Some([0, 0, _, _])) => Some("a BMP picture"),
        _ => None,
    }
}

impl FreeText {
    /// What a file's first bytes say it is when it is an image, a sound or a film; uploads are refused by it.
    pub fn sniff_media(first_bytes: &[u8]) -> Option<&'static str> {
        media(first_bytes)
    }

    /// Refuses a text that is nothing but the beginning of a picture, sound or film in base64 or hex, however short: where
    /// a sender puts a file's bytes, the first few say so. Decimal digits alone are a number.
    pub fn refuse_encoded(text: &str) -> Result<(), MediaRefused> {
        const LEAST: usize = 12;
        let run = text.trim();
        let is_sign = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'=');
        if run.len() < LEAST || !run.bytes().all(is_sign) || run.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(());
        }
        let is_hex = run.bytes().all(|b| b.is_ascii_hexdigit());
        let heads = [Some(base64_head(run)), is_hex.then(|| hex_head(run))];
        heads.iter().flatten().find_map(|head| signed_media(head)).map_or(Ok(()), |what| Err(MediaRefused(what)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &str =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    #[test]
    fn the_first_bytes_of_a_file_are_known_however_few() {
        for begins in ["/9j/4AAQSkZJRgABAQ", "iVBORw0KGgoAAAA", " R0lGODlhAQABAA==\n", "ffd8ffe000104a464946"] {
            assert!(FreeText::refuse_encoded(begins).is_err(), "{begins}");
        }
        for harmless in ["reported_content", "00000100000001", "/9j/ and more words", "/9j/4AA", ""] {
            assert!(FreeText::refuse_encoded(harmless).is_ok(), "{harmless}");
        }
    }

    /// Invariant 6: no type is made to hold image, audio or video bytes.
    #[test]
    fn media_in_disguise_is_refused() {
        for bad in [
            format!("see data:image/png;base64,{PNG}"),
            format!("see DATA:;base64,{PNG}"),
            format!("bare {PNG}"),
            format!("broken {}\n{}", &PNG[..60], &PNG[60..]),
            format!("xy{PNG}"),
            "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000".to_owned(),
        ] {
            assert!(FreeText::parse(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn ordinary_words_and_hashes_are_kept() {
        for good in [
            "met at data: the usual place, 6pm",
            "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "sha256 fffbc44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "Subject said \u{201c}I'll be there\u{201d}.\nSecond line",
            "https://example.org/a/very/long/path/that/goes/on/and/on/and/on/and/on/and/on/for/ever",
        ] {
            assert!(FreeText::parse(good).is_ok(), "{good}");
        }
        assert!(Purpose::parse("42").is_err());
        assert!(FreeText::parse("a\u{0}b").is_err());
        assert_eq!(format!("{:?}", FreeText::parse("secret").unwrap()), "FreeText(6 bytes)");
    }
}
