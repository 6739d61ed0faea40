//! The API before two readers of its description: openapi-spec-validator says whether the description is one, schemathesis
//! sends what it allows and what it forbids, and looks at every answer. `cargo xtask test` installs both.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

#[path = "../suite/browser.rs"]
#[allow(dead_code, reason = "the suite's")]
mod browser;
#[path = "../suite/house.rs"]
#[allow(dead_code, reason = "the suite's")]
mod house;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use house::house_at;

/// A program of the environment that xtask made.
fn python(program: &str) -> Command {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("python");
    let path = home.join("bin").join(program);
    assert!(path.exists(), "{} is missing: `cargo xtask test` makes it", path.display());
    let mut command = Command::new(path);
    command.stdin(Stdio::null());
    command
}

fn said(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A folder of this test's own.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("schemathesis-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// No 5xx and no answer that is not declared, to what the description allows and to what it forbids.
#[tokio::test(flavor = "multi_thread")]
async fn the_api_answers_as_its_description_says() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let house = house_at(&origin).await;
    let conflict = house.conflict().await;
    let receipt = house.submit(&house.ana, "kind,value\nemail,owl@example.org\n").await.receipt;
    let (case, agency) = (house.case_id(&house.ana).await, house.ana.who.agency);
    let (job, entry) = (house.bulk_job().await, house.entry(&house.ana).await);
    let transfer = house.offer(&house.ben, &house.ana).await;
    tokio::spawn(portal::serve(listener, house.router.clone(), portal::Bounds::default(), house.stopped()));
    let browser = house.browser();
    let member = house.ana.who.member.to_string();
    let ours = [("host", origin.trim_start_matches("http://")), ("origin", origin.as_str())];
    browser.post_with("/demo/step-in", &[("member", &member)], &ours).await;
    browser.post_with("/banner", &[], &ours).await;
    let cookie = browser.cookie().expect("signed in");
    let document = browser.send("GET", "/api/openapi.json", None, &ours).await;
    assert_eq!(document.status, 200);

    let folder = folder();
    let (_, ticket) = cookie.split_once('=').expect("a name and a value");
    // Things that are there, so that answers are looked at and not 404 alone.
    let told = format!(
        "[auth.openapi.session]\napi_key = \"{ticket}\"\n[parameters]\n\"path.conflict\" = \"{conflict}\"\n\
         \"path.receipt\" = \"{receipt}\"\n\"path.case\" = \"{case}\"\n\"path.agency\" = \"{agency}\"\n\"path.job\" = \"{job}\"\n\
         \"path.entry\" = \"{entry}\"\n\"path.transfer\" = \"{transfer}\"\n"
    );
    std::fs::write(folder.join("schemathesis.toml"), told).unwrap();
    let file = folder.join("openapi.json");
    std::fs::write(&file, &document.body).unwrap();
    let (validated, tried) = tokio::task::spawn_blocking(move || {
        let validated = python("openapi-spec-validator").arg(&file).output().unwrap();
        let tried = python("schemathesis")
            .current_dir(&folder)
            .args(["run", "openapi.json", "--url", &origin])
            // What a schema allows may still be refused by its meaning (a handle without a platform): 422, as declared.
            .args(["--checks", "all", "--exclude-checks", "positive_data_acceptance"])
            .args(["--phases", "examples,coverage,fuzzing", "--max-examples", "15", "--seed", "7"])
            .args(["--no-color", "--continue-on-failure"])
            .output()
            .unwrap();
        let _ = std::fs::remove_dir_all(&folder);
        (validated, tried)
    })
    .await
    .unwrap();
    assert!(validated.status.success(), "{}", said(&validated));
    assert!(tried.status.success(), "{}", said(&tried));
    let listed = document.body.matches("\"operationId\"").count();
    assert!(said(&tried).contains(&format!("Tested: {listed}")), "every address was tried: {}", said(&tried));
    println!("figure: openapi-spec-validator: OK; schemathesis: {listed} addresses tried, every answer as declared");
}
