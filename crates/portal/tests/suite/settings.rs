//! Mail of one's own, and the agency's webhooks for those who keep them.

use casework::NewMember;
use model::{Role, Telephone};

use crate::house::{Member, house};

#[tokio::test]
async fn a_webhook_is_added_with_its_secret_shown_once_and_ended() {
    let house = house().await;
    let ana = house.signed_in(&house.ana).await;
    let made = ana.post("/settings/webhooks", &[("url", "https://hooks.example.org/concord")]).await;
    assert_eq!(made.status, 200, "{}", made.body);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let secret = made.between("<pre class=\"mono\">", "</pre>").to_owned();
    assert_eq!(secret.len(), 64);
    let page = ana.get("/settings").await;
    assert!(!page.body.contains(&secret) && page.body.contains("Not called yet"), "{}", page.body);
    let twice = ana.post("/settings/webhooks", &[("url", "https://hooks.example.org/concord")]).await;
    assert!(twice.status == 422 && twice.body.contains("its secret cannot be shown again"), "{}", twice.body);
    let end = format!("/settings/webhooks/{}/end", page.between("action=\"/settings/webhooks/", "/end"));
    assert_eq!(ana.post(&end, &[]).await.location(), Some("/settings"));
    let ended = ana.get("/settings").await;
    assert!(ended.body.contains(">Ended<") && !ended.body.contains(&end), "{}", ended.body);
    assert_eq!(ana.post(&end, &[]).await.status, 404);
}

#[tokio::test]
async fn an_address_that_is_never_called_is_refused_in_words() {
    let house = house().await;
    let ana = house.signed_in(&house.ana).await;
    for (url, says) in [
        ("https://10.1.2.3/hook", "is an address inside a network; use a public address"),
        ("https://169.254.169.254/latest", "is an address inside a network"),
        ("https://[::1]/", "is an address inside a network"),
        ("http://hooks.example.org/", "is not https"),
        ("https://hooks.example.org:8443/", "names a port other than 443"),
        ("https://user:secret@hooks.example.org/", "holds a user name or a password"),
        ("words", "is not an address"),
    ] {
        let got = ana.post("/settings/webhooks", &[("url", url)]).await;
        assert!(got.status == 422 && got.body.contains(says), "{url}: {}", got.body);
        assert!(got.body.contains(&format!("value=\"{url}\"")), "{url}: what was typed is kept");
    }
    assert!(house.desk.webhooks(&house.ana.who).await.unwrap().webhooks.is_empty());
}

#[tokio::test]
async fn who_is_no_administrator_has_their_mail_and_no_webhooks() {
    let house = house().await;
    house.webhook(&house.ana).await;
    let new = NewMember {
        agency: house.ana.who.agency,
        name: "Eve Moss".to_owned(),
        email: "eve.moss@example.org".to_owned(),
        telephone: Telephone::parse("206-555-0115").unwrap(),
        sworn: true,
        roles: vec![Role::Investigator],
    };
    let id = house.desk.add_member(&casework::Principal::operator(), new).await.unwrap();
    let who = house.desk.member(&id.to_string()).await.unwrap();
    let eve = house.signed_in(&Member { who: who.clone(), case: house.ana.case.clone() }).await;
    let page = eve.get("/settings").await;
    assert!(page.body.contains("id=\"m-on\" name=\"mail\" value=\"on\" checked"), "{}", page.body);
    assert!(!page.body.contains("webhook") && !page.body.contains("hooks.example.org"));
    assert_eq!(eve.post("/settings/mail", &[("mail", "off")]).await.location(), Some("/settings"));
    assert!(!house.desk.mail_preference(&who).await.unwrap());
    assert!(eve.get("/settings").await.body.contains("id=\"m-off\" name=\"mail\" value=\"off\" checked"));
    assert_eq!(eve.post("/settings/mail", &[("mail", "perhaps")]).await.status, 422);
    let refused = eve.post("/settings/webhooks", &[("url", "https://other.example.org/")]).await;
    assert!(refused.status == 403 && refused.body.contains("an administrator"), "{}", refused.body);
    assert!(house.desk.mail_preference(&house.ana.who).await.unwrap(), "a colleague's choice is theirs");
}
