fn first<'a>(&'a self, words: &[String]) -> Result<&'a str, Missing> {
    ::secure_runtime::__v1::call(move || -> Result<&'a str, Missing> {
        words.first().ok_or(Missing)?;
        Ok(&self.word)
    })
}

async fn shown(mut words: Vec<String>) -> Result<impl Display, Missing> {
    ::secure_runtime::__v1::call_async(async move {
            if let ::secure_runtime::__v1::core::option::Option::Some(result) = ::secure_runtime::__v1::declared::<
                Result<_, Missing>,
            >() {
                return result;
            }
            words.pop().ok_or(Missing)
        })
        .await
}

fn nothing() {
    ::secure_runtime::__v1::call(move || {})
}
