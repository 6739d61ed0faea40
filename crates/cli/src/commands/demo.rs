//! `concord demo`: a small made-up story, told by the same verbs as the commands.

use std::path::{Path, PathBuf};

use casework::answer::Answer;
use casework::model::{
    AgencyId, AgencyKind, CaseNumber, ConflictId, FreeText, Level, Marking, MemberId, Nexus, Predicate, Purpose,
    Reliability, Resolution, Role, State, SubmissionId, Telephone, ThreatArea, TimeZone, Validity,
};
use casework::{CheckOrder, Desk, Exit, NewAgency, NewCase, NewMember, Principal, SilentRequest, Step, SubmitOrder};
use clap::Args;
use serde_json::json;
use store::Place;

use crate::args::{Common, until};
use crate::commands::demo_nation::{self, Somebody};
use crate::commands::receipt;
use crate::commands::serving::{self, Stand};
use crate::failure::Failure;
use crate::print::{Narrator, Say};
use crate::{files, open, tables};

#[derive(Args)]
pub struct Demo {
    /// Only the story, without the portal
    #[arg(long)]
    no_serve: bool,
    /// The port the portal listens on, on this machine alone; another one when it is taken
    #[arg(long, value_name = "PORT", default_value_t = 8400)]
    port: u16,
    /// How many identifiers are there before the story begins, 10,000 to 10,000,000; 0 tells the story alone
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    entries: u64,
}

/// The case of the officer for whom nothing has happened yet: whoever tries the portal.
const DANAS_CASE: &str = "LC-26-031";
const WATCH_DESK: &str = "202-555-0100";
const NEXUS: &str = "contact began in a chat room";
const PREDICATE: &str = "chat logs kept by a parent show an adult arranging to meet a child";

/// The files of the story. The two CASE files stand in for the CASE community's own examples of these names, from which
/// their values are taken.
const CASE_FILES: [(&str, &str); 2] = [
    ("accounts.json", include_str!("../../demo/accounts.json")),
    ("call_log.json", include_str!("../../demo/call_log.json")),
];
const CSV_FILES: [(&str, &str); 4] = [
    ("seized-phone.csv", include_str!("../../demo/seized-phone.csv")),
    ("silent.csv", include_str!("../../demo/silent.csv")),
    ("desk.csv", include_str!("../../demo/desk.csv")),
    ("new-leads.csv", include_str!("../../demo/new-leads.csv")),
];

/// Who stands where.
struct Officer {
    name: &'static str,
    who: Principal,
    case: CaseNumber,
}

struct Story {
    desk: Desk,
    folder: PathBuf,
    tell: Narrator,
}

pub async fn run(common: &Common, args: Demo) -> Result<Exit, Failure> {
    let tell = Narrator::new(common.json);
    let base = common.data.clone().unwrap_or_else(|| PathBuf::from("concord-demo"));
    open::make_folder(&base)?;
    let folder = fresh(&base)?;
    let (data, keys) = (folder.join("data"), folder.join("data.keys"));
    open::make_folder(&data)?;
    open::make_keys(&keys)?;
    let desk = open::at(Place::Sqlite(data.join("concord.db")), keys).await?;
    let key = desk.init(&Telephone::parse(WATCH_DESK).map_err(of("telephone"))?, true).await?;
    let story = Story { desk, folder, tell };
    story.tell_all(&key, args.entries).await?;
    let listening = if args.no_serve { None } else { Some(serving::loopback(args.port).await?) };
    if common.json {
        let portal = listening.as_ref().map(|(_, origin)| origin.as_str());
        let shape = json!({ "demo": story.folder.display().to_string(), "key": key, "portal": portal });
        Say::new(true).answer(&shape, String::new)?;
    }
    let Some((listener, origin)) = listening else { return Ok(Exit::Done) };
    tell.head("The portal");
    tell.say(&format!(
        "Open {origin} and step into Dana Cole: her case is {DANAS_CASE}, and she knows nothing of all this."
    ));
    tell.say("Check and submit: paste the three lines the page suggests. You read whom to call.");
    tell.say(
        "In a second browser, or a private window, step into Ana Reyes: what Dana writes appears there by itself.",
    );
    tell.say("ctrl-c ends it.");
    let Story { desk, folder, .. } = story;
    desk.store().close().await;
    let desk = open::portal(Place::Sqlite(folder.join("data").join("concord.db")), folder.join("data.keys"), 0).await?;
    let bounds = portal::Bounds::default();
    serving::run(Stand { desk, listener, certificate: None, origin, demo: true, bounds }).await?;
    Ok(Exit::Done)
}

impl Story {
    async fn tell_all(&self, key: &str, entries: u64) -> Result<(), Failure> {
        let tell = self.tell;
        tell.say("A made-up story on a trial database. Nobody in it exists; the numbers ring nowhere.");
        let somebody = if entries == 0 {
            None
        } else {
            tell.head("0. A nation is there already");
            Some(demo_nation::settle(&self.desk, entries, tell).await?)
        };
        tell.head("1. Three agencies, four officers");
        let (ana, ben, carla, dan) = self.cast().await?;
        self.write_files()?;

        tell.head("2. A federal task force works undercover and keeps two identifiers to itself");
        tell.say("Carla enters one identifier as silent (her supervisor Dan ordered it: others see a miss) and one as");
        tell.say("desk (others are told only to call the watch desk).");
        let silent = SilentRequest {
            reason: FreeText::parse("an undercover meeting is being arranged").map_err(of("reason"))?,
            approved_by: dan.who.clone(),
            until: until(&self.days_ahead(30)).map_err(of("until"))?,
        };
        self.submit(&carla, "silent.csv", Level::Silent, Some(silent)).await?;
        self.submit(&carla, "desk.csv", Level::Desk, None).await?;

        tell.head("3. Washington: Ana puts two CASE files from a suspect's computer into her case");
        let mut last = None;
        for (name, _) in CASE_FILES {
            last = Some(self.submit(&ana, name, Level::Open, None).await?);
        }
        tell.say("Nobody holds these yet. What is submitted stays, and later matches reach her too.");

        tell.head("4. Navajo Nation: Ben puts a CSV into his case");
        tell.say("The same things, written differently: other capitals, dots and a tag in an address, another way to");
        tell.say("write a telephone number; and two values that can never match.");
        let met = self.submit(&ben, "seized-phone.csv", Level::Open, None).await?;
        let conflict = met.conflicts.first().and_then(|c| c.conflict.clone());
        let conflict: ConflictId = conflict
            .and_then(|id| id.parse().ok())
            .ok_or_else(|| Failure::failed("the demo's two cases did not meet"))?;

        tell.head("5. Both know whom to call, and nothing else of each other");
        self.inbox(&ana).await?;
        self.inbox(&ben).await?;

        tell.head("6. Ana asks about two new leads: the ones the task force keeps to itself");
        let asked = self.check(&ana, "new-leads.csv").await?;
        tell.say("The handle is the silent one: Ana sees a miss, as if nobody held it. The address is the desk one.");
        self.desk.work(None).await?;
        tell.say("Carla, who owns both, is told who came near:");
        self.inbox(&carla).await?;

        tell.head("7. They talk, write down what they agreed, and end the conflict");
        self.agree(&ana, &ben, conflict).await?;

        tell.head("8. Every answer has a receipt that anybody verifies with one key");
        let submitted = last.map(|a| a.receipt).unwrap_or_default();
        for (officer, id) in [(&ana, submitted), (&ana, asked.receipt), (&ben, met.receipt)] {
            self.verify_receipt(officer, &id, key).await?;
        }

        let lake = self
            .agency("Lake County Sheriff", AgencyKind::Local, Some("IL"), "America/Chicago", "847-555-0105")
            .await?;
        self.officer(lake, "Dana Cole", "dana@example.org", "847-555-0115", Role::Investigator, DANAS_CASE).await?;

        tell.head("9. Every act, read and refusal stands in the ledger");
        self.desk.settle_ledger().await?;
        let verdict = self.desk.verify_ledger(&Principal::operator(), |_| {}).await?;
        if !verdict.sound() {
            return Err(Failure::failed("the demo's ledger does not verify"));
        }
        let signed = verdict.signed.unwrap_or_default();
        tell.say(&format!(
            "{} events read, {signed} of them under a signed checkpoint. The ledger verifies.",
            verdict.size
        ));
        self.desk.settle_ledger().await?;
        self.next(somebody.as_ref());
        Ok(())
    }

    async fn cast(&self) -> Result<(Officer, Officer, Officer, Officer), Failure> {
        let puget = self
            .agency("Puget Sound ICAC Task Force", AgencyKind::State, Some("WA"), "America/Los_Angeles", "206-555-0101")
            .await?;
        let navajo = self
            .agency("Navajo Nation Police, ICAC unit", AgencyKind::Tribal, None, "America/Denver", "928-555-0102")
            .await?;
        let federal = self
            .agency("Example Federal Task Force", AgencyKind::Federal, None, "America/New_York", "202-555-0103")
            .await?;
        let officers = (
            self.officer(puget, "Ana Reyes", "ana@example.org", "206-555-0111", Role::Investigator, "WA-26-0117")
                .await?,
            self.officer(navajo, "Ben Yazzie", "ben@example.org", "928-555-0112", Role::Investigator, "NNP-4471")
                .await?,
            self.officer(federal, "Carla Stone", "carla@example.org", "202-555-0113", Role::Investigator, "FTF-88")
                .await?,
            self.officer(federal, "Dan Whitaker", "dan@example.org", "202-555-0114", Role::Supervisor, "").await?,
        );
        let rows = [
            ["Puget Sound ICAC Task Force (Washington)", "Ana Reyes, investigator", "206-555-0111", "WA-26-0117"],
            ["Navajo Nation Police, ICAC unit (tribal)", "Ben Yazzie, investigator", "928-555-0112", "NNP-4471"],
            ["Example Federal Task Force", "Carla Stone, investigator", "202-555-0113", "FTF-88"],
            ["Example Federal Task Force", "Dan Whitaker, supervisor", "202-555-0114", ""],
        ];
        let rows = rows.map(|r| r.map(str::to_owned).to_vec());
        self.tell.block(&tables::table(&["agency", "officer", "telephone", "case"], rows));
        self.tell.say(&format!("The watch desk answers day and night: {WATCH_DESK}."));
        Ok(officers)
    }

    async fn agency(
        &self,
        name: &str,
        kind: AgencyKind,
        state: Option<&str>,
        zone: &str,
        telephone: &str,
    ) -> Result<AgencyId, Failure> {
        let new = NewAgency {
            name: name.to_owned(),
            kind,
            telephone: Telephone::parse(telephone).map_err(of("telephone"))?,
            time_zone: Some(TimeZone::parse(zone).map_err(of("time zone"))?),
            state: state.map(str::parse::<State>).transpose().map_err(of("state"))?,
            country: None,
        };
        Ok(self.desk.add_agency(&Principal::operator(), new).await?)
    }

    async fn officer(
        &self,
        agency: AgencyId,
        name: &'static str,
        email: &str,
        telephone: &str,
        role: Role,
        number: &str,
    ) -> Result<Officer, Failure> {
        let new = NewMember {
            agency,
            name: name.to_owned(),
            email: email.to_owned(),
            telephone: Telephone::parse(telephone).map_err(of("telephone"))?,
            sworn: true,
            roles: vec![role],
        };
        let id: MemberId = self.desk.add_member(&Principal::operator(), new).await?;
        let who = self.desk.member(&id.to_string()).await?;
        let case = CaseNumber::parse(if number.is_empty() { "none" } else { number }).map_err(of("case"))?;
        if !number.is_empty() {
            let new = NewCase {
                number: case.clone(),
                threat_area: ThreatArea::Enticement,
                nexus: Nexus::parse(NEXUS).map_err(of("nexus"))?,
                predicate: Predicate::facts(PREDICATE).map_err(of("predicate"))?,
                offence: None,
                supervisor: None,
                contact: None,
                marking: Marking::default(),
            };
            self.desk.open_case(&who, new).await?;
        }
        Ok(Officer { name, who, case })
    }

    /// The CASE community's own files when they lie beside the repository, else those written for the demo.
    fn write_files(&self) -> Result<(), Failure> {
        let near = [PathBuf::from(".."), Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")];
        for (name, built_in) in CASE_FILES {
            let found =
                near.iter().find_map(|at| std::fs::read_to_string(at.join("shared/corpus/case").join(name)).ok());
            self.write(name, found.as_deref().unwrap_or(built_in))?;
        }
        CSV_FILES.iter().try_for_each(|(name, text)| self.write(name, text))
    }

    fn write(&self, name: &str, text: &str) -> Result<(), Failure> {
        let path = self.folder.join(name);
        std::fs::write(&path, text).map_err(|e| Failure::failed(format!("{}: cannot be written: {e}", path.display())))
    }

    async fn submit(
        &self,
        officer: &Officer,
        name: &str,
        level: Level,
        silent: Option<SilentRequest>,
    ) -> Result<Answer, Failure> {
        let (_, reading) = files::read(&self.folder.join(name))?;
        let order = SubmitOrder {
            reliability: Reliability::Usually,
            validity: Validity::Probable,
            level,
            silent,
            ..SubmitOrder::new(officer.case.clone(), name.to_owned(), reading, self.desk.request())
        };
        let answer = self.desk.submit(&officer.who, order).await?;
        self.told(officer, "submits", &answer, true);
        Ok(answer)
    }

    async fn check(&self, officer: &Officer, name: &str) -> Result<Answer, Failure> {
        let (_, reading) = files::read(&self.folder.join(name))?;
        let order = CheckOrder {
            purpose: Purpose::parse("new leads before an interview").map_err(of("purpose"))?,
            case: Some(officer.case.clone()),
            nexus: None,
            file: name.to_owned(),
            reading,
            request: self.desk.request(),
        };
        let answer = self.desk.check(&officer.who, order).await?;
        self.told(officer, "checks", &answer, false);
        Ok(answer)
    }

    /// Who did what, and the answer; what is the same under every answer stands there once.
    fn told(&self, officer: &Officer, verb: &str, answer: &Answer, kept: bool) {
        let brief = Answer { not_asked: Vec::new(), ..answer.clone() };
        self.tell.quote(&format!("{} {verb} {}", officer.name, answer.file), &tables::answer(&brief, kept));
    }

    async fn inbox(&self, officer: &Officer) -> Result<(), Failure> {
        let inbox = self.desk.inbox(&officer.who).await?;
        self.tell.quote(&format!("{}'s inbox", officer.name), &tables::inbox(&inbox));
        Ok(())
    }

    async fn agree(&self, ana: &Officer, ben: &Officer, id: ConflictId) -> Result<(), Failure> {
        let words = |text: &str| FreeText::parse(text).map_err(of("text"));
        for officer in [ben, ana] {
            self.desk.step(&officer.who, id, Step::Acknowledge).await?;
            self.tell.say(&format!("{} acknowledges it.", officer.name));
        }
        let text =
            words("We seized his phone, you have his accounts. I suggest one joint case; call before any contact.")?;
        self.desk.step(&ben.who, id, Step::Message(text, Marking::default())).await?;
        let reason = words("one suspect, two victims, two places")?;
        self.desk.step(&ben.who, id, Step::Propose(Resolution::Joint, reason)).await?;
        self.tell.say(&format!("{} writes, and proposes to end it as a joint case.", ben.name));
        let ended = self.desk.step(&ana.who, id, Step::Accept(Some(Resolution::Joint))).await?;
        let how = ended.resolution.clone().unwrap_or_default();
        self.tell.say(&format!("{} accepts. The conflict, as she sees it:", ana.name));
        let thread = tables::thread(&ended).unwrap_or_default();
        self.tell.quote(&format!("conflict {id}: {}, {how}", ended.state), &thread);
        Ok(())
    }

    async fn verify_receipt(&self, officer: &Officer, id: &str, key: &str) -> Result<(), Failure> {
        let submission: SubmissionId = id.parse().map_err(|_| Failure::failed("a receipt without an id"))?;
        let text = self.desk.receipt(&officer.who, submission).await?;
        let name = format!("receipt-{}.json", id.get(24..).unwrap_or(id));
        self.write(&name, &text)?;
        let shown = receipt::words(&name, &casework::verify_receipt(&text, key).map_err(Failure::failed)?);
        self.tell.say(shown.lines().next().unwrap_or_default());
        Ok(())
    }

    fn next(&self, somebody: Option<&Somebody>) {
        let (at, program) = (self.folder.display(), std::env::args().next().unwrap_or_else(|| "concord".to_owned()));
        self.tell.head("Try next, on this very database");
        if let Some(Somebody { email, agency }) = somebody {
            self.tell.block(&format!(
                "# what waits for an officer of {agency}\n{program} inbox --as {email} --data {at}/data"
            ));
        }
        self.tell.block(&format!(
            "# what Ben finds in the morning\n{program} inbox --as ben@example.org --data {at}/data\n\
             # ask before a warrant\n\
             {program} check --as carla@example.org --case FTF-88 --purpose \"before a warrant\" \\\n    \
             {at}/seized-phone.csv --data {at}/data\n\
             # nothing was added, changed or left out since\n{program} ledger verify --data {at}/data"
        ));
    }

    fn days_ahead(&self, days: i64) -> String {
        self.desk.store().clock().now().plus_days(days).to_string()
    }
}

/// The first demo-N that is not there yet: a second run never touches the first's.
fn fresh(base: &Path) -> Result<PathBuf, Failure> {
    for n in 1..10_000 {
        let folder = base.join(format!("demo-{n}"));
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(Failure::failed(format!("{}: cannot be made: {e}", folder.display()))),
        }
    }
    Err(open::argument("--data", "holds too many demos", "remove the folders demo-1, demo-2, ... in it"))
}

/// A word of the story itself does not parse: a fault of the demo.
fn of<E: std::fmt::Display>(what: &'static str) -> impl FnOnce(E) -> Failure {
    move |e| Failure::failed(format!("the demo's {what}: {e}"))
}
