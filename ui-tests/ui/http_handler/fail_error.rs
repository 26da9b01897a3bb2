use secure_runtime::prelude::*;

#[secure_handler(http)]
async fn handler(request: HttpRequest<()>) -> Result<String, std::num::ParseIntError> {
    Ok(request.query("n").unwrap_or("7").parse::<u64>()?.to_string())
}

fn main() {}
