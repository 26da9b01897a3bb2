//! `manifest!` under cargo: what it lists, that it is listed anew, and that its text is what the schema says.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::{Value, json};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// A package with two binaries, of which `first` prints the manifest and knows nothing of `second`.
struct Package(PathBuf);

impl Package {
    fn new() -> Self {
        let package = Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join("listed"));
        fs::create_dir_all(package.0.join("src/bin")).unwrap();
        let manifest = format!(
            "[package]\nname = \"listed\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
             renamed = {{ package = \"secure-macros\", path = {:?} }}\n",
            format!("{ROOT}/secure-macros"),
        );
        package.write("Cargo.toml", &manifest);
        fs::copy(Path::new(ROOT).join("Cargo.lock"), package.0.join("Cargo.lock")).unwrap();
        package.write(
            "src/bin/first.rs",
            "#![forbid(unsafe_code)]\n#![no_implicit_prelude]\n#![deny(warnings)]\n\
             fn main() { ::std::print!(\"{}\", ::renamed::manifest!()); }\n",
        );
        package
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.0.join(file), text).unwrap();
    }

    fn first(&self) -> Output {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["run", "--quiet", "--offline", "--bin", "first"]).current_dir(&self.0);
        cargo.env("CARGO_TARGET_DIR", self.0.join("target")).env("CARGO_TERM_COLOR", "never").env_remove("RUSTFLAGS");
        cargo.output().unwrap()
    }

    fn manifest(&self) -> Value {
        let output = self.first();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// A binary with an escape of every kind.
const SECOND: &str = r#"fn main() {}
#[cfg(any())]
#[secure_handler(allow(SH015, reason = "a probe reads it"), allow_static(crate::STARTS, reason = "a counter of starts"))]
async fn handler() {
    tracing::info!(length = secret.declassify("a length is all that is told", |secret| secret.len()));
    secret.declassify_async(REASON, send).await;
    Token::issue_long(month, "devices without a keyboard");
}
"#;

#[test]
fn escapes_are_listed_and_listed_anew_when_a_file_changes() {
    let package = Package::new();
    package.write("src/bin/second.rs", SECOND);
    let manifest = package.manifest();
    let entry = |kind: &str, line: usize, reason: Option<&str>| json!({"kind": kind, "file": "src/bin/second.rs", "line": line, "function": "handler", "reason": reason});
    let mut allow = entry("allow", 3, Some("a probe reads it"));
    allow["rule"] = json!("SH015");
    let mut allow_static = entry("allow_static", 3, Some("a counter of starts"));
    allow_static["path"] = json!("crate::STARTS");
    let expected = [
        allow,
        allow_static,
        entry("declassify", 5, Some("a length is all that is told")),
        entry("declassify_async", 6, None),
        entry("issue_long", 7, Some("devices without a keyboard")),
    ];
    assert_eq!(manifest, json!({"version": 1, "package": "listed", "escapes": expected}));
    valid(&manifest).unwrap();

    // `first` has no part in this file: cargo builds it anew because the macro has read it.
    package.write("src/bin/second.rs", &SECOND.replace("a probe reads it", "two probes read it"));
    assert_eq!(package.manifest()["escapes"][0]["reason"], "two probes read it");

    package.write("src/bin/second.rs", "fn main() {}\nfn 7() {}\n");
    let broken = package.first();
    let said = String::from_utf8_lossy(&broken.stderr);
    assert!(!broken.status.success(), "{said}");
    assert!(said.contains("error: src/bin/second.rs:2: can't be read as Rust: "), "{said}");
    assert!(said.contains("help: mend the file"), "{said}");
    assert!(said.contains("--> src/bin/first.rs:4"), "{said}");
}

#[test]
fn the_example_s_file_is_what_the_schema_says() {
    let file = fs::read_to_string(Path::new(ROOT).join("examples/login/security-manifest.json")).unwrap();
    valid(&serde_json::from_str(&file).unwrap()).unwrap();
}

#[test]
fn what_the_schema_does_not_say_is_refused() {
    let entry = json!({"kind": "allow", "rule": "SH001", "file": "f", "line": 1, "function": "f", "reason": null});
    let of = |entry: &Value| json!({"version": 1, "package": "p", "escapes": [entry]});
    valid(&of(&entry)).unwrap();
    let wrong = [
        ("kind", json!("deny")),
        ("rule", json!("RULE1")),
        ("line", json!(0)),
        ("line", json!("1")),
        ("reason", json!(1)),
        ("file", json!(null)),
        ("other", json!(1)),
    ];
    for (key, value) in wrong {
        let mut entry = entry.clone();
        entry[key] = value;
        assert!(valid(&of(&entry)).is_err(), "{entry}");
    }
    let mut without = entry;
    without.as_object_mut().unwrap().remove("reason");
    assert!(valid(&of(&without)).is_err());
    assert!(valid(&json!({"version": 2, "package": "p", "escapes": []})).is_err());
}

/// Whether a manifest is one by `docs/manifest.schema.json`.
fn valid(manifest: &Value) -> Result<(), String> {
    let schema = fs::read_to_string(Path::new(ROOT).join("docs/manifest.schema.json")).unwrap();
    fits(manifest, &serde_json::from_str(&schema).unwrap())
}

/// As much of JSON Schema 2020-12 as that one needs; a keyword that isn't known is a fault of the test.
fn fits(value: &Value, schema: &Value) -> Result<(), String> {
    for (keyword, is) in schema.as_object().unwrap() {
        let fits = match keyword.as_str() {
            "$schema" | "$id" | "title" | "description" => true,
            "const" => value == is,
            "enum" => is.as_array().unwrap().contains(value),
            "type" => match is {
                Value::Array(types) => types.iter().any(|is| is_of(value, is)),
                is => is_of(value, is),
            },
            "minimum" => value.as_u64() >= is.as_u64(),
            "pattern" => {
                assert_eq!(is, "^SH[0-9]{3}$");
                let digits = value.as_str().and_then(|text| text.strip_prefix("SH")).unwrap_or_default();
                digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit())
            }
            "required" => is.as_array().unwrap().iter().all(|key| value.get(key.as_str().unwrap()).is_some()),
            "additionalProperties" => {
                assert_eq!(is, false);
                value.as_object().is_none_or(|value| value.keys().all(|key| schema["properties"].get(key).is_some()))
            }
            "properties" => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    fits(value, is.get(key).unwrap_or(&json!({})))?;
                }
                true
            }
            "items" => {
                for value in value.as_array().into_iter().flatten() {
                    fits(value, is)?;
                }
                true
            }
            other => panic!("no such keyword: {other}"),
        };
        if !fits {
            return Err(format!("{value} is not {keyword} {is}"));
        }
    }
    Ok(())
}

fn is_of(value: &Value, is: &Value) -> bool {
    match is.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "null" => value.is_null(),
        other => panic!("no such type: {other}"),
    }
}
