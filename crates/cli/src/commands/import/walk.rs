//! Every file of files and folders, in one order on every run.

use std::path::{Path, PathBuf};

use casework::model::{Invalid, Problem};

/// A file, or what could not be looked into.
pub struct Found {
    pub path: PathBuf,
    pub problem: Option<Problem>,
}

/// The files named, and those of the folders named and of all folders within them, sorted by name. A link to a folder is
/// not followed, so that no circle is walked; what begins with a dot is the system's own and is left out.
pub fn files(named: &[PathBuf]) -> Vec<Found> {
    let mut out = Vec::new();
    for path in named {
        if path.is_dir() {
            folder(path, &mut out);
        } else {
            out.push(Found { path: path.clone(), problem: None });
        }
    }
    out
}

fn folder(path: &Path, out: &mut Vec<Found>) {
    let entries = std::fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(e) => {
            let why = Invalid::new(format!("cannot be looked into ({e})"), "give a folder you may read");
            out.push(Found { path: path.to_owned(), problem: Some(why.at("the folder", "folder")) });
            return;
        }
    };
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let (path, kind) = (entry.path(), entry.file_type());
        match kind {
            Ok(kind) if kind.is_dir() => folder(&path, out),
            Ok(kind) if kind.is_symlink() && path.is_dir() => {
                let why = Invalid::new("is a link to a folder, which is not followed", "name that folder itself");
                out.push(Found { path, problem: Some(why.at("the link", "folder")) });
            }
            _ => out.push(Found { path, problem: None }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_walked_in_order_and_no_circle_is_followed() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::create_dir_all(at("b/inner")).unwrap();
        for name in ["b/inner/1.csv", "a.json", "c.csv", ".hidden"] {
            std::fs::write(at(name), "x").unwrap();
        }
        std::os::unix::fs::symlink(dir.path(), at("b/loop")).unwrap();
        std::os::unix::fs::symlink(at("a.json"), at("d.json")).unwrap();
        let found = files(&[dir.path().to_owned(), at("gone.csv")]);
        let names: Vec<_> =
            found.iter().map(|f| f.path.strip_prefix(dir.path()).unwrap().display().to_string()).collect();
        assert_eq!(names, ["a.json", "b/inner/1.csv", "b/loop", "c.csv", "d.json", "gone.csv"]);
        let wrong: Vec<_> = found.iter().map(|f| f.problem.is_some()).collect();
        assert_eq!(wrong, [false, false, true, false, false, false]);
    }
}
