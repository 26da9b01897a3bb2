//! What is built: packages of a workspace of their own, outside of this one.

use std::{fmt::Write as _, fs, path::Path};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// How 500 functions are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Uses {
    Plain,
    SecureHandler,
    Instrument,
    TokioMain,
}

impl Uses {
    pub(crate) const ALL: [Self; 4] = [Self::Plain, Self::SecureHandler, Self::Instrument, Self::TokioMain];

    pub(crate) fn package(self) -> &'static str {
        match self {
            Self::Plain => "uses-plain",
            Self::SecureHandler => "uses-secure-handler",
            Self::Instrument => "uses-instrument",
            Self::TokioMain => "uses-tokio-main",
        }
    }

    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::SecureHandler => "#[secure_handler]",
            Self::Instrument => "#[tracing::instrument(skip_all)]",
            Self::TokioMain => "#[tokio::main(flavor = \"current_thread\")]",
        }
    }
}

/// All alike, but for their names and the attribute.
fn functions(uses: Uses, number: usize) -> String {
    let mut text = String::from(
        "#![forbid(unsafe_code)]\nuse secure_runtime::prelude::*;\n\n#[secure_event]\npub struct Login<'inv> {\n    #[public]\n    \
         user: String,\n    password: Secret<'inv, String>,\n}\n\n#[derive(Debug, OpaqueError)]\n\
         #[opaque(code = \"refused\", status = 401, message = \"No.\")]\npub struct Refused;\n",
    );
    for index in 0..number {
        let attribute = uses.attribute();
        let _ = write!(
            text,
            "\n{attribute}\npub async fn login_{index}(event: LambdaEvent<Login<'_>>, least: &usize) -> Result<String, Refused> {{\n    \
             let Login {{ user, password }} = event.payload;\n    \
             tokio::task::yield_now().await;\n    \
             if !password.expose(|password| password.len() > *least) {{\n        return Err(Refused);\n    }}\n    \
             tracing::info!(user = %user, \"welcome\");\n    \
             Ok(format!(\"welcome, {{user}}\"))\n}}\n"
        );
    }
    text
}

const PLAIN: &str = r#"use lambda_runtime::{Error, LambdaEvent, service_fn};

#[derive(serde::Deserialize)]
struct Hello {
    name: String,
}

async fn hello(event: LambdaEvent<Hello>) -> Result<String, Error> {
    Ok(format!("hello, {}", event.payload.name))
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().json().init();
    tracing::info!("starting");
    lambda_runtime::run(service_fn(hello)).await
}
"#;

const SECURED: &str = r#"use secure_runtime::prelude::*;

#[secure_event]
struct Hello {
    #[public]
    name: String,
}

#[secure_handler]
async fn hello(event: LambdaEvent<Hello>) -> Result<String, Error> {
    Ok(format!("hello, {}", event.payload.name))
}

#[secure_runtime::main]
async fn main() -> Result<(), secure_runtime::Error> {
    secure_runtime::log::init();
    tracing::info!("starting");
    secure_runtime::run(service_fn(hello)).await
}
"#;

/// A function without us.
pub(crate) const HELLO_PLAIN: &str = "hello-plain";
/// The same with us.
pub(crate) const HELLO_SECURED: &str = "hello-secured";

/// Writes all packages, with the workspace's lock file, so that both sides have the same versions.
///
/// # Errors
/// When a file can't be written.
pub(crate) fn write(folder: &Path, number: usize) -> Result<(), String> {
    let runtime = format!("secure-runtime = {{ path = {:?} }}\n", format!("{ROOT}/secure-runtime"));
    let serde = "serde = { version = \"1\", features = [\"derive\"] }\n";
    let tracing = "tracing = \"0.1\"\n";
    let mut members = Vec::new();
    for uses in Uses::ALL {
        let dependencies =
            format!("{runtime}{serde}{tracing}tokio = {{ version = \"1\", features = [\"macros\", \"rt\"] }}\n");
        package(folder, uses.package(), &dependencies, "lib.rs", &functions(uses, number))?;
        members.push(uses.package());
    }
    let plain = format!(
        "lambda_runtime = \"1\"\n{serde}{tracing}tokio = {{ version = \"1\", features = [\"macros\"] }}\n\
         tracing-subscriber = {{ version = \"0.3\", features = [\"json\"] }}\n"
    );
    package(folder, HELLO_PLAIN, &plain, "main.rs", PLAIN)?;
    package(folder, HELLO_SECURED, &format!("{runtime}{serde}{tracing}"), "main.rs", SECURED)?;
    members.extend([HELLO_PLAIN, HELLO_SECURED]);
    let manifest =
        format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n[profile.release]\npanic = \"unwind\"\n");
    put(&folder.join("Cargo.toml"), &manifest)?;
    let lock = folder.join("Cargo.lock");
    fs::copy(Path::new(ROOT).join("Cargo.lock"), &lock)
        .map_err(|error| format!("can't write {}: {error}", lock.display()))?;
    Ok(())
}

fn package(folder: &Path, name: &str, dependencies: &str, file: &str, text: &str) -> Result<(), String> {
    let manifest = format!(
        "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[dependencies]\n{dependencies}"
    );
    put(&folder.join(name).join("Cargo.toml"), &manifest)?;
    put(&folder.join(name).join("src").join(file), text)
}

/// Writes a file, whose time is then later than that of all that was made of it.
fn put(file: &Path, text: &str) -> Result<(), String> {
    let parent = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent)
        .and_then(|()| fs::write(file, text))
        .map_err(|error| format!("can't write {}: {error}", file.display()))
}

/// Has cargo find that a package has changed.
///
/// # Errors
/// When its file can't be written.
pub(crate) fn touch(folder: &Path, uses: Uses, number: usize) -> Result<(), String> {
    put(&folder.join(uses.package()).join("src/lib.rs"), &functions(uses, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_differ_by_their_attribute_alone() {
        let plain = functions(Uses::Plain, 3);
        for uses in Uses::ALL {
            let text = functions(uses, 3);
            assert_eq!(text.matches("pub async fn login_").count(), 3);
            let bare = text.replace(&format!("\n{}\npub async", uses.attribute()), "\n\npub async");
            assert_eq!(bare, plain, "{uses:?}");
        }
    }
}
