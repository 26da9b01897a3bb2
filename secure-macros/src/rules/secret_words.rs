//! Names of secrets, told from names that only sound like one.

/// What makes a name one of a secret: runs of whole words.
const SECRETS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "secrets",
    "token",
    "access tokens",
    "auth tokens",
    "refresh tokens",
    "session tokens",
    "credential",
    "credentials",
    "creds",
    "db pass",
    "user pass",
    "admin pass",
    "smtp pass",
    "api key",
    "api keys",
    "apikey",
    "access key",
    "access keys",
    "private key",
    "private keys",
    "signing key",
    "encryption key",
    "decryption key",
    "secret key",
    "secret keys",
    "master key",
    "session key",
    "hmac key",
    "aes key",
    "auth key",
    "auth code",
    "authorization code",
    "verification code",
    "one time code",
    "mfa code",
    "card number",
    "card numbers",
    "card no",
    "cc number",
    "cardnumber",
    "credit card",
    "pan",
    "cvv",
    "cvv2",
    "cvc",
    "cvc2",
    "security code",
    "pin",
    "otp",
    "ssn",
    "social security",
    "iban",
    "account number",
    "session id",
    "cookie",
    "bearer",
    "jwt",
    "recovery code",
    "seed phrase",
    "mnemonic",
];

/// What a word that follows makes of it: something about a secret, not a secret.
const ABOUT: &[&str] = &[
    "name",
    "names",
    "id",
    "ids",
    "arn",
    "count",
    "length",
    "len",
    "type",
    "kind",
    "url",
    "uri",
    "path",
    "policy",
    "expiry",
    "expires",
    "ttl",
    "age",
    "change",
    "changed",
    "changes",
    "consent",
    "reset",
    "rotation",
    "symbol",
    "address",
    "usage",
    "version",
    "hint",
    "field",
    "header",
    "enabled",
    "required",
    "limit",
    "created",
    "updated",
    "at",
    "status",
    "scope",
    "issuer",
    "audience",
    "brand",
    "format",
    "label",
    "placeholder",
    "title",
    "prompt",
    "message",
    "error",
    "env",
    "variable",
    "parameter",
    "param",
    "prefix",
    "suffix",
    "pattern",
    "regex",
    "rule",
    "rules",
    "strength",
    "min",
    "max",
    "used",
    "valid",
    "verified",
    "manager",
    "provider",
    "service",
    "endpoint",
    "file",
    "location",
    "bucket",
    "table",
    "column",
];

/// What a word that comes first makes of it: a question or a number about a secret.
const ASKS: &[&str] =
    &["has", "is", "no", "requires", "needs", "num", "max", "min", "next", "hide", "show", "forgot", "public"];

/// Whole names in which a secret's word means something else.
const HARMLESS: &[&str] = &[
    "page token",
    "continuation token",
    "starting token",
    "pagination token",
    "sync token",
    "cancellation token",
    "idempotency token",
    "client token",
    "client request token",
    "change token",
    "dedup token",
    "deduplication token",
    "start token",
    "password reset",
    "pin code area",
    "set cookie",
];

/// Whether a field, parameter or key of this name holds a secret. Snake, camel and kebab case are understood.
pub(crate) fn is_secret(name: &str) -> bool {
    let words = words(name);
    if words.first().is_some_and(|first| ASKS.contains(&first.as_str())) {
        return false;
    }
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
        for (name, why) in [
            ("password", "the word itself"),
            ("user_password", "whose it is doesn't matter"),
            ("newPassword", "in camel case"),
            ("PASSWORD", "as a constant"),
            ("confirm_password", "the same, twice"),
            ("token", "bears an identity"),
            ("access_token", "of OAuth"),
            ("refreshToken", "of OAuth, in camel case"),
            ("reset_token", "lets its owner set a password"),
            ("x-api-key", "a header, in kebab case"),
            ("apiKey", "in camel case"),
            ("APIKey", "with an acronym"),
            ("client_secret", "of OAuth"),
            ("card_number", "PCI DSS"),
            ("cardNumber", "PCI DSS"),
            ("cvv", "PCI DSS: must not be stored at all"),
            ("cvv2", "the same"),
            ("security_code", "the same"),
            ("api_keys", "several"),
            ("access_tokens", "several"),
            ("db_pass", "for short"),
            ("creds", "for short"),
            ("hmac_key", "signs in somebody's name"),
            ("seed_phrase", "all of a wallet"),
            ("pin", "of a card"),
            ("ssn", "identifies a person"),
            ("iban", "a bank account"),
            ("private_key", "signs in somebody's name"),
            ("aws_secret_access_key", "as AWS names it"),
            ("session_id", "bears a session"),
            ("credentials", "whatever they are"),
            ("r#token", "a raw identifier"),
        ] {
            assert!(is_secret(name), "{name}: {why}");
        }
    }

    #[test]
    fn names_that_only_sound_like_one_are_fine() {
        for (name, why) in [
            ("secret_name", "says which secret to read"),
            ("secretArn", "says which secret to read"),
            ("secret_id", "says which secret to read"),
            ("token_count", "a number"),
            ("token_type", "`Bearer`"),
            ("token_endpoint", "a URL of OAuth"),
            ("max_tokens", "of a language model"),
            ("tokens", "of a language model, or of a parser"),
            ("next_token", "of a list that goes on"),
            ("nextPageToken", "of a list that goes on"),
            ("continuation_token", "of a list that goes on"),
            ("idempotency_token", "made by the caller, to be repeated"),
            ("client_request_token", "made by the caller, to be repeated"),
            ("password_reset_url", "a page"),
            ("password_expires_at", "a time"),
            ("set-cookie", "a header, also of a cookie's removal"),
            ("boarding_pass", "another word"),
            ("pass", "a verdict, or a letter of mail"),
            ("primary_key", "of a table"),
            ("security_code_required", "yes or no"),
            ("password_policy", "rules"),
            ("password_label", "a text on a page"),
            ("has_password", "yes or no"),
            ("is_secret", "yes or no"),
            ("api_key_id", "names the key"),
            ("public_key", "meant to be known"),
            ("public_token", "meant to be known"),
            ("key", "of a map"),
            ("tokenizer", "another word"),
            ("secretary", "another word"),
            ("spin", "another word"),
            ("opinion", "another word"),
            ("company", "another word"),
            ("pinned", "another word"),
            ("user", "nothing of the kind"),
            ("card_brand", "nothing of the kind"),
        ] {
            assert!(!is_secret(name), "{name}: {why}");
        }
    }
}
