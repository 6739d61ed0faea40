//! A hostile value is words wherever it is shown.

use crate::house::house;

const BAD: &str = "<img src=x onerror=alert(1)>\"'><script>alert(1)</script>";

/// No element came of it, and no attribute ended early.
fn inert(body: &str, at: &str) {
    let lower = body.to_ascii_lowercase();
    assert!(!lower.contains("<img"), "{at}: an element came of a value\n{body}");
    assert!(!lower.contains("<script>alert"), "{at}: a script came of a value");
    assert!(!lower.contains("onerror=alert(1)>\"'"), "{at}: unescaped");
}

#[tokio::test]
async fn a_hostile_value_is_inert_in_every_field_and_message() {
    let house = house().await;
    let csv = format!("kind,value,platform,note\nhandle,\"{0}\",\"{0}\",\"{0}\"\n", BAD.replace('"', "\"\""));
    house.submit(&house.ana, &csv).await;
    let (ana, ben) = (house.signed_in(&house.ana).await, house.signed_in(&house.ben).await);
    let asked = [
        ("rows", "1"),
        ("kind-0", "handle"),
        ("value-0", BAD),
        ("platform-0", BAD),
        ("role-0", "subject"),
        ("age-0", "adult"),
        ("case", "NNP-4471"),
        ("purpose", BAD),
        ("act", "check"),
    ];
    let went = ben.post("/deconflict", &asked).await;
    assert_eq!(went.status, 303, "{}", went.body);
    let answer = ben.get(went.location().unwrap()).await;
    inert(&answer.body, "answer");
    assert!(answer.body.contains("&#60;img") || answer.body.contains("&lt;img"), "it is shown as words");
    let thread = format!("/conflicts/{}", answer.between("href=\"/conflicts/", "\""));
    for (step, field) in [("message", "text"), ("propose", "reason"), ("hold", "reason")] {
        let got =
            ben.post(&format!("{thread}/{step}"), &[(field, BAD), ("marking", "amber"), ("resolution", "joint")]).await;
        assert_eq!(got.status, 303, "{step}: {}", got.body);
    }
    inert(&ana.get(&thread).await.body, "thread");
    inert(&ana.get("/").await.body, "inbox");
    inert(&ana.block("/").await.body, "inbox block");
    // Every field of every form, sent with it, comes back as words.
    for (path, fields) in [
        ("/deconflict".to_owned(), ["text", "purpose", "case", "nexus", "level", "request", "act"]),
        (format!("{thread}/message"), ["text", "marking", "", "", "", "", ""]),
        (format!("{thread}/propose"), ["resolution", "reason", "", "", "", "", ""]),
        (format!("{thread}/accept"), ["resolution", "", "", "", "", "", ""]),
    ] {
        let all: Vec<_> = fields.iter().filter(|f| !f.is_empty()).map(|f| (*f, BAD)).collect();
        let got = ben.post(&path, &all).await;
        inert(&got.body, &path);
        assert!(got.status < 500, "{path}: {}", got.status);
    }
    for n in ["kind-0", "value-0", "platform-0", "role-0", "age-0", "seen_from-0", "port-0", "source-0", "report-0"] {
        let got = ben
            .post("/deconflict", &[("rows", "1"), ("kind-0", "email"), ("value-0", "x"), (n, BAD), ("act", "check")])
            .await;
        inert(&got.body, n);
        assert!(got.status < 500, "{n}");
    }
    let (case, entry) = (house.case_id(&house.ana).await, house.entry(&house.ana).await);
    let to = house.ben.who.agency.to_string();
    for (path, fields) in [
        (format!("/cases/{case}/transfer"), vec![("to", BAD), ("reason", BAD)]),
        (format!("/cases/{case}/transfer"), vec![("to", &to), ("reason", BAD)]),
        (format!("/cases/{case}/entries/{entry}/correct"), vec![("value", BAD), ("platform", BAD), ("request", BAD)]),
        ("/settings/webhooks".to_owned(), vec![("url", BAD)]),
        ("/settings/mail".to_owned(), vec![("mail", BAD)]),
    ] {
        let got = ana.post(&path, &fields).await;
        inert(&got.body, &path);
        assert!(got.status < 500, "{path}: {}", got.status);
    }
    let offers = ben.get("/transfers").await;
    assert!(offers.body.contains("&lt;img") || offers.body.contains("&#60;img"), "what was written for him is words");
    inert(&offers.body, "/transfers");
    let transfer = offers.between("action=\"/transfers/", "/accept").to_owned();
    for (act, fields) in [("accept", ["number", "lead"]), ("decline", ["reason", "number"])] {
        let all: Vec<_> = fields.iter().map(|f| (*f, BAD)).collect();
        inert(&ben.post(&format!("/transfers/{transfer}/{act}"), &all).await.body, act);
    }
    inert(&ana.get("/transfers").await.body, "/transfers of who offered");
    let files = [(
        "list.csv",
        format!("kind,value,platform\nhandle,\"{0}\",\"{0}\"\nemail,\"{0}\",\n", BAD.replace('"', "\"\"")),
    )];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    let good = [("case", "NNP-4471"), ("partial", "on"), ("level", "open")];
    for fields in [&good[..], &[("case", BAD), ("level", BAD)]] {
        let got = ben.upload("/import", &files, fields).await;
        inert(&got.body, "/import");
        assert!(got.status < 500, "/import: {}", got.status);
    }
    let csv = ben.get(&format!("{}/answer.csv", went.location().unwrap())).await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(csv.header("content-disposition").unwrap().starts_with("attachment"));
}

#[tokio::test]
async fn a_hostile_file_name_is_a_name() {
    let house = house().await;
    let ben = house.signed_in(&house.ben).await;
    let body = "--x\r\nContent-Disposition: form-data; name=\"act\"\r\n\r\nsubmit\r\n--x\r\nContent-Disposition: form-data; name=\"level\"\r\n\r\nopen\r\n--x\r\nContent-Disposition: form-data; name=\"case\"\r\n\r\nNNP-4471\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"<img src=x onerror=1>.csv\"\r\n\r\nkind,value\nemail,fox@example.org\n\r\n--x--\r\n".to_owned();
    let headers = [("content-type", "multipart/form-data; boundary=x"), ("origin", crate::house::ORIGIN)];
    let went = ben.send("POST", "/deconflict", Some(body), &headers).await;
    assert_eq!(went.status, 303, "{}", went.body);
    inert(&ben.get(went.location().unwrap()).await.body, "answer");
    let body = "--x\r\nContent-Disposition: form-data; name=\"level\"\r\n\r\nopen\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"<img src=x onerror=1>.csv\"\r\n\r\nkind,value\nemail,fox@example.org\n\r\n--x--\r\n";
    let report = ben.send("POST", "/import", Some(body.to_owned()), &headers).await;
    assert!(report.body.contains("onerror=1"), "the report names the file");
    inert(&report.body, "/import");
}
