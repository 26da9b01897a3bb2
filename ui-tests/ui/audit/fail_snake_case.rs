fn main() {
    secure_runtime::audit!("Login failed", user = "ada");
    secure_runtime::audit!("_");
}
