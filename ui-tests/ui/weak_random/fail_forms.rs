use secure_runtime::prelude::*;

mod fastrand {
    pub struct Rng;
    impl Rng {
        pub fn new() -> Self {
            Self
        }
        pub fn seed_from_u64(_: u64) -> Self {
            Self
        }
    }
    pub fn u64(_: std::ops::RangeFull) -> u64 {
        4
    }
}
mod oorandom {
    pub use super::fastrand::Rng as Rand32;
}
mod rand {
    pub mod rngs {
        pub use crate::fastrand::Rng as SmallRng;
        pub use crate::fastrand::Rng as StdRng;
    }
}
mod nanorand {
    pub use super::fastrand::Rng as WyRand;
}

use rand::rngs::StdRng;

#[secure_handler]
async fn case_0(event: LambdaEvent<()>) -> Result<(), Error> {
    let _ = fastrand::u64(..);
    Ok(event.payload)
}

#[secure_handler]
async fn case_1(event: LambdaEvent<()>) -> Result<(), Error> {
    use fastrand::u64 as random;
    let _ = random(..);
    Ok(event.payload)
}

#[secure_handler]
async fn case_2(event: LambdaEvent<()>) -> Result<(), Error> {
    let _ = oorandom::Rand32::new();
    Ok(event.payload)
}

#[secure_handler]
async fn case_3(event: LambdaEvent<()>) -> Result<(), Error> {
    let _ = rand::rngs::SmallRng::new();
    Ok(event.payload)
}

#[secure_handler]
async fn case_4(event: LambdaEvent<()>) -> Result<(), Error> {
    let _ = StdRng::seed_from_u64(7);
    Ok(event.payload)
}

#[secure_handler]
async fn case_5(event: LambdaEvent<()>) -> Result<(), Error> {
    let _ = nanorand::WyRand::new();
    Ok(event.payload)
}

#[secure_handler]
async fn case_6(event: LambdaEvent<()>) -> Result<(), Error> {
    let make = StdRng::seed_from_u64;
    let _ = make(1);
    Ok(event.payload)
}

#[secure_handler]
async fn case_7(event: LambdaEvent<()>) -> Result<(), Error> {
    let ids = vec![fastrand::u64(..)];
    let _ = ids;
    Ok(event.payload)
}

mod seeded {
    pub struct Rng;
    impl Rng {
        pub fn new() -> Self {
            Self
        }
        pub fn from_seed(_: [u8; 2]) -> Self {
            Self
        }
    }
}
use seeded::Rng;

#[secure_handler]
async fn case_8(event: LambdaEvent<()>) -> Result<(), Error> {
    let _ = Rng::new();
    let _ = Rng::from_seed([7, 7]);
    let _ = Rng::from_seed([std::time::Instant::now().elapsed().as_secs() as u8, 0]);
    Ok(event.payload)
}

fn main() {}
