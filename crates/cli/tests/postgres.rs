//! The same commands on PostgreSQL.

mod common;

use common::{ANA, BEN, HERS, HIS, Site};

#[test]
fn the_calls_are_the_same_on_postgresql_and_nothing_lies_in_the_data_folder() {
    let site = Site::on_postgres();
    site.submit(ANA, "WA-1", site.file("hers.csv", HERS)).json(0);
    let met = site.check(BEN, "N-1", site.file("his.csv", HIS)).json(1);
    let inbox = site.run(&["inbox", "--as", ANA]).json(0);
    assert_eq!(inbox["items"][0]["conflict"], met["conflicts"][0]["conflict"]);
    assert_eq!(site.run(&["ledger", "verify"]).json(0)["verifies"], true);
    assert_eq!(site.run(&["init", "--watch-desk", "202-555-0100"]).exit, 2, "a second time");
    assert!(!site.path("concord-data/concord.db").exists());
    assert!(site.path("concord-data.keys").is_dir());
}
