//! Which files a package's crates are made of, leaving out what is for tests alone.
//!
//! Every file below `src` is read, whichever of the package's crates it belongs to, and whatever `#[path]` names elsewhere: a file too many
//! shows up in a review, one that is missed does not. Left out is what is reached through `#[cfg(test)]` modules alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Component, Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Expr, ExprLit, File, Item, Lit, Meta};

use super::Fault;

/// What was read.
pub(super) struct Read {
    pub(super) sources: Vec<Source>,
    /// The absolute paths of all files, also of those for tests.
    pub(super) files: Vec<String>,
}

/// A file that is in a crate that isn't a test.
pub(super) struct Source {
    /// Relative to the package's folder, with `/` between the names.
    pub(super) file: String,
    /// The modules that lead there from the crate's root.
    pub(super) module: Vec<String>,
    pub(super) syntax: File,
}

struct Parsed {
    syntax: File,
    children: Vec<Child>,
}

/// A `mod name;`.
struct Child {
    file: PathBuf,
    module: Vec<String>,
    for_tests: bool,
}

pub(super) fn read(root: &Path) -> Result<Read, Vec<Fault>> {
    let mut waiting = below(root)?;
    let mut faults = Vec::new();
    let mut parsed: BTreeMap<PathBuf, Parsed> = BTreeMap::new();
    let mut seen: BTreeSet<PathBuf> = waiting.iter().cloned().collect();
    while let Some(file) = waiting.pop() {
        match parse(root, &file) {
            Ok(syntax) => {
                let children = children(root, &file, &syntax);
                waiting.extend(
                    children.iter().map(|child| &child.file).filter(|file| seen.insert((*file).clone())).cloned(),
                );
                parsed.insert(file, Parsed { syntax, children });
            }
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        faults.sort_by(|a, b| a.what.cmp(&b.what));
        return Err(faults);
    }
    let modules = modules(&parsed);
    let files = parsed.keys().map(|file| root.join(file).display().to_string()).collect();
    let of_crates = parsed.into_iter().filter_map(|(file, Parsed { syntax, .. })| {
        let module = modules.get(&file)?.clone();
        Some(Source { file: written(&file), module, syntax })
    });
    Ok(Read { sources: of_crates.collect(), files })
}

/// All Rust files below `src`, relative to the package's folder.
fn below(root: &Path) -> Result<Vec<PathBuf>, Vec<Fault>> {
    let src = root.join("src");
    if !src.is_dir() {
        return Err(vec![Fault {
            what: format!("there is no folder `{}`", src.display()),
            help: "`manifest!` reads the sources below `src` of the package that it stands in",
        }]);
    }
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from("src")];
    while let Some(folder) = folders.pop() {
        let list = || -> io::Result<Vec<fs::DirEntry>> { fs::read_dir(root.join(&folder))?.collect() };
        for entry in list().map_err(|error| vec![unreadable(&folder, &error)])? {
            let path = folder.join(entry.file_name());
            let is = entry.file_type().map_err(|error| vec![unreadable(&path, &error)])?;
            // A link to a folder may lead round in a circle. A module that is behind one is found by its declaration.
            if is.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && root.join(&path).is_file() {
                found.push(path);
            }
        }
    }
    Ok(found)
}

fn parse(root: &Path, file: &Path) -> Result<File, Fault> {
    let text = fs::read_to_string(root.join(file)).map_err(|error| unreadable(file, &error))?;
    syn::parse_file(&text).map_err(|error| Fault {
        what: format!("{}:{}: can't be read as Rust: {error}", written(file), error.span().start().line),
        help: "mend the file, or move it out of `src`: `manifest!` reads all that is there",
    })
}

fn unreadable(path: &Path, error: &io::Error) -> Fault {
    Fault { what: format!("can't read {}: {error}", written(path)), help: "`manifest!` reads all files below `src`" }
}

/// The `mod name;`s of a file whose own files are there. What isn't there is the compiler's to report.
fn children(root: &Path, file: &Path, syntax: &File) -> Vec<Child> {
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let stem = file.file_stem().unwrap_or_default();
    let mut found = Declared { root, bases: Vec::new(), folder: folder.clone(), found: Vec::new() };
    // A crate's root has its modules beside it, and may have any name (`[[bin]] path = ..`).
    found.bases = if ["lib", "main", "mod"].iter().any(|name| stem == *name) {
        vec![folder]
    } else {
        vec![folder.join(stem), folder]
    };
    found.items(&syntax.items, &mut Vec::new(), is_for_tests(&syntax.attrs));
    found.found
}

struct Declared<'a> {
    root: &'a Path,
    /// Where modules' files may lie.
    bases: Vec<PathBuf>,
    folder: PathBuf,
    found: Vec<Child>,
}

impl Declared<'_> {
    fn items(&mut self, items: &[Item], inside: &mut Vec<String>, for_tests: bool) {
        for item in items {
            let Item::Mod(module) = item else { continue };
            let for_tests = for_tests || is_for_tests(&module.attrs);
            let name = crate::model::body::bare(&module.ident);
            if let Some((_, items)) = &module.content {
                inside.push(name);
                self.items(items, inside, for_tests);
                inside.pop();
                continue;
            }
            let inner: PathBuf = inside.iter().collect();
            let candidates: Vec<PathBuf> = match path_of(&module.attrs) {
                Some(path) if inside.is_empty() => vec![self.folder.join(path)],
                Some(path) => self.bases.iter().map(|base| base.join(&inner).join(&path)).collect(),
                None => {
                    let names = [format!("{name}.rs"), format!("{name}/mod.rs")];
                    let of_base = |base: &PathBuf| names.clone().map(|name| base.join(&inner).join(name));
                    self.bases.iter().flat_map(of_base).collect()
                }
            };
            if let Some(file) = candidates.into_iter().find(|file| self.root.join(file).is_file()) {
                let module = inside.iter().cloned().chain([name]).collect();
                self.found.push(Child { file: plain(&file), module, for_tests });
            }
        }
    }
}

/// The files that are reached from a crate's root other than by `#[cfg(test)]`, and by which modules.
fn modules(parsed: &BTreeMap<PathBuf, Parsed>) -> BTreeMap<PathBuf, Vec<String>> {
    let declared: BTreeSet<_> = parsed.values().flat_map(|file| &file.children).map(|child| &child.file).collect();
    let mut reached = BTreeMap::new();
    let mut waiting: Vec<(&PathBuf, Vec<String>)> =
        parsed.keys().filter(|file| !declared.contains(file)).map(|file| (file, Vec::new())).collect();
    while let Some((file, module)) = waiting.pop() {
        let Some(of) = parsed.get(file) else { continue };
        if is_for_tests(&of.syntax.attrs) || reached.contains_key(file) {
            continue;
        }
        for child in of.children.iter().filter(|child| !child.for_tests) {
            waiting.push((&child.file, module.iter().chain(&child.module).cloned().collect()));
        }
        reached.insert(file.clone(), module);
    }
    reached
}

/// Whether nothing but a test has what these attributes stand on.
pub(super) fn is_for_tests(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| match &attr.meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) => list.path.is_ident("cfg") && needs_test(&list.tokens),
        Meta::NameValue(_) => false,
    })
}

/// Whether a predicate is `test`, or `all(..)` with it.
fn needs_test(predicate: &TokenStream) -> bool {
    let tokens: Vec<_> = predicate.clone().into_iter().collect();
    let mut parts = tokens.split(|token| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ','));
    parts.any(|part| match part {
        [TokenTree::Ident(word)] => word == "test",
        [TokenTree::Ident(word), TokenTree::Group(list)] => word == "all" && needs_test(&list.stream()),
        _ => false,
    })
}

/// What `#[path = ".."]` says.
fn path_of(attrs: &[Attribute]) -> Option<String> {
    attrs.iter().find_map(|attr| match &attr.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(path), .. }) => Some(path.value()),
            _ => None,
        },
        _ => None,
    })
}

/// Without `a/../`, so that a file has one name.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(plain.components().next_back(), Some(Component::Normal(_))) => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

/// With `/` on every system.
fn written(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
