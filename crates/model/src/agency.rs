//! Agencies and their members.

use crate::ids::{AgencyId, ApprovalId, MemberId};
use crate::problem::Invalid;
use crate::text::FreeText;
use crate::time::Micros;
use crate::vocabulary::vocabulary;
use crate::zone::TimeZone;

vocabulary! {
    /// The kinds of credentialed agency (34 U.S.C. 21115(c)).
    pub enum AgencyKind as "kind of agency" {
        /// A federal agency.
        Federal = 1 "federal",
        /// A State agency.
        State = 2 "state",
        /// A tribal agency. No exception of 18 U.S.C. 2258A(g)(2)(A) names a tribe.
        Tribal = 3 "tribal",
        /// A subdivision of a State.
        Local = 4 "local",
        /// A foreign or international agency: suspended until an Attorney General approval is recorded.
        Foreign = 5 "foreign",
    }
}

vocabulary! {
    /// What a member may do (CJIS AC-2(d) attributes; duties in policies/*.cedar).
    pub enum Role as "role" {
        /// Works cases.
        Investigator = 0 "investigator",
        /// Approves, reviews and resolves for the agency.
        Supervisor = 1 "supervisor",
        /// Analyses.
        Analyst = 2 "analyst",
        /// Stands at the watch desk, day and night.
        WatchDesk = 3 "watch-desk",
        /// Keeps the agency's members and contacts.
        AgencyAdministrator = 4 "agency-administrator",
        /// Guards 28 CFR Part 23 and answers people who ask about themselves.
        PrivacyOfficer = 5 "privacy-officer",
        /// Reads the ledger.
        Auditor = 6 "auditor",
        /// Runs the national programme.
        ProgrammeOffice = 7 "programme-office",
        /// Keeps the machine running.
        SystemOperator = 8 "system-operator",
    }
}

/// A set of roles, kept as a number in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Roles(u16);

impl Roles {
    /// Exactly these.
    pub fn of(roles: &[Role]) -> Self {
        Self(roles.iter().fold(0, |bits, r| bits | (1 << r.code())))
    }

    /// Is this role among them?
    pub fn has(self, role: Role) -> bool {
        self.0 & (1 << role.code()) != 0
    }

    /// Each of them, in the order of the vocabulary.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(move |r| self.has(*r))
    }

    /// The number in the database.
    pub fn code(self) -> i64 {
        i64::from(self.0)
    }

    /// The set with this number; `None` when it names a role there is not.
    pub fn from_code(code: i64) -> Option<Self> {
        let bits = u16::try_from(code).ok()?;
        (bits < 1 << Role::ALL.len()).then_some(Self(bits))
    }
}

/// A country, ISO 3166-1 alpha-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// Where the system is housed (34 U.S.C. 21115(d)).
    pub const HOME: Self = Self(*b"US");

    /// The two letters.
    pub fn as_str(&self) -> &str {
        // INVARIANT: only ASCII letters get in.
        std::str::from_utf8(&self.0).unwrap_or("US")
    }
}

/// A State, territory or the District, two postal letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State([u8; 2]);

impl State {
    /// The two letters.
    pub fn as_str(&self) -> &str {
        // INVARIANT: only ASCII letters get in.
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

fn two_letters(text: &str) -> Option<[u8; 2]> {
    let upper = text.trim().to_ascii_uppercase();
    let bytes: [u8; 2] = upper.as_bytes().try_into().ok()?;
    bytes.iter().all(u8::is_ascii_uppercase).then_some(bytes)
}

macro_rules! two_letter_code {
    ($name:ident, $problem:literal, $cure:literal) => {
        impl std::str::FromStr for $name {
            type Err = Invalid;
            fn from_str(text: &str) -> Result<Self, Invalid> {
                two_letters(text).map(Self).ok_or_else(|| Invalid::new($problem, $cure))
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.as_str())
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
two_letter_code!(Country, "is not a country code", "write two letters of ISO 3166-1, for example US or CA");
two_letter_code!(State, "is not a State code", "write two postal letters, for example WA");

/// A telephone number a colleague can dial, as its owner writes it.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Telephone(String);

impl Telephone {
    /// At least seven digits, and only what stands in telephone numbers.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let allowed = |c: char| c.is_ascii_digit() || matches!(c, '+' | '(' | ')' | '-' | '.' | ' ' | 'x');
        if !(7..=20).contains(&digits) || text.len() > 40 || !text.chars().all(allowed) {
            return Err(Invalid::new(
                "is not a telephone number",
                "write a number a colleague can dial day and night, for example 206-555-0100 or +1 206 555 0100 x12",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Telephone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for Telephone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Telephone(..)")
    }
}

/// A credentialed organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agency {
    /// Its id.
    pub id: AgencyId,
    /// Its public name.
    pub name: String,
    /// What it is.
    pub kind: AgencyKind,
    /// Its country; phones without a country code are read in it.
    pub country: Country,
    /// Its State, for State, tribal and local agencies.
    pub state: Option<State>,
    /// Its duty number, shown to others whom a conflict tells to call.
    pub telephone: Telephone,
    /// Where that rings; `None` until somebody says.
    pub time_zone: Option<TimeZone>,
    /// A foreign agency waits here until its approval is recorded.
    pub suspended: bool,
}

impl Agency {
    /// Checks name, country and State against the kind. A foreign agency starts suspended (34 U.S.C. 21115(c)).
    pub fn new(
        id: AgencyId,
        name: &str,
        kind: AgencyKind,
        country: Option<Country>,
        state: Option<State>,
        telephone: Telephone,
    ) -> Result<Self, Invalid> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
            return Err(Invalid::new("is not an agency's name", "write its public name in at most 200 letters"));
        }
        let country = match (kind, country) {
            (AgencyKind::Foreign, Some(c)) if c != Country::HOME => c,
            (AgencyKind::Foreign, _) => {
                return Err(Invalid::new(
                    "a foreign agency needs its own country",
                    "give --country with its two letters, for example CA",
                ));
            }
            (_, None | Some(Country::HOME)) => Country::HOME,
            (_, Some(_)) => {
                return Err(Invalid::new(
                    "only a foreign agency has another country",
                    "use --kind foreign, or leave the country out",
                ));
            }
        };
        let suspended = kind == AgencyKind::Foreign;
        Ok(Self { id, name: name.to_owned(), kind, country, state, telephone, time_zone: None, suspended })
    }

    /// The same, with the zone of its telephone.
    #[must_use]
    pub fn in_zone(self, time_zone: Option<TimeZone>) -> Self {
        Self { time_zone, ..self }
    }
}

/// An Attorney General approval of a foreign agency (34 U.S.C. 21115(c)(4)): recorded, scoped, with an end.
#[derive(Debug, Clone)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// The agency approved.
    pub agency: AgencyId,
    /// Reference of the approving document and what it covers.
    pub scope: FreeText,
    /// When it ends.
    pub until: Micros,
}

/// Whom to call.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Contact {
    /// The person's or duty point's name.
    pub name: String,
    /// Their telephone, answered day and night.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub telephone: Telephone,
}

/// A person with an account at one agency.
#[derive(Clone, PartialEq, Eq)]
pub struct Member {
    /// Their id.
    pub id: MemberId,
    /// Their agency.
    pub agency: AgencyId,
    /// Their name; sealed at rest.
    pub name: String,
    /// Their address for notices; sealed at rest, found by a keyed token.
    pub email: String,
    /// Their telephone; sealed at rest.
    pub telephone: Telephone,
    /// A sworn officer (CJIS AC-2(d) "sworn indicator").
    pub sworn: bool,
    /// What they may do.
    pub roles: Roles,
}

impl Member {
    /// Checks name and address; no role at all means investigator.
    pub fn new(
        id: MemberId,
        agency: AgencyId,
        name: &str,
        email: &str,
        telephone: Telephone,
        sworn: bool,
        roles: &[Role],
    ) -> Result<Self, Invalid> {
        let (name, email) = (name.trim(), email.trim());
        if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
            return Err(Invalid::new("is not a person's name", "write the member's name in at most 200 letters"));
        }
        let (local, domain) = email.rsplit_once('@').unwrap_or_default();
        if local.is_empty()
            || !domain.contains('.')
            || email.len() > 254
            || email.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            return Err(Invalid::new(
                "is not an e-mail address",
                "write the member's own address, for example officer@example.org",
            ));
        }
        let roles = if roles.is_empty() { Roles::of(&[Role::Investigator]) } else { Roles::of(roles) };
        Ok(Self { id, agency, name: name.to_owned(), email: email.to_ascii_lowercase(), telephone, sworn, roles })
    }
}

/// Members' names are sealed (CJIS, ../shared/design.md section 6): no accident prints one.
impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Member").field("id", &self.id).field("agency", &self.agency).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Chance, Clock};

    struct Zero;
    impl Clock for Zero {
        fn now(&self) -> Micros {
            Micros(0)
        }
    }
    impl Chance for Zero {
        fn fill(&self, out: &mut [u8]) {
            out.fill(0);
        }
    }

    /// 34 U.S.C. 21115(c): a foreign agency works only with a recorded approval.
    #[test]
    fn a_foreign_agency_starts_suspended_and_has_its_own_country() {
        let id = AgencyId::new(&Zero, &Zero);
        let phone = Telephone::parse("+1 206 555 0100").unwrap();
        let foreign = |c| Agency::new(id, "Sûreté", AgencyKind::Foreign, c, None, phone.clone());
        assert!(foreign(None).is_err());
        assert!(foreign(Some(Country::HOME)).is_err());
        assert!(foreign(Some("ca".parse().unwrap())).unwrap().suspended);
        let local =
            Agency::new(id, "Police", AgencyKind::Local, None, Some("wa".parse().unwrap()), phone.clone()).unwrap();
        assert!(!local.suspended);
        assert!(Agency::new(id, "Police", AgencyKind::Local, Some("ca".parse().unwrap()), None, phone).is_err());
    }

    #[test]
    fn roles_are_a_set() {
        let roles = Roles::of(&[Role::Auditor, Role::Supervisor]);
        assert!(roles.has(Role::Auditor) && !roles.has(Role::Investigator));
        assert_eq!(Roles::from_code(roles.code()), Some(roles));
        assert_eq!(Roles::from_code(-1), None);
        assert_eq!(Roles::from_code(1 << 9), None);
    }

    #[test]
    fn telephones_can_be_dialled() {
        assert!(Telephone::parse("206-555-0100").is_ok());
        assert!(Telephone::parse("ask at the desk").is_err());
    }
}
