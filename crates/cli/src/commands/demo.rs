//! `concord demo` (being built).

use casework::Exit;
use clap::Args;

use crate::args::Common;
use crate::failure::Failure;

#[derive(Args)]
pub struct Demo {
    /// Only the story, without the portal
    #[arg(long)]
    no_serve: bool,
}

pub async fn run(_common: &Common, _args: Demo) -> Result<Exit, Failure> {
    Err(Failure::failed("the demo is being built"))
}
