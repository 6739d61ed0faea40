//! The words themselves: labels before values and headings over parts, in English and Spanish, and platforms' names.

use model::Kind;

/// What stands behind a label.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    Kind(Kind),
    /// An account name or id, at this platform where the label says so.
    Handle(&'static str),
    /// A payment account, at this service where the label says so.
    Payment(&'static str),
    /// A hash of whatever length.
    Hash,
    /// One side of a call or message: telephone, e-mail or account.
    Party,
    Port,
    /// When something happened.
    When,
    /// When a range begins or ends, or the side of a message where it is no time.
    From,
    To,
    /// A day and a time of day in fields of their own, to be read together.
    Date,
    TimeOfDay,
    Zone,
    /// When the account was made: says nothing of later use.
    Made,
    Platform,
    Name,
    Given,
    Family,
    Born,
    Street,
    City,
    State,
    Zip,
    Report,
    Reference,
    /// Known and of no use: nothing in its value is an identifier.
    Noise,
}

/// What a heading opens.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Plain,
    /// Addresses of officers, of the provider, of NCMEC.
    Contacts,
    Victim,
    ChildVictim,
}

use Means::{
    Born, City, Date, Family, From, Given, Handle, Hash, Made, Name, Noise, Party, Payment, Platform, Port, Reference,
    Report, State, Street, TimeOfDay, To, When, Zip, Zone,
};

/// Labels by meaning, separated by `|`; looked up folded, without punctuation.
pub(super) const LABELS: &[(Means, &str)] = &[
    (
        Means::Kind(Kind::Email),
        "email|e mail|email address|e mail address|emails|email addresses|mail|correo|correo electronico|correo electrónico|registered email|sender email|recovery email|account email|paypal email|apple id email",
    ),
    (
        Means::Kind(Kind::Phone),
        "phone|phone number|telephone|telephone number|phone no|phones|phone numbers|mobile|mobile number|mobile phone|cell|cell phone|cellphone|tel|sms|recovery sms|msisdn|calling number|called number|dialed digits|dialed number|originating number|terminating number|calling party|called party|target number|whatsapp|whatsapp number|signal number|home phone|work phone|telefono|teléfono|numero de telefono|número de teléfono|movil|móvil|contact number|wireless number|subscriber number|mdn|ctn|verified phone|2fa phone",
    ),
    (
        Means::Kind(Kind::Ip),
        "ip|ip address|ip addr|ipv4|ipv6|ipv4 address|ipv6 address|ip addresses|ips|source ip|src ip|client ip|login ip|registration ip|signup ip|creation ip|last ip|public ip|nat ip|upload ip|session ip|remote ip|terms of service ip|dirección ip|direccion ip|ip de acceso|ip origen|address ip",
    ),
    (
        Means::Kind(Kind::Url),
        "url|profile url|link|profile link|web address|webpage|webpage url|uri|page url|profile|enlace|invite link|website|web site|homepage",
    ),
    (Means::Kind(Kind::Domain), "domain|domain name|domains|dominio|hostname"),
    (Means::Kind(Kind::Onion), "onion|onion address|onion service|hidden service|tor address"),
    (Means::Kind(Kind::Imei), "imei|imei number|imeisv|imei number s"),
    (Means::Kind(Kind::Imsi), "imsi|imsi number"),
    (Means::Kind(Kind::Iccid), "iccid|sim|sim number|sim card|iccid number|sim serial|sim serial number"),
    (
        Means::Kind(Kind::Mac),
        "mac|mac address|wifi mac|wi fi mac|bluetooth mac|bssid|hardware address|ethernet address|router mac|dirección mac|direccion mac",
    ),
    (
        Means::Kind(Kind::Serial),
        "serial|serial number|serial no|device serial|device serial number|android id|device id|advertising id|idfa|idfv|udid|gaid|device identifier|hardware id|hwid|número de serie|numero de serie|console serial|console id",
    ),
    (
        Means::Kind(Kind::Wallet),
        "wallet|wallet address|bitcoin address|btc address|eth address|ethereum address|xmr address|monero address|litecoin address|ltc address|tron address|crypto address|deposit address|withdrawal address|destination address|crypto wallet|bitcoin|ethereum|monero|litecoin|to address|from address|receiving address|btc|eth|xmr|ltc|trx",
    ),
    (Means::Kind(Kind::P2p), "p2p guid|guid|client guid|gnutella guid|user hash|emule hash|peer id"),
    (
        Means::Kind(Kind::Room),
        "room|chat room|room id|room name|group id|group|group name|group identifier|server id|server|guild id|guild|channel|channel id|channel name|chat id|conversation id|group chat|group chat id|sala|grupo|group invite|irc channel|club id|party id",
    ),
    (
        Means::Kind(Kind::Plate),
        "plate|license plate|licence plate|license plate number|plate number|vehicle plate|tag number|matricula|matrícula",
    ),
    (Means::Kind(Kind::Vin), "vin|vehicle identification number|vin number"),
    (Means::Kind(Kind::Md5), "md5|md5 hash|original binary hash of file md5|hash md5|file md5"),
    (Means::Kind(Kind::Sha1), "sha1|sha 1|sha1 hash|sha 1 hash|hash sha1|hash sha 1|original binary hash of file sha1"),
    (Means::Kind(Kind::Sha256), "sha256|sha 256|sha256 hash|sha 256 hash|hash sha256|hash sha 256"),
    (Means::Kind(Kind::Pdq), "pdq|pdq hash|hash pdq"),
    (Hash, "hash|file hash|hash value|checksum|hashes"),
    (
        Handle(""),
        "screen name|screenname|username|user name|screen user name|user|user id|userid|account id|account name|esp user id|vanity|vanity name|vanity url name|handle|account handle|login|login name|login id|alias|aliases|account|account identifier|profile id|usernames|screen names|member name|player|player name|gamertag|gamer tag|usuario|nombre de usuario|cuenta|account number|customer id|member id|unique id|uid|associated account|sender username|suspect username|linked account|target account|target|player id|subscriber id|identificador de usuario",
    ),
    (Handle("Snapchat"), "snap|snap username"),
    (Handle("Xbox"), "xuid|xbox gamertag"),
    (Handle("PlayStation"), "psn id|psn"),
    (Handle("Instagram"), "ig|ig handle"),
    (Payment("Cash App"), "cashtag|cash app|cashapp|cash tag|cash app cashtag"),
    (Payment("PayPal"), "paypal|pay pal|paypal account|paypal id|paypal me"),
    (Payment("Venmo"), "venmo|venmo username|venmo account|venmo id|venmo handle"),
    (Payment("Zelle"), "zelle|zelle id"),
    (
        Payment(""),
        "iban|payment account|payment handle|payment id|bank account|bank account number|card number|payout account",
    ),
    (Party, "sender|recipient|from user|to user|caller|callee|other party|contact|remitente|destinatario|buyer|seller"),
    (
        Port,
        "port|source port|src port|ip port|client port|nat port|port number|puerto|puerto de origen|puerto origen|remote port",
    ),
    (
        When,
        "date time|datetime|event date|event date time|event time|login time|login date|time stamp|timestamp|date and time|last login|last seen|last used|last active|last access|access time|activity date|upload date|upload date time|upload time|incident time|incident date time|when|seen|time utc|date utc|event timestamp|call date|call time|call start|connection time|lease time|unix time|epoch|epoch time|unix timestamp|date time utc|fecha y hora|fecha hora|hora de acceso|login timestamp|sent|received|sent at|occurred|last activity|date sent|created at|time of event|transaction date|action time|login date time|ip capture date|captured",
    ),
    (
        From,
        "from|start|start time|start date|first seen|first login|begin|begin time|session start|since|start date time|lease start|assigned|desde|inicio|start timestamp|connect time|first used",
    ),
    (
        To,
        "to|end|end time|end date|until|session end|logout|logout time|end date time|lease end|released|hasta|fin|end timestamp|disconnect time|through",
    ),
    (Date, "date|day|fecha"),
    (TimeOfDay, "time|hour|hora"),
    (Zone, "time zone|timezone|tz|utc offset|zone|zona horaria"),
    (
        Made,
        "registered|registration date|registration time|account created|created|created on|creation date|creation time|created date|account creation date|signup date|sign up date|registered on|registration timestamp|member since|fecha de registro|fecha de alta|account creation time|joined|registration",
    ),
    (
        Platform,
        "service|platform|application|app|provider|service provider|esp|esp name|product|site|electronic service provider|reporting esp|submitter|network|servicio|plataforma|aplicacion|aplicación|messenger|social network|esp service|service name",
    ),
    (
        Name,
        "name|full name|subscriber name|account holder|customer name|real name|registered name|legal name|person name|nombre|nombre completo|titular|customer|subscriber|registered owner|account holder name|name on account|suspect name",
    ),
    (Given, "first name|given name|given names|nombres|forename|first"),
    (Family, "last name|surname|family name|apellido|apellidos|last"),
    (Born, "date of birth|dob|birth date|birthdate|birthday|born|fecha de nacimiento|d o b"),
    (
        Street,
        "address|street address|billing address|mailing address|home address|service address|residential address|postal address|street|address line 1|address 1|physical address|subscriber address|shipping address|installation address|domicilio|direccion|dirección|residence",
    ),
    (City, "city|town|ciudad"),
    (State, "state|province|state province|estado|provincia"),
    (Zip, "zip|zip code|postal code|postcode|zip postal code|código postal|codigo postal"),
    (
        Report,
        "report id|report number|cybertip number|cybertip id|cybertip report number|cybertipline report number|cybertip report|cybertipline report|cybertip|cybertip report id|cybertipline report id|report no",
    ),
    (
        Reference,
        "reference number|our reference|internal reference|internal ticket|request id|reference|ticket|ticket number|matter id|our ref|provider reference|referencia|internal case number|file reference",
    ),
    (
        Noise,
        "date range|period|software|program|client software|client name|case|case number|case no|case id|incident number|agency case number|docket|docket number|warrant number|subpoena number|filename|file name|original filename|original file name|title|caption|version|app version|client version|os version|software version|firmware|build|build number|user agent|useragent|browser|os|operating system|device|device type|device model|model|client|fax|fax number|badge|badge number|page|invoice|invoice number|order|order number|transaction id|transaction hash|txid|tx hash|tx id|tx|confirmation number|size|file size|bytes|amount|balance|duration|cell site|cell id|cell tower|tower|lac|latitude|longitude|lat|long|lat long|coordinates|display name|nickname|event|event name|event type|action|activity|type|status|result|country|country code|region|isp|organization|org|asn|carrier|possible proxy|metro area|area code|language|locale|gender|age|approximate age|comments|description|notes|note|note to|destination ip|dest ip|destination port|dest port|server ip|server port|dst ip|dst port|password|pin|security question|agency|officer|investigator|investigator name|agent|contact email|contact phone|contact name|point of contact|business address|law enforcement|law enforcement contact|esp contact|attention|attn|re|subject line|subject|nature of request|generated|generated by|generated on|date generated|prepared|prepared by|printed|printed on|report generated|received on|date received|submitted|submitted by|processed|processed by|processing time|reviewed|signed|executed|executed on|served|served on|date served|date of request|received by ncmec|report received|questions|hotline|24 hour line|support|legal department|custodian|custodian of records|records custodian|emergency line|nombre de archivo|archivo|navegador|agente de usuario|evento|accion|acción|país|pais|contraseña|resultado|dispositivo|número de caso|numero de caso|caso|estado de sesión|message id|session id|cookie|request|sku|item|item id|asset|asset id|game id|place id|game|currency|fee|path|folder|file|filepath|file path|object|upload id|file id|photo id|media id|post id|hits|count|total|records|md5 count|incident type|industry classification|viewed|did reporting esp view entire contents of uploaded file|additional information|login type|method|verified|account status|direction|call type|seconds|dur|elapsed|sim type|make|manufacturer|plan|plan name|rate plan|activation|ssid|provider name contact|witness",
    ),
];

/// Platforms a heading, a label or a bracket may name, as officers write them.
pub(super) const PLATFORMS: &[&str] = &[
    "X",
    "Twitter",
    "Facebook",
    "Messenger",
    "Instagram",
    "Threads",
    "Snapchat",
    "TikTok",
    "YouTube",
    "Reddit",
    "Discord",
    "Telegram",
    "WhatsApp",
    "Signal",
    "Kik",
    "Skype",
    "Wickr",
    "Session",
    "Wire",
    "Viber",
    "WeChat",
    "Line",
    "KakaoTalk",
    "Omegle",
    "Roblox",
    "Minecraft",
    "Fortnite",
    "Epic Games",
    "Steam",
    "Xbox",
    "Xbox Live",
    "PlayStation",
    "PlayStation Network",
    "Twitch",
    "Tumblr",
    "Pinterest",
    "Flickr",
    "VK",
    "LinkedIn",
    "GitHub",
    "Mega",
    "Dropbox",
    "Google",
    "Gmail",
    "Yahoo",
    "Microsoft",
    "Outlook",
    "Apple",
    "iCloud",
    "OnlyFans",
    "Grindr",
    "Tinder",
    "Bumble",
    "Venmo",
    "PayPal",
    "Cash App",
    "Coinbase",
    "Binance",
    "Kraken",
    "Matrix",
    "Element",
    "IRC",
    "ICQ",
    "Zoom",
    "MeetMe",
    "Tagged",
    "Whisper",
    "Yubo",
    "Wizz",
    "Hoop",
    "BeReal",
    "Bluesky",
    "Mastodon",
    "Threema",
    "Zangi",
];

pub(super) const HEADINGS: &[(Part, &str)] = &[
    (
        Part::ChildVictim,
        "child victim|child victim information|minor victim|victim child|reported child victim|identified child|child victims|child|minor victim information|niño víctima|menor víctima|victima menor",
    ),
    (
        Part::Victim,
        "victim|victim information|victims|intended recipient|intended recipients|intended recipient information|reported victim|victim or intended recipient|victima|víctima|possible victim",
    ),
    (
        Part::Contacts,
        "contacts|contact|contact information|contact us|law enforcement contact|law enforcement contact information|law enforcement contacts|submitter|submitter information|reporting electronic service provider|reporting electronic service provider esp|reporting esp contact|point of contact|point of contact for law enforcement|custodian of records|records custodian|company information|esp contact|reporting person|reporter|reporting person information|investigator|agency contact|requesting agency|requesting officer|law enforcement agency|recipient agency|contactos|contacto|questions|provider contact|legal process contact|serving officer|certification|sincerely|regards|respectfully|kind regards|best regards|requester|requestor|legal department|certificate of authenticity|declaration of custodian|atentamente|notified agencies|reporting company|esp contact information|assigned agency|contact for law enforcement",
    ),
    (
        Part::Plain,
        "suspect|suspect information|user or person being reported|person being reported|reported person|reported user|reported person or user|suspects|incident|incident information|incident details|uploaded file information|file information|uploaded files|subscriber|subscriber information|basic subscriber information|account|account information|account details|account holder|ip information|ip addresses|ip address information|ip log|ip logs|login history|logins|login activity|sessions|session history|activity|activity log|access log|access logs|devices|device information|registered devices|messages|message log|call detail|call detail records|call details|transactions|transaction history|payment information|payments|wallets|webpage information|web page information|additional information|additional accounts|linked accounts|other accounts|associated accounts|associated information|geo lookup|geolookup|geo lookup suspect|automated information added by ncmec systems|reported information|executive summary|summary|email incident|chat incident|internet details|online gaming incident|cell phone incident|peer to peer|vehicle|vehicles|identifiers|records|profile|profile information|friends|groups|servers|registration|informacion de la cuenta|información de la cuenta|información del titular|informacion del titular|accesos|historial de accesos|registro de accesos|evidence|user information|user details|deposits|withdrawals|addresses|subject information|customer information|customer|dear|witness",
    ),
];
