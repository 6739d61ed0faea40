//! Invariant 1: the scope that a grant puts into every statement agrees, row by row, with what Cedar says of the row.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use casework::model::*;
use policy::{Action, Facts, Policies, decide};

on_both!(scope_and_cedar_agree_on_every_case_and_every_conflict, house => {
    let policies = Policies::built_in().unwrap();
    let store = house.desk.store();
    let mut members = Vec::new();
    let mut cases = Vec::new();
    let mut conflicts = Vec::new();
    for n in 0..4 {
        let kind = [AgencyKind::Local, AgencyKind::Tribal, AgencyKind::Federal, AgencyKind::Foreign][n];
        let (who, number) = house.officer_of(kind, &format!("SC-{n}")).await;
        for roles in [&[Role::Supervisor][..], &[Role::Analyst], &[Role::Auditor], &[Role::WatchDesk], &[Role::AgencyAdministrator]] {
            members.push(house.member(who.agency, roles).await);
        }
        // 0 and 1 meet openly, 2 is known to the desk only, 3 (foreign) sees only the desk.
        let level = if n == 2 { "desk" } else { "open" };
        let answer = house.submit(&who, &number, &format!("kind,value,level\nemail,sc@example.org,{level}\n")).await;
        conflicts.extend(answer.conflicts.iter().filter_map(|c| c.conflict.clone()).map(|c| c.parse::<ConflictId>().unwrap()));
        cases.push((who.agency, store.case_facts(who.agency, &number).await.unwrap().unwrap()));
        members.push(who);
    }
    assert!(!conflicts.is_empty());
    let (mut allowed, mut refused) = (0, 0);
    for who in &members {
        for (owner, case) in &cases {
            let facts = |agency| Facts { agency: Some(agency), lead: Some(case.lead), supervisor: case.supervisor, status_open: true, ..Facts::default() };
            let cedar = decide(&policies, who, Action::ViewCase, &facts(*owner), house.desk.request()).is_ok();
            // A grant for one's own agency, turned on this row: the scope alone must decide.
            let row = match decide(&policies, who, Action::ViewCase, &facts(who.agency), house.desk.request()) {
                Err(_) => false,
                Ok(grant) => {
                    let mut tx = store.view(&grant).await.unwrap();
                    let seen = tx.own_case(case.id).await.is_ok();
                    tx.commit(store.act(&grant, ("case", case.id.into()))).await.unwrap();
                    seen
                }
            };
            assert_eq!(cedar, row, "{:?} of {owner} on a case", who.roles);
            if cedar { allowed += 1 } else { refused += 1 }
        }
        for conflict in &conflicts {
            let sides = store.side_facts(who.agency, *conflict).await.unwrap();
            let open = sides.iter().any(|s| s.sees == Level::Open);
            let facts = |side: bool| Facts { agency: Some(who.agency), side, ..Facts::default() };
            let cedar = decide(&policies, who, Action::ShowConflict, &facts(open), house.desk.request()).is_ok();
            let row = match decide(&policies, who, Action::ShowConflict, &facts(true), house.desk.request()) {
                Err(_) => false,
                Ok(grant) => {
                    let mut tx = store.view(&grant).await.unwrap();
                    let seen = tx.sides_of(*conflict).await.unwrap().iter().any(|s| s.sees == Level::Open);
                    tx.commit(store.act(&grant, ("conflict", (*conflict).into()))).await.unwrap();
                    seen
                }
            };
            assert_eq!(cedar, row, "{:?} on a conflict", who.roles);
            if cedar { allowed += 1 } else { refused += 1 }
        }
    }
    assert!(allowed > 10 && refused > 10, "both ways are met: {allowed}, {refused}");
});
