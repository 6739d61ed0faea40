//! What the file system says of the key folder and the data: modes, owners, devices, space, encryption.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Whether what lies under a path is enciphered on its disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// A dm-crypt device (LUKS) lies under it.
    Enciphered,
    /// Block devices lie under it and none of them is dm-crypt. A disk that enciphers itself cannot be told from here.
    NotSeen,
    /// No block device can be seen: a container, a network, another system.
    CannotBeTold,
}

/// What is known of a folder or file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceFacts {
    /// Free for this user, in bytes.
    pub free: Option<u64>,
    /// The file system's size in bytes.
    pub total: Option<u64>,
    /// On its disk.
    pub encryption: Encryption,
    /// Which device, to compare.
    pub device: u64,
}

/// What is known of the key folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFolderFacts {
    /// Permission bits of the folder: 0o700 is right.
    pub mode: u32,
    /// Names of files in it that others than their owner may read or write.
    pub open_to_others: Vec<String>,
    /// This process's user owns folder and files; none when that cannot be told.
    pub own: Option<bool>,
    /// The folder's place.
    pub place: PlaceFacts,
}

/// Facts of a path that is there; none when it is not.
pub(crate) fn place(path: &Path) -> Option<PlaceFacts> {
    let device = fs::metadata(path).ok()?.dev();
    let space = rustix::fs::statvfs(path).ok();
    let space = space.as_ref();
    let bytes = |blocks: u64, of: u64| blocks.saturating_mul(of);
    Some(PlaceFacts {
        free: space.map(|s| bytes(s.f_bavail, s.f_frsize)),
        total: space.map(|s| bytes(s.f_blocks, s.f_frsize)),
        encryption: encryption(Path::new("/sys/dev/block"), device),
        device,
    })
}

pub(crate) fn key_folder(path: &Path) -> Option<KeyFolderFacts> {
    let folder = fs::metadata(path).ok()?;
    let me = fs::metadata("/proc/self").ok().map(|m| m.uid());
    let (mut open_to_others, mut own) = (Vec::new(), me.map(|me| me == folder.uid()));
    for entry in fs::read_dir(path).ok()?.flatten() {
        let Ok(file) = entry.metadata() else { continue };
        if file.permissions().mode() & 0o077 != 0 {
            open_to_others.push(entry.file_name().to_string_lossy().into_owned());
        }
        own = own.and_then(|own| me.map(|me| own && me == file.uid()));
    }
    open_to_others.sort();
    Some(KeyFolderFacts { mode: folder.permissions().mode() & 0o7777, open_to_others, own, place: place(path)? })
}

/// Linux names every block device under `devices` by its numbers; a mapped one has `dm/uuid`, and what it stands on in
/// `slaves`.
fn encryption(devices: &Path, device: u64) -> Encryption {
    let major = ((device >> 8) & 0xfff) | ((device >> 32) & !0xfff);
    let minor = (device & 0xff) | ((device >> 12) & !0xff);
    let Ok(top) = fs::canonicalize(devices.join(format!("{major}:{minor}"))) else { return Encryption::CannotBeTold };
    let mut below = vec![top];
    // A tree of devices has few levels; one that leads back to itself must not be walked for ever.
    for _ in 0..64 {
        let Some(one) = below.pop() else { return Encryption::NotSeen };
        if fs::read_to_string(one.join("dm/uuid")).is_ok_and(|uuid| uuid.starts_with("CRYPT-")) {
            return Encryption::Enciphered;
        }
        below.extend(slaves(&one));
    }
    Encryption::NotSeen
}

fn slaves(device: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(device.join("slaves")) else { return Vec::new() };
    entries.flatten().filter_map(|e| fs::canonicalize(e.path()).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A /sys in which 253:1 is a logical volume on 253:0, which is `uuid`, on the partition 8:1.
    fn system(uuid: &str) -> testkit::Scratch {
        let dir = testkit::Scratch::new();
        for (name, below) in [("sda1", None), ("dm-0", Some("sda1")), ("dm-1", Some("dm-0"))] {
            fs::create_dir_all(dir.join(name).join("dm")).unwrap();
            fs::create_dir_all(dir.join(name).join("slaves")).unwrap();
            if let Some(below) = below {
                std::os::unix::fs::symlink(dir.join(below), dir.join(name).join("slaves").join(below)).unwrap();
            }
        }
        fs::write(dir.join("dm-0/dm/uuid"), uuid).unwrap();
        fs::write(dir.join("dm-1/dm/uuid"), "LVM-abc").unwrap();
        for (name, device) in [("8:1", "sda1"), ("253:0", "dm-0"), ("253:1", "dm-1")] {
            std::os::unix::fs::symlink(dir.join(device), dir.join(name)).unwrap();
        }
        dir
    }

    #[test]
    fn a_volume_on_luks_is_enciphered_and_one_on_a_plain_partition_is_not() {
        let device = |major: u64, minor: u64| (major << 8) | minor;
        let luks = system("CRYPT-LUKS2-0123-name");
        assert_eq!(encryption(luks.path(), device(253, 1)), Encryption::Enciphered);
        assert_eq!(encryption(luks.path(), device(253, 0)), Encryption::Enciphered);
        assert_eq!(encryption(luks.path(), device(8, 1)), Encryption::NotSeen);
        assert_eq!(encryption(luks.path(), device(0, 77)), Encryption::CannotBeTold);
        let plain = system("LVM-other");
        assert_eq!(encryption(plain.path(), device(253, 1)), Encryption::NotSeen);
    }

    #[test]
    fn a_file_that_others_may_read_is_named() {
        let dir = testkit::Scratch::new();
        for (name, mode) in [("a", 0o600), ("b", 0o640), ("c", 0o602)] {
            fs::write(dir.join(name), "x").unwrap();
            fs::set_permissions(dir.join(name), PermissionsExt::from_mode(mode)).unwrap();
        }
        fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o750)).unwrap();
        let facts = key_folder(dir.path()).unwrap();
        assert_eq!((facts.mode, facts.open_to_others), (0o750, vec!["b".to_owned(), "c".to_owned()]));
        assert!(facts.place.total.unwrap() > facts.place.free.unwrap());
        assert_eq!(key_folder(&dir.join("nowhere")), None);
    }
}
