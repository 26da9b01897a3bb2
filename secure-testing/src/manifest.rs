//! A package's escapes against the file that was reviewed.

use std::{collections::BTreeMap, env, fmt::Write as _, fs, io, path::Path};

use serde::{Deserialize, Serialize};

/// The variable that has the file written.
const UPDATE: &str = "UPDATE_MANIFEST";

/// The schema that is understood: `docs/manifest.schema.json`.
const VERSION: u32 = 1;

/// Fails when the package's escapes aren't those of a file in it, which is `security-manifest.json` unless another one is named.
///
/// The escapes are those that `secure_runtime::manifest!` lists: `declassify`, `allow(SHxxx, ..)`, `allow_static(..)` and `issue_long`, with place
/// and reason. A review sees what changes in the file; `docs/review.md` says how that is set up.
///
/// ```no_run
/// #[test]
/// fn manifest() {
///     secure_testing::assert_manifest!(); // or assert_manifest!("docs/security-manifest.json")
/// }
/// ```
///
/// `UPDATE_MANIFEST=1 cargo test` writes the file instead. Lines are neither in the file nor compared, so that it changes with what is let out
/// alone, and not with what is written above.
///
/// # Panics
/// When they differ: the message says which escapes were added, removed and changed. When the file is missing, or isn't a manifest.
#[macro_export]
macro_rules! assert_manifest {
    () => {
        $crate::assert_manifest!("security-manifest.json")
    };
    ($file:expr $(,)?) => {
        $crate::__assert_manifest($crate::__manifest!(), ::core::env!("CARGO_MANIFEST_DIR"), $file)
    };
}

#[derive(Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    version: u32,
    package: String,
    escapes: Vec<Escape>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Escape {
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    file: String,
    /// `None` in the file of a repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    function: String,
    reason: Option<String>,
}

impl Escape {
    /// What it is and where, whatever its reason is.
    fn key(&self) -> (&str, &str, &str, Option<&str>, Option<&str>) {
        (&self.file, &self.function, &self.kind, self.rule.as_deref(), self.path.as_deref())
    }

    fn what(&self) -> String {
        match self.rule.as_ref().or(self.path.as_ref()) {
            Some(of) => format!("{}({of})", self.kind),
            None => self.kind.clone(),
        }
    }

    fn place(&self) -> String {
        let line = self.line.map(|line| format!(":{line}")).unwrap_or_default();
        format!("{}{line}, {}", self.file, self.function)
    }

    fn why(&self) -> String {
        self.reason.as_ref().map_or_else(|| "no literal reason".to_owned(), |reason| format!("{reason:?}"))
    }
}

#[doc(hidden)]
#[track_caller]
pub fn __assert_manifest(found: &str, package: &str, file: impl AsRef<Path>) {
    let update = env::var_os(UPDATE).is_some_and(|value| !value.is_empty() && value != "0");
    if let Err(message) = check(found, Path::new(package), file.as_ref(), update) {
        panic!("{message}");
    }
}

fn check(found: &str, package: &Path, file: &Path, update: bool) -> Result<(), String> {
    let path = package.join(file);
    let shown = path.display();
    let mut found = parse(found).map_err(|error| format!("secure_runtime::manifest!() can't be read: {error}"))?;
    found.escapes.sort_by(|a, b| (a.key(), &a.reason).cmp(&(b.key(), &b.reason)));
    if update {
        return fs::write(&path, text(&found)).map_err(|error| format!("can't write {shown}: {error}"));
    }
    let how = format!(
        "To accept what the sources say, run `{UPDATE}=1 cargo test -p {}`, and commit the file.",
        found.package
    );
    let reviewed = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(format!("there is no {shown} yet, and so no escape was reviewed\n\n{how}"));
        }
        Err(error) => return Err(format!("can't read {shown}: {error}")),
    };
    let reviewed = parse(&reviewed).map_err(|error| format!("{shown} is no manifest: {error}\n\n{how}"))?;
    let mut difference = difference(&reviewed.escapes, &found.escapes);
    if reviewed.package != found.package {
        difference = format!("\nchanged: the package was {:?}, is {:?}\n{difference}", reviewed.package, found.package);
    }
    if difference.is_empty() {
        return Ok(());
    }
    Err(format!("the escapes of {:?} are not those that were reviewed in {shown}\n{difference}\n{how}", found.package))
}

fn parse(text: &str) -> Result<Manifest, String> {
    let manifest: Manifest = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if manifest.version == VERSION {
        Ok(manifest)
    } else {
        Err(format!("its version is {}, where secure-testing knows {VERSION}", manifest.version))
    }
}

/// The file's text.
fn text(manifest: &Manifest) -> String {
    let escapes = manifest.escapes.iter().map(|escape| Escape { line: None, ..escape.clone() }).collect();
    let manifest = Manifest { version: manifest.version, package: manifest.package.clone(), escapes };
    let mut text = serde_json::to_string_pretty(&manifest).expect("texts and numbers alone");
    text.push('\n');
    text
}

/// What was added, removed and changed; empty where nothing was.
fn difference(before: &[Escape], after: &[Escape]) -> String {
    let (before, after) = (by_key(before), by_key(after));
    let mut written = String::new();
    let mut keys: Vec<_> = before.keys().chain(after.keys()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let mut gone = before.get(key).cloned().unwrap_or_default();
        let mut come = after.get(key).cloned().unwrap_or_default();
        // What is the same on both sides, as often as it is there.
        come.retain(|new| {
            let same = gone.iter().position(|old| old.reason == new.reason);
            same.map(|same| gone.remove(same)).is_none()
        });
        let changed = gone.len().min(come.len());
        for (old, new) in gone.iter().zip(&come) {
            let (what, place, old, new) = (new.what(), new.place(), old.why(), new.why());
            let _ = writeln!(written, "\nchanged: {what} at {place}\n    was: {old}\n     is: {new}");
        }
        for old in &gone[changed..] {
            let _ = writeln!(written, "\nremoved: {} at {}\n    was: {}", old.what(), old.place(), old.why());
        }
        for new in &come[changed..] {
            let _ = writeln!(written, "\n  added: {} at {}\n     is: {}", new.what(), new.place(), new.why());
        }
    }
    written
}

type Key<'a> = (&'a str, &'a str, &'a str, Option<&'a str>, Option<&'a str>);

fn by_key(escapes: &[Escape]) -> BTreeMap<Key<'_>, Vec<&Escape>> {
    let mut of = BTreeMap::<_, Vec<_>>::new();
    for escape in escapes {
        of.entry(escape.key()).or_default().push(escape);
    }
    of
}

#[cfg(test)]
mod tests {
    use std::process;

    use serde_json::{Value, json};

    use super::*;

    fn escape(kind: &str, line: usize, function: &str, reason: Option<&str>) -> Value {
        json!({"kind": kind, "file": "src/login.rs", "line": line, "function": function, "reason": reason})
    }

    fn manifest(escapes: &[Value]) -> String {
        json!({"version": 1, "package": "login", "escapes": escapes}).to_string()
    }

    /// What is said of `after` when `before` was reviewed.
    fn said(name: &str, before: &[Value], after: &[Value]) -> Result<(), String> {
        let folder = env::temp_dir();
        let file = format!("manifest-{}-{name}.json", process::id());
        check(&manifest(before), &folder, Path::new(&file), true).unwrap();
        let said = check(&manifest(after), &folder, Path::new(&file), false);
        fs::remove_file(folder.join(file)).unwrap();
        said
    }

    #[test]
    fn what_was_added_removed_and_changed_is_said() {
        let before = [
            escape("declassify", 3, "login", Some("a reason that stays")),
            escape("declassify", 4, "login", Some("a reason as it was")),
            escape("declassify", 5, "logout", Some("a reason that goes")),
        ];
        let mut allowed = escape("allow", 9, "login", Some("a probe reads it"));
        allowed["rule"] = json!("SH015");
        let after = [
            escape("declassify", 13, "login", Some("a reason as it is")),
            escape("declassify", 14, "login", Some("a reason that stays")),
            escape("declassify", 15, "login", None),
            allowed,
        ];
        let said = said("differs", &before, &after).unwrap_err();
        let expected = "
  added: allow(SH015) at src/login.rs:9, login
     is: \"a probe reads it\"

changed: declassify at src/login.rs:15, login
    was: \"a reason as it was\"
     is: no literal reason

  added: declassify at src/login.rs:13, login
     is: \"a reason as it is\"

removed: declassify at src/login.rs, logout
    was: \"a reason that goes\"

To accept what the sources say, run `UPDATE_MANIFEST=1 cargo test -p login`, and commit the file.";
        let (head, rest) = said.split_once('\n').unwrap();
        assert!(head.starts_with("the escapes of \"login\" are not those that were reviewed in "), "{head}");
        assert_eq!(rest, expected);
    }

    #[test]
    fn lines_and_order_are_no_difference_but_the_number_is() {
        let one = escape("declassify", 3, "login", Some("a reason"));
        let other = escape("declassify", 30, "logout", Some("a reason"));
        let moved = escape("declassify", 300, "login", Some("a reason"));
        said("same", &[one.clone(), other.clone()], &[other, moved.clone()]).unwrap();
        let twice = said("twice", std::slice::from_ref(&one), &[one.clone(), moved]).unwrap_err();
        assert!(twice.contains("  added: declassify at src/login.rs:300, login"), "{twice}");
    }

    #[test]
    fn a_missing_file_and_one_that_is_no_manifest_say_what_to_do() {
        let folder = env::temp_dir();
        let file = format!("manifest-{}-missing.json", process::id());
        let missing = check(&manifest(&[]), &folder, Path::new(&file), false).unwrap_err();
        assert!(
            missing.starts_with("there is no ") && missing.contains("`UPDATE_MANIFEST=1 cargo test -p login`"),
            "{missing}"
        );
        for text in [
            "",
            "{}",
            r#"{"version":2,"package":"login","escapes":[]}"#,
            r#"{"version":1,"package":"login","escapes":[],"x":1}"#,
        ] {
            fs::write(folder.join(&file), text).unwrap();
            let broken = check(&manifest(&[]), &folder, Path::new(&file), false).unwrap_err();
            assert!(broken.contains("is no manifest: ") && broken.contains("UPDATE_MANIFEST=1"), "{broken}");
        }
        fs::remove_file(folder.join(file)).unwrap();
    }

    #[test]
    fn what_is_written_has_no_lines() {
        let entry = escape("declassify", 3, "login", None);
        let written: Value = serde_json::from_str(&text(&parse(&manifest(&[entry])).unwrap())).unwrap();
        let expected = json!({"kind": "declassify", "file": "src/login.rs", "function": "login", "reason": null});
        assert_eq!(written["escapes"], json!([expected]));
    }
}
