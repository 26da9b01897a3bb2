//! Another allocator, wrapped as `WipingAlloc`'s documentation says.

use mimalloc::MiMalloc;
use secure_runtime::{WipingAlloc, prelude::*};
use secure_tests::forgetful;

#[global_allocator]
static GLOBAL: WipingAlloc<MiMalloc> = WipingAlloc::new(MiMalloc);

#[secure_runtime::main(allocator = none)]
async fn main() -> Result<(), Error> {
    forgetful::run().await
}
