fn main() {
    let _ = secure_runtime::manifest!(foo);
    let _ = secure_runtime::manifest!("src/lib.rs", reason = "one file");
}
