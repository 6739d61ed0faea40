//! A browser without script: it keeps cookies and says where it comes from.

use std::sync::Mutex;

use axum::Router;
use axum::body::Body;
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::house::ORIGIN;

pub struct Browser {
    router: Router,
    cookie: Mutex<Option<String>>,
}

#[derive(Debug, Clone)]
pub struct Got {
    pub status: u16,
    pub headers: axum::http::HeaderMap,
    pub body: String,
}

impl Got {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    /// What stands between two texts, the first time.
    pub fn between(&self, from: &str, to: &str) -> &str {
        let rest = self.body.split_once(from).unwrap_or_else(|| panic!("no `{from}` in\n{}", self.body)).1;
        rest.split_once(to).unwrap_or_else(|| panic!("no `{to}` after `{from}`")).0
    }

    /// Without what is new in each answer.
    pub fn still(&self) -> String {
        let csp = self.header("content-security-policy").unwrap_or_default();
        let nonce = csp.split_once("'nonce-").and_then(|(_, r)| r.split_once('\'')).map_or("no nonce", |(n, _)| n);
        let body = self.body.replace(nonce, "NONCE");
        let mut parts = body.split("name=\"request\" value=\"");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |body, part| body + "name=\"request\" value=\"" + part.trim_start_matches(|c| c != '"'))
    }
}

impl Browser {
    pub fn new(router: Router) -> Self {
        Self { router, cookie: Mutex::new(None) }
    }

    /// The session's cookie, as a header has it.
    #[allow(dead_code, reason = "another binary's")]
    pub fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    pub async fn get(&self, path: &str) -> Got {
        self.send("GET", path, None, &[]).await
    }

    pub async fn block(&self, path: &str) -> Got {
        self.send("GET", path, None, &[("hx-request", "true"), ("hx-request-type", "partial")]).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Got {
        self.post_with(path, fields, &[]).await
    }

    /// Sends JSON, as a program does.
    pub async fn post_json(&self, path: &str, body: &serde_json::Value) -> Got {
        let headers = [("content-type", "application/json"), ("origin", ORIGIN)];
        self.send("POST", path, Some(body.to_string()), &headers).await
    }

    pub async fn post_with(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Got {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        if !headers.iter().any(|(name, _)| *name == "origin") {
            all.push(("origin", ORIGIN));
        }
        all.extend(headers);
        self.send("POST", path, Some(body), &all).await
    }

    /// Sends a form with files, as a browser does.
    pub async fn upload(&self, path: &str, files: &[(&str, &str)], fields: &[(&str, &str)]) -> Got {
        let mut body = String::new();
        for (name, value) in fields {
            body += &format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        }
        for (name, text) in files {
            body += &format!(
                "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/plain\r\n\r\n{text}\r\n"
            );
        }
        body += "--x--\r\n";
        let headers = [("content-type", "multipart/form-data; boundary=x"), ("origin", ORIGIN)];
        self.send("POST", path, Some(body), &headers).await
    }

    /// Opens an event stream and gives its body, to be read as it comes.
    pub async fn stream(&self, path: &str, headers: &[(&str, &str)]) -> Stream {
        let mut request = axum::http::Request::builder().uri(path).header("host", ORIGIN.trim_start_matches("http://"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let cookie = self.cookie.lock().unwrap().clone().expect("signed in");
        let request = request.header("cookie", cookie).body(Body::empty()).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.headers().get("content-type").unwrap(), "text/event-stream");
        assert!(answer.headers().contains_key("content-security-policy"));
        Stream { body: answer.into_body(), read: String::new() }
    }

    pub async fn send(&self, method: &str, path: &str, body: Option<String>, headers: &[(&str, &str)]) -> Got {
        let mut request = axum::http::Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", ORIGIN.trim_start_matches("http://"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookie) = self.cookie.lock().unwrap().clone() {
            request = request.header("cookie", cookie);
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        if let Some(set) = parts.headers.get("set-cookie").and_then(|v| v.to_str().ok()) {
            let pair = set.split(';').next().unwrap().to_owned();
            *self.cookie.lock().unwrap() = (!pair.ends_with('=')).then_some(pair);
        }
        // A stream has no end: its head is what is looked at.
        let streams = parts.headers.get("content-type").is_some_and(|t| t == "text/event-stream");
        let body = if streams { Vec::new() } else { body.collect().await.unwrap().to_bytes().to_vec() };
        Got { status: parts.status.as_u16(), headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }
}

/// An open event stream.
pub struct Stream {
    body: Body,
    read: String,
}

impl Stream {
    /// The next event, or `None` when the stream has ended. Comments that keep it open are passed over.
    pub async fn next(&mut self) -> Option<String> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.read = rest;
                if !event.starts_with(':') {
                    return Some(event);
                }
                continue;
            }
            let frame = self.body.frame().await?.unwrap();
            self.read.push_str(std::str::from_utf8(frame.data_ref()?).unwrap());
        }
    }
}
