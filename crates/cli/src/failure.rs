//! What the command line says when it does not do what was asked.

use casework::model::{Invalid, Problem};
use casework::{Error, Exit};
use serde_json::{Value, json};

/// Why not, with its exit code.
pub struct Failure {
    pub exit: Exit,
    words: String,
    file: Option<String>,
    problems: Vec<Problem>,
}

impl Failure {
    /// Bad input: what is wrong and what to do.
    pub fn input(what: &str, invalid: &Invalid) -> Self {
        Self::of(Exit::BadInput, format!("{what}: {invalid}"))
    }

    /// Something of this machine's failed.
    pub fn failed(words: impl Into<String>) -> Self {
        Self::of(Exit::Failed, words.into())
    }

    fn of(exit: Exit, words: String) -> Self {
        Self { exit, words, file: None, problems: Vec::new() }
    }

    /// Every problem of the file, when it is one's.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// For people: one line, or one line a problem.
    pub fn lines(&self) -> Vec<String> {
        let name = self.file.as_deref().unwrap_or("file");
        if self.problems.is_empty() {
            return vec![format!("concord: {}", self.words)];
        }
        self.problems.iter().map(|p| format!("{name}: {p}")).chain([format!("concord: {}", self.words)]).collect()
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let (error, exit) = (&self.words, self.exit as u8);
        match &self.file {
            None => json!({ "format": "concord.error/1", "error": error, "exit": exit }),
            Some(file) => {
                json!({ "format": "concord.error/1", "error": error, "exit": exit, "file": file, "problems": self.problems })
            }
        }
    }
}

impl From<Error> for Failure {
    fn from(e: Error) -> Self {
        let (exit, mut words) = (e.exit(), e.to_string());
        let cure = match &e {
            Error::NotFound("member") => "name a member of this Concord by id or e-mail address (`concord member add`)",
            Error::NotFound("agency") => "give the id that `concord agency add` printed",
            Error::NotFound("case") => "give --case the number of one of your agency's own cases (`concord case open`)",
            Error::NotFound("transfer") => "give the id of an offer of or to your agency (`concord transfer list`)",
            Error::NotFound("bulk job") => "give the id of a bulk job of your agency (`concord bulk list`)",
            Error::NotFound("officer in your agency") => "give --lead an investigator or supervisor of your agency",
            Error::NotFound("webhook") => "give the id of a live one (`concord agency webhook list`)",
            Error::NotFound("conflict") => "give the id of a conflict in your inbox (`concord inbox`)",
            Error::Store(store::Error::Keys(_)) => "give --keys the folder that was made with this database",
            _ => "",
        };
        if !cure.is_empty() {
            words = format!("{words}; {cure}");
        }
        match e {
            Error::File { file, problems } => Self { exit, words, file: Some(file), problems },
            _ => Self::of(exit, words),
        }
    }
}

impl From<store::Error> for Failure {
    fn from(e: store::Error) -> Self {
        Error::from(e).into()
    }
}
