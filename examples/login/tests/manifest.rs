//! What the function lets out, against what was reviewed: `security-manifest.json`.

#[test]
fn manifest() {
    secure_testing::assert_manifest!();
}
