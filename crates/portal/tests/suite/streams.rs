//! Event streams: what is new arrives, nothing is lost or shown twice, and a lock or a stop ends them.

use crate::house::house;

/// Where the page says that its stream begins.
fn source(page: &str) -> String {
    let rest = page.split_once("hx-sse:connect=\"").expect("a stream").1;
    rest.split_once('"').unwrap().0.replace("&#38;", "&").replace("&amp;", "&")
}

fn id(event: &str) -> String {
    event.lines().find_map(|l| l.strip_prefix("id: ").or_else(|| l.strip_prefix("id:"))).expect("an id").to_owned()
}

#[tokio::test]
async fn a_conflict_made_after_the_page_arrives_in_the_inbox_once_and_survives_a_cut() {
    let house = house().await;
    house.submit(&house.ana, "kind,value,role\nemail,fox@example.org,subject\n").await;
    let ana = house.signed_in(&house.ana).await;
    let from = source(&ana.get("/").await.body);
    // Between the page and its stream somebody submits.
    house.submit(&house.ben, "kind,value,role\nemail,FOX@example.org,subject\n").await;
    let mut stream = ana.stream(&from, &[]).await;
    let first = stream.next().await.expect("an event");
    assert!(first.contains("1 new") && first.contains("href=\"/\""), "{first}");
    assert!(!first.contains("fox") && !first.contains("Ben"), "a message holds a link, and nobody's identifier");
    drop(stream);
    // Coming back with the last id shows nothing of it again: the next thing is the next one.
    let mut again = ana.stream("/stream", &[("last-event-id", &id(&first))]).await;
    house.submit(&house.ben, "kind,value,role\nphone,(202) 555-0143,subject\n").await;
    house.submit(&house.ana, "kind,value,role\nphone,202-555-0143,subject\n").await;
    let another = crate::house::another(&house).await;
    house.submit(&another, "kind,value,role\nemail,fox@example.org,subject\n").await;
    let second = again.next().await.expect("an event");
    assert!(second.contains("new") && id(&second) != id(&first), "{second}");
}

#[tokio::test]
async fn a_message_arrives_on_the_other_side_without_a_reload() {
    let house = house().await;
    let conflict = house.conflict().await;
    let (ana, ben) = (house.signed_in(&house.ana).await, house.signed_in(&house.ben).await);
    let path = format!("/conflicts/{conflict}");
    let mut stream = ana.stream(&source(&ana.get(&path).await.body), &[]).await;
    ben.post(&format!("{path}/message"), &[("text", "<img src=x onerror=alert(1)> call me"), ("marking", "amber")])
        .await;
    let event = stream.next().await.expect("an event");
    assert!(event.contains("1 new in this thread") && event.contains(&format!("href=\"{path}\"")), "{event}");
    assert!(!event.contains("<img"), "{event}");
    ben.post(&format!("{path}/message"), &[("text", "and again"), ("marking", "amber")]).await;
    assert!(stream.next().await.expect("an event").contains("2 new in this thread"));
}

#[tokio::test]
async fn a_lock_ends_a_stream_with_its_last_word_and_a_stop_without_one() {
    let house = house().await;
    let conflict = house.conflict().await;
    let ana = house.signed_in(&house.ana).await;
    let mut stream = ana.stream("/stream", &[]).await;
    let mut thread = ana.stream(&format!("/conflicts/{conflict}/stream"), &[]).await;
    ana.post("/session/lock", &[]).await;
    for stream in [&mut stream, &mut thread] {
        assert!(stream.next().await.expect("a last word").contains("event: locked"));
        assert_eq!(stream.next().await, None);
    }
    let ben = house.signed_in(&house.ben).await;
    let mut open = ben.stream("/stream", &[]).await;
    house.stop();
    assert_eq!(open.next().await, None);
}

#[tokio::test]
async fn an_open_page_keeps_no_session_alive() {
    let house = house().await;
    let ana = house.signed_in(&house.ana).await;
    house.clock.advance(29 * 60);
    let mut stream = ana.stream("/stream", &[]).await;
    house.clock.advance(2 * 60);
    assert_eq!(ana.get("/").await.location(), Some("/locked"), "a stream is no act of a person");
    assert!(stream.next().await.expect("a last word").contains("event: locked"));
}

#[tokio::test]
async fn of_nine_streams_of_a_session_the_oldest_ends_and_its_page_does_not_come_back() {
    let house = house().await;
    let (ana, ben) = (house.signed_in(&house.ana).await, house.signed_in(&house.ben).await);
    let mut other = ben.stream("/stream", &[]).await;
    let mut oldest = ana.stream("/stream", &[]).await;
    let mut next = ana.stream("/stream", &[]).await;
    // One that ended holds no place.
    drop(ana.stream("/stream", &[]).await);
    let mut newer = Vec::new();
    for _ in 0..7 {
        newer.push(ana.stream("/stream", &[]).await);
    }
    assert!(oldest.next().await.expect("a last word").contains("event: locked"));
    assert_eq!(oldest.next().await, None);
    // The eight others, and those of other officers, still tell what is new.
    house.submit(&house.ana, "kind,value,role\nemail,fox@example.org,subject\n").await;
    house.submit(&house.ben, "kind,value,role\nemail,fox@example.org,subject\n").await;
    for stream in newer.iter_mut().chain([&mut next, &mut other]) {
        assert!(stream.next().await.expect("an event").contains("1 new"));
    }
}
