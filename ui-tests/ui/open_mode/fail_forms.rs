use secure_runtime::prelude::*;

use std::{
    fs::{DirBuilder, Permissions},
    os::unix::fs::{DirBuilderExt as _, PermissionsExt},
};

fn chmod(_: &str, _: u32) {}

#[secure_handler]
async fn case_0(event: LambdaEvent<()>) -> Result<(), Error> {
    let mode = Permissions::from_mode(0o644);
    let other = std::fs::Permissions::from_mode(420);
    let _ = (mode, other);
    Ok(event.payload)
}

#[secure_handler]
async fn case_1(event: LambdaEvent<()>) -> Result<(), Error> {
    let mut permissions = Permissions::from_mode(0o600);
    permissions.set_mode(0o666);
    PermissionsExt::set_mode(&mut permissions, 0o640);
    Ok(event.payload)
}

#[secure_handler]
async fn case_2(event: LambdaEvent<()>) -> Result<(), Error> {
    DirBuilder::new().mode(0o755).create("a")?;
    Ok(event.payload)
}

#[secure_handler]
async fn case_3(event: LambdaEvent<()>) -> Result<(), Error> {
    const MODE: u32 = 0o777;
    let mode = Permissions::from_mode(MODE);
    let _ = mode;
    Ok(event.payload)
}

#[secure_handler]
async fn case_4(event: LambdaEvent<()>) -> Result<(), Error> {
    let mode = Permissions::from_mode(0o600 | 0o004);
    let text = format!("{:?}", Permissions::from_mode(0o604));
    let _ = (mode, text);
    Ok(event.payload)
}

#[secure_handler]
async fn case_5(event: LambdaEvent<()>) -> Result<(), Error> {
    chmod("a", 0o777);
    Ok(event.payload)
}

#[secure_handler]
async fn by_name(event: LambdaEvent<()>) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;
    const S_IRGRP: u32 = 0o040;
    let mode: u32 = 0o644;
    let _ = std::fs::Permissions::from_mode(mode);
    let _ = std::fs::Permissions::from_mode(0o600 | S_IRGRP);
    std::fs::metadata("x")?.permissions().set_readonly(false);
    Ok(event.payload)
}

fn main() {}
