use secure_runtime::prelude::*;

#[derive(Debug, thiserror::Error, OpaqueError)]
enum MyError {
    #[error("bad: {0}")]
    Bad(String),
}

fn parse() -> Result<u8, std::num::ParseIntError> {
    "7x".parse()
}

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> Result<String, Error> {
    let _ = event;
    if let Err(e) = parse() {
        tracing::error!("failed: {e}");
        tracing::warn!(error = %e, text = e.to_string(), "failed");
        let text = e.to_string();
        tracing::info!(text);
        if e.to_string().contains("overflow") || e.to_string() == "x" {
            return Err(format!("failed: {e}").into());
        }
        match e.to_string().as_str() {
            "x" => return Err(MyError::Bad(e.to_string()).into()),
            _ => {}
        }
    }
    let number = parse().map_err(|e| format!("failed: {e}"))?;
    let number = parse().map_err(|e| MyError::Bad(e.to_string())).unwrap_or(number);
    let number = parse().or_else(|e| Err(MyError::Bad(format!("{e:?}")))).unwrap_or(number);
    match parse() {
        Ok(n) => Ok((n + number).to_string()),
        Err(e) if e.to_string().is_empty() => Ok("a sentence of its own".to_owned()),
        Err(e) => {
            let text = e.to_string();
            let report = format!("failed: {text}");
            tracing::error!("{report}");
            let message = report;
            Err(message.into())
        }
    }
}

#[secure_handler]
async fn no_errors_any_more(event: LambdaEvent<()>) -> Result<String, Error> {
    let () = event.payload;
    let Some(number) = "7".parse::<u8>().ok() else { return Ok(String::new()) };
    let held = match std::sync::Mutex::new(3).into_inner() {
        Ok(held) => held.to_string(),
        Err(poisoned) => {
            let held = poisoned.into_inner();
            held.to_string()
        }
    };
    Ok(ToString::to_string(&number) + &held)
}

#[derive(Debug, thiserror::Error, OpaqueError)]
enum Refusal {
    #[error("{why}")]
    Refused { why: String },
}

#[secure_handler]
async fn made_before(event: LambdaEvent<()>) -> Result<u8, Refusal> {
    let _ = event;
    let number = parse().unwrap_or_else(|e| {
        tracing::Span::current().record("error", e.to_string().as_str());
        0
    });
    match parse() {
        Ok(n) => Ok(n + number),
        Err(e) if e.to_string().is_empty() => {
            let refusal = Refusal::Refused { why: format!("failed: {e}") };
            tracing::error!(?refusal);
            Err(refusal)
        }
        Err(e) => {
            let logged = serde_json::json!({ "error": e.to_string() });
            tracing::error!(%logged);
            let why = e.to_string();
            let refusal = Refusal::Refused { why };
            return Err(refusal);
        }
    }
}

fn main() {}
