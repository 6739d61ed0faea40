//! Every address leaves its event; those that leave none stand in the table with their reason.

use portal::{Kind, Leaves, TABLE};

use crate::house::house;

#[tokio::test]
async fn every_address_leaves_what_its_row_says() {
    for route in TABLE {
        let house = house().await;
        let conflict = house.conflict().await;
        let receipt = house.submit(&house.ana, "kind,value\nemail,owl@example.org\n").await.receipt;
        house
            .desk
            .hold(&house.ben.who, conflict.parse().unwrap(), casework::HoldOrder::Propose("wait".parse_words()))
            .await
            .unwrap();
        house
            .desk
            .step(
                &house.ben.who,
                conflict.parse().unwrap(),
                casework::Step::Propose(model::Resolution::Joint, "one case".parse_words()),
            )
            .await
            .unwrap();
        let inbox = house.desk.inbox(&house.ana.who).await.unwrap();
        let notice = inbox.items.iter().find_map(|i| i.notice.clone()).expect("a notice to see");
        let hold = house.desk.conflict(&house.ana.who, conflict.parse().unwrap()).await.unwrap().holds[0].hold.clone();
        if route.path.ends_with("/reopen") {
            house.desk.step(&house.ana.who, conflict.parse().unwrap(), casework::Step::Accept(None)).await.unwrap();
        }
        let job = house.bulk_job().await;
        if route.path.contains("{job}/answer") {
            house.desk.approve_bulk(&house.ana.who, job.parse().unwrap()).await.unwrap();
            while house.desk.work_bulk().await.unwrap().more {}
        }
        let case_id = house.case_id(&house.ana).await;
        let entry = house.entry(&house.ana).await;
        let webhook = if route.path.contains("{webhook}") { house.webhook(&house.ana).await } else { String::new() };
        // One's own offer is taken back; another's is answered.
        let transfer = match route.path {
            path if path.contains("{transfer}/withdraw") => house.offer(&house.ana, &house.ben).await,
            path if path.contains("{transfer}") => house.offer(&house.ben, &house.ana).await,
            _ => String::new(),
        };
        let browser = house.signed_in(&house.ana).await;
        // Once, so that the reader's name is known and only the address speaks.
        browser.get("/help").await;
        house.desk.settle_ledger().await.unwrap();
        let member = house.ana.who.member.to_string();
        let case = house.ana.case.as_str().to_owned();
        let agency = house.ben.who.agency.to_string();
        let path = route
            .path
            .replace("{case}", &case_id)
            .replace("{job}", &job)
            .replace("{entry}", &entry)
            .replace("{transfer}", &transfer)
            .replace("{webhook}", &webhook)
            .replace("{agency}", &agency)
            .replace("{conflict}", &conflict)
            .replace("{receipt}", &receipt)
            .replace("{notice}", &notice)
            .replace("{name}", portal::assets::APP_CSS.name);
        let fields: &[(&str, &str)] = &[
            ("text", "owl@example.org"),
            ("reason", "words"),
            ("resolution", "joint"),
            ("marking", "amber"),
            ("hold", &hold),
            ("member", &member),
            ("kind", "email"),
            ("value", "owl@example.org"),
            ("outcome", "exhausted"),
            ("authority", "search-warrant"),
            ("process", "warrant 26-2"),
            ("verb", "check"),
            ("number", "WA-NEW"),
            ("area", "enticement"),
            ("nexus", "a chat room"),
            ("predicate", "a provider's answer"),
            ("act", "check"),
            ("case", &case),
            ("purpose", "before a warrant"),
            ("to", &agency),
            ("mail", "off"),
            ("url", "https://other.example.org/concord"),
        ];
        // The banner is taken note of once, at the beginning of a session.
        if (route.method, route.path) == ("post", "/banner") {
            browser.post("/demo/step-in", &[("member", &member)]).await;
            house.desk.settle_ledger().await.unwrap();
        }
        let got = match route.method {
            "get" => browser.get(&path).await,
            _ if route.kind == Kind::Api => {
                browser.post_json(&path, &crate::api::body(route.path, &case, &agency)).await
            }
            // Its form is files.
            _ if route.path == "/import" => {
                let upload = [("list.csv", "kind,value\nemail,heron@example.org\n")];
                browser.upload(&path, &upload, &[("case", &case), ("level", "open")]).await
            }
            _ => browser.post(&path, fields).await,
        };
        let at = format!("{} {}", route.method, route.path);
        assert!(matches!(got.status, 200 | 201 | 204 | 303), "{at}: {} {}", got.status, got.body);
        let left = house.desk.settle_ledger().await.unwrap();
        match route.leaves {
            Leaves::Event(verb) => assert!(left > 0, "{at} leaves no event; its row says {verb}"),
            // The door of a trial names officers, and each name shown leaves its own.
            Leaves::Nothing(_) if route.path == "/sign-in" => assert_eq!(left, 3, "three officers are named"),
            Leaves::Nothing(why) => assert_eq!(left, 0, "{at} is said to leave nothing ({why}): a stale row"),
        }
    }
}

trait Words {
    fn parse_words(&self) -> model::FreeText;
}

impl Words for &str {
    fn parse_words(&self) -> model::FreeText {
        model::FreeText::parse(self).unwrap()
    }
}
