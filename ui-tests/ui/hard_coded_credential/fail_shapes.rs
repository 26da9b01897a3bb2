use secure_runtime::prelude::*;

#[secure_handler]
async fn case_0(event: LambdaEvent<()>) -> Result<(), Error> {
    let id = "AKIAIOSFODNN7EXAMPLE";
    let text = format!("key id {} of {}", "ASIAIOSFODNN7EXAMPLE", 1);
    let parts = concat!("AKIA", "IOSFODNN7EXAMPLE");
    let bytes = b"AKIAIOSFODNN7EXAMPLE";
    let raw = r#"{"id": "AKIAIOSFODNN7EXAMPLE"}"#;
    const INNER: &str = "AKIAIOSFODNN7EXAMPLE";
    let _ = (id, text, parts, bytes, raw, INNER);
    Ok(event.payload)
}

#[secure_handler]
async fn case_1(event: LambdaEvent<()>) -> Result<(), Error> {
    let url = "postgres://app:hunter2@db.internal/users";
    let _ = url;
    Ok(event.payload)
}

#[secure_handler]
async fn case_2(event: LambdaEvent<()>) -> Result<(), Error> {
    let pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----";
    let _ = pem;
    Ok(event.payload)
}

#[secure_handler]
async fn case_3(event: LambdaEvent<()>) -> Result<(), Error> {
    struct Named {
        value: &'static str,
    }
    let named = Named { value: "ghp_0123456789abcdefghijABCDEFGHIJ012345" };
    let _ = named.value;
    Ok(event.payload)
}

#[secure_handler]
async fn case_4(event: LambdaEvent<()>) -> Result<(), Error> {
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
    let _ = jwt;
    Ok(event.payload)
}

#[secure_handler]
async fn case_5(event: LambdaEvent<()>) -> Result<(), Error> {
    let session = "srt_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh86hrUIA";
    let _ = session;
    Ok(event.payload)
}

fn main() {}
