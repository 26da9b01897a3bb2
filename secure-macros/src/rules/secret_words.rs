//! Names of secrets, told from names that only sound like one.

/// What makes a name one of a secret: runs of whole words.
const SECRETS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "secrets",
    "token",
    "credential",
    "credentials",
    "api key",
    "apikey",
    "access key",
    "private key",
    "signing key",
    "encryption key",
    "secret key",
    "auth key",
    "card number",
    "cardnumber",
    "credit card",
    "pan",
    "cvv",
    "cvc",
    "pin",
    "otp",
    "ssn",
    "social security number",
    "iban",
    "account number",
    "session id",
    "cookie",
    "bearer",
    "jwt",
    "recovery code",
    "mnemonic",
];

/// What a word that follows makes of it: something about a secret, not a secret.
const ABOUT: &[&str] = &[
    "name", "names", "id", "ids", "arn", "count", "length", "len", "type", "kind", "url", "uri", "path", "policy",
    "expiry", "expires", "ttl", "age", "version", "hint", "field", "header", "enabled", "required", "limit", "created",
    "updated", "at", "status", "scope", "issuer", "audience", "brand", "format",
];

/// Whole names in which a secret's word means something else.
const HARMLESS: &[&str] = &[
    "next token",
    "next page token",
    "page token",
    "continuation token",
    "starting token",
    "pagination token",
    "sync token",
    "max tokens",
    "cancellation token",
    "idempotency token",
    "client token",
    "client request token",
    "change token",
    "password reset",
    "forgot password",
    "has password",
    "is secret",
    "pin code area",
];

/// Whether a field, parameter or key of this name holds a secret. Snake, camel and kebab case are understood.
pub(crate) fn is_secret(name: &str) -> bool {
    let words = words(name);
    if HARMLESS.iter().any(|harmless| words == harmless.split(' ').collect::<Vec<_>>()) {
        return false;
    }
    SECRETS.iter().any(|secret| {
        let secret: Vec<_> = secret.split(' ').collect();
        words.windows(secret.len()).enumerate().any(|(start, window)| {
            window == secret && !words[start + secret.len()..].iter().any(|after| ABOUT.contains(&after.as_str()))
        })
    })
}

/// The words of a name, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let characters: Vec<char> = name.trim_start_matches("r#").chars().collect();
    for (index, &character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).map(|index| characters[index]);
        let after = characters.get(index + 1);
        // `apiKey` and `APIKey` both have a border before `Key`.
        let border = character.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase() || before.is_numeric() || after.is_some_and(|after| after.is_lowercase())
            });
        if border || !character.is_alphanumeric() {
            words.push(String::new());
        }
        if character.is_alphanumeric() {
            words.last_mut().expect("there is always one word").extend(character.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_words() {
        for (name, expected) in [
            ("api_key", "api key"),
            ("apiKey", "api key"),
            ("APIKey", "api key"),
            ("x-api-key", "x api key"),
            ("r#token", "token"),
            ("SECRET_KEY", "secret key"),
            ("oauth2Token", "oauth2 token"),
            ("", ""),
        ] {
            assert_eq!(words(name).join(" "), expected, "{name}");
        }
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in [
            "password",
            "user_password",
            "newPassword",
            "token",
            "access_token",
            "refreshToken",
            "x-api-key",
            "apiKey",
            "client_secret",
            "secret",
            "card_number",
            "cardNumber",
            "ssn",
            "cvv",
            "pin",
            "private_key",
            "PASSWORD",
            "aws_secret_access_key",
            "session_id",
            "credentials",
            "iban",
        ] {
            assert!(is_secret(name), "{name}");
        }
    }

    #[test]
    fn names_that_only_sound_like_one_are_fine() {
        for name in [
            "secret_name", // which secret to read
            "secretArn",
            "token_count",
            "token_type", // "Bearer"
            "max_tokens", // of a language model
            "next_token", // of a list that goes on
            "nextPageToken",
            "password_reset_url",
            "password_expires_at",
            "password_policy",
            "public_key",
            "key",
            "tokenizer",
            "secretary",
            "spin",
            "opinion",
            "company",
            "user",
            "card_brand",
            "idempotency_token",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
