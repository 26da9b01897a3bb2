//! Expansions to be read in review: a file for each shape of handler, and some for events and errors. `UPDATE_GOLDEN=1 cargo test -p secure-macros` writes
//! them anew.

use std::{env, fs, path::Path};

use proc_macro2::TokenStream;
use quote::quote;

use crate::{args::Features, expand};

/// The most lines that an expansion adds to a handler.
const MOST_ADDED: usize = 18;
/// The same, where the handler is called once a record, with state that is shared out.
const MOST_ADDED_FOR_RECORDS: usize = 29;

fn shown(tokens: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(tokens).unwrap())
}

/// Compares what becomes of a handler with its file, and counts what is added to it.
fn check(name: &str, args: TokenStream, handler: &TokenStream) {
    check_length(name, args, handler, MOST_ADDED);
}

fn check_length(name: &str, args: TokenStream, handler: &TokenStream, most: usize) {
    let expansion = shown(expand::handler::expand_with(Features::ALL, args, handler.clone()));
    compare(name, &expansion);
    let added = expansion.lines().count() - shown(handler.clone()).lines().count();
    assert!(added <= most, "{name}: {added} lines are added");
}

fn compare(name: &str, expansion: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/golden").join(name);
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&file, expansion).unwrap();
    }
    let golden = fs::read_to_string(&file).unwrap_or_default();
    assert!(expansion == golden, "{name} is stale: run `UPDATE_GOLDEN=1 cargo test -p secure-macros`\n{expansion}");
}

#[test]
fn an_event_alone() {
    let handler = quote! {
        /// Docs are on both.
        pub async fn handler(event: LambdaEvent<Login<'_>>) -> Result<Session, LoginError> {
            let Login { user, password } = event.payload;
            Ok(Session { user })
        }
    };
    check("event_alone.rs", quote!(), &handler);
}

#[test]
fn state_by_reference() {
    let handler = quote! {
        async fn handler(db: &Db, event: LambdaEvent<Login<'_>>, Extra { name, .. }: Extra) -> Answer<Session> {
            db.find(name).await
        }
    };
    check("state_by_reference.rs", quote!(), &handler);
}

#[test]
fn generics_and_lifetimes() {
    let handler = quote! {
        async fn handler<'a, S: Store, const N: usize>(event: LambdaEvent<Order<'a>>, store: &S) -> Result<[u8; N], S::Error>
        where
            S::Error: OpaqueError,
        {
            store.find(&event.payload).await
        }
    };
    check("generics_and_lifetimes.rs", quote!(), &handler);
}

#[test]
fn impl_trait() {
    let handler = quote! {
        async fn handler(event: LambdaEvent<()>, clock: impl Clock, db: &Db) -> Result<impl Serialize, Error> {
            Ok(clock.now())
        }
    };
    check("impl_trait.rs", quote!(), &handler);
}

#[test]
fn secret_let() {
    let handler = quote! {
        async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
            #[secret]
            let Some(mut key) = read()? else { return Ok(()) };
            use_it(&mut key);
            Ok(())
        }
    };
    check("secret_let.rs", quote!(crate = renamed), &handler);
}

#[test]
fn allowed_static() {
    let handler = quote! {
        #[tracing::instrument(skip_all)]
        async fn handler(event: LambdaEvent<()>) -> Result<u64, Error> {
            Ok(SERVED.fetch_add(1, Relaxed))
        }
    };
    check("allowed_static.rs", quote!(allow_static(SERVED, reason = "a number of invocations")), &handler);
}

#[test]
fn records_of_a_queue() {
    let handler = quote! {
        async fn handler(record: Record<Order<'_>>, db: &Db, letters: Arc<Letters>) -> Result<(), OrderError> {
            db.put(record.body).await
        }
    };
    let args = quote!(sqs, dead_letter = letters, concurrency = 4);
    check_length("records_of_a_queue.rs", args, &handler, MOST_ADDED_FOR_RECORDS);
}

#[test]
fn http() {
    let handler = quote! {
        async fn handler(request: HttpRequest<Order<'_>>, db: &Db) -> Result<Response<Body>, OrderError> {
            Ok(db.place(request.body).await?)
        }
    };
    check("http.rs", quote!(http), &handler);
}

#[test]
fn a_kind_without_its_feature_is_an_error_at_its_argument_and_the_function_is_there() {
    for kind in ["http", "sqs"] {
        let none = Features { http: false, sqs: false };
        let handler = quote! {
            async fn handler(event: HttpRequest<()>, db: &Db) -> Result<String, Error> {
                Ok(String::new())
            }
        };
        let args: TokenStream = kind.parse().unwrap();
        let expansion = expand::handler::expand_with(none, args.clone(), handler.clone()).to_string();
        assert_eq!(expansion.matches("compile_error").count(), 1, "{expansion}");
        assert!(expansion.contains(&format!("`{kind}` needs the feature `{kind}` of secure-runtime")), "{expansion}");
        assert!(expansion.contains(&format!("features = [\\\"{kind}\\\"]")), "{expansion}");
        assert!(
            expansion.contains("async fn handler") && !expansion.contains(&format!("__v1 :: {kind}")),
            "{expansion}"
        );
        assert!(!expand::handler::expand_with(Features::ALL, args, handler).to_string().contains("needs the feature"));
    }
}

#[test]
fn validated_event() {
    let event = quote! {
        struct Order<'inv, T> {
            #[public]
            id: u64,
            #[nested]
            payments: Vec<Payment<'inv>>,
            #[nested]
            other: T,
        }
    };
    let expansion = shown(expand::event::expand(quote!(validate), event));
    compare("validated_event.rs", &expansion);
    let event = quote! {
        #[derive(garde::Validate)]
        enum Payment<'inv> {
            Card { #[garde(skip)] number: Secret<'inv, String> },
            Invoice(#[nested] #[garde(dive)] Address<'inv>),
        }
    };
    let expansion = shown(expand::event::expand(quote!(validate = garde), event));
    compare("event_validated_by_garde.rs", &expansion);
}

#[test]
fn opaque_error() {
    let error = quote! {
        #[derive(OpaqueError)]
        enum OrderError<E> {
            #[opaque(code = "sold_out", status = 409, message = "There is none left.", poison)]
            SoldOut { sku: String },
            #[opaque(delegate)]
            Payment(PaymentError),
            #[opaque(delegate)]
            Other { at: u64, #[source] why: E },
            Database(Box<dyn Error>),
        }
    };
    let expansion = shown(expand::opaque_error::expand(error));
    compare("opaque_error.rs", &expansion);
}

#[test]
fn functions_that_are_wiped() {
    let functions = [
        quote! {
            fn first<'a>(&'a self, words: &[String]) -> Result<&'a str, Missing> {
                words.first().ok_or(Missing)?;
                Ok(&self.word)
            }
        },
        quote! {
            async fn shown(mut words: Vec<String>) -> Result<impl Display, Missing> {
                words.pop().ok_or(Missing)
            }
        },
        quote!(
            fn nothing() {}
        ),
    ];
    let expansions = functions.map(|function| shown(expand::function::expand(quote!(), function)));
    compare("functions.rs", &expansions.join("\n"));
}
