//! Who is told what. Sentences are built only from the reader's own submission and what disclosure opened.

use model::{AgencyId, EntryId, EntryRole, Level, Micros, Pair};
use policy::disclosure::{self, Shown};
use store::{Matter, NewConflict, NewMatch, NewNotice, NewSilentHit, Party, Recorded, Tx, desk_recipient};
use uuid::Uuid;

use crate::answer::Other;
use crate::error::Error;
use crate::verbs::detail::Detail;
use crate::verbs::look::{Looking, Meeting};

/// Whom to call, with the way on when nobody answers; none where disclosure opened nothing. Without the time there:
/// what is kept and signed does not change.
pub(crate) fn call(shown: &Shown, watch_desk: &str, conflict: Option<&str>) -> Option<Other> {
    let Shown::Open { agency, contact, telephone, time_zone } = shown else { return None };
    let quote = conflict.map_or_else(String::new, |c| format!(", quote {c}"));
    Some(Other {
        agency: agency.clone(),
        contact: contact.clone(),
        telephone: telephone.to_string(),
        time_zone: time_zone.as_ref().map(ToString::to_string),
        local_time: None,
        if_no_answer: format!("watch desk {watch_desk}{quote}"),
    })
}

fn desk(matter: Matter, about: Vec<u8>, due: model::Micros) -> NewNotice {
    NewNotice {
        recipient: desk_recipient(),
        agency: AgencyId::from(Uuid::nil()),
        matter,
        about,
        conflict: None,
        case: None,
        entry: None,
        other_case: None,
        due,
        words: None,
    }
}

/// Both sides of a conflict, each by what it may see, and the desk when either sees something only through it. One
/// notice a gathering and member: 60 agencies that hold one handle get 60 notices, not 3,540. Behind the desk one notice a
/// value, the same whatever its cause.
pub(crate) fn both_sides(c: &NewConflict, recorded: &Recorded) -> Vec<NewNotice> {
    let Some(pair) = Pair::new(c.mine.case, c.theirs.case) else { return Vec::new() };
    let conflict = pair.conflict();
    let mut out = Vec::new();
    let entries: [fn(&NewMatch) -> EntryId; 2] = [|m| m.mine, |m| m.theirs];
    for ((me, you, sees), entry) in c.sides().into_iter().zip(entries) {
        let open = || c.matches.iter().filter(|m| sees(m) == Level::Open);
        if let (Some(gathering), Some(due)) = (open().map(|m| m.gathering).min(), open().map(|m| m.due).min()) {
            // A side that an unseen match woke is told again, and the other one not: it may not know of the match.
            let again = if recorded.woken.contains(&(conflict, me.case)) { &due.0.to_be_bytes()[..] } else { &[] };
            out.push(NewNotice {
                recipient: me.member,
                agency: me.agency,
                matter: Matter::Conflict,
                about: [&me.case.as_bytes()[..], gathering.as_bytes(), again].concat(),
                conflict: Some(conflict),
                case: Some(me.case),
                entry: None,
                other_case: Some(you.case),
                due,
                words: None,
            });
        }
        out.extend(c.matches.iter().filter(|m| sees(m) != Level::Open).map(|m| call_the_desk(me, entry(m), c.due)));
    }
    if c.matches.iter().any(|m| m.to_mine != Level::Open || m.to_theirs != Level::Open) {
        out.push(NewNotice {
            conflict: Some(conflict),
            case: Some(pair.low()),
            other_case: Some(pair.high()),
            ..desk(Matter::Desk, conflict.as_bytes().to_vec(), c.due)
        });
    }
    out
}

/// "Call the watch desk" about one of the reader's own values: one notice a value, without a conflict, on one clock.
pub(crate) fn call_the_desk(me: &Party, entry: EntryId, due: Micros) -> NewNotice {
    NewNotice {
        recipient: me.member,
        agency: me.agency,
        matter: Matter::Desk,
        about: [&b"value"[..], entry.as_bytes()].concat(),
        conflict: None,
        case: Some(me.case),
        entry: Some(entry),
        other_case: None,
        due,
        words: None,
    }
}

/// The desk hears of every silent hit.
pub(crate) fn desk_of_silent(hit: &NewSilentHit) -> NewNotice {
    NewNotice {
        case: Some(hit.case),
        entry: Some(hit.entry),
        other_case: hit.other_case,
        ..desk(Matter::Silent, hit.key().as_bytes().to_vec(), model::Micros(0))
    }
}

/// A persona was met: the supervisors of both cases are told to call the desk; the officers' screens show nothing else.
/// Of a silent one only its own supervisor hears, and nobody who is himself the officer.
pub(crate) fn persona_supervisors(meetings: &[Meeting<'_>], looking: &Looking<'_>) -> Vec<NewNotice> {
    let mut out = Vec::new();
    for m in meetings {
        if m.hit.role != EntryRole::Undercover && m.mine.facts.role != EntryRole::Undercover {
            continue;
        }
        let seen = m.mine.level != Level::Silent;
        let theirs = m.hit.supervisor.filter(|_| seen).map(|s| (s, m.hit.agency, Some(m.hit.case), Some(m.hit.entry)));
        let ours = looking.supervisor.map(|s| (s, looking.pending.agency, looking.pending.case, None));
        for (recipient, agency, case, entry) in [theirs, ours].into_iter().flatten() {
            if recipient == looking.pending.member || recipient == looking.lead || recipient == m.hit.lead {
                continue;
            }
            out.push(NewNotice {
                recipient,
                agency,
                matter: Matter::Desk,
                about: [&b"persona"[..], m.hit.entry.as_bytes(), looking.pending.id.as_bytes()].concat(),
                conflict: None,
                case,
                entry,
                other_case: None,
                due: looking.pending.at,
                words: Some(b"An identity of an undercover operation was met: call the watch desk.".to_vec()),
            });
        }
    }
    out
}

/// A question by nexus makes no conflict: each owner of what it met is told who asked, why, and whom to call back.
pub(crate) async fn owners_of_a_question(
    tx: &mut Tx,
    looking: &Looking<'_>,
    detail: &Detail,
    meetings: &[Meeting<'_>],
) -> Result<(), Error> {
    let mut notices = Vec::new();
    let asker = tx.caller(looking.pending.member).await?;
    for m in meetings {
        let hit = m.hit;
        // The asker's own level counts: a question about a child or a persona of theirs answers through the desk.
        let words = match disclosure::show(&hit.reader, &asker) {
            Shown::Open { agency, contact, telephone, .. } if m.mine.level == Level::Open => {
                format!("{agency} asked about this identifier: {contact}, {telephone}. Purpose: {}", detail.purpose)
            }
            _ => "This identifier was asked about: call the watch desk.".to_owned(),
        };
        notices.push(NewNotice {
            recipient: hit.lead,
            agency: hit.agency,
            matter: Matter::Asked,
            about: [&hit.entry.as_bytes()[..], looking.pending.id.as_bytes()].concat(),
            conflict: None,
            case: Some(hit.case),
            entry: Some(hit.entry),
            other_case: None,
            due: looking.pending.at,
            words: Some(words.into_bytes()),
        });
        if hit.level != Level::Open {
            notices.push(NewNotice {
                case: Some(hit.case),
                entry: Some(hit.entry),
                ..desk(
                    Matter::Asked,
                    [&hit.entry.as_bytes()[..], looking.pending.id.as_bytes()].concat(),
                    looking.pending.at,
                )
            });
        }
    }
    tx.notify(notices).await?;
    Ok(())
}
