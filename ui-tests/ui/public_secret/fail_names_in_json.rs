use secure_runtime::prelude::*;

#[secure_event]
struct Login {
    #[public]
    #[serde(rename = "x-api-key")]
    key: String,
    #[public]
    #[serde(alias = "accessToken")]
    ticket: String,
    #[public]
    #[serde(rename(deserialize = "privateKey"))]
    material: String,
}

#[secure_event]
enum Proof {
    Otp {
        #[public]
        otp: String,
    },
}

fn main() {}
