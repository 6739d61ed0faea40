//! What of another agency stands on any page, answer, file or stream: invariant 4's list, and nothing else.

use crate::house::house;

/// What Ben's agency holds, of which Ana may read these and nothing else: its name, whom to call, and where that rings
/// with the time there. The zone is the agency's, as its State is, and not of any case or officer; who may dial the number
/// may know whether it wakes somebody.
const MAY: [&str; 6] =
    ["Navajo Nation Police", "Ben Yazzie", "928-555-0112", "9285550112", "America/Denver", "Sun 23:00 there, MST"];
const MAY_NOT: [&str; 10] = [
    "hooks.example.org",
    "NNP-4471",
    "FOX@Example.org",
    "ben.yazzie@example.org",
    "heron@example.org",
    "unusual-handle-77",
    "contact began in a chat room where Ben",
    "a very private note",
    "seized-by-ben.csv",
    "before Ben's warrant",
];

#[tokio::test]
async fn of_another_agency_stand_only_its_name_whom_to_call_and_ones_own_identifiers() {
    let house = house().await;
    let ana = house.signed_in(&house.ana).await;
    let ben = house.signed_in(&house.ben).await;
    house.submit(&house.ana, "kind,value,role\nemail,fox@example.org,subject\n").await;
    let hers = house.submit(&house.ana, "kind,value,role\nphone,(202) 555-0143,unknown\n").await;
    // Ben's file has its own name, its own writing of the value, other identifiers, and a note.
    let body = concat!(
        "--x\r\nContent-Disposition: form-data; name=\"act\"\r\n\r\nsubmit\r\n",
        "--x\r\nContent-Disposition: form-data; name=\"level\"\r\n\r\nopen\r\n",
        "--x\r\nContent-Disposition: form-data; name=\"case\"\r\n\r\nNNP-4471\r\n",
        "--x\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbefore Ben's warrant\r\n",
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"seized-by-ben.csv\"\r\n\r\n",
        "kind,value,role,platform,note\nemail,FOX@Example.org,subject,,a very private note\n",
        "email,heron@example.org,witness,,\nhandle,unusual-handle-77,subject,chat.example.org,\n\r\n--x--\r\n"
    );
    let headers = [("content-type", "multipart/form-data; boundary=x"), ("origin", crate::house::ORIGIN)];
    let sent = ben.send("POST", "/deconflict", Some(body.to_owned()), &headers).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let met = house.desk.conflicts(&house.ana.who, casework::ConflictFilter::default(), None, None).await.unwrap();
    let conflict = met.rows[0].conflict.clone();
    ben.post(&format!("/conflicts/{conflict}/propose"), &[("resolution", "joint"), ("reason", "one man")]).await;
    ben.post(&format!("/conflicts/{conflict}/hold"), &[("reason", "wait for us")]).await;
    // He offers her his case: of it she reads his agency, whom to call and what he wrote for her.
    house.offer(&house.ben, &house.ana).await;
    house.webhook(&house.ben).await;
    house.desk.work(None).await.unwrap();
    let entry = house.entry(&house.ana).await;
    let case = house.case_id(&house.ana).await;
    // Asked again in her own writing, so that the answer names the conflict.
    let fields = [("text", "fox@example.org"), ("case", "WA-26-0117"), ("purpose", "a warrant"), ("act", "check")];
    let asked = ana.post("/deconflict", &fields).await.location().unwrap().to_owned();
    let mut read = Vec::new();
    for path in [
        "/".to_owned(),
        "/conflicts".to_owned(),
        format!("/conflicts/{conflict}"),
        asked.clone(),
        format!("{asked}/answer.csv"),
        format!("{asked}/receipt.json"),
        format!("/receipts/{}", hers.receipt),
        format!("/submissions/{}", hers.receipt),
        "/submissions?all=on".to_owned(),
        "/checks?all=on".to_owned(),
        "/cases".to_owned(),
        format!("/cases/{case}"),
        format!("/cases/{case}/entries/{entry}/correct"),
        format!("/cases/{case}/transfer"),
        "/transfers".to_owned(),
        "/api/v1/transfers".to_owned(),
        "/deconflict".to_owned(),
        "/import".to_owned(),
        "/settings".to_owned(),
        "/bulk".to_owned(),
        "/agencies".to_owned(),
        format!("/agencies/{}", house.ben.who.agency),
    ] {
        let got = ana.get(&path).await;
        assert_eq!(got.status, 200, "{path}: {}", got.body);
        read.push((path, got.body));
    }
    for words in ["heron", "unusual", "NNP", "Yazzie", "private"] {
        // What was asked stands in the form again; what was found must not hold it.
        let found = ana.post("/search", &[("text", words)]).await;
        read.push((format!("search {words}"), found.body.replace(&format!("value=\"{words}\""), "")));
    }
    let mut stream = ana.stream("/stream?after=0_0_00000000000000000000000000000000_0_00000000000000000000000000000000_0_00000000000000000000000000000000_0_00000000000000000000000000000000", &[]).await;
    read.push(("stream".to_owned(), stream.next().await.expect("news")));
    for (at, body) in &read {
        for secret in MAY_NOT {
            assert!(!body.contains(secret), "{at} shows `{secret}`");
        }
    }
    // A zone alone tells no time: that changes by itself, so it stands on pages and in no file that is signed.
    for (at, body) in read.iter().filter(|(at, _)| at.ends_with("receipt.json")) {
        assert!(!body.contains(" there, "), "{at}");
    }
    // The walk sees what may be seen, so that it would see the rest.
    assert!(read.iter().any(|(at, body)| at == "/transfers" && body.contains("it is yours by where he lives")));
    for open in MAY {
        assert!(read.iter().any(|(_, body)| body.contains(open)), "`{open}` is on no page");
    }
    // And Ben's own pages hold each of those words but two that no page shows: the walk knows how they would look.
    let case = house.case_id(&house.ben).await;
    let own = format!("{}{}", ben.get(&format!("/cases/{case}")).await.body, ben.get("/submissions").await.body);
    for his in ["NNP-4471", "FOX@Example.org", "unusual-handle-77", "seized-by-ben.csv"] {
        assert!(own.contains(his), "{his}");
    }
}
