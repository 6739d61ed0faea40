//! What the lock file brought is in the binary, whole, and served without a CDN.

use crate::house::house;

/// The names of an outline's areas.
async fn areas(href: &str, object: &str) -> Vec<String> {
    let got = house().await.browser().get(href).await;
    assert_eq!((got.status, got.header("content-type")), (200, Some("application/json")), "{href}");
    let map: serde_json::Value = serde_json::from_str(&got.body).unwrap();
    assert_eq!(map["type"], "Topology");
    let all = map["objects"][object]["geometries"].as_array().unwrap();
    all.iter().map(|area| area["properties"]["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_outlines_of_states_and_countries_are_served_by_their_digest() {
    let states = areas(portal::assets::STATES.href, "states").await;
    assert!(states.len() >= 51, "{} states", states.len());
    for state in ["Alaska", "District of Columbia", "Hawaii", "Nebraska"] {
        assert!(states.iter().any(|s| s == state), "{state}");
    }
    let countries = areas(portal::assets::COUNTRIES.href, "countries").await;
    assert!(countries.len() >= 170 && countries.iter().any(|c| c == "Canada"), "{} countries", countries.len());
}
