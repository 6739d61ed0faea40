//! What a form sent: fields by name, and its files. Both ways browsers send forms are read by one code.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use model::{Invalid, Level};
use url::form_urlencoded;

use crate::Portal;
use crate::fault::Fault;

/// Most fields one form may bring: 500 rows of a dozen fields each.
const MOST_FIELDS: usize = 10_000;

/// Most files one form may bring.
pub(crate) const MOST_FILES: usize = 20;

/// A form.
#[derive(Default)]
pub(crate) struct Form {
    fields: BTreeMap<String, String>,
    files: Vec<(String, Bytes)>,
}

impl Form {
    /// A field as it was sent, without the blanks around it; an absent one is empty.
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |v| v.trim())
    }

    /// A field to the letter, line ends in one way.
    pub fn whole(&self, name: &str) -> String {
        self.fields.get(name).map(|v| v.replace("\r\n", "\n")).unwrap_or_default()
    }

    /// Was it sent at all?
    pub fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// The file's name and bytes; an empty file field is none, and of several the last one counts.
    pub fn file(&self) -> Option<(&str, &Bytes)> {
        self.files.last().map(|(name, bytes)| (name.as_str(), bytes))
    }

    /// Every file, in the order in which they were chosen.
    pub fn files(&self) -> impl ExactSizeIterator<Item = (&str, &Bytes)> {
        self.files.iter().map(|(name, bytes)| (name.as_str(), bytes))
    }

    /// A field read as what it must be.
    ///
    /// # Errors
    /// The field's problem and its cure.
    pub fn parse<T>(&self, name: &str, label: &str) -> Result<T, Fault>
    where
        T: std::str::FromStr,
        model::Invalid: From<T::Err>,
    {
        self.text(name).parse().map_err(|e| Fault::Bad(vec![model::Invalid::from(e).at("the form", label)]))
    }

    /// How the entries of a form answer others: open or desk, in a word that was sent. None stands for open, so that
    /// nothing is opened that was to be closed.
    ///
    /// # Errors
    /// What else was sent, silence too, which needs a supervisor's reason that no form carries.
    pub fn level(&self) -> Result<Level, Invalid> {
        match self.text("level").parse::<Level>() {
            Ok(level @ (Level::Open | Level::Desk)) => Ok(level),
            Ok(Level::Silent) => Err(Invalid::new(
                "cannot be silent here",
                "give open or desk; silent entries need a supervisor's reason and are given from the command line",
            )),
            Err(_) => Err(Invalid::new("is none of how an entry answers others", "give open or desk")),
        }
    }

    fn put(&mut self, name: String, value: String) -> Result<(), Fault> {
        if self.fields.len() >= MOST_FIELDS {
            return Err(Fault::TooLarge);
        }
        // The first of a name counts: a second one was not made by our page.
        self.fields.entry(name).or_insert(value);
        Ok(())
    }
}

impl FromRequest<Portal> for Form {
    type Rejection = Fault;

    async fn from_request(request: Request, portal: &Portal) -> Result<Self, Fault> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|t| t.to_str().ok()).unwrap_or_default();
        if kind.starts_with("multipart/form-data") {
            let parts = Multipart::from_request(request, portal).await.map_err(|_| unreadable())?;
            return of_parts(parts).await;
        }
        let mut form = Self::default();
        let bytes = Bytes::from_request(request, portal).await.map_err(|e| too_large_or_unreadable(e.status()))?;
        for (name, value) in form_urlencoded::parse(&bytes) {
            form.put(name.into_owned(), value.into_owned())?;
        }
        Ok(form)
    }
}

async fn of_parts(mut parts: Multipart) -> Result<Form, Fault> {
    let mut form = Form::default();
    loop {
        let part = match parts.next_field().await {
            Ok(None) => return Ok(form),
            Ok(Some(part)) => part,
            Err(e) => return Err(too_large_or_unreadable(e.status())),
        };
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await.map_err(|e| too_large_or_unreadable(e.status()))?;
        match file {
            Some(_) if bytes.is_empty() => {}
            Some(_) if form.files.len() >= MOST_FILES => return Err(Fault::TooLarge),
            Some(file) => form.files.push((model_name(&file), bytes)),
            None => {
                let text = String::from_utf8(bytes.to_vec()).map_err(|_| unreadable())?;
                form.put(name, text)?;
            }
        }
    }
}

/// A file's name as it may stand in an answer: its last part, at most 120 letters, no control characters.
fn model_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| !c.is_control()).take(120).collect();
    if plain.trim().is_empty() { "file".to_owned() } else { plain }
}

fn too_large_or_unreadable(status: StatusCode) -> Fault {
    if status == StatusCode::PAYLOAD_TOO_LARGE { Fault::TooLarge } else { unreadable() }
}

fn unreadable() -> Fault {
    Fault::field("form", "cannot be read", "reload the page and send it again; text is UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_stands_for_open() {
        let level = |word: &str| {
            let mut form = Form::default();
            form.put("level".to_owned(), word.to_owned()).unwrap();
            form.level()
        };
        assert_eq!((level("open").unwrap(), level("desk").unwrap()), (Level::Open, Level::Desk));
        for word in ["silent", "Desk!", "", "0"] {
            assert!(level(word).unwrap_err().cure.starts_with("give open or desk"), "{word}");
        }
        assert!(Form::default().level().is_err(), "nor does silence about it");
    }

    #[test]
    fn a_files_name_loses_its_folders_and_what_steers_a_terminal() {
        assert_eq!(model_name("C:\\cases\\seized.csv"), "seized.csv");
        assert_eq!(model_name("../../etc/x\u{1b}[2J.csv"), "x[2J.csv");
        assert_eq!(model_name("/"), "file");
    }
}
