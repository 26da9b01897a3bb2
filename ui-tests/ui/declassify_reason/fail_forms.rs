use secure_runtime::prelude::*;

#[secure_event]
struct Event<'inv> {
    word: Secret<'inv, String>,
}


const REASON: &str = "a reason that is long enough";

#[secure_handler]
async fn handler(event: LambdaEvent<Event<'_>>) -> Result<usize, Error> {
    let word = event.payload.word;
    let short = word.declassify("todo", String::len);
    let blank = word.declassify("              ", String::len);
    let constant = word.declassify(REASON, String::len);
    let built = word.declassify(concat!("a reason that", " is long enough"), String::len);
    let turbofish = word.declassify::<usize>("short", |word| word.len());
    let path = Secret::declassify(&word, "short", String::len);
    let later = word.declassify_async("short", async |word| word.len()).await;
    let text = format!("{}", word.declassify("short", String::len));
    Ok(short + blank + constant + built + turbofish + path + later + text.len())
}

fn main() {}
