//! Builds the web UI with npm and lists its files for embedding, and the bundled dashboards.
//!
//! Runs npm only where the feature `ui` is on and a source changed.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the UI is built from, below `ui/`.
const SOURCES: [&str; 6] =
    ["src", "public", "index.html", "package.json", "package-lock.json", "vite.config.ts"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui");
    let mut files = Vec::new();
    if env::var_os("CARGO_FEATURE_UI").is_some() {
        for source in SOURCES {
            println!("cargo::rerun-if-changed={}", ui.join(source).display());
        }
        build(&ui);
        list(&ui.join("dist"), &mut files);
        files.sort();
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("assets.rs"), table(&ui.join("dist"), &files))
        .expect("the build directory can be written");
    let dashboards = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/dashboards");
    println!("cargo::rerun-if-changed={}", dashboards.display());
    fs::write(out.join("bundled_dashboards.rs"), dashboard_table(&dashboards))
        .expect("the build directory can be written");
}

fn dashboard_table(dir: &Path) -> String {
    let mut files = Vec::new();
    list(dir, &mut files);
    files.sort();
    let mut code = String::from("static BUNDLED_DASHBOARDS: &[(&str, &str)] = &[\n");
    for file in files {
        let name = file.strip_prefix(dir).unwrap_or(&file).to_string_lossy().into_owned();
        let full = fs::canonicalize(&file).unwrap_or_else(|_| file.clone());
        writeln!(code, "    ({name:?}, include_str!({full:?})),")
            .expect("writing to a string does not fail");
    }
    code.push_str("];\n");
    code
}

fn build(ui: &Path) {
    if Command::new("npm").arg("--version").output().is_err() {
        fail(
            "npm was not found. Install Node.js 20 or newer, or build without the web UI: \
              cargo build --release --no-default-features",
        );
    }
    if !is_installed(ui) {
        npm(ui, &["ci", "--no-audit", "--no-fund"]);
    }
    npm(ui, &["run", "build"]);
}

/// Whether `node_modules` is what the lock file asks for.
fn is_installed(ui: &Path) -> bool {
    let modified = |path: PathBuf| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    let installed = modified(ui.join("node_modules/.package-lock.json"));
    installed.is_some_and(|installed| {
        modified(ui.join("package-lock.json")).is_some_and(|wanted| wanted <= installed)
    })
}

fn npm(ui: &Path, args: &[&str]) {
    let output = Command::new("npm").args(args).current_dir(ui).output();
    match output {
        Ok(output) if output.status.success() => {}
        Ok(output) => fail(&format!(
            "npm {} failed in {}:\n{}{}",
            args.join(" "),
            ui.display(),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )),
        Err(error) => fail(&format!("npm could not be started: {error}")),
    }
}

fn fail(message: &str) -> ! {
    eprintln!("{message}");
    std::process::exit(1);
}

fn list(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { list(&path, files) } else { files.push(path) }
    }
}

fn table(dist: &Path, files: &[PathBuf]) -> String {
    let mut code = String::from("static ASSETS: &[Asset] = &[\n");
    for file in files {
        let path = file.strip_prefix(dist).unwrap_or(file).to_string_lossy().replace('\\', "/");
        let full = fs::canonicalize(file).unwrap_or_else(|_| file.clone());
        let content_type = content_type(&path);
        writeln!(
            code,
            "    Asset {{ path: {path:?}, content_type: {content_type:?}, bytes: include_bytes!({full:?}) }},"
        )
        .expect("writing to a string does not fail");
    }
    code.push_str("];\n");
    code
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" | "map" | "webmanifest" => "application/json",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
