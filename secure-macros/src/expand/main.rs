//! `#[secure_runtime::main]`: allocator, panic hook and tokio's runtime around an async `main`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, Ident, ItemFn, Path};

use crate::{
    args::{self, Arg, Crate, set_once},
    diag::Diagnostics,
    model::handler::Place,
};

const KNOWN: &str =
    "`flavor`, `worker_threads`, `start_paused`, `unhandled_panic`, `name`, `allocator`, `harden` and `crate`";

/// The arguments as given.
#[derive(Default)]
struct Args {
    flavor: Option<Flavor>,
    worker_threads: Option<usize>,
    start_paused: Option<bool>,
    unhandled_panic: Option<Ident>,
    name: Option<String>,
    /// `Some`: the program has a global allocator of its own.
    no_allocator: Option<()>,
    harden: Option<bool>,
    krate: Option<Path>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Flavor {
    CurrentThread,
    MultiThread,
    Local,
}

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let args = Args::read(args, &mut diagnostics);
    let expansion = match syn::parse2::<ItemFn>(item.clone()) {
        Ok(main) => {
            check(&main, &mut diagnostics);
            emit(main, &args)
        }
        Err(_) => {
            diagnostics.usage(
                item.clone().into_iter().take(1).collect::<TokenStream>(),
                "`#[secure_runtime::main]` goes on a function",
                "write it on `async fn main()`",
            );
            item
        }
    };
    let errors = diagnostics.into_tokens();
    quote!(#errors #expansion)
}

fn check(main: &ItemFn, diagnostics: &mut Diagnostics) {
    if main.sig.asyncness.is_none() {
        diagnostics.usage(main.sig.fn_token, "`main` must be `async`", "write `async fn main()`");
    }
    if !main.sig.inputs.is_empty() {
        diagnostics.usage(&main.sig.inputs, "`main` takes no parameters", "remove them");
    }
}

impl Args {
    fn read(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let mut args = Self::default();
        let mut threads = None;
        for arg in args::parse(tokens, diagnostics) {
            if arg.key == "worker_threads" {
                threads = Some(arg.to_token_stream());
            }
            args.set(&arg, diagnostics);
        }
        if let Some(threads) = threads
            && args.flavor != Some(Flavor::MultiThread)
        {
            diagnostics.usage(
                threads,
                "`worker_threads` needs the multi-thread runtime",
                "add `flavor = \"multi_thread\"`",
            );
            args.worker_threads = None;
        }
        args
    }

    fn set(&mut self, arg: &Arg, diagnostics: &mut Diagnostics) {
        match arg.key.to_string().as_str() {
            "flavor" => set_once(&mut self.flavor, flavor(arg, diagnostics), arg, diagnostics),
            "worker_threads" => set_once(&mut self.worker_threads, worker_threads(arg, diagnostics), arg, diagnostics),
            "start_paused" => set_once(&mut self.start_paused, args::boolean(arg, diagnostics), arg, diagnostics),
            "unhandled_panic" => {
                set_once(&mut self.unhandled_panic, unhandled_panic(arg, diagnostics), arg, diagnostics);
            }
            "name" => {
                let name = args::string(arg, diagnostics).map(|(name, _)| name);
                set_once(&mut self.name, name, arg, diagnostics);
            }
            "allocator" => set_once(&mut self.no_allocator, no_allocator(arg, diagnostics), arg, diagnostics),
            "harden" => set_once(&mut self.harden, args::boolean(arg, diagnostics), arg, diagnostics),
            "crate" => set_once(&mut self.krate, Crate::path(arg, diagnostics), arg, diagnostics),
            _ => args::unknown(arg, KNOWN, diagnostics),
        }
    }
}

fn flavor(arg: &Arg, diagnostics: &mut Diagnostics) -> Option<Flavor> {
    let (flavor, _) = args::string(arg, diagnostics)?;
    match flavor.as_str() {
        "current_thread" => Some(Flavor::CurrentThread),
        "multi_thread" => Some(Flavor::MultiThread),
        "local" => Some(Flavor::Local),
        _ => {
            diagnostics.usage(
                &arg.value,
                &format!("there is no runtime flavor `{flavor}`"),
                "write `\"current_thread\"` (the default), `\"multi_thread\"` or `\"local\"`",
            );
            None
        }
    }
}

fn worker_threads(arg: &Arg, diagnostics: &mut Diagnostics) -> Option<usize> {
    let threads = args::number(arg, "2", diagnostics)?;
    if threads == 0 {
        diagnostics.usage(&arg.value, "`worker_threads` can't be 0", "write how many threads run tasks: 2, or more");
        return None;
    }
    Some(threads)
}

fn unhandled_panic(arg: &Arg, diagnostics: &mut Diagnostics) -> Option<Ident> {
    let (behaviour, span) = args::string(arg, diagnostics)?;
    match behaviour.as_str() {
        "ignore" => Some(Ident::new("Ignore", span)),
        "shutdown_runtime" => Some(Ident::new("ShutdownRuntime", span)),
        _ => {
            diagnostics.usage(
                &arg.value,
                &format!("there is no behaviour `{behaviour}` for unhandled panics"),
                "write `\"ignore\"` or `\"shutdown_runtime\"`",
            );
            None
        }
    }
}

fn no_allocator(arg: &Arg, diagnostics: &mut Diagnostics) -> Option<()> {
    match &arg.value {
        Some(Expr::Path(path)) if path.path.is_ident("none") => Some(()),
        _ => {
            diagnostics.usage(
                arg,
                "`allocator` can only be `none`",
                "write `allocator = none`, and wrap your own: \
                 `#[global_allocator] static GLOBAL: WipingAlloc<Yours> = WipingAlloc::new(Yours);`",
            );
            None
        }
    }
}

fn emit(mut main: ItemFn, args: &Args) -> TokenStream {
    let krate = Crate::from(args.krate.clone());
    let private = krate.private();
    let allocator = args.no_allocator.is_none().then(|| {
        quote! {
            const _: () = {
                #[global_allocator]
                static GLOBAL: #krate::WipingAlloc = #krate::WipingAlloc::new(#private::System);
            };
        }
    });
    let constructor = match args.flavor {
        Some(Flavor::MultiThread) => quote!(new_multi_thread),
        _ => quote!(new_current_thread),
    };
    let build = match args.flavor {
        Some(Flavor::Local) => quote!(build_local(#private::core::default::Default::default())),
        _ => quote!(build()),
    };
    // A thread begins with the registers of the one that made it; and those of the blocking pool run closures that aren't ours to wrap.
    let park = match args.flavor {
        Some(Flavor::MultiThread) => quote!(rest),
        _ => quote!(alone),
    };
    let harden = args.harden.unwrap_or(true);
    let worker_threads = args.worker_threads.map(|threads| quote!(.worker_threads(#threads)));
    let start_paused = args.start_paused.map(|paused| quote!(.start_paused(#paused)));
    let name = args.name.as_ref().map(|name| quote!(.name(#name)));
    let unhandled_panic = args
        .unhandled_panic
        .as_ref()
        .map(|behaviour| quote!(.unhandled_panic(#private::tokio::runtime::UnhandledPanic::#behaviour)));
    let (outside, inside): (Vec<_>, Vec<_>) =
        main.attrs.drain(..).partition(|attribute| Place::of(attribute) != Place::Inside);
    main.attrs = inside;
    let vis = std::mem::replace(&mut main.vis, syn::Visibility::Inherited);
    let (ident, output) = (&main.sig.ident, &main.sig.output);
    let body = {
        let mut body = main.clone();
        // An error has been reported; the body still is one.
        body.sig.asyncness = Some(syn::token::Async { span: Span::call_site() });
        body.sig.inputs.clear();
        body
    };
    quote! {
        #allocator
        #(#outside)*
        #vis fn #ident() #output {
            #body
            #private::start(#harden);
            #private::tokio::runtime::Builder::#constructor()
                .enable_all()
                #worker_threads
                .on_thread_park(#private::#park)
                .on_thread_start(#private::rest)
                .on_thread_stop(#private::rest)
                #start_paused
                #unhandled_panic
                #name
                .#build
                .expect("tokio's runtime can be built")
                .block_on(#ident())
        }
    }
}
