//! Every address of the portal, who may come to it, and what it leaves in the ledger. Two tests walk this table: every
//! address refuses strangers and other agencies' members, and every address leaves its event.

use axum::Router;
use axum::extract::DefaultBodyLimit;

use crate::{Portal, api, assets, pages, session, stream};

/// Who comes to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An officer with an open session. A person's act: it keeps the session alive.
    Officer,
    /// The same, by a stream, which keeps nothing alive.
    Stream,
    /// A program with an officer's open session: whoever has none is told so in problem details, and sent nowhere.
    Api,
    /// Anybody.
    Open,
}

/// What a request leaves in the ledger when it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaves {
    /// An event of this verb.
    Event(&'static str),
    /// None, and why.
    Nothing(&'static str),
}

/// One address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// "get" or "post".
    pub method: &'static str,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// Who comes.
    pub kind: Kind,
    /// What it leaves.
    pub leaves: Leaves,
}

/// Addresses that take a large file.
const LARGE: [&str; 1] = ["/bulk/new"];
/// Longest file of a bulk job with the form around it, in bytes: what the readers read, and a little.
pub(crate) const MOST_UPLOAD: usize = 65 * 1024 * 1024;

const WORDS: &str = "words of the program, the same for everybody";

macro_rules! table {
    ($($method:ident $path:literal $kind:ident $leaves:expr => $handler:path;)*) => {
        /// Every address, in the order of the menu.
        pub const TABLE: &[Route] = &[$(Route {
            method: stringify!($method),
            path: $path,
            kind: Kind::$kind,
            leaves: { use Leaves::{Event, Nothing}; let _ = Event; let _ = Nothing; $leaves },
        }),*];

        /// The addresses of one kind.
        pub(crate) fn of(kind: Kind) -> Router<Portal> {
            let mut router = Router::new();
            $(if kind == Kind::$kind {
                let mut methods = axum::routing::$method($handler);
                if LARGE.contains(&$path) {
                    methods = methods.layer(DefaultBodyLimit::max(MOST_UPLOAD));
                }
                router = router.route($path, methods);
            })*
            router
        }
    };
}

table! {
    get "/" Officer Event("inbox") => pages::inbox::page;
    post "/notices/{notice}/seen" Officer Event("inbox") => pages::inbox::seen;
    get "/stream" Stream Event("inbox") => stream::inbox;

    get "/deconflict" Officer Event("view-case") => pages::deconflict::form;
    post "/deconflict" Officer Event("check") => pages::deconflict::ask;
    get "/receipts/{receipt}" Officer Event("get-receipt") => pages::receipts::page;
    get "/receipts/{receipt}/receipt.json" Officer Event("get-receipt") => pages::receipts::json;
    get "/receipts/{receipt}/answer.csv" Officer Event("get-receipt") => pages::receipts::csv;

    get "/conflicts/{conflict}" Officer Event("show-conflict") => pages::conflict::page;
    post "/conflicts/{conflict}/acknowledge" Officer Event("acknowledge") => pages::conflict::acknowledge;
    post "/conflicts/{conflict}/message" Officer Event("message") => pages::conflict::message;
    post "/conflicts/{conflict}/propose" Officer Event("propose") => pages::conflict::propose;
    post "/conflicts/{conflict}/accept" Officer Event("accept") => pages::conflict::accept;
    post "/conflicts/{conflict}/hold" Officer Event("hold") => pages::conflict::hold;
    post "/conflicts/{conflict}/lift" Officer Event("lift-hold") => pages::conflict::lift;
    post "/conflicts/{conflict}/act-against-hold" Officer Event("act-against-hold") => pages::conflict::against;

    get "/conflicts/{conflict}/stream" Stream Nothing("asks whether there is news; lines that it shows leave the conflict's event") => stream::conflict;
    get "/conflicts" Officer Event("inbox") => pages::conflicts::page;
    post "/conflicts/{conflict}/reopen" Officer Event("reopen") => pages::conflict::reopen;

    get "/checks" Officer Event("get-receipt") => pages::submissions::checks;
    get "/submissions" Officer Event("get-receipt") => pages::submissions::list;
    get "/submissions/{receipt}" Officer Event("view-case") => pages::submissions::page;
    get "/cases" Officer Event("view-case") => pages::cases::list;
    get "/cases/new" Officer Nothing("an empty form") => pages::cases::blank;
    post "/cases/new" Officer Event("open-case") => pages::cases::open;
    get "/cases/{case}" Officer Event("view-case") => pages::cases::page;
    post "/cases/{case}/open" Officer Event("view-case") => pages::cases::opened;
    post "/cases/{case}/withdraw" Officer Event("withdraw") => pages::cases::withdraw;
    get "/cases/{case}/entries/{entry}/correct" Officer Event("correct") => pages::correct::form;
    post "/cases/{case}/entries/{entry}/correct" Officer Event("correct") => pages::correct::correct;
    post "/cases/{case}/close" Officer Event("close-case") => pages::cases::close;
    get "/cases/{case}/transfer" Officer Event("list-agencies") => pages::transfers::blank;
    post "/cases/{case}/transfer" Officer Event("offer-transfer") => pages::transfers::offer;
    get "/transfers" Officer Event("inbox") => pages::transfers::list;
    post "/transfers/{transfer}/accept" Officer Event("accept-transfer") => pages::transfers::accept;
    post "/transfers/{transfer}/decline" Officer Event("accept-transfer") => pages::transfers::decline;
    post "/transfers/{transfer}/withdraw" Officer Event("offer-transfer") => pages::transfers::withdraw;
    get "/bulk" Officer Event("view-bulk") => pages::bulk::list;
    get "/bulk/new" Officer Event("view-case") => pages::bulk::blank;
    post "/bulk/new" Officer Event("ask-bulk") => pages::bulk::ask;
    get "/bulk/{job}" Officer Event("view-bulk") => pages::bulk::page;
    post "/bulk/{job}/approve" Officer Event("approve-bulk") => pages::bulk::approve;
    post "/bulk/{job}/refuse" Officer Event("approve-bulk") => pages::bulk::refuse;
    post "/bulk/{job}/cancel" Officer Event("cancel-bulk") => pages::bulk::cancel;
    get "/bulk/{job}/answer.csv" Officer Event("view-bulk") => pages::bulk::csv;
    get "/import" Officer Event("view-case") => pages::import::blank;
    post "/import" Officer Event("submit") => pages::import::import;
    get "/search" Officer Nothing("an empty form") => pages::search::blank;
    post "/search" Officer Event("search") => pages::search::search;
    get "/agencies" Officer Event("list-agencies") => pages::agencies::list;
    get "/agencies/{agency}" Officer Event("list-agencies") => pages::agencies::page;

    get "/settings" Officer Event("choose-mail") => pages::settings::page;
    post "/settings/mail" Officer Event("choose-mail") => pages::settings::mail;
    post "/settings/webhooks" Officer Event("add-webhook") => pages::settings::add;
    post "/settings/webhooks/{webhook}/end" Officer Event("end-webhook") => pages::settings::end;

    get "/help" Officer Nothing(WORDS) => pages::help::help;
    get "/help/guidelines" Officer Nothing(WORDS) => pages::help::guidelines;
    get "/accessibility" Open Nothing(WORDS) => pages::help::accessibility;
    get "/privacy" Open Nothing(WORDS) => pages::help::privacy;

    post "/api/v1/checks" Api Event("check") => api::checks::check;
    post "/api/v1/submissions" Api Event("submit") => api::submissions::submit;
    get "/api/v1/submissions" Api Event("get-receipt") => api::submissions::list;
    get "/api/v1/submissions/{receipt}" Api Event("view-case") => api::submissions::show;
    get "/api/v1/receipts/{receipt}" Api Event("get-receipt") => api::receipts::answer;
    get "/api/v1/receipts/{receipt}/receipt" Api Event("get-receipt") => api::receipts::receipt;
    get "/api/v1/inbox" Api Event("inbox") => api::inbox::inbox;
    post "/api/v1/notices/{notice}/seen" Api Event("inbox") => api::inbox::seen;
    get "/api/v1/conflicts" Api Event("inbox") => api::conflicts::list;
    get "/api/v1/conflicts/{conflict}" Api Event("show-conflict") => api::conflicts::show;
    post "/api/v1/conflicts/{conflict}/acknowledge" Api Event("acknowledge") => api::conflicts::acknowledge;
    post "/api/v1/conflicts/{conflict}/messages" Api Event("message") => api::conflicts::message;
    post "/api/v1/conflicts/{conflict}/proposals" Api Event("propose") => api::conflicts::propose;
    post "/api/v1/conflicts/{conflict}/accept" Api Event("accept") => api::conflicts::accept;
    post "/api/v1/conflicts/{conflict}/holds" Api Event("hold") => api::conflicts::hold;
    post "/api/v1/conflicts/{conflict}/reopen" Api Event("reopen") => api::conflicts::reopen;
    get "/api/v1/cases" Api Event("view-case") => api::cases::list;
    post "/api/v1/cases" Api Event("open-case") => api::cases::open;
    get "/api/v1/cases/{case}" Api Event("view-case") => api::cases::show;
    post "/api/v1/cases/{case}/entries/{entry}/correct" Api Event("correct") => api::correct::correct;
    get "/api/v1/transfers" Api Event("inbox") => api::transfers::list;
    post "/api/v1/transfers" Api Event("offer-transfer") => api::transfers::offer;
    post "/api/v1/transfers/{transfer}/accept" Api Event("accept-transfer") => api::transfers::accept;
    post "/api/v1/transfers/{transfer}/decline" Api Event("accept-transfer") => api::transfers::decline;
    post "/api/v1/transfers/{transfer}/withdraw" Api Event("offer-transfer") => api::transfers::withdraw;
    get "/api/v1/bulk" Api Event("view-bulk") => api::bulk::list;
    post "/api/v1/bulk" Api Event("ask-bulk") => api::bulk::ask;
    get "/api/v1/bulk/{job}" Api Event("view-bulk") => api::bulk::show;
    post "/api/v1/bulk/{job}/approve" Api Event("approve-bulk") => api::bulk::approve;
    post "/api/v1/bulk/{job}/refuse" Api Event("approve-bulk") => api::bulk::refuse;
    post "/api/v1/bulk/{job}/cancel" Api Event("cancel-bulk") => api::bulk::cancel;
    get "/api/v1/bulk/{job}/answer" Api Event("view-bulk") => api::bulk::answer;
    post "/api/v1/search" Api Event("search") => api::search::search;
    get "/api/v1/agencies" Api Event("list-agencies") => api::agencies::list;
    get "/api/v1/agencies/{agency}" Api Event("list-agencies") => api::agencies::show;
    get "/api/openapi.json" Open Nothing(WORDS) => api::docs::json;
    get "/api/docs" Open Nothing(WORDS) => api::docs::page;

    get "/sign-in" Open Nothing("nobody is signed in yet; on a trial each officer's name shown leaves one") => pages::sign_in::page;
    post "/demo/step-in" Open Event("step-in") => pages::sign_in::step_in;
    get "/banner" Open Nothing(WORDS) => pages::sign_in::banner;
    post "/banner" Open Event("keep-session") => pages::sign_in::agree;
    get "/locked" Open Nothing(WORDS) => pages::sign_in::locked;
    post "/session/lock" Open Event("keep-session") => pages::sign_in::lock;
    post "/sign-out" Open Event("keep-session") => pages::sign_in::sign_out;

    get "/assets/{name}" Open Nothing("files of the program") => assets::serve;
    get "/healthz" Open Nothing("says that the server answers, to whoever keeps it running") => session::healthy;
}
