use secure_runtime::prelude::*;

#[secure_event]
struct Event<'inv> {
    word: Secret<'inv, String>,
}


struct Archive;

impl Archive {
    fn declassified(&self, _: &str) -> usize {
        0
    }
}

#[secure_handler]
async fn handler(event: LambdaEvent<Event<'_>>, archive: &Archive) -> Result<usize, Error> {
    let word = event.payload.word;
    let plain = word.declassify("its length is what is asked for", String::len);
    let raw = word.declassify(r"its length is what is asked for", |word| word.len());
    let path = Secret::declassify(&word, "its length is what is asked for", String::len);
    let later = word.declassify_async("ten chars!", async |word| word.len()).await;
    Ok(plain + raw + path + later + archive.declassified("short"))
}

fn main() {}
