//! `#[derive(OpaqueError)]`: what a caller may learn of each variant.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{Attribute, Data, DeriveInput, Meta};

use super::derive_crate;
use crate::{
    args::{self, Arg, Crate, set_once},
    diag::Diagnostics,
};

const KNOWN: &str = "`code`, `status`, `message`, `retry` and `poison`";

/// One `#[opaque(..)]`, checked. What was left out is internal.
#[derive(Default)]
struct Declaration {
    code: Option<String>,
    status: Option<u16>,
    message: Option<String>,
    /// The name of a `Disposition`.
    disposition: Option<&'static str>,
}

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let expansion = match syn::parse2::<DeriveInput>(item) {
        Ok(input) => opaque_error(&input, &mut diagnostics),
        Err(error) => {
            diagnostics.syntax(error);
            TokenStream::new()
        }
    };
    let errors = diagnostics.into_tokens();
    quote!(#errors #expansion)
}

fn opaque_error(input: &DeriveInput, diagnostics: &mut Diagnostics) -> TokenStream {
    let krate = derive_crate(&input.attrs, "opaque", diagnostics);
    let private = krate.private();
    let body = match &input.data {
        Data::Struct(_) => Declaration::read(&input.attrs, diagnostics).tokens(&krate),
        Data::Enum(data) if data.variants.is_empty() => quote!(match *self {}),
        Data::Enum(data) => {
            for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("opaque")) {
                for arg in arguments(attribute, diagnostics).iter().filter(|arg| arg.key != "crate") {
                    let key = &arg.key;
                    diagnostics.usage(
                        arg,
                        &format!("`{key}` is declared variant by variant"),
                        "write `#[opaque(..)]` on the variants that the caller may tell apart",
                    );
                }
            }
            let arms = data.variants.iter().map(|variant| {
                let ident = &variant.ident;
                let declared = Declaration::read(&variant.attrs, diagnostics).tokens(&krate);
                quote!(Self::#ident { .. } => #declared,)
            });
            quote!(match self { #(#arms)* })
        }
        Data::Union(data) => {
            diagnostics.usage(data.union_token, "a union is no error", "write a struct or an enum");
            quote!(#private::Opaque::INTERNAL)
        }
    };
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    let ident = &input.ident;
    quote! {
        impl #impl_generics #private::Derived for #ident #ty_generics #where_clause {}
        impl #impl_generics #krate::OpaqueError for #ident #ty_generics #where_clause {
            fn __opaque(&self) -> #private::Opaque {
                #body
            }
        }
    }
}

fn arguments(attribute: &Attribute, diagnostics: &mut Diagnostics) -> Vec<Arg> {
    match &attribute.meta {
        Meta::List(list) => args::parse(list.tokens.clone(), diagnostics),
        _ => {
            diagnostics.usage(
                attribute,
                "`#[opaque]` takes arguments",
                "write `#[opaque(code = \"..\", status = 4xx, message = \"..\")]`, or leave it out for an internal error",
            );
            Vec::new()
        }
    }
}

impl Declaration {
    fn read(attributes: &[Attribute], diagnostics: &mut Diagnostics) -> Self {
        let mut declared = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("opaque")) {
            for arg in arguments(attribute, diagnostics) {
                declared.set(&arg, diagnostics);
            }
        }
        declared
    }

    fn set(&mut self, arg: &Arg, diagnostics: &mut Diagnostics) {
        match arg.key.to_string().as_str() {
            "crate" => {} // the type's own, read before
            "code" => set_once(&mut self.code, code(arg, diagnostics), arg, diagnostics),
            "status" => set_once(&mut self.status, status(arg, diagnostics), arg, diagnostics),
            "message" => set_once(&mut self.message, message(arg, diagnostics), arg, diagnostics),
            "retry" | "poison" => {
                args::flag(arg, diagnostics);
                let disposition = if arg.key == "retry" { "Retry" } else { "Poison" };
                if self.disposition.is_some_and(|other| other != disposition) {
                    diagnostics.usage(
                        arg,
                        "an error is `retry` or `poison`, not both",
                        "keep `retry` if the same event may succeed later, `poison` if it never will",
                    );
                } else {
                    set_once(&mut self.disposition, Some(disposition), arg, diagnostics);
                }
            }
            _ => args::unknown(arg, KNOWN, diagnostics),
        }
    }

    fn tokens(&self, krate: &Crate) -> TokenStream {
        let private = krate.private();
        let Self { code, status, message, disposition } = self;
        if code.is_none() && status.is_none() && message.is_none() && disposition.is_none() {
            return quote!(#private::Opaque::INTERNAL);
        }
        let or_internal = |given: Option<TokenStream>, part: &str| {
            let part = format_ident!("{part}");
            given.unwrap_or_else(|| quote!(#private::Opaque::INTERNAL.#part()))
        };
        let code = or_internal(code.as_ref().map(ToTokens::to_token_stream), "code");
        let status = or_internal(status.as_ref().map(ToTokens::to_token_stream), "status");
        let message = or_internal(message.as_ref().map(ToTokens::to_token_stream), "message");
        let disposition = format_ident!("{}", disposition.unwrap_or("Unknown"));
        quote!(#private::Opaque::declared(#code, #status, #message, #private::Disposition::#disposition))
    }
}

fn code(arg: &Arg, diagnostics: &mut Diagnostics) -> Option<String> {
    let (code, _) = args::string(arg, diagnostics)?;
    let snake = code.starts_with(|c: char| c.is_ascii_lowercase())
        && code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if snake {
        return Some(code);
    }
    diagnostics.usage(
        &arg.value,
        "a code is in `snake_case`: lower-case letters, digits and `_`",
        "write it like `insufficient_funds`: alarms and `ErrorEquals` compare it",
    );
    None
}

fn status(arg: &Arg, diagnostics: &mut Diagnostics) -> Option<u16> {
    let status = args::number(arg, "404", diagnostics)?;
    if (400..=599).contains(&status) {
        return Some(status);
    }
    diagnostics.usage(
        &arg.value,
        "a status of an error is between 400 and 599",
        "write 4xx for the caller's mistakes, 5xx for the function's own",
    );
    None
}

fn message(arg: &Arg, diagnostics: &mut Diagnostics) -> Option<String> {
    let (message, _) = args::string(arg, diagnostics)?;
    if !message.trim().is_empty() && !message.contains(char::is_control) {
        return Some(message);
    }
    diagnostics.usage(
        &arg.value,
        "a message is one line that says something",
        "write a sentence for the caller: \"The account does not cover the amount.\"",
    );
    None
}
