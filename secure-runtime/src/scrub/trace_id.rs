//! The one thing of an invocation that belongs into the environment block.

use std::env;

/// Where the AWS SDKs and X-Ray's look for the trace of the running invocation. Source: [environment variables of
/// Lambda](https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html).
const VARIABLE: &str = "_X_AMZN_TRACE_ID";

/// Replaces the last invocation's trace id in the environment by this one's, or removes it.
///
/// For processes that run one invocation at a time.
pub(crate) fn set_trace_id(trace_id: Option<&str>) {
    match trace_id.filter(|id| !id.contains('\0')) {
        // SAFETY: `set_var` asks that no other thread reads or writes the environment meanwhile, except through `std`,
        // whose lock it takes. It is called between two invocations, when no handler runs. Foreign code that reads the
        // environment on a thread of its own without that lock is the residual risk that lambda_runtime takes in the
        // same place; it is the documented interface between Lambda's runtimes and the SDKs.
        Some(id) => unsafe { env::set_var(VARIABLE, id) },
        // SAFETY: as above.
        None => unsafe { env::remove_var(VARIABLE) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_set_replaced_and_removed() {
        for id in [Some("Root=1-a"), Some("Root=1-b"), None, Some("Root=1-c\0")] {
            set_trace_id(id);
            assert_eq!(env::var(VARIABLE).ok().as_deref(), id.filter(|id| !id.contains('\0')));
        }
    }
}
