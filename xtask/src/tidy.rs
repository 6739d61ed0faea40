//! What must not lie in the house: long files, media, other people's files, edited migrations, unexplained or
//! unwanted dependencies, documents that name what is gone.

use std::fmt::Write;

use sha2::{Digest, Sha256};
use toml::{Table, Value};

use crate::house::House;

/// A source file beyond this holds two things.
const LONGEST: usize = 700;

/// The migrations that landed, as `sha256sum` prints them.
pub const LANDED: &str = "crates/store/migrations/landed.sha256";

/// The table of dependencies.
const DEPENDENCIES: &str = "docs/DEPENDENCIES.md";

/// Endings of pictures, sound and film. SVG is text, and ours where it is ours.
const MEDIA: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "webp", "avif", "heic", "bmp", "tif", "tiff", "ico", "mp3", "m4a", "wav", "ogg",
    "opus", "flac", "aac", "mp4", "m4v", "mov", "avi", "mkv", "webm", "wmv", "mpg", "mpeg", "3gp",
];

/// Endings of what others built: it comes by lock file, never by copy.
const VENDORED: &[&str] = &[
    ".min.js", ".min.css", ".woff", ".woff2", ".ttf", ".otf", ".eot", ".so", ".a", ".dylib", ".dll", ".exe", ".wasm",
    ".jar", ".crate", ".zip", ".gz", ".tgz", ".xz", ".7z",
];

/// Folders that hold what others wrote.
const VENDOR_FOLDERS: &[&str] =
    &["node_modules", "vendor", "vendored", "third_party", "third-party", "bower_components"];

/// First bytes of pictures, sound and film: (offset, bytes).
const SIGNATURES: &[(usize, &[u8])] = &[
    (0, b"\x89PNG"),
    (0, b"\xff\xd8\xff"),
    (0, b"GIF8"),
    (8, b"WEBP"),
    (8, b"WAVE"),
    (8, b"AVI "),
    (4, b"ftyp"),
    (0, b"ID3\x03"),
    (0, b"ID3\x04"),
    (0, b"OggS"),
    (0, b"fLaC"),
    (0, b"\x1a\x45\xdf\xa3"),
    (0, b"II*\0"),
    (0, b"MM\0*"),
];

/// Source files stay short enough to hold one thing; test folders are free.
pub fn long_files(house: &House) -> Vec<String> {
    let of_tests = |path: &str| path.split('/').any(|part| part == "tests" || part == "tests.rs");
    let sources = house.files.iter().filter(|f| f.ends_with(".rs") && !of_tests(f));
    let lines = sources.filter_map(|f| Some((f, house.text(f)?.lines().count())));
    let long = lines.filter(|(_, lines)| *lines > LONGEST);
    long.map(|(f, lines)| format!("{f}: {lines} lines, {LONGEST} are allowed; part it into the two things it is"))
        .collect()
}

/// No picture, sound or film, by name or by its first bytes.
pub fn media(house: &House) -> Vec<String> {
    let cure = "Concord keeps no media, not even in its repository; say it in text";
    let is_media = |path: &&String| {
        let ending = path.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase());
        ending.is_some_and(|e| MEDIA.contains(&e.as_str()))
            || first_bytes(house, path).is_some_and(|b| looks_like_media(&b))
    };
    house.files.iter().filter(is_media).map(|f| format!("{f}: a picture, sound or film; {cure}")).collect()
}

/// Nothing that others wrote or built.
pub fn vendored(house: &House) -> Vec<String> {
    let is_vendored = |path: &&String| {
        let lower = path.to_ascii_lowercase();
        VENDORED.iter().any(|e| lower.ends_with(e)) || lower.split('/').any(|part| VENDOR_FOLDERS.contains(&part))
    };
    let cure = "let a lock file bring it (cargo, npm) and name it in docs/DEPENDENCIES.md";
    house.files.iter().filter(is_vendored).map(|f| format!("{f}: others' file; {cure}")).collect()
}

/// A migration that landed is never edited. `None` when no list of landed ones exists yet.
pub fn migrations(house: &House) -> Option<Vec<String>> {
    let list = house.text(LANDED)?;
    let folder = LANDED.rsplit_once('/').map_or("", |(folder, _)| folder);
    Some(list.lines().filter(|l| !l.trim().is_empty()).filter_map(|line| edited(house, folder, line)).collect())
}

fn edited(house: &House, folder: &str, line: &str) -> Option<String> {
    let cure = "databases have it as it was; put the old text back and write a new migration";
    let Some((sum, name)) = line.split_once(char::is_whitespace) else {
        return Some(format!("{LANDED}: not a line of `sha256sum`: {line}"));
    };
    let name = name.trim().trim_start_matches('*');
    match house.text(&format!("{folder}/{name}")) {
        None => Some(format!("{folder}/{name}: landed and is gone; {cure}")),
        Some(text) if sha256(&text) != sum.to_ascii_lowercase() => {
            Some(format!("{folder}/{name}: was edited after it landed; {cure}"))
        }
        Some(_) => None,
    }
}

/// Migrations that stand on no list: they may still be edited.
pub fn not_landed(house: &House) -> Vec<&str> {
    let list = house.text(LANDED).unwrap_or_default();
    let folder = "crates/store/migrations/";
    let names = house.files.iter().filter_map(|f| f.strip_prefix(folder)).filter(|f| f.ends_with(".sql"));
    names.filter(|name| !list.lines().any(|line| line.ends_with(name))).collect()
}

/// Cargo.lock holds no aws-lc (a minute of C, and ring serves) and one libsqlite3-sys (two do not link).
pub fn lock(house: &House) -> Vec<String> {
    let Some(lock) = house.text("Cargo.lock").and_then(|text| text.parse::<Table>().ok()) else {
        return vec!["Cargo.lock: missing or not TOML; run `cargo metadata` and add the file".to_owned()];
    };
    lock_faults(&lock)
}

fn lock_faults(lock: &Table) -> Vec<String> {
    let packages = lock.get("package").and_then(Value::as_array).into_iter().flatten();
    let names: Vec<&str> = packages.filter_map(|p| p.get("name")?.as_str()).collect();
    let mut faults = Vec::new();
    for name in ["aws-lc-rs", "aws-lc-sys", "openssl-sys"] {
        if names.contains(&name) {
            faults.push(format!(
                "Cargo.lock: {name} came in; find who with `cargo tree -i {name}` and choose its ring or rustls feature"
            ));
        }
    }
    if names.iter().filter(|n| **n == "libsqlite3-sys").count() > 1 {
        faults.push("Cargo.lock: two libsqlite3-sys do not link; keep the version sqlx brings".to_owned());
    }
    faults
}

/// Each dependency of others stands in the table with its reason, and the table names none that is gone.
pub fn explained(house: &House) -> Vec<String> {
    let Some(text) = house.text(DEPENDENCIES) else {
        return vec![format!("{DEPENDENCIES}: missing; write one row for each of [workspace.dependencies]")];
    };
    explained_in(&text, &house.foreign)
}

fn explained_in(text: &str, dependencies: &[String]) -> Vec<String> {
    let rows: Vec<(&str, usize)> = text
        .lines()
        .filter_map(|line| {
            let (name, reasons) = line.strip_prefix("| `")?.split_once("` |")?;
            Some((name, reasons.split('|').filter(|cell| !cell.trim().is_empty()).count()))
        })
        .collect();
    let mut faults = Vec::new();
    for name in dependencies {
        match rows.iter().find(|(row, _)| row == name) {
            None => faults.push(format!(
                "{DEPENDENCIES}: `{name}` has no row; say what it is for, why this one, what was rejected"
            )),
            Some((_, cells)) if *cells < 3 => {
                faults.push(format!(
                    "{DEPENDENCIES}: the row of `{name}` has {cells} of its 3 reasons; fill the empty cells"
                ));
            }
            Some(_) => {}
        }
    }
    for (row, _) in rows.iter().filter(|(row, _)| !dependencies.iter().any(|d| d == row)) {
        faults.push(format!("{DEPENDENCIES}: `{row}` is no dependency of the workspace; take its row out"));
    }
    faults
}

/// Documents name only files that exist: a path of ours between backticks is looked up.
pub fn named_paths(house: &House) -> Vec<String> {
    let documents = house.files.iter().filter(|f| f.ends_with(".md") && (f.starts_with("docs/") || !f.contains('/')));
    let mut faults = Vec::new();
    for document in documents {
        let text = house.text(document).unwrap_or_default();
        let missing = text.split('`').skip(1).step_by(2).filter(|path| is_our_path(path) && !exists(house, path));
        faults
            .extend(missing.map(|path| format!("{document}: names `{path}`, which does not exist; correct the name")));
    }
    faults
}

fn is_our_path(text: &str) -> bool {
    let ours = ["crates/", "testkit/", "xtask/", "docs/", ".ci/"];
    ours.iter().any(|folder| text.starts_with(folder)) && !text.contains(char::is_whitespace)
}

fn exists(house: &House, path: &str) -> bool {
    let folder = format!("{}/", path.trim_end_matches('/'));
    house.files.iter().any(|f| f == path || f.starts_with(&folder))
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn looks_like_media(bytes: &[u8]) -> bool {
    SIGNATURES.iter().any(|(at, signature)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(signature)))
}

fn first_bytes(house: &House, path: &str) -> Option<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    std::fs::File::open(house.root.join(path)).ok()?.take(16).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::tests::{built_of, none, ours};

    /// A house of files alone, in a folder that is removed with the guard.
    struct Folder(House);

    impl Folder {
        fn with(name: &str, files: &[(&str, &[u8])]) -> Self {
            let mut house = built_of(&[]);
            house.root = std::env::temp_dir().join(format!("concord-xtask-{}-{name}", std::process::id()));
            for (path, content) in files {
                let path = house.root.join(path);
                std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                std::fs::write(path, content).expect("a file");
            }
            house.files = files.iter().map(|(path, _)| (*path).to_owned()).collect();
            Self(house)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0.root);
        }
    }

    #[test]
    fn no_source_file_is_too_long() {
        none(long_files(&ours()));
    }

    #[test]
    fn no_media_lies_in_the_repository() {
        none(media(&ours()));
    }

    #[test]
    fn nothing_of_others_lies_in_the_repository() {
        none(vendored(&ours()));
    }

    #[test]
    fn a_landed_migration_is_as_it_landed() {
        match migrations(&ours()) {
            Some(faults) => none(faults),
            None => eprintln!("SKIPPED: {LANDED} is missing, so no migration is held to its text"),
        }
    }

    #[test]
    fn neither_aws_lc_nor_a_second_sqlite_came_in() {
        none(lock(&ours()));
    }

    #[test]
    fn every_dependency_is_explained() {
        none(explained(&ours()));
    }

    #[test]
    fn documents_name_only_files_that_exist() {
        none(named_paths(&ours()));
    }

    #[test]
    fn a_wrong_path_in_a_document_is_seen() {
        let folder = Folder::with(
            "paths",
            &[("docs/A.md", b"`crates/a/src/x.rs`, `crates/a`, `crates/b/`, `cargo xtask test`, `xtask/src/gone.rs`")],
        );
        let mut house = House { files: folder.0.files.clone(), root: folder.0.root.clone(), ..built_of(&[]) };
        house.files.push("crates/a/src/x.rs".to_owned());
        assert_eq!(named_paths(&house).len(), 2, "{:?}", named_paths(&house));
    }

    #[test]
    fn a_long_file_is_seen_outside_tests_only() {
        let (long, short) = ("x\n".repeat(LONGEST + 1), "x\n".repeat(LONGEST));
        let folder = Folder::with(
            "long",
            &[("a/long.rs", long.as_bytes()), ("a/short.rs", short.as_bytes()), ("a/tests/long.rs", long.as_bytes())],
        );
        let faults = long_files(&folder.0);
        assert_eq!(faults.len(), 1);
        assert!(faults.iter().all(|f| f.starts_with("a/long.rs: 701 lines")), "{faults:?}");
    }

    #[test]
    fn media_is_seen_by_name_and_by_its_first_bytes() {
        let folder = Folder::with(
            "media",
            &[
                ("a.PNG", b"text"),
                ("hidden.txt", b"\x89PNG\r\n\x1a\n"),
                ("clip", b"\0\0\0\x20ftypisom"),
                ("notes.md", b"GIF files are refused"),
                ("empty.rs", b""),
            ],
        );
        let faults = media(&folder.0);
        assert_eq!(faults.len(), 3, "{faults:?}");
    }

    #[test]
    fn others_files_are_seen() {
        let mut house = built_of(&[]);
        house.files = ["web/htmx.min.js", "web/vendor/x.css", "web/a.woff2", "web/app.js", "crates/x/src/vendor.rs"]
            .map(str::to_owned)
            .to_vec();
        assert_eq!(vendored(&house).len(), 3, "{:?}", vendored(&house));
    }

    #[test]
    fn an_edited_or_removed_migration_is_seen() {
        let list = format!("{}  0001_a.sql\n{}  0002_b.sql\n{0}  0003_c.sql\n", sha256("create"), sha256("before"));
        let folder = Folder::with(
            "landed",
            &[
                (LANDED, list.as_bytes()),
                ("crates/store/migrations/0001_a.sql", b"create"),
                ("crates/store/migrations/0002_b.sql", b"after"),
                ("crates/store/migrations/0004_d.sql", b"new"),
            ],
        );
        let faults = migrations(&folder.0).expect("the list is there");
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert_eq!(not_landed(&folder.0), ["0004_d.sql"]);
        assert!(migrations(&built_of(&[])).is_none());
    }

    #[test]
    fn sums_are_those_of_sha256sum() {
        assert_eq!(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn an_unwanted_or_doubled_package_in_the_lock_is_seen() {
        let lock = |names: &[&str]| -> Table {
            let text: String = names.iter().map(|n| format!("[[package]]\nname = \"{n}\"\n")).collect();
            text.parse().expect("a lock")
        };
        none(lock_faults(&lock(&["ring", "libsqlite3-sys"])));
        assert_eq!(lock_faults(&lock(&["aws-lc-rs", "aws-lc-sys"])).len(), 2);
        assert_eq!(lock_faults(&lock(&["libsqlite3-sys", "libsqlite3-sys"])).len(), 1);
    }

    #[test]
    fn a_missing_half_empty_or_stale_row_is_seen() {
        let names = ["a", "b", "c"].map(str::to_owned);
        let text = "| `a` | for | why | none |\n| `b` | for |  | none |\n| `old` | for | why | none |\n";
        let faults = explained_in(text, &names);
        assert_eq!(faults.len(), 3, "{faults:?}");
    }
}
