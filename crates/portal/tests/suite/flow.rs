//! From paste to answer to thread, by full pages; and the block is what the page holds.

use crate::house::house;

const LINES: &str = "fox@example.org\n(202) 555-0143\n";

#[tokio::test]
async fn from_paste_to_the_other_officers_inbox_without_script() {
    let house = house().await;
    house.submit(&house.ana, "kind,value,role\nemail,fox@example.org,subject\n").await;
    let (ben, ana) = (house.signed_in(&house.ben).await, house.signed_in(&house.ana).await);
    let form = ben.get("/deconflict").await;
    let request = form.between("name=\"request\" value=\"", "\"");
    let fields = [
        ("text", LINES),
        ("case", "NNP-4471"),
        ("purpose", "before a warrant"),
        ("act", "check"),
        ("request", request),
    ];
    let went = ben.post("/deconflict", &fields).await;
    assert_eq!(went.status, 303, "{}", went.body);
    let answer = ben.get(went.location().unwrap()).await;
    for said in [
        "Call before you act",
        "Puget Sound Task Force",
        "Ana Reyes",
        "href=\"tel:2065550111\"",
        "Sun 22:00 there, PST",
        "fox@example.org",
        "watch desk 202-555-0100".replace('w', "W").as_str(),
        "That does not make the people the same.",
        "Not asked: RISSafe",
    ] {
        assert!(answer.body.contains(said), "{said}");
    }
    // Sent again (a reload, a second click), it is the same answer.
    assert_eq!(ben.post("/deconflict", &fields).await.location(), went.location());
    let thread = format!("/conflicts/{}", answer.between("href=\"/conflicts/", "\""));
    assert_eq!(
        ben.post(&format!("{thread}/message"), &[("text", "Call me before any contact."), ("marking", "amber")])
            .await
            .location(),
        Some(thread.as_str())
    );
    let inbox = ana.get("/").await;
    assert!(inbox.body.contains("Navajo Nation Police") && inbox.body.contains("Ben Yazzie"));
    assert!(inbox.body.contains("Sun 23:00 there, MST"));
    let seen = ana.get(&thread).await;
    assert!(seen.body.contains("Call me before any contact.") && seen.body.contains("TLP:AMBER"));
    assert!(!seen.body.contains("NNP-4471"), "their case's number");
    assert!(seen.body.contains("Sun 23:00 there, MST"));
    let agency = ana.get(&format!("/agencies/{}", house.ben.who.agency)).await;
    assert!(agency.body.contains("Sun 23:00 there, MST"));
    ana.post(&format!("{thread}/acknowledge"), &[]).await;
    ana.post(&format!("{thread}/propose"), &[("resolution", "joint"), ("reason", "one man")]).await;
    assert!(ben.get(&thread).await.body.contains("They propose: <b>One joint case.</b>"));
    ben.post(&format!("{thread}/accept"), &[("resolution", "joint")]).await;
    assert!(ana.get(&thread).await.body.contains("<b>One joint case.</b>"));
}

#[tokio::test]
async fn a_block_is_what_its_page_holds() {
    let house = house().await;
    let conflict = house.conflict().await;
    let receipt = house.submit(&house.ana, "kind,value\nemail,owl@example.org\n").await.receipt;
    let browser = house.signed_in(&house.ana).await;
    for (path, from) in [
        (format!("/conflicts/{conflict}"), "<div id=\"work\">"),
        (format!("/receipts/{receipt}"), "<div id=\"work\">"),
        ("/".to_owned(), "<div id=\"inbox\">"),
    ] {
        let (page, block) = (browser.get(&path).await, browser.block(&path).await);
        assert!(block.body.starts_with(from), "{path}: {}", block.body);
        assert!(page.still().contains(&block.still()), "{path}");
        assert!(!block.body.contains("<html"), "{path}");
    }
    assert_eq!(
        browser.block(&format!("/receipts/{receipt}")).await.header("hx-push-url"),
        Some(format!("/receipts/{receipt}").as_str())
    );
}

#[tokio::test]
async fn a_line_that_is_not_recognised_comes_back_and_is_never_dropped() {
    let house = house().await;
    let ben = house.signed_in(&house.ben).await;
    let fields =
        [("text", "fox@example.org\nbluejay_4471"), ("case", "NNP-4471"), ("purpose", "a lead"), ("act", "check")];
    let back = ben.post("/deconflict", &fields).await;
    assert_eq!(back.status, 422);
    assert!(back.body.contains("1 line could not be recognised") && back.body.contains("value=\"bluejay_4471\""));
    assert!(
        back.body.contains("value=\"NNP-4471\"") && back.body.contains("value=\"a lead\""),
        "what was typed is kept"
    );
    let rows = |platform| {
        [
            ("rows", "2"),
            ("kind-0", "email"),
            ("value-0", "fox@example.org"),
            ("role-0", "unknown"),
            ("age-0", "unknown"),
            ("kind-1", "handle"),
            ("value-1", "bluejay_4471"),
            ("platform-1", platform),
            ("role-1", "unknown"),
            ("age-1", "unknown"),
            ("case", "NNP-4471"),
            ("purpose", "a lead"),
            ("act", "check"),
        ]
    };
    let lacking = ben.post("/deconflict", &rows("")).await;
    assert_eq!(lacking.status, 422);
    assert!(lacking.between("id=\"row-1\"", "</span>").contains("platform"), "the row says what it lacks");
    let named = ben.post("/deconflict", &rows("chat.example.org")).await;
    assert_eq!(named.status, 303, "{}", named.body);
    let answer = ben.get(named.location().unwrap()).await;
    assert!(answer.body.contains("Nothing to show you. This is not proof that nobody works it."));
    assert!(answer.body.contains("2 identifiers"));
}

#[tokio::test]
async fn bad_input_says_field_and_cure_and_keeps_what_was_typed() {
    let house = house().await;
    let ben = house.signed_in(&house.ben).await;
    let text = ("text", "fox@example.org");
    for (fields, said) in [
        (vec![text, ("case", "NNP-4471"), ("act", "check")], "why you ask"),
        (vec![text, ("purpose", "a lead"), ("act", "check")], "34 U.S.C. 21115(a)"),
        (vec![text, ("case", "NO-SUCH"), ("purpose", "a lead"), ("act", "check")], "no case of this number"),
        (vec![text, ("purpose", "a lead"), ("act", "submit")], "give the number of your case"),
        (vec![("text", "   "), ("case", "NNP-4471"), ("purpose", "a lead"), ("act", "check")], "There is a problem"),
        (
            vec![("text", "\u{89}PNG\r\n\u{1a}\nxxxx"), ("case", "NNP-4471"), ("purpose", "x y"), ("act", "check")],
            "There is a problem",
        ),
    ] {
        let got = ben.post("/deconflict", &fields).await;
        assert_eq!(got.status, 422, "{fields:?}: {}", got.body);
        assert!(got.body.contains(said), "{fields:?}: {}", got.body);
        assert!(got.body.contains("role=\"alert\"") && got.body.contains("autofocus"), "focus goes to what is wrong");
    }
    let many: String = (0..501).map(|n| format!("user{n}@example.org\n")).collect();
    let got = ben
        .post("/deconflict", &[("text", &many), ("case", "NNP-4471"), ("purpose", "a lead"), ("act", "check")])
        .await;
    assert_eq!(got.status, 422);
    assert!(got.body.contains("more than one page asks (500)"));
}

#[tokio::test]
async fn a_picture_is_refused_by_its_content() {
    let house = house().await;
    let ben = house.signed_in(&house.ben).await;
    let body = concat!(
        "--x\r\nContent-Disposition: form-data; name=\"act\"\r\n\r\ncheck\r\n",
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"list.csv\"\r\nContent-Type: text/csv\r\n\r\n",
        "GIF89a........\r\n--x--\r\n"
    );
    let headers = [("content-type", "multipart/form-data; boundary=x"), ("origin", crate::house::ORIGIN)];
    let got = ben.send("POST", "/deconflict", Some(body.to_owned()), &headers).await;
    assert_eq!(got.status, 422);
    assert!(got.body.contains("picture") || got.body.contains("image"), "{}", got.body);
}

#[tokio::test]
async fn a_receipt_downloads_and_verifies_and_its_csv_holds_no_formula() {
    let house = house().await;
    let key = house.desk.init(&model::Telephone::parse("202-555-0100").unwrap(), true).await;
    assert!(key.is_err(), "made once");
    let receipt =
        house.submit(&house.ana, "kind,value,platform\nhandle,=HYPERLINK(1),chat.example.org\n").await.receipt;
    house.submit(&house.ben, "kind,value,platform\nhandle,=hyperlink(1),chat.example.org\n").await;
    let browser = house.signed_in(&house.ana).await;
    let json = browser.get(&format!("/receipts/{receipt}/receipt.json")).await;
    assert!(json.header("content-disposition").unwrap().starts_with("attachment"));
    assert!(json.body.contains(&receipt) && json.body.contains("proof"));
    let again = house.submit(&house.ana, "kind,value,platform\nhandle,=Hyperlink(1),chat.example.org\n").await.receipt;
    let csv = browser.get(&format!("/receipts/{again}/answer.csv")).await;
    assert!(csv.body.contains("'=Hyperlink(1)") && !csv.body.contains(",=H"), "{}", csv.body);
}

#[tokio::test]
async fn a_case_is_opened_entered_into_searched_withdrawn_from_and_closed_by_pages() {
    let house = house().await;
    let browser = house.signed_in(&house.ana).await;
    let wrong =
        browser.post("/cases/new", &[("number", ""), ("area", "enticement"), ("nexus", ""), ("predicate", "")]).await;
    assert_eq!(wrong.status, 422);
    for field in ["number", "how the Internet was used", "facts"] {
        assert!(wrong.body.contains(&format!("the form, {field}: ")), "{field}: all that is wrong is said at once");
    }
    let new = [
        ("number", "WA-26-0200"),
        ("area", "travel"),
        ("nexus", "an account in a chat room"),
        ("predicate", "logs of a provider"),
    ];
    let opened = browser.post("/cases/new", &new).await;
    assert_eq!(opened.status, 303, "{}", opened.body);
    let case = opened.location().unwrap().to_owned();
    assert!(!case.contains("WA-26"), "no number in an address");
    assert_eq!(browser.post("/cases/new", &new).await.status, 422, "a number that is taken is said");
    let entered = [("text", "heron@example.org"), ("case", "WA-26-0200"), ("act", "submit"), ("level", "open")];
    assert_eq!(browser.post("/deconflict", &entered).await.status, 303);
    let page = browser.get(&case).await;
    assert!(page.body.contains("heron@example.org") && page.body.contains("logs of a provider"));
    let found = browser.post("/search", &[("text", "heron")]).await;
    assert!(found.body.contains("heron@example.org") && found.body.contains("WA-26-0200"), "{}", found.body);
    let other = house.signed_in(&house.ben).await.post("/search", &[("text", "heron")]).await;
    assert!(!other.body.contains("heron@example.org"));
    let fields = [("kind", "email"), ("value", "heron@example.org"), ("reason", "a wrong reading")];
    assert_eq!(browser.post(&format!("{case}/withdraw"), &fields).await.location(), Some(case.as_str()));
    assert!(browser.get(&case).await.body.contains("withdrawn"));
    assert_eq!(
        browser.post(&format!("{case}/close"), &[("outcome", "exhausted")]).await.location(),
        Some(case.as_str())
    );
    assert!(browser.get("/cases?status=closed").await.body.contains("WA-26-0200"));
    assert!(browser.get("/submissions").await.body.contains("what you pasted"));
}

#[tokio::test]
async fn what_is_a_childs_opens_in_its_own_case_for_a_reason_alone() {
    let house = house().await;
    house
        .submit(
            &house.ana,
            "kind,value,role,age\nemail,child@example.org,victim,minor\nemail,fox@example.org,subject,adult\n",
        )
        .await;
    let browser = house.signed_in(&house.ana).await;
    let case = format!("/cases/{}", house.case_id(&house.ana).await);
    for path in [case.as_str(), "/", "/submissions", "/conflicts", "/cases"] {
        assert!(!browser.get(path).await.body.contains("child@example.org"), "{path}");
    }
    assert!(!browser.post("/search", &[("text", "child")]).await.body.contains("child@example.org"));
    assert_eq!(browser.post(&format!("{case}/open"), &[("reason", "")]).await.status, 422);
    let opened = browser.post(&format!("{case}/open"), &[("reason", "to call the parents")]).await;
    assert!(opened.body.contains("child@example.org"));
}

#[tokio::test]
async fn what_is_written_into_a_thread_twice_stands_there_once_without_script() {
    let house = house().await;
    let conflict = house.conflict().await;
    let (ana, ben) = (house.signed_in(&house.ana).await, house.signed_in(&house.ben).await);
    let thread = format!("/conflicts/{conflict}");
    let page = ana.get(&thread).await;
    // The page's own form of each: its id is what makes the second click no second message.
    let id = |action: &str| page.between(&format!("action=\"{thread}/{action}\""), "</form>").to_owned();
    let once = |form: &str| {
        let (_, rest) = form.split_once("name=\"request\" value=\"").expect("the form has its id");
        rest.split_once('"').unwrap().0.to_owned()
    };
    let sent = [
        ("message", vec![("text", "Call me before any contact."), ("marking", "amber")]),
        ("propose", vec![("resolution", "joint"), ("reason", "one man")]),
        ("hold", vec![("reason", "we go in tonight")]),
    ];
    let ids: Vec<String> = sent.iter().map(|(action, _)| once(&id(action))).collect();
    assert!(ids.iter().all(|one| ids.iter().filter(|other| *other == one).count() == 1), "one id a form: {ids:?}");
    for ((action, fields), request) in sent.iter().zip(&ids) {
        let fields: Vec<_> = fields.iter().copied().chain([("request", request.as_str())]).collect();
        for _ in 0..2 {
            let went = ana.post(&format!("{thread}/{action}"), &fields).await;
            assert_eq!((went.status, went.location()), (303, Some(thread.as_str())), "{action}: {}", went.body);
        }
    }
    let read = ben.get(&thread).await.body;
    assert_eq!(read.matches("Call me before any contact.").count(), 1);
    assert_eq!(read.matches("<b>Hold.</b>").count(), 1);
    let inbox = ben.get("/").await.body;
    for words in ["They wrote to you.", "They propose: joint.", "They ask that neither side"] {
        assert_eq!(inbox.matches(words).count(), 1, "{words}");
    }
    // Back, another text, sent with the old id: refused in words, with what was written and an id of its own.
    let fields = [("text", "Call me tomorrow."), ("marking", "green"), ("request", ids[0].as_str())];
    let refused = ana.post(&format!("{thread}/message"), &fields).await;
    assert_eq!(refused.status, 409);
    assert!(
        refused.body.contains("Another request of this id exists already.")
            && refused.body.contains("Call me tomorrow.")
    );
    assert!(refused.body.contains("<option value=\"green\" selected>"), "the marking stands as it was chosen");
    assert!(!refused.body.contains(&ids[0]));
}

#[tokio::test]
async fn what_was_written_into_a_form_comes_back_when_it_was_refused() {
    let house = house().await;
    let conflict = house.conflict().await;
    let thread = format!("/conflicts/{conflict}");
    let (ana, ben) = (house.signed_in(&house.ana).await, house.signed_in(&house.ben).await);
    ana.post(&format!("{thread}/propose"), &[("resolution", "joint"), ("reason", "one man")]).await;
    ben.post(&format!("{thread}/accept"), &[("resolution", "joint")]).await;
    // It ended meanwhile: a proposal of an old page is refused.
    let late =
        ana.post(&format!("{thread}/propose"), &[("resolution", "ceded"), ("reason", "their warrant is older")]).await;
    assert_eq!(late.status, 409, "{}", late.body);
    assert!(late.body.contains("their warrant is older"), "{}", late.body);
    let reason = [("reason", "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg")];
    ana.post(&format!("{thread}/reopen"), &[("reason", "the account is in use")]).await;
    for (action, field) in [("propose", "id=\"reason\""), ("hold", "id=\"hold-reason\"")] {
        let fields = [&[("resolution", "ceded")][..], &reason].concat();
        let bad = ana.post(&format!("{thread}/{action}"), &fields).await;
        assert_eq!(bad.status, 422, "{action}: {}", bad.body);
        let form = bad.between(field, ">");
        assert!(form.contains("data:image/png"), "{action}: {form}");
        assert_eq!(bad.body.contains("<option value=\"ceded\" selected>"), action == "propose");
    }
}
