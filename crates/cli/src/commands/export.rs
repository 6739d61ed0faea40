//! `concord export`.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use casework::model::FreeText;
use casework::{Desk, Exit};
use clap::Args;
use serde_json::json;

use crate::args::As;
use crate::failure::Failure;
use crate::open;
use crate::print::{Say, bar, raw_out};

#[derive(Args)]
pub struct Export {
    #[command(flatten)]
    who: As,
    /// Why the values of children, victims and witnesses must stand in it; without it they are withheld (18 U.S.C. 3509(d))
    #[arg(long, value_name = "TEXT", value_parser = FreeText::parse)]
    reason: Option<FreeText>,
    /// Where to write it [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub async fn run(desk: &Desk, say: Say, args: Export) -> Result<Exit, Failure> {
    let who = open::member(desk, &args.who.member).await?;
    let opened = args.reason.is_some();
    let mut export = desk.export(&who, args.reason).await?;
    let mut out = args.out.as_deref().map(Out::begin).transpose()?;
    let progress = bar(None, "exporting, lines");
    while let Some(lines) = export.next().await? {
        match &mut out {
            Some(out) => out.write(&lines)?,
            None => raw_out(&lines)?,
        }
        progress.inc(lines.lines().count() as u64);
    }
    progress.finish_and_clear();
    let counts = export.counts().clone();
    if let Some(out) = out {
        let file = out.end()?;
        say.answer(&json!({ "export": file, "lines": counts }), || {
            let all: Vec<_> = counts.iter().map(|(sort, n)| format!("{n} {sort}")).collect();
            format!("{file}: all of your agency's data ({}). Whoever has the file reads it.", all.join(", "))
        })?;
    }
    if !opened && counts.get("withheld").is_some_and(|n| *n > 0) {
        say.note("values of children, victims and witnesses are withheld (18 U.S.C. 3509(d)); give --reason for them");
    }
    Ok(Exit::Done)
}

/// A file that has its name only when it is whole. For its owner alone.
struct Out {
    file: File,
    part: PathBuf,
    whole: PathBuf,
}

impl Out {
    fn begin(whole: &Path) -> Result<Self, Failure> {
        let mut part = whole.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&part);
        let file = file.map_err(|e| cannot(whole, &e))?;
        Ok(Self { file, part, whole: whole.to_owned() })
    }

    fn write(&mut self, text: &str) -> Result<(), Failure> {
        self.file.write_all(text.as_bytes()).map_err(|e| cannot(&self.whole, &e))
    }

    fn end(self) -> Result<String, Failure> {
        let kept = self.file.sync_all().and_then(|()| std::fs::rename(&self.part, &self.whole));
        kept.map_err(|e| cannot(&self.whole, &e))?;
        Ok(self.whole.display().to_string())
    }
}

fn cannot(path: &Path, e: &std::io::Error) -> Failure {
    open::argument(
        &path.display().to_string(),
        &format!("cannot be written ({e})"),
        "give --out a file you may write, with room for it",
    )
}
