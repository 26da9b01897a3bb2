//! Another allocator, which wipes nothing: what a search of memory has to find.

use mimalloc::MiMalloc;
use secure_runtime::prelude::*;
use secure_tests::forgetful;

#[global_allocator]
static GLOBAL: MiMalloc = MiMalloc;

#[secure_runtime::main(allocator = none)]
async fn main() -> Result<(), Error> {
    forgetful::run().await
}
