//! Mail against a server in this process.

use std::sync::Arc;
use std::time::Duration;

use casework::{Courier, Letter, Secret, To, Undelivered};
use outbound::{Mail, MailOptions, MailTls};
use testkit::MockClock;

use crate::http::closed_port;
use crate::letter;
use crate::smtp::{Manner, Sink};

pub fn options(sink: std::net::SocketAddr) -> MailOptions {
    MailOptions {
        server: sink.ip().to_string(),
        port: Some(sink.port()),
        tls: MailTls::None,
        from: "Concord <concord@example.gov>".to_owned(),
        user: None,
        password: None,
        sign_in: "https://concord.example.gov/".to_owned(),
        roots: None,
        timeout: Duration::from_millis(500),
    }
}

fn mail(options: MailOptions) -> Mail {
    Mail::new(options, Arc::new(MockClock::at("2026-11-23T21:05:00Z"))).map_err(|e| e.invalid).unwrap()
}

fn to_ana() -> Letter {
    letter(To::Mail { address: "ana.reyes@example.org".to_owned() })
}

#[tokio::test]
async fn a_mail_says_how_many_notices_wait_and_where_to_sign_in_and_nothing_else() {
    let sink = Sink::start(Manner::default()).await;
    let mail = mail(options(sink.address));
    mail.send(&to_ana()).await.unwrap();
    let got = sink.got().remove(0);
    assert_eq!(got.from, "MAIL FROM:<concord@example.gov>");
    assert_eq!(got.to, ["RCPT TO:<ana.reyes@example.org>"]);
    // The whole of it, letter for letter: what is not here does not leave.
    assert_eq!(
        got.text,
        "From: Concord <concord@example.gov>\n\
         To: ana.reyes@example.org\n\
         Subject: Concord: 3 new notices\n\
         Message-ID: <01a20a3a-3058-7e91-be7b-05536ab40faf@example.gov>\n\
         Date: Mon, 23 Nov 2026 21:05:00 +0000\n\
         Auto-Submitted: auto-generated\n\
         Content-Type: text/plain; charset=utf-8\n\
         Content-Transfer-Encoding: 7bit\n\
         \n\
         You have 3 new notices in Concord.\n\
         The first should be answered by 2026-11-24 01:05 UTC.\n\
         \n\
         Sign in: https://concord.example.gov/\n\
         \n\
         For your protection this mail says nothing of them.\n\
         Letter 01a20a3a-3058-7e91-be7b-05536ab40faf\n"
    );
    assert!(sink.said().starts_with("EHLO example.gov"), "this machine's name is not told");
    mail.send(&Letter { count: 1, ..to_ana() }).await.unwrap();
    let one = sink.got().remove(1).text;
    assert!(one.contains("1 new notice\n") && one.contains("1 new notice in Concord.\nIt should be answered by"));
    let id = |text: &str| text.lines().find(|l| l.starts_with("Message-ID")).unwrap().to_owned();
    assert_eq!(id(&one), id(&got.text), "the same letter, so that a mail that comes twice is seen to be one");
}

#[tokio::test]
async fn a_server_that_offers_no_tls_gets_nothing_but_a_greeting() {
    let sink = Sink::start(Manner::default()).await;
    let tls = MailOptions {
        tls: MailTls::Starttls,
        user: Some("concord".to_owned()),
        password: Some(Secret::new("a-password-of-the-test")),
        ..options(sink.address)
    };
    assert_eq!(mail(tls).send(&to_ana()).await, Err(Undelivered::Untrusted));
    assert!(sink.got().is_empty());
    let said = sink.said();
    assert!(!said.contains("MAIL") && !said.contains("AUTH") && !said.contains("ana"), "{said}");
}

#[tokio::test]
async fn mail_in_the_clear_goes_to_this_machine_alone() {
    let away = |server: &str| MailOptions { server: server.to_owned(), ..options("127.0.0.1:25".parse().unwrap()) };
    for server in ["mail.example.gov", "10.0.0.1", "localhost.example.gov", "127.0.0.1.example.gov", "::2"] {
        let made = Mail::new(away(server), Arc::new(MockClock::at("2026-11-23T21:05:00Z")));
        assert_eq!(made.err().map(|e| e.key), Some("tls"), "{server}");
    }
    for server in ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"] {
        assert!(Mail::new(away(server), Arc::new(MockClock::at("2026-11-23T21:05:00Z"))).is_ok(), "{server}");
    }
}

#[tokio::test]
async fn what_a_server_refuses_is_told_apart_from_what_may_come_right() {
    for (code, wanted) in [
        (550, Undelivered::Refused(550)),
        (553, Undelivered::Refused(553)),
        (451, Undelivered::Answered(451)),
        (552, Undelivered::Answered(552)),
    ] {
        let sink = Sink::start(Manner { to_recipient: code, silent: false }).await;
        let sent = mail(options(sink.address)).send(&to_ana()).await;
        assert_eq!((sent, sink.got().len()), (Err(wanted), 0));
        assert_eq!(wanted.is_final(), matches!(wanted, Undelivered::Refused(_)));
    }
    let silent = Sink::start(Manner { to_recipient: 0, silent: true }).await;
    assert_eq!(mail(options(silent.address)).send(&to_ana()).await, Err(Undelivered::Slow));
    let nobody = closed_port().await;
    assert_eq!(mail(options(nobody)).send(&to_ana()).await, Err(Undelivered::Unreachable));
    let sink = Sink::start(Manner::default()).await;
    let to = To::Mail { address: "nobody\r\nBcc: all@example.org".to_owned() };
    assert_eq!(mail(options(sink.address)).send(&letter(to)).await, Err(Undelivered::Refused(553)));
    assert!(sink.said().is_empty(), "an address with lines of its own is not even tried");
}

#[test]
fn an_option_that_is_wrong_is_named() {
    let base = || MailOptions { tls: MailTls::Starttls, ..options("127.0.0.1:25".parse().unwrap()) };
    let key = |o: MailOptions| Mail::new(o, Arc::new(MockClock::at("2026-11-23T21:05:00Z"))).err().map(|e| e.key);
    assert_eq!(key(base()), None);
    assert_eq!(key(MailOptions { from: "nobody".to_owned(), ..base() }), Some("from"));
    assert_eq!(key(MailOptions { from: "a@b.example\r\nBcc: c@d.example".to_owned(), ..base() }), Some("from"));
    assert_eq!(key(MailOptions { sign_in: "concord".to_owned(), ..base() }), Some("sign_in"));
    assert_eq!(key(MailOptions { sign_in: "javascript:alert(1)".to_owned(), ..base() }), Some("sign_in"));
    assert_eq!(key(MailOptions { user: Some("u".to_owned()), ..base() }), Some("password_file"));
    assert_eq!(key(MailOptions { password: Some(Secret::new("p")), ..base() }), Some("user"));
    assert_eq!(key(MailOptions { roots: Some(b"none".to_vec()), ..base() }), Some("ca_file"));
}
