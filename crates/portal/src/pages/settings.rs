//! What a member chooses for themselves, and what an administrator keeps for their agency.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use casework::{MOST_WEBHOOKS, WebhookLine};
use model::{Invalid, WebhookId};

use crate::Portal;
use crate::fault::Fault;
use crate::form::Form;
use crate::page::{Page, Visit, html};
use crate::session::Officer;
use crate::words::{self, When};

/// One webhook, and how it goes with it.
struct Hook {
    line: WebhookLine,
    made: When,
    ended: Option<When>,
    last: Option<When>,
    failed: Option<String>,
}

/// A webhook that was just made: its secret stands on this one answer and nowhere again.
struct Made {
    url: String,
    secret: String,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct View {
    page: Page,
    problems: Vec<String>,
    /// Do notices come by mail too?
    mail: bool,
    sends_mail: bool,
    /// The agency's, for its administrators.
    hooks: Option<Vec<Hook>>,
    calls_webhooks: bool,
    url: String,
    made: Option<Made>,
}

async fn view(portal: &Portal, officer: &Officer, page: Page) -> Result<View, Fault> {
    let mail = portal.desk().mail_preference(officer.who()).await?;
    let hooks = if page.is("agency-administrator") {
        let all = portal.desk().webhooks(officer.who()).await?.webhooks;
        // The live ones first, the newest of each before the others.
        let (live, ended): (Vec<_>, Vec<_>) = all.into_iter().rev().partition(|w| w.live);
        Some(live.into_iter().chain(ended).map(hook).collect())
    } else {
        None
    };
    Ok(View {
        page,
        problems: Vec::new(),
        mail,
        sends_mail: portal.desk().sends_mail(),
        hooks,
        calls_webhooks: portal.desk().calls_webhooks(),
        url: String::new(),
        made: None,
    })
}

fn hook(line: WebhookLine) -> Hook {
    Hook {
        made: words::when(&line.made),
        ended: line.ended.as_deref().map(words::when),
        last: line.last_success.as_deref().map(words::when),
        failed: line.why.as_deref().map(|why| {
            let calls = words::count(usize::try_from(line.failures).unwrap_or_default(), "call");
            format!("{calls} failed: {why}")
        }),
        line,
    }
}

/// `GET /settings`.
pub(crate) async fn page(Visit { officer, portal, page, .. }: Visit) -> Result<Response, Fault> {
    Ok(html(StatusCode::OK, view(&portal, &officer, page).await?.render()))
}

/// What cannot be done shows the page again, and why.
async fn back(portal: &Portal, officer: &Officer, page: Page, url: &str, fault: Fault) -> Result<Response, Fault> {
    match fault {
        fault @ (Fault::Bad(_) | Fault::Refused(_) | Fault::NotNow(_)) => {
            let mut view = view(portal, officer, page).await?;
            view.problems = fault.lines();
            url.clone_into(&mut view.url);
            Ok(html(fault.status(), view.render()))
        }
        fault => Err(fault),
    }
}

/// `POST /settings/mail`.
pub(crate) async fn mail(Visit { officer, portal, page, .. }: Visit, form: Form) -> Result<Response, Fault> {
    let chosen = match form.text("mail") {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(Fault::Bad(vec![Invalid::new("is not chosen", "choose one").at("the form", "mail")])),
    };
    let done = match chosen {
        Ok(wanted) => portal.desk().prefer_mail(officer.who(), wanted).await.map_err(Fault::from),
        Err(fault) => Err(fault),
    };
    match done {
        Ok(()) => Ok(Redirect::to("/settings").into_response()),
        Err(fault) => back(&portal, &officer, page, "", fault).await,
    }
}

/// `POST /settings/webhooks`: no redirect, for the secret is shown once and an address may not hold it.
pub(crate) async fn add(Visit { officer, portal, page, .. }: Visit, form: Form) -> Result<Response, Fault> {
    let url = form.text("url").to_owned();
    match portal.desk().add_webhook(officer.who(), &url).await {
        Ok(new) => {
            let mut view = view(&portal, &officer, page).await?;
            view.made = Some(Made { secret: new.secret.reveal().to_owned(), url: new.url });
            Ok(html(StatusCode::OK, view.render()))
        }
        Err(e) => back(&portal, &officer, page, &url, e.into()).await,
    }
}

/// `POST /settings/webhooks/{webhook}/end`.
pub(crate) async fn end(
    Visit { officer, portal, page, .. }: Visit,
    Path(webhook): Path<String>,
) -> Result<Response, Fault> {
    let id: WebhookId = webhook.parse().map_err(|_| Fault::NoSuch)?;
    match portal.desk().end_webhook(officer.who(), id).await {
        Ok(()) => Ok(Redirect::to("/settings").into_response()),
        Err(e) => back(&portal, &officer, page, "", e.into()).await,
    }
}
