//! Files are imported by a page with script off: every row is reported, and nothing is half-done.

use crate::browser::Got;
use crate::house::house;

const LIST: &str = "kind,value,role,age\nemail,fox@example.org,subject,adult\nemail,no address,subject,adult\nphone,(202) 555-0143,unknown,unknown\nemail,child@example.org,victim,minor\n";

/// What the form sends of how entries answer others.
const OPEN: (&str, &str) = ("level", "open");

fn report(number: &str, email: &str) -> String {
    format!(
        r#"{{"reportId":"{number}","incidentSummary":{{"incidentType":"Online Enticement of Children for Sexual Acts","platform":"Discord"}},
        "personOrUserReported":{{"screenName":"owl-{number}","espService":"Discord","personOrUserReportedPerson":{{"email":["{email}"]}}}}}}"#
    )
}

/// The row that stands at this place.
fn row(got: &Got, place: &str) -> String {
    got.between(&format!("<td data-l=\"Where\">{place}</td>"), "</tr>").to_owned()
}

#[tokio::test]
async fn a_list_with_a_bad_row_stores_nothing_and_says_of_every_row_what_it_is() {
    let house = house().await;
    let ana = house.signed_in(&house.ana).await;
    let got = ana.upload("/import", &[("list.csv", LIST)], &[("case", "WA-26-0117"), OPEN]).await;
    assert_eq!(got.status, 422);
    assert!(got.body.contains("Nothing was stored") && got.body.contains("autofocus"), "{}", got.body);
    assert!(row(&got, "line 2").contains("fox@example.org") && row(&got, "line 2").contains("Read, not stored"));
    assert!(row(&got, "line 3").contains("value: ") && row(&got, "line 3").contains("Not stored"));
    assert!(row(&got, "line 5").contains("of a protected person (line 5)") && !got.body.contains("child@example.org"));
    let case = format!("/cases/{}", house.case_id(&house.ana).await);
    assert!(ana.get(&case).await.body.contains("Nothing is entered yet"), "one bad row keeps all of them out");

    // Asked for, the good rows go in; sent again, they are known and nothing is stored twice.
    let fields = [("case", "WA-26-0117"), ("partial", "on"), OPEN];
    let part = ana.upload("/import", &[("list.csv", LIST)], &fields).await;
    assert_eq!(part.status, 200);
    assert!(part.body.contains("Stored in part") && row(&part, "line 4").contains(">Stored<"), "{}", part.body);
    assert!(row(&part, "line 3").contains("Not stored"));
    let receipt = format!("/receipts/{}", part.between("href=\"/receipts/", "\""));
    assert!(ana.get(&receipt).await.body.contains("3 identifiers"));
    let again = ana.upload("/import", &[("other-name.csv", LIST)], &fields).await;
    assert!(row(&again, "line 4").contains("Known already") && again.body.contains(&receipt), "{}", again.body);
    let view = house.desk.case_view(&house.ana.who, &house.ana.case, None).await.unwrap();
    assert_eq!(view.entries.len(), 3);
}

#[tokio::test]
async fn several_files_go_in_each_with_its_receipt_and_whom_to_call() {
    let house = house().await;
    house.submit(&house.ben, "kind,value,role\nemail,fox@example.org,subject\n").await;
    let ana = house.signed_in(&house.ana).await;
    let reports = format!("[{},{}]", report("1001", "hare@example.org"), report("1002", "fox@example.org"));
    let xml = "<report><reportId>1003</reportId><incidentSummary><platform>Discord</platform></incidentSummary><personOrUserReported><screenName>heron-3</screenName><espService>Discord</espService></personOrUserReported></report>";
    let list = "kind,value,role\nemail,fox@example.org,subject\n";
    let files = [("tips.json", reports.as_str()), ("tip.xml", xml), ("list.csv", list), ("photo.csv", "GIF89a......")];
    let look = ana.upload("/import", &files, &[("case", "WA-26-0117"), ("act", "look"), OPEN]).await;
    assert!(look.body.contains("Read: look what is wrong. Nothing was stored yet"));
    assert!(look.status == 200 && row(&look, "report 1001").contains("Read, not stored"), "{}", look.body);
    assert!(
        !house.signed_in(&house.ana).await.get("/cases").await.body.contains("CyberTip 1001"),
        "a look stores nothing"
    );
    let got = ana.upload("/import", &files, &[("case", "WA-26-0117"), OPEN]).await;
    assert_eq!(got.status, 200);
    assert!(got.body.contains("Stored in part. Call before you act"), "{}", got.body);
    for (place, says) in [("report 1001", "Answer"), ("report 1002", "Call before you act"), ("report 1003", "Answer")]
    {
        let row = row(&got, place);
        assert!(row.contains(">Stored<") && row.contains("href=\"/receipts/") && row.contains(says), "{place}: {row}");
    }
    assert!(row(&got, "report 1001").contains("CyberTip 1001"), "the case it is in");
    assert!(got.body.contains("Call before you act: the answer says whom."));
    assert!(got.between("photo.csv", "</section>").contains("picture"), "{}", got.between("photo.csv", "</section>"));
    let again = ana.upload("/import", &files[..2], &[OPEN]).await;
    assert!(again.body.contains("Known already; nothing was stored twice. Call before you act"), "{}", again.body);
    let row = row(&again, "report 1002");
    assert!(row.contains("Call before you act") && row.contains("CyberTip 1002"), "whom to call is said again: {row}");
    assert_eq!(house.desk.cases(&house.ana.who, Default::default(), None, None).await.unwrap().rows.len(), 4);
}

#[tokio::test]
async fn the_limits_stand_on_the_page_and_hold() {
    let house = house().await;
    let ana = house.signed_in(&house.ana).await;
    let form = ana.get("/import").await;
    assert!(form.body.contains("Together at most 4 MiB and 20 files"), "{}", form.body);
    assert!(form.body.contains("at most 256 reports, all lists together at most 500 identifiers"));
    let none = ana.upload("/import", &[], &[("case", "WA-26-0117"), OPEN]).await;
    assert!(none.status == 422 && none.body.contains("the form, files: are not chosen"), "{}", none.body);
    let rows: String = (0..501).map(|n| format!("email,user{n}@example.org\n")).collect();
    let long = format!("kind,value\n{rows}");
    let many = ana.upload("/import", &[("long.csv", &long)], &[("case", "WA-26-0117"), OPEN]).await;
    assert!(many.status == 422 && many.body.contains("501 identifiers") && many.body.contains("bulk job"));
    let reports: Vec<_> = (0..257).map(|n| report(&format!("{}", 5000 + n), "hare@example.org")).collect();
    let many = ana.upload("/import", &[("tips.json", &format!("[{}]", reports.join(",")))], &[OPEN]).await;
    assert!(many.status == 422 && many.body.contains("holds 257 reports"), "{}", many.body);
    // Nor do many lists bring what one may not.
    let half = |from: usize| {
        let rows: String = (from..from + 251).map(|n| format!("email,user{n}@example.org\n")).collect();
        format!("kind,value\n{rows}")
    };
    let (one, other) = (half(0), half(251));
    let halves = [("one.csv", one.as_str()), ("other.csv", other.as_str())];
    let many = ana.upload("/import", &halves, &[("case", "WA-26-0117"), OPEN]).await;
    assert!(many.status == 422 && many.body.contains("251 of the 502 identifiers"), "{}", many.body);
    assert!(many.body.contains("bulk job, which a second person of your agency approves"), "{}", many.body);
    let files: Vec<_> = (0..21).map(|_| ("list.csv", "kind,value\nemail,fox@example.org\n")).collect();
    let many = ana.upload("/import", &files, &[("case", "WA-26-0117"), OPEN]).await;
    assert!(many.status == 413 && many.body.contains("at most 4 MiB in at most 20 files"), "{}", many.body);
    assert_eq!(ana.upload("/import", &[("big.csv", &" ".repeat(portal::MOST_BODY))], &[OPEN]).await.status, 413);
    let list = [("list.csv", "kind,value\nemail,fox@example.org\n")];
    let nowhere = ana.upload("/import", &list, &[OPEN]).await;
    assert!(nowhere.status == 422 && nowhere.body.contains("is a list of identifiers of no case"), "{}", nowhere.body);
    let theirs = ana.upload("/import", &list, &[("case", "NNP-4471"), OPEN]).await;
    let nobodys = ana.upload("/import", &list, &[("case", "NNP-0000"), OPEN]).await;
    assert!(theirs.status == 422 && theirs.body.contains("is no case of your agency"), "{}", theirs.body);
    let blind = |got: &Got, number: &str| got.still().replace(number, "NUMBER");
    assert_eq!(blind(&theirs, "NNP-4471"), blind(&nobodys, "NNP-0000"));
    let view = house.desk.case_view(&house.ana.who, &house.ana.case, None).await.unwrap();
    assert!(view.entries.is_empty(), "nothing of all this was stored");
}

#[tokio::test]
async fn a_word_that_is_no_level_opens_nothing() {
    let house = house().await;
    let ana = house.signed_in(&house.ana).await;
    let list = [("list.csv", "kind,value\nemail,fox@example.org\n")];
    let case = ("case", "WA-26-0117");
    for fields in [vec![case], vec![case, ("level", "desks")], vec![case, ("level", "silent")]] {
        let imported = ana.upload("/import", &list, &fields).await;
        let entered = [&fields[..], &[("text", "fox@example.org"), ("act", "submit")]].concat();
        for got in [imported, ana.post("/deconflict", &entered).await] {
            assert_eq!(got.status, 422, "{fields:?}: {}", got.body);
            assert!(got.body.contains("the form, level: ") && got.body.contains("give open or desk"), "{}", got.body);
        }
        let words = [
            ("text", "fox@example.org"),
            ("verb", "submit"),
            ("authority", "search-warrant"),
            ("process", "warrant 26-1"),
            ("purpose", "a seized list"),
        ];
        let job = ana.post("/bulk/new", &[&fields[..], &words].concat()).await;
        assert!(job.status == 422 && job.body.contains("the form, level: "), "{fields:?}: {}", job.body);
    }
    let view = house.desk.case_view(&house.ana.who, &house.ana.case, None).await.unwrap();
    assert!(view.entries.is_empty());
}
