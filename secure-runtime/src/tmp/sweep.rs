//! What invocations have left in the temporary directory.
//!
//! Files of ours have no names and are not seen here. Whatever else has appeared in the directory since before the invocation is
//! reported or wiped, whoever made it. Where several invocations run at once nobody can say whose it is, so it waits until none runs.

use std::{
    collections::HashMap,
    env,
    ffi::{OsStr, OsString},
    fs::{self, Metadata},
    io,
    os::unix::{
        ffi::OsStrExt as _,
        fs::{DirEntryExt as _, MetadataExt as _, PermissionsExt as _},
    },
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, SystemTime},
};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};

use super::{chunks::overwrite, place::PREFIX};
use crate::log::masked;

/// What is done about files that an invocation has left in `/tmp`.
///
/// ```
/// use secure_runtime::tmp::{TmpPolicy, set_policy};
///
/// set_policy(TmpPolicy::Wipe);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TmpPolicy {
    /// They are overwritten, emptied and removed, directories with all that is in them, and the log says how many. For functions that keep nothing there
    /// from one invocation to the next.
    Wipe,
    /// The log says how many there are and what they are called, masked: a `warn` line, once for each. The default.
    #[default]
    Report,
    /// Nothing, not even looking.
    Ignore,
}

static POLICY: AtomicU8 = AtomicU8::new(TmpPolicy::Report as u8);

/// Sets what is done about files that an invocation has left in the temporary directory. Call it in `main`: what is there
/// when [`run`](crate::run) is called is nobody's leftover.
///
/// Looked at are the directory's own entries that belong to the user of this process, not what is in directories that were there
/// before. It takes reading one directory after each invocation, and less where nothing has changed.
///
/// On Lambda nobody else uses `/tmp`. On a machine of your own, under an emulator, it is everybody's: what another program of yours
/// makes there during an invocation is taken for the invocation's. With [`TmpPolicy::Wipe`], give the function a directory of its own
/// there (`TMPDIR`).
///
/// Source: [CWE-459](https://cwe.mitre.org/data/definitions/459.html), incomplete cleanup.
pub fn set_policy(policy: TmpPolicy) {
    POLICY.store(policy as u8, Ordering::Relaxed);
}

fn policy() -> TmpPolicy {
    match POLICY.load(Ordering::Relaxed) {
        0 => TmpPolicy::Wipe,
        1 => TmpPolicy::Report,
        _ => TmpPolicy::Ignore,
    }
}

/// The directory as it was when it was last looked at.
static KNOWN: Mutex<Option<Sweep>> = Mutex::new(None);

fn known() -> MutexGuard<'static, Option<Sweep>> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Before the first invocation: what is there stays, but for what a run of ours that was killed has left.
pub(crate) fn first() {
    if policy() == TmpPolicy::Ignore {
        return;
    }
    match Sweep::of(env::temp_dir()) {
        Ok(sweep) => *known() = Some(sweep),
        Err(error) => say(&error),
    }
}

/// After an invocation, `alone`: no other runs.
pub(crate) fn after(alone: bool) {
    let policy = policy();
    if policy == TmpPolicy::Ignore || !alone {
        return;
    }
    if let Some(sweep) = known().as_mut()
        && let Err(error) = sweep.after(policy)
    {
        say(&error);
    }
}

#[cold]
fn say(error: &io::Error) {
    tracing::warn!(%error, "the temporary directory can't be looked at");
}

/// How coarse a file system's clock may be: a directory that was changed more recently may change again at the same time.
const TICK: Duration = Duration::from_millis(100);

/// A directory, and what was in it when it was last looked at.
struct Sweep {
    directory: PathBuf,
    /// By name, the file's number: a file that was replaced is another one.
    entries: HashMap<OsString, u64>,
    /// When it had last been changed, if that was long enough before it was looked at.
    changed: Option<SystemTime>,
}

impl Sweep {
    /// Looks at a directory for the first time.
    fn of(directory: PathBuf) -> io::Result<Self> {
        let mut sweep = Self { directory, entries: HashMap::new(), changed: None };
        sweep.look()?;
        let leftovers: Vec<_> =
            sweep.entries.keys().filter(|name| name.as_bytes().starts_with(PREFIX.as_bytes())).cloned().collect();
        for name in leftovers.iter().filter(|name| is_ours(&sweep.directory, name)) {
            wipe(&sweep.directory, name);
        }
        if !leftovers.is_empty() {
            sweep.look()?;
        }
        Ok(sweep)
    }

    fn after(&mut self, policy: TmpPolicy) -> io::Result<()> {
        if self.changed.is_some() && self.changed == fs::metadata(&self.directory)?.modified().ok() {
            return Ok(());
        }
        let user = rustix::process::geteuid().as_raw();
        let names = self.look()?;
        // It may be gone by now, or somebody else's.
        let of_user = |name: OsString| {
            let metadata = fs::symlink_metadata(self.directory.join(&name)).ok()?;
            (metadata.uid() == user).then_some((name, metadata))
        };
        let new: Vec<(OsString, Metadata)> = names.into_iter().filter_map(of_user).collect();
        if new.is_empty() {
            return Ok(());
        }
        let bytes: u64 = new.iter().map(|(_, metadata)| metadata.len()).sum();
        let names = new.iter().map(|(name, _)| masked(&name.to_string_lossy())).collect::<Vec<_>>().join(", ");
        match policy {
            TmpPolicy::Wipe => {
                let wiped = new.iter().filter(|(name, _)| wipe(&self.directory, name)).count();
                tracing::warn!(entries = new.len(), wiped, bytes, "an invocation has left files, which were wiped");
                self.look()?;
            }
            TmpPolicy::Report | TmpPolicy::Ignore => {
                tracing::warn!(entries = new.len(), bytes, names, "an invocation has left files");
            }
        }
        Ok(())
    }

    /// Looks at the directory, and finds what is new since the last time.
    fn look(&mut self) -> io::Result<Vec<OsString>> {
        let changed = fs::metadata(&self.directory)?.modified()?;
        let is_old = SystemTime::now().duration_since(changed).is_ok_and(|age| age > TICK);
        let mut entries = HashMap::with_capacity(self.entries.len());
        let mut new = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            let (name, number) = (entry.file_name(), entry.ino());
            if self.entries.get(&name) != Some(&number) {
                new.push(name.clone());
            }
            entries.insert(name, number);
        }
        self.entries = entries;
        self.changed = is_old.then_some(changed);
        Ok(new)
    }
}

/// Whether a directory with one of our names is one that we can have made: of this user, and closed to all others.
fn is_ours(directory: &Path, name: &OsStr) -> bool {
    fs::symlink_metadata(directory.join(name)).is_ok_and(|metadata| {
        metadata.is_dir()
            && metadata.uid() == rustix::process::geteuid().as_raw()
            && metadata.permissions().mode() & 0o777 == 0o700
    })
}

/// Removes an entry with all that is in it, overwritten. Nothing that a link points to is touched.
fn wipe(directory: &Path, name: &OsStr) -> bool {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let wiped = rustix::fs::open(directory, flags, Mode::empty()).and_then(|parent| wipe_at(&parent, name, 0));
    if let Err(error) = &wiped {
        tracing::warn!(%error, name = masked(&name.to_string_lossy()), "a file that an invocation has left can't be wiped");
    }
    wiped.is_ok()
}

/// How deep directories may be nested.
const DEEPEST: usize = 64;

fn wipe_at(parent: &impl rustix::fd::AsFd, name: &OsStr, depth: usize) -> rustix::io::Result<()> {
    let stat = rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory if depth < DEEPEST => {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let inner = rustix::fs::openat(parent, name, flags, Mode::empty())?;
            let mut names = Vec::new();
            for entry in Dir::read_from(&inner)? {
                let name = OsStr::from_bytes(entry?.file_name().to_bytes()).to_owned();
                if name != "." && name != ".." {
                    names.push(name);
                }
            }
            for name in names {
                wipe_at(&inner, &name, depth + 1)?;
            }
            rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR)
        }
        FileType::Directory => Err(rustix::io::Errno::NAMETOOLONG),
        // One that has other names may be somebody else's.
        FileType::RegularFile if stat.st_nlink == 1 => {
            let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            // One that can't be written to can be removed.
            if let Ok(file) = rustix::fs::openat(parent, name, flags, Mode::empty()) {
                let file = fs::File::from(file);
                let same = file.metadata().is_ok_and(|metadata| metadata.ino() == stat.st_ino && metadata.nlink() == 1);
                if same {
                    overwrite(&file, u64::try_from(stat.st_size).unwrap_or_default());
                    let _ = file.set_len(0);
                }
            }
            rustix::fs::unlinkat(parent, name, AtFlags::empty())
        }
        _ => rustix::fs::unlinkat(parent, name, AtFlags::empty()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, symlink};

    use super::*;
    use crate::tmp::directory_for_test;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_new_is_wiped_and_what_was_there_stays() {
        let directory = directory_for_test();
        fs::write(directory.join("before"), "before").unwrap();
        let mut sweep = Sweep::of(directory.to_owned()).unwrap();
        let linked = directory.join("linked");
        fs::write(directory.join("secret"), "hunter2").unwrap();
        let seen = fs::File::open(directory.join("secret")).unwrap();
        fs::create_dir_all(directory.join("deep/deeper")).unwrap();
        fs::write(directory.join("deep/deeper/secret"), "hunter2").unwrap();
        symlink(directory.join("before"), directory.join("link")).unwrap();
        fs::hard_link(directory.join("before"), &linked).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, directory.join("pipe"), FileType::Fifo, Mode::from_raw_mode(0o600), 0)
            .unwrap();
        sweep.after(TmpPolicy::Wipe).unwrap();
        assert_eq!(names(&directory), ["before"]);
        assert_eq!(fs::read_to_string(directory.join("before")).unwrap(), "before", "neither link was followed");
        assert_eq!(seen.metadata().unwrap().len(), 0, "emptied before it was removed");
    }

    #[test]
    fn a_report_comes_once_and_removes_nothing() {
        let directory = directory_for_test();
        let mut sweep = Sweep::of(directory.to_owned()).unwrap();
        fs::write(directory.join("left"), "x").unwrap();
        assert_eq!(sweep.look().unwrap().len(), 1);
        assert!(sweep.look().unwrap().is_empty());
        fs::remove_file(directory.join("left")).unwrap();
        fs::write(directory.join("left"), "x").unwrap();
        fs::write(directory.join("other"), "x").unwrap();
        sweep.after(TmpPolicy::Report).unwrap();
        assert_eq!(names(&directory), ["left", "other"]);
        assert!(sweep.look().unwrap().is_empty());
    }

    #[test]
    fn a_directory_that_has_not_changed_for_a_while_is_not_read_again() {
        let directory = directory_for_test();
        let long_ago = SystemTime::now() - Duration::from_secs(60);
        let set = |time| fs::File::open(&*directory).unwrap().set_modified(time).unwrap();
        set(long_ago);
        let mut sweep = Sweep::of(directory.to_owned()).unwrap();
        assert_eq!(sweep.changed, Some(long_ago));
        // As no real change would: the time stays.
        fs::write(directory.join("unseen"), "x").unwrap();
        set(long_ago);
        sweep.after(TmpPolicy::Wipe).unwrap();
        assert_eq!(names(&directory), ["unseen"]);
        set(SystemTime::now());
        sweep.after(TmpPolicy::Wipe).unwrap();
        assert!(names(&directory).is_empty());
        assert_eq!(sweep.changed, None, "it may change again at the same time");
    }

    #[test]
    fn what_a_killed_run_has_left_is_wiped_if_it_is_ours() {
        let directory = directory_for_test();
        let ours = directory.join(format!("{PREFIX}0123"));
        fs::DirBuilder::new().mode(0o700).create(&ours).unwrap();
        fs::write(ours.join("sealed"), "noise").unwrap();
        let open = directory.join(format!("{PREFIX}open"));
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
        symlink("/", directory.join(format!("{PREFIX}link"))).unwrap();
        fs::write(directory.join(format!("{PREFIX}file")), "x").unwrap();
        Sweep::of(directory.to_owned()).unwrap();
        assert_eq!(names(&directory), ["file", "link", "open"].map(|name| format!("{PREFIX}{name}")));
    }
}
