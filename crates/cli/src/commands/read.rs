//! `concord read`: no desk is opened and nothing is stored.

use std::path::PathBuf;

use casework::Exit;
use clap::Args;

use crate::failure::Failure;
use crate::files;
use crate::print::{Say, raw_out};

#[derive(Args)]
pub struct Read {
    /// Text copied from a PDF or from a provider's return; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub fn run(say: Say, args: &Read) -> Result<Exit, Failure> {
    let (mut drafts, mut exit) = (Vec::new(), Exit::Done);
    for path in &args.files {
        let (name, input) = files::input(path)?;
        let reading = casework::read_copied(&name, input);
        if !reading.problems.is_empty() {
            exit = Exit::BadInput;
            if say.is_json() {
                say.failure(&casework::Error::File { file: name, problems: reading.problems }.into());
            } else {
                say.problems(&name, &reading.problems);
            }
        } else if reading.drafts.is_empty() {
            say.note(&format!("{name}: no identifier was found"));
        }
        drafts.extend(reading.drafts);
    }
    if !drafts.is_empty() {
        raw_out(&casework::write_csv(&drafts))?;
        say.note("look at every row: copied text does not say whose a value is; then submit the file");
    }
    Ok(exit)
}
