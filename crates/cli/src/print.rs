//! Answers go to standard output, everything else to standard error.

use std::io::{IsTerminal, Write};

use casework::model::Problem;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::failure::Failure;

/// How to speak: JSON lines for programs, words for people.
#[derive(Clone, Copy)]
pub struct Say {
    /// `--json` was given.
    json: bool,
    /// Answers are lines of JSON.
    lines: bool,
}

impl Say {
    pub fn new(json: bool) -> Self {
        Self { json, lines: json || !std::io::stdout().is_terminal() }
    }

    /// Was `--json` given?
    pub fn is_json(self) -> bool {
        self.json
    }

    /// Prints and flushes an answer: one line of JSON, or words when a person reads. The flushed line is the
    /// acknowledgement.
    pub fn answer(self, shape: &impl Serialize, words: impl FnOnce() -> String) -> Result<(), Failure> {
        let text = if self.lines {
            serde_json::to_string(shape).map_err(|e| Failure::failed(format!("the answer does not print: {e}")))?
        } else {
            words()
        };
        text_out(&text)
    }

    /// Something went wrong: all of it, on standard error.
    pub fn failure(self, failure: &Failure) {
        if self.json {
            eprintln!("{}", failure.json());
        } else {
            for line in failure.lines() {
                eprintln!("{line}");
            }
        }
    }

    /// What is wrong in a file of several, on standard error; programs read it in the answer.
    pub fn problems(self, file: &str, problems: &[Problem]) {
        if !self.json {
            for problem in problems {
                eprintln!("{file}: {problem}");
            }
        }
    }

    /// A word by the way.
    pub fn note(self, words: &str) {
        if self.json {
            eprintln!("{}", serde_json::json!({ "format": "concord.note/1", "note": words }));
        } else {
            eprintln!("concord: {words}");
        }
    }
}

/// One text and a line's end on standard output, flushed.
pub fn text_out(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(|e| Failure::failed(format!("done, but standard output takes no answer: {e}")))
}

/// Text as it is on standard output, flushed.
pub fn raw_out(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|e| Failure::failed(format!("standard output takes no more: {e}")))
}

/// A bar on standard error, when that is a terminal and there is enough to do.
pub fn bar(steps: Option<u64>, what: &'static str) -> ProgressBar {
    let seen = std::io::stderr().is_terminal() && steps.is_none_or(|n| n > 3);
    let target = if seen { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let template = if steps.is_some() { "{msg} {wide_bar} {pos}/{len}" } else { "{msg} {human_pos} {elapsed}" };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(steps, target).with_style(style).with_message(what)
}

/// A bar over rows, and what moves it: told the rows done and the rows in all.
pub fn rows_bar(what: &'static str) -> (ProgressBar, impl Fn(u64, u64) + Send + Sync + use<>) {
    let bar = bar(Some(u64::MAX), what);
    let counting = bar.clone();
    (bar, move |done, all| {
        counting.set_length(all);
        counting.set_position(done);
    })
}

/// Tells a story: on standard output, or beside it when a program listens.
#[derive(Clone, Copy)]
pub struct Narrator {
    aside: bool,
    bold: bool,
}

impl Narrator {
    pub fn new(json: bool) -> Self {
        let bold = !json && std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { aside: json, bold }
    }

    /// A chapter.
    pub fn head(self, words: &str) {
        let line = if self.bold { format!("\n\u{1b}[1m{words}\u{1b}[0m") } else { format!("\n{words}") };
        self.block(&line);
        self.block(&"\u{2500}".repeat(words.chars().count()));
    }

    /// A sentence.
    pub fn say(self, words: &str) {
        self.block(words);
    }

    /// What an officer sees, under its title.
    pub fn quote(self, title: &str, text: &str) {
        self.block(&format!("\n\u{25b8} {title}\n{text}"));
    }

    /// As it is. Whoever closes the pipe has read enough.
    pub fn block(self, text: &str) {
        if self.aside {
            eprintln!("{text}");
        } else {
            let _ = writeln!(std::io::stdout().lock(), "{text}");
        }
    }
}
