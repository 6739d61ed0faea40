//! What every page needs beside its own content.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use casework::{Counts, Oneself};
use model::Role;

use crate::guard::Nonce;
use crate::htmx::Wanted;
use crate::session::Officer;
use crate::{Portal, assets};

/// The head, the menu and the foot.
#[derive(Clone)]
pub(crate) struct Page {
    pub nonce: String,
    pub demo: bool,
    pub oneself: Option<Arc<Oneself>>,
    pub roles: Vec<&'static str>,
    /// Numbers of the menu: counted by the database, so no row is opened and no event is left. None for who has no inbox.
    pub counts: Option<Counts>,
    pub path: String,
    pub css: &'static str,
    pub htmx: &'static str,
    pub mark: &'static str,
}

impl Page {
    /// Without a reader: for doors and faults.
    pub fn bare(nonce: Nonce) -> Self {
        Self {
            nonce: nonce.0,
            demo: nonce.1,
            oneself: None,
            roles: Vec::new(),
            counts: None,
            path: String::new(),
            css: assets::APP_CSS.href,
            htmx: assets::HTMX.href,
            mark: assets::MARK.href,
        }
    }

    /// Stands the reader in this part of the menu? A word for `aria-current`.
    pub fn at(&self, part: &str) -> bool {
        if part == "/" { self.path == "/" } else { self.path.starts_with(part) }
    }

    /// Has the reader one of these roles?
    pub fn is(&self, role: &str) -> bool {
        self.roles.contains(&role)
    }

    /// Has the reader an inbox?
    pub fn has_inbox(&self) -> bool {
        self.works_cases() || self.is("watch-desk")
    }

    /// Works the reader cases, and does not only stand at the desk or keep the books?
    pub fn works_cases(&self) -> bool {
        ["investigator", "supervisor", "analyst"].iter().any(|role| self.is(role))
    }
}

impl FromRequestParts<Portal> for Page {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, StatusCode> {
        let nonce = parts.extensions.get::<Nonce>().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        let officer = parts.extensions.get::<Officer>();
        let roles = officer.map(|o| Role::ALL.iter().filter(|r| o.who().has(**r)).map(|r| r.word()).collect());
        let mut page = Self {
            oneself: officer.map(|o| o.oneself.clone()),
            roles: roles.unwrap_or_default(),
            path: parts.uri.path().to_owned(),
            ..Self::bare(nonce)
        };
        if let Some(officer) = officer.filter(|_| page.has_inbox()) {
            // A menu without its numbers is still a menu.
            page.counts = portal.desk().counts(officer.who()).await.ok();
        }
        Ok(page)
    }
}

/// Who acts, where, and how the answer is wanted: what every form of a page needs.
pub(crate) struct Visit {
    pub officer: Officer,
    pub portal: Portal,
    pub page: Page,
    pub wanted: Wanted,
}

impl FromRequestParts<Portal> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Response> {
        let officer = Officer::from_request_parts(parts, portal).await.map_err(IntoResponse::into_response)?;
        let page = Page::from_request_parts(parts, portal).await.map_err(IntoResponse::into_response)?;
        Ok(Self { officer, portal: portal.clone(), page, wanted: Wanted::of(&parts.headers) })
    }
}

/// A template's answer; one that does not render is ours to mend, and the reader is told so.
pub(crate) fn html(status: StatusCode, rendered: Result<String, askama::Error>) -> Response {
    match rendered {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => crate::fault::Fault::Failed.into_response(),
    }
}
