//! The two ways to write a path: `cards.*.number`, and JSON Pointer (RFC 6901), `/cards/0/number`.

/// A step of a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// To a member of an object, or to an element of an array by its index.
    To(String),
    /// To all of them.
    All,
}

/// Reads a path.
///
/// # Errors
/// When a step has no name.
pub(super) fn steps(path: &str) -> Result<Vec<Step>, String> {
    if let Some(pointer) = path.strip_prefix('/') {
        // In this order: `~01` is `~1`, and no slash.
        let unescaped = |name: &str| name.replace("~1", "/").replace("~0", "~");
        return Ok(pointer.split('/').map(|name| Step::To(unescaped(name))).collect());
    }
    path.split('.')
        .map(|name| match name {
            "" => Err(format!("`{path}` isn't a path: a step in it has no name (`/` begins a JSON Pointer)")),
            "*" => Ok(Step::All),
            name => Ok(Step::To(name.to_owned())),
        })
        .collect()
}

/// The names on a way, as a path that leads there.
pub(super) fn shown(names: &[String]) -> String {
    let plain = |name: &String| !name.is_empty() && name != "*" && !name.contains('.') && !name.starts_with('/');
    if names.iter().all(plain) {
        return names.join(".");
    }
    names.iter().flat_map(|name| ["/".to_owned(), name.replace('~', "~0").replace('/', "~1")]).collect()
}
