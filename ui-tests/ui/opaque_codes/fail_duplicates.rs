use secure_runtime::prelude::*;

#[derive(Debug, OpaqueError)]
enum LoginError {
    #[opaque(code = "invalid_login", status = 401, message = "User or password is wrong.")]
    UnknownUser,
    #[opaque(code = "locked", status = 403)]
    Locked,
    #[opaque(code = "invalid_login", status = 401, message = "User or password is wrong.")]
    WrongPassword,
    #[opaque(code = "locked", status = 403, retry)]
    LockedForNow,
    #[opaque(code = "invalid_login")]
    Third(String),
}

fn main() {}
