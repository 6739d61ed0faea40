//! Files handed in: opened, sniffed and read within limits, never whole.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use casework::model::Invalid;
use casework::{Error, Reading};

use crate::failure::Failure;

/// The file's name as given, and what it says. "-" is standard input.
pub fn read(path: &Path) -> Result<(String, Reading), Failure> {
    let name = path.display().to_string();
    if name == "-" {
        return Ok((name.clone(), casework::read(&name, std::io::stdin().lock())));
    }
    let file = open(path).map_err(|invalid| of_file(&name, invalid))?;
    Ok((name.clone(), casework::read(&name, BufReader::new(file))))
}

/// A file as it is, or standard input for "-".
pub fn input(path: &Path) -> Result<(String, Box<dyn Read>), Failure> {
    let name = path.display().to_string();
    if name == "-" {
        return Ok((name, Box::new(std::io::stdin())));
    }
    let file = open(path).map_err(|invalid| of_file(&name, invalid))?;
    Ok((name, Box::new(BufReader::new(file))))
}

/// A short text, for example a key: at most 64 KiB.
pub fn short_text(path: &Path, most: u64) -> Result<String, Failure> {
    let name = path.display().to_string();
    let mut text = String::new();
    let read = |mut input: Box<dyn Read>, text: &mut String| {
        input.read_to_string(text).map_err(|e| Invalid::new(format!("cannot be read ({e})"), "give a text file"))
    };
    let input: Box<dyn Read> = if name == "-" {
        Box::new(std::io::stdin().take(most + 1))
    } else {
        Box::new(open(path).map_err(|invalid| of_file(&name, invalid))?.take(most + 1))
    };
    read(input, &mut text).map_err(|invalid| of_file(&name, invalid))?;
    if text.len() as u64 > most {
        return Err(of_file(&name, Invalid::new(format!("is longer than {most} bytes"), "give the right file")));
    }
    Ok(text)
}

/// Writes a file for its owner alone: receipts and answers hold what was asked and answered.
pub fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn open(path: &Path) -> Result<File, Invalid> {
    let cure = "give the path of a CSV or CASE file you may read, or - for standard input";
    let file = File::open(path).map_err(|e| Invalid::new(format!("cannot be opened ({e})"), cure))?;
    if file.metadata().is_ok_and(|m| m.is_dir()) {
        return Err(Invalid::new("is a folder", cure));
    }
    Ok(file)
}

fn of_file(name: &str, invalid: Invalid) -> Failure {
    Error::File { file: name.to_owned(), problems: vec![invalid.at("the file", "file")] }.into()
}
