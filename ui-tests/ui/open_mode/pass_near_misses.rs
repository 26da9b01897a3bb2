use secure_runtime::prelude::*;

use std::{
    fs::Permissions,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
};

struct Engine;

impl Engine {
    fn mode(&self, _: u32) -> u32 {
        0
    }
}

struct Lamp;

impl Lamp {
    fn set_mode(&self, _: u8) {}
}

#[secure_handler]
async fn other_modes(event: LambdaEvent<()>, lamp: &Lamp) -> Result<(), Error> {
    lamp.set_mode(2);
    Ok(event.payload)
}

#[secure_handler]
async fn handler(event: LambdaEvent<()>, engine: &Engine) -> Result<(), Error> {
    const MODE: u32 = 0o600;
    let mut permissions = Permissions::from_mode(MODE);
    permissions.set_mode(0o400);
    let mut builder = std::fs::DirBuilder::new();
    builder.mode(0o700);
    let number = engine.mode(77) + 0o644;
    let _ = (builder, number, permissions.mode());
    Ok(event.payload)
}

#[secure_handler]
async fn by_name(event: LambdaEvent<()>) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = 0o600;
    let _ = std::fs::Permissions::from_mode(mode);
    std::fs::metadata("x")?.permissions().set_readonly(true);
    Ok(event.payload)
}

fn main() {}
