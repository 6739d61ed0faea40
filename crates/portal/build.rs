//! Fetches the locked web assets with npm, gives each a name that holds its digest, and writes
//! `OUT_DIR/assets.rs`: one constant an asset, so a page that names a missing file does not compile.

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};
use std::{
    env,
    error::Error,
    fs,
    io::ErrorKind,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() {
    println!("cargo::rerun-if-changed=web");
    println!("cargo::rerun-if-env-changed=CONCORD_ASSETS_DIR");
    if let Err(error) = build() {
        println!("cargo::error={error}");
        std::process::exit(1);
    }
}

fn build() -> Outcome<()> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let modules = match env::var_os("CONCORD_ASSETS_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => npm_ci(Path::new("web"), &out.join("npm"))?,
    };
    let read = |name: &str| {
        fs::read(modules.join(name)).map_err(|error| format!("{}: {error}; is it the node_modules folder that `npm ci` makes from crates/portal/web/package-lock.json?", modules.join(name).display()))
    };

    let mut assets = Assets::new(&out);
    // Order matters: extensions must register before htmx starts, so all three are one file.
    let mut script = Vec::new();
    for part in ["htmx.min.js", "ext/hx-csp.min.js", "ext/hx-sse.min.js"] {
        let text = String::from_utf8(read(&format!("htmx.org/dist/{part}"))?)?;
        script.extend(
            text.lines()
                .filter(|line| !line.starts_with("//# sourceMappingURL"))
                .flat_map(|line| [line, "\n"])
                .collect::<String>()
                .bytes(),
        );
        script.extend(b";\n");
    }
    assets.add("HTMX", "htmx.js", "text/javascript", &script)?;
    assets.add("MARK", "mark.svg", "image/svg+xml", &fs::read("web/mark.svg")?)?;
    // Outlines for maps: the states as Albers' projection shows them in one picture, and the world's countries.
    for (constant, name, from) in [
        ("STATES", "states.json", "us-atlas/states-albers-10m.json"),
        ("COUNTRIES", "countries.json", "world-atlas/countries-110m.json"),
    ] {
        assets.add(constant, name, "application/json", &read(from)?)?;
    }

    let mut css = String::new();
    for (family, name, weights) in
        [("Public Sans", "public-sans", &[400, 600, 700][..]), ("Roboto Mono", "roboto-mono", &[400])]
    {
        for weight in weights {
            for (subset, range) in [("latin-ext", LATIN_EXT), ("latin", LATIN)] {
                let file = format!("{name}-{subset}-{weight}-normal.woff2");
                let href = assets.add("", &file, "font/woff2", &read(&format!("@fontsource/{name}/files/{file}"))?)?;
                css += &format!(
                    "@font-face{{font-family:\"{family}\";font-weight:{weight};font-display:swap;src:url({href}) format(\"woff2\");unicode-range:{range}}}\n"
                );
            }
        }
    }
    css += &fs::read_to_string("web/app.css")?;
    assets.add("APP_CSS", "app.css", "text/css", css.as_bytes())?;
    assets.finish()?;

    println!("cargo::rustc-env=CONCORD_WEB_MODULES={}", modules.canonicalize()?.display());
    Ok(())
}

/// Runs `npm ci` in `work` unless it already holds what the lock file asks for.
fn npm_ci(web: &Path, work: &Path) -> Outcome<PathBuf> {
    let lock = fs::read(web.join("package-lock.json"))?;
    let modules = work.join("node_modules");
    let stamp = work.join("installed-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(modules);
    }
    fs::create_dir_all(work)?;
    for name in ["package.json", "package-lock.json", ".npmrc"] {
        fs::copy(web.join(name), work.join(name))?;
    }
    let run = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"])
        .current_dir(work)
        .output();
    match run {
        Ok(done) if done.status.success() => {}
        Ok(done) => {
            let said = String::from_utf8_lossy(&done.stderr);
            let reason: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("npm error ")).filter(|line| line.len() > 12).take(2).collect();
            return Err(format!("npm ci could not fetch the web assets ({}); fix the network or the lock file, or set CONCORD_ASSETS_DIR", reason.join("; ")).into());
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Err("npm is not installed: install Node.js with npm (on Debian: apt-get install nodejs npm), or set CONCORD_ASSETS_DIR to a node_modules folder made elsewhere from crates/portal/web/package-lock.json.".into()),
        Err(error) => return Err(format!("npm could not be started: {error}").into()),
    }
    fs::write(stamp, lock)?;
    Ok(modules)
}

struct Assets<'a> {
    out: &'a Path,
    constants: String,
    table: Vec<String>,
}

impl<'a> Assets<'a> {
    fn new(out: &'a Path) -> Self {
        Self { out, constants: String::new(), table: Vec::new() }
    }

    /// Stores one file and returns the address it will have. `constant` may be empty.
    fn add(&mut self, constant: &str, name: &str, mime: &str, bytes: &[u8]) -> Outcome<String> {
        let digest: String = Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let (stem, extension) = name.rsplit_once('.').ok_or("asset without extension")?;
        let hashed = format!("{stem}.{digest}.{extension}");
        fs::create_dir_all(self.out.join("assets"))?;
        fs::write(self.out.join("assets").join(&hashed), bytes)?;
        let gzip = if mime.starts_with("font/") {
            "None".to_owned()
        } else {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(bytes)?;
            fs::write(self.out.join("assets").join(format!("{hashed}.gz")), encoder.finish()?)?;
            format!("Some(include_bytes!(concat!(env!(\"OUT_DIR\"), \"/assets/{hashed}.gz\")))")
        };
        let value = format!(
            "Asset {{ name: {hashed:?}, href: \"/assets/{hashed}\", mime: {mime:?}, etag: \"\\\"{digest}\\\"\", plain: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/assets/{hashed}\")), gzip: {gzip} }}"
        );
        if constant.is_empty() {
            self.table.push(value);
        } else {
            self.constants += &format!("pub static {constant}: Asset = {value};\n");
            self.table.push(constant.to_owned());
        }
        Ok(format!("/assets/{hashed}"))
    }

    fn finish(self) -> Outcome<()> {
        let Self { out, constants, table } = self;
        let list = table.iter().map(|entry| format!("&{entry}")).collect::<Vec<_>>().join(
            ",
",
        );
        Ok(fs::write(out.join("assets.rs"), format!("{constants}pub static ALL: &[&Asset] = &[{list}];\n"))?)
    }
}

const LATIN: &str = "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD";
const LATIN_EXT: &str = "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+1D00-1DBF,U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF";
