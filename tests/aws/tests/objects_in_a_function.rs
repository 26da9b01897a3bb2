//! A function that seals objects: what is left of their text in it, what the store has seen of it, and how much memory it takes.

#![cfg(target_os = "linux")]

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use hkdf::Hkdf;
use secure_aws_tests::{BUCKET, Store};
use secure_moto::Moto;
use secure_testing::{
    Canary, Function,
    memory::{Findings, Memory, Search},
};
use serde_json::json;
use sha2::Sha256;

const SUBJECT: &str = env!("CARGO_BIN_EXE_objects_subject");

/// The store, and a tokio runtime to ask it.
fn store() -> (Store, tokio::runtime::Runtime) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime.block_on(Store::start());
    runtime.block_on(async {
        let kms = aws_sdk_kms::Client::new(&store.moto.config());
        let key = kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
        kms.create_alias().alias_name("alias/reports").target_key_id(key).send().await.unwrap();
    });
    (store, runtime)
}

fn function(moto: &Moto) -> Function {
    let builder = Function::builder(SUBJECT).timeout(Duration::from_secs(300));
    moto.environment().into_iter().fold(builder, |builder, (name, value)| builder.env(name, value)).start().unwrap()
}

/// An invocation's secrets.
struct Secrets {
    text: Canary,
    key: Canary,
}

impl Secrets {
    fn random() -> Self {
        Self { text: Canary::random(), key: Canary::random() }
    }

    fn invoke(&self, function: &mut Function, mode: &str, times: usize) -> String {
        let event = json!({"mode": mode, "times": times, "text": self.text.as_str(), "key": self.key.as_str()});
        let reply = function.invoke(event).unwrap();
        assert!(!reply.is_error(), "{mode}: {}", function.log().join("\n"));
        reply.json().unwrap()
    }

    fn search(&self) -> Search {
        Search::with_min_fragment([&self.text, &self.key], 12).unwrap()
    }
}

/// What is in the store's memory and its files, those without a name too.
fn in_the_store(moto: &Moto, search: &Search) -> (Findings, usize) {
    let in_memory = Memory::of(moto.pid()).unwrap().search(search).unwrap();
    let open = fs::read_dir(format!("/proc/{}/fd", moto.pid())).unwrap().map(|entry| entry.unwrap().path());
    let open = open.filter(|fd| fs::read_link(fd).is_ok_and(|target| target.starts_with(moto.directory())));
    let mut files: HashSet<PathBuf> = open.collect();
    walk(moto.directory(), &mut files);
    let in_files = files.iter().map(|file| search.bytes(&fs::read(file).unwrap()).len()).sum();
    (in_memory, in_files)
}

fn walk(directory: &Path, files: &mut HashSet<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.insert(path);
        }
    }
}

#[test]
fn nothing_in_clear_is_in_the_store_and_nothing_stays_in_the_function() {
    let (store, runtime) = store();
    let mut function = function(&store.moto);
    // 40 bytes, some chunks, several parts.
    for times in [1, 10_000, 300_000] {
        for (mode, answer) in [
            ("round trip", "as it was"),
            ("kms", "as it was"),
            ("deletes", "there is no object of this name"),
            ("stalls", "dropped"),
            ("fails", "the text to be sealed can't be read"),
            ("half read", "half read"),
        ] {
            // What the length changes nothing about need not take its time.
            let matters = match mode {
                "half read" => times == 10_000,
                "kms" | "deletes" => times < 300_000,
                _ => true,
            };
            if !matters {
                continue;
            }
            let secrets = Secrets::random();
            assert_eq!(secrets.invoke(&mut function, mode, times), answer);
            runtime.block_on(store.wait_until_no_upload_is_left());
            let search = secrets.search();
            let left = Memory::of(function.pid()).unwrap().search(&search).unwrap();
            assert!(left.is_empty(), "{mode}, {times} times, in the function: {left}");
            let (in_memory, in_files) = in_the_store(&store.moto, &search);
            assert!(in_memory.is_empty(), "{mode}, {times} times, in the store: {in_memory}");
            assert_eq!(in_files, 0, "{mode}, {times} times, in the store's files");
        }
    }
    // What would have been found.
    let secrets = Secrets::random();
    secrets.invoke(&mut function, "keeps", 1);
    assert!(!Memory::of(function.pid()).unwrap().search(&secrets.search()).unwrap().is_empty());
}

/// The key that an object was sealed with, as `secure_runtime::s3` derives it.
fn key_of(object: &[u8], secret: &str) -> [u8; 32] {
    let derive = |from: &[u8], salt: Option<&[u8]>, purpose: &[u8]| {
        let mut key = [0; 32];
        Hkdf::<Sha256>::new(salt, from).expand(purpose, &mut key).unwrap();
        key
    };
    let data_key = derive(secret.as_bytes(), Some(&object[10..42]), b"sealed object 1: data key");
    derive(&data_key, None, b"sealed object 1: chunks of reports/1")
}

#[test]
fn the_objects_key_does_not_stay_in_the_function() {
    let (store, runtime) = store();
    let mut function = function(&store.moto);
    for (mode, stays) in [("round trip", false), ("half read", false), ("keeps a reader", true)] {
        let secrets = Secrets::random();
        secrets.invoke(&mut function, mode, 10_000);
        let key = key_of(&runtime.block_on(store.bytes("reports/1")), secrets.key.as_str());
        let found = Memory::of(function.pid()).unwrap().search(&Search::with_min_fragment([key], 12).unwrap()).unwrap();
        assert_eq!(!found.is_empty(), stays, "{mode}: {found}");
    }
}

#[test]
fn a_text_that_is_put_in_clear_is_found_in_the_store() {
    let (store, _runtime) = store();
    let mut function = function(&store.moto);
    let (short, long) = (Secrets::random(), Secrets::random());
    short.invoke(&mut function, "in clear", 1);
    assert!(!in_the_store(&store.moto, &short.search()).0.is_empty());
    // More than moto keeps in memory.
    long.invoke(&mut function, "in clear", 1_000_000);
    assert!(in_the_store(&store.moto, &long.search()).1 > 0);
}

#[test]
fn a_hundred_megabytes_take_less_than_64_mib_of_memory() {
    let (store, runtime) = store();
    let mut function = function(&store.moto);
    let secrets = Secrets::random();
    // The first call takes what the SDK takes once.
    secrets.invoke(&mut function, "round trip", 1);
    fs::write(format!("/proc/{}/clear_refs", function.pid()), "5").unwrap();
    let before = peak(function.pid());
    let times = 100_000_000 / secrets.text.as_str().len();
    assert_eq!(secrets.invoke(&mut function, "round trip", times), "as it was");
    let grown = peak(function.pid()) - before;
    println!("{grown} KiB, on top of {before} KiB");
    assert!(grown < 64 << 10, "{grown} KiB");
    assert!(grown > 4 << 10, "a part at least has been in memory: {grown} KiB");
    let stored = store.client.head_object().bucket(BUCKET).key("reports/1").send();
    let stored = runtime.block_on(stored).unwrap().content_length.unwrap();
    assert!(stored > i64::try_from(times * secrets.text.as_str().len()).unwrap(), "{stored}");
}

/// The most memory that a process has had at once, in KiB, since that was last forgotten.
fn peak(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}
