use secure_runtime::prelude::*;

mod rand {
    pub struct Rng;
    pub fn rng() -> Rng {
        Rng
    }
    impl Rng {
        pub fn random(&self) -> u64 {
            4
        }
    }
}
mod uuid {
    pub struct Uuid;
    impl Uuid {
        pub fn new_v4() -> Self {
            Self
        }
    }
}

struct Garden;

impl Garden {
    fn seed(&self, _: u64) {}
}

#[secure_handler]
async fn handler(event: LambdaEvent<()>, garden: &Garden) -> Result<u64, Error> {
    let _ = (event, uuid::Uuid::new_v4());
    garden.seed(7);
    let small_rng = "SmallRng";
    let _ = small_rng;
    Ok(rand::rng().random())
}

mod seeded {
    pub struct Rng;
    impl Rng {
        pub fn new(_: &str) -> Self {
            Self
        }
        pub fn from_seed(_: [u8; 2]) -> Self {
            Self
        }
    }
}

#[secure_handler]
async fn seeded_well(event: LambdaEvent<()>, seed: &[u8; 2]) -> Result<(), Error> {
    use seeded::Rng;
    let _ = (Rng::from_seed(*seed), Rng::new("device"));
    Ok(event.payload)
}

fn main() {}
