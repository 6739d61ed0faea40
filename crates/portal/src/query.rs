//! What an address asks for: filters and the place in a list. Never an identifier, a name or a number of a case: addresses
//! stand in histories and logs.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use url::form_urlencoded;

/// The query of an address; the first of a name counts.
#[derive(Default)]
pub(crate) struct Query(BTreeMap<String, String>);

impl Query {
    /// What was asked, when it was.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|v| v.trim()).filter(|v| !v.is_empty())
    }

    /// A word of a vocabulary; one that is none asks for nothing.
    pub fn word<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.parse().ok()
    }

    /// Is the box ticked?
    pub fn ticked(&self, name: &str) -> bool {
        self.get(name).is_some_and(|v| v == "on" || v == "true")
    }

    /// The address of the next page of this list.
    pub fn next(&self, path: &str, after: Option<&str>) -> Option<String> {
        let kept = self.0.iter().filter(|(name, value)| *name != "after" && !value.is_empty());
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        pairs.extend_pairs(kept).append_pair("after", after?);
        Some(format!("{path}?{}", pairs.finish()))
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let mut pairs = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).take(50) {
            pairs.entry(name.into_owned()).or_insert_with(|| value.into_owned());
        }
        Ok(Self(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_keeps_the_filters() {
        let pairs = [("state", "notified"), ("after", "old"), ("mine", "")];
        let query = Query(pairs.into_iter().map(|(a, b)| (a.to_owned(), b.to_owned())).collect());
        assert_eq!(query.next("/conflicts", Some("a&b")).as_deref(), Some("/conflicts?state=notified&after=a%26b"));
        assert_eq!(query.next("/conflicts", None), None);
    }
}
