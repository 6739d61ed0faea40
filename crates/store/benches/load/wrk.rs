//! wrk: its script, its run, and what it says.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use testkit::Serving;

use crate::officers::Officer;
use crate::{CONNECTIONS, Rate, THREADS, Work};

/// Identifiers of a submission.
pub const IDENTIFIERS: usize = 50;

/// The script of one run. `run` keeps its request ids and values apart from other runs'.
pub fn script(work: Work, run: usize, origin: &str, officers: &[Officer], known: &[(&str, String)]) -> String {
    let mut lua = format!(
        "local work, run, origin, many = '{}', {run}, '{origin}', {IDENTIFIERS}\nlocal host = '{}'\nlocal officers = {{\n",
        work.word(),
        origin.trim_start_matches("http://")
    );
    for officer in officers {
        writeln!(
            lua,
            "{{ cookie = '{}', case = '{}', conflict = '{}' }},",
            officer.cookie,
            officer.case.as_str(),
            officer.conflict
        )
        .unwrap();
    }
    lua += "}\nlocal known = {\n";
    for (kind, value) in known {
        writeln!(lua, "{{ '{kind}', '{value}' }},").unwrap();
    }
    lua += "}\n";
    lua + SCRIPT
}

const SCRIPT: &str = r#"
local threads, ready = {}, {}
function setup(thread)
  thread:set("id", #threads)
  table.insert(threads, thread)
end
function init(args)
  turn, bad = 0, 0
  for at, o in ipairs(officers) do
    local headers = { Host = host, Cookie = o.cookie }
    local path = work == "inbox" and "/" or "/conflicts/" .. o.conflict
    ready[at] = wrk.format("GET", path, headers)
  end
end
local function fresh(n)
  local of = n % 10
  if of < 4 then return "email", "fresh." .. n .. "@mail" .. n % 7 .. ".example.org" end
  if of < 6 then return "handle", "fresh_" .. n, "Twitter" end
  if of == 6 then return "ip", string.format("2001:db8:%x:%x::1", math.floor(n / 65536) % 65536, n % 65536) end
  if of == 7 then return "url", "https://example.org/fresh/" .. n end
  return "md5", string.format("%032x", n)
end
local function one(kind, value, platform)
  local more = platform and ',"platform":"' .. platform .. '"' or ""
  return '{"kind":"' .. kind .. '","value":"' .. value .. '"' .. more .. "}"
end
function request()
  turn = turn + 1
  local at = (turn + id * 5) % #officers + 1
  if work ~= "submission" then return ready[at] end
  local o, k = officers[at], known[(turn * 13 + id * 7 + run * 977) % #known + 1]
  local all = { one(k[1], k[2]) }
  local first = ((run + 1) * 8 + id) * 20000000 + turn * many
  for n = first + 2, first + many do table.insert(all, one(fresh(n))) end
  local request = string.format("%08x-0000-4000-8000-%04x%08x", run + 1, id, turn)
  local body = '{"request":"' .. request .. '","case":"' .. o.case .. '","identifiers":[' .. table.concat(all, ",") .. "]}"
  local headers = { Host = host, Cookie = o.cookie, Origin = origin, ["Content-Type"] = "application/json" }
  return wrk.format("POST", "/api/v1/submissions", headers, body)
end
function response(status, headers, body)
  if status ~= 200 then
    bad = bad + 1
    if bad < 3 then io.stderr:write("status " .. status .. ": " .. body:sub(1, 500) .. "\n") end
  end
end
function done(summary, latency, requests)
  local e, bad = summary.errors, 0
  for _, thread in ipairs(threads) do bad = bad + thread:get("bad") end
  io.write(string.format("\nRESULT %d %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), bad, e.connect + e.read + e.write + e.timeout))
end
"#;

/// Runs it; one answer of another status than 200, or one that did not come, is a fault.
pub fn run(file: &Path, script: &str, origin: &str, lasts: Duration, server: &Serving) -> Rate {
    std::fs::write(file, script).unwrap();
    let ran = Command::new("wrk")
        .args(["-t", &THREADS.to_string(), "-c", &CONNECTIONS.to_string(), "--timeout", "30s"])
        .args(["-d", &format!("{}s", lasts.as_secs()), "-s"])
        .arg(file)
        .arg(origin.replace("localhost", "127.0.0.1"))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .expect("wrk: `cargo xtask bench load` installs it");
    let said = String::from_utf8_lossy(&ran.stdout);
    let result = said.lines().find_map(|l| l.strip_prefix("RESULT "));
    let result = result.unwrap_or_else(|| panic!("wrk says nothing: {said}\n{}", server.log()));
    let numbers: Vec<u64> = result.split(' ').map(|n| n.parse().unwrap()).collect();
    let [times, lasted, p50, p99, bad, lost] = numbers[..] else { panic!("{result}") };
    assert!(times > 0 && bad == 0 && lost == 0, "{bad} bad answers, {lost} lost: {said}\n{}", server.log());
    let micros = Duration::from_micros;
    Rate { times, lasted: micros(lasted), p50: micros(p50), p99: micros(p99) }
}
