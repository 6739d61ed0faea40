//! What a request brings, with our refusals: axum's own are plain text.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use model::{Invalid, Problem, RequestId};
use serde::de::DeserializeOwned;

use crate::Portal;
use crate::fault::Fault;

/// A JSON body.
pub(crate) struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Portal> for Body<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, portal: &Portal) -> Result<Self, Fault> {
        match Json::from_request(request, portal).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(JsonRejection::JsonDataError(e)) => Err(misshapen(&e.body_text())),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Fault::NotJson),
            Err(e) if e.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(Fault::TooLarge),
            Err(_) => Err(Fault::Malformed),
        }
    }
}

/// JSON of another shape: the reader's words are "identifiers[3].kind: unknown variant ... at line 1 column 5".
fn misshapen(text: &str) -> Fault {
    let text = text.rsplit_once(" at line ").map_or(text, |(before, _)| before);
    let text = text.split_once("target type: ").map_or(text, |(_, after)| after);
    let (path, words) = match text.split_once(": ") {
        Some((path, words)) if !path.contains(' ') => (path, words),
        _ => ("", text),
    };
    let pointer = path.replace('[', "/").replace(']', "").replace('.', "/");
    let (place, field) = match pointer.rsplit_once('/') {
        Some((place, field)) => (place.to_owned(), field.to_owned()),
        None => ("the body".to_owned(), pointer),
    };
    Fault::Bad(vec![Invalid::new(words, "see the shape of this body in /api/docs").at(place, field)])
}

/// What an address asks for after its question mark. A name that it does not know is refused: a filter that is not heard
/// would show too much.
pub(crate) struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Portal> for Asked<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Fault> {
        match Query::from_request_parts(parts, portal).await {
            Ok(Query(value)) => Ok(Self(value)),
            Err(e) => {
                let text = e.body_text();
                let words = text.split_once("query string: ").map_or(text.as_str(), |(_, after)| after);
                let what = Invalid::new(words, "see what this address takes in /api/docs");
                Err(Fault::Bad(vec![what.at("the address", "query")]))
            }
        }
    }
}

/// The id in an address. One that is none is of nothing.
pub(crate) struct Id<T>(pub T);

impl<T: std::str::FromStr> FromRequestParts<Portal> for Id<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Fault> {
        let Path(text) = Path::<String>::from_request_parts(parts, portal).await.map_err(|_| Fault::NoSuch)?;
        text.parse().map(Self).map_err(|_| Fault::NoSuch)
    }
}

/// The two ids in an address.
pub(crate) struct Ids<A, B>(pub A, pub B);

impl<A: std::str::FromStr, B: std::str::FromStr> FromRequestParts<Portal> for Ids<A, B> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Fault> {
        let path = Path::<(String, String)>::from_request_parts(parts, portal).await;
        let Path((a, b)) = path.map_err(|_| Fault::NoSuch)?;
        match (a.parse(), b.parse()) {
            (Ok(a), Ok(b)) => Ok(Self(a, b)),
            _ => Err(Fault::NoSuch),
        }
    }
}

/// Everything that is wrong with a body, said at once.
#[derive(Default)]
pub(crate) struct Wrong(pub Vec<Problem>);

impl Wrong {
    /// The value, or its problem is kept.
    pub fn keep<T, E: Into<Invalid>>(&mut self, field: &str, read: Result<T, E>) -> Option<T> {
        read.map_err(|e| self.0.push(e.into().at("the body", field))).ok()
    }

    /// The same of a value that need not be there.
    pub fn maybe<T, E: Into<Invalid>>(
        &mut self,
        field: &str,
        text: Option<&str>,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        text.and_then(|text| self.keep(field, parse(text)))
    }

    /// The caller's id of the request, or a new one.
    pub fn request(&mut self, text: Option<&str>, portal: &Portal) -> RequestId {
        let parse = |text: &str| {
            text.parse::<RequestId>()
                .map_err(|_| Invalid::new("is not a UUID", "give a UUID of your own making, or none"))
        };
        self.maybe("request", text, parse).unwrap_or_else(|| portal.desk().request())
    }

    /// The fault of what was kept.
    pub fn fault(self) -> Fault {
        Fault::Bad(self.0)
    }
}

/// A case's number that is none of one's own is the body's fault, not the address's.
pub(crate) fn no_case(fault: Fault) -> Fault {
    match fault {
        Fault::NoSuch => {
            let what = Invalid::new("is no case of your agency's", "check the number, or open the case first");
            Fault::Bad(vec![what.at("the body", "case")])
        }
        fault => fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_shape_is_said_at_its_place() {
        let of = |text: &str| match misshapen(text) {
            Fault::Bad(mut problems) => {
                let p = problems.remove(0);
                (p.place, p.field, p.problem)
            }
            other => panic!("{other:?}"),
        };
        let said = of(
            "Failed to deserialize the JSON body into the target type: identifiers[3].kind: unknown variant `x`, expected `email` at line 1 column 5",
        );
        assert_eq!(said, ("identifiers/3".into(), "kind".into(), "unknown variant `x`, expected `email`".into()));
        let said =
            of("Failed to deserialize the JSON body into the target type: missing field `purpose` at line 1 column 2");
        assert_eq!(said, ("the body".into(), String::new(), "missing field `purpose`".into()));
    }
}
