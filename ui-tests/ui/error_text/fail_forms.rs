use secure_runtime::prelude::*;

struct Reply {
    error: Option<String>,
}

fn parse() -> Result<u8, std::num::ParseIntError> {
    "7x".parse()
}

fn answer(_: String) {}

#[secure_handler]
async fn case_0(event: LambdaEvent<()>) -> Result<(), Error> {
    let text = match parse() {
        Ok(number) => number.to_string(),
        Err(e) => e.to_string(),
    };
    let _ = answer(text);
    Ok(event.payload)
}

#[secure_handler]
async fn case_1(event: LambdaEvent<()>) -> Result<(), Error> {
    if let Err(error) = parse() {
        answer(format!("failed: {error}"));
        answer(format!("failed: {:?}", error));
        answer(format!("failed: {}", &error));
    }
    Ok(event.payload)
}

#[secure_handler]
async fn case_2(event: LambdaEvent<()>) -> Result<(), Error> {
    let text = parse().map(|n| n.to_string()).unwrap_or_else(|e| e.to_string());
    answer(text);
    Ok(event.payload)
}

#[secure_handler]
async fn case_3(event: LambdaEvent<()>) -> Result<(), Error> {
    let text: Result<String, Error> = parse().map(|n| n.to_string()).or_else(|e| Ok(format!("{e:?}")));
    answer(text?);
    Ok(event.payload)
}

#[secure_handler]
async fn case_4(event: LambdaEvent<()>) -> Result<(), Error> {
    let body = match parse() {
        Ok(_) => serde_json::json!({}),
        Err(e) => serde_json::json!({ "error": e.to_string() }),
    };
    answer(body.to_string());
    Ok(event.payload)
}

#[secure_handler]
async fn case_5(event: LambdaEvent<()>) -> Result<(), Error> {
    let Err(e) = parse() else { return Ok(()) };
    let text = format!("{e}");
    answer(text);
    Ok(event.payload)
}

#[secure_handler]
async fn case_6(event: LambdaEvent<()>) -> Result<(), Error> {
    let text = parse().map_or_else(|e| e.to_string(), |n| n.to_string());
    answer(text);
    Ok(event.payload)
}

#[secure_handler]
async fn case_7(event: LambdaEvent<()>) -> Result<(), Error> {
    use std::fmt::Write as _;
    let mut text = String::new();
    if let Err(e) = parse() {
        write!(text, "{e}")?;
    }
    answer(text);
    Ok(event.payload)
}

#[secure_handler]
async fn case_8(event: LambdaEvent<()>) -> Result<(), Error> {
    let reply = match parse() {
        Err(e) => Reply { error: Some(e.to_string()) },
        Ok(_) => Reply { error: None },
    };
    let _ = reply.error;
    Ok(event.payload)
}

#[secure_handler]
async fn by_other_ways(event: LambdaEvent<()>) -> Result<Vec<String>, Error> {
    let mut texts = Vec::new();
    match "x".parse::<u8>() {
        Ok(_) => {}
        Err(e) => {
            texts.push(ToString::to_string(&e));
            let same = e.clone();
            texts.push(format!("{same}"));
        }
    }
    if let Some(e) = "x".parse::<u8>().err() {
        texts.push(e.to_string());
    }
    let e = "x".parse::<u8>().unwrap_err();
    texts.push(e.to_string());
    let () = event.payload;
    Ok(texts)
}

macro_rules! select {
    ($pattern:pat = $value:expr => $body:expr, else => $other:expr) => {
        match $value {
            $pattern => $body,
            _ => $other,
        }
    };
}

#[secure_handler]
async fn selected(event: LambdaEvent<()>) -> Result<String, Error> {
    let () = event.payload;
    Ok(select! { Err(e) = "x".parse::<u8>() => e.to_string(), else => String::new() })
}

struct Note {
    message: String,
}

#[secure_handler]
async fn made_before(event: LambdaEvent<()>) -> Result<String, Error> {
    let _ = event;
    if let Err(e) = parse() {
        let reply = Note { message: e.to_string() };
        return Ok(reply.message);
    }
    match parse() {
        Ok(n) => Ok(n.to_string()),
        Err(e) => {
            let reply = serde_json::json!({ "error": format!("{e}") });
            Ok(reply.to_string())
        }
    }
}

fn main() {}
