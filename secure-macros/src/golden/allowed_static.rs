async fn handler(
    event: ::secure_runtime::LambdaEvent<::secure_runtime::RawPayload>,
) -> ::secure_runtime::__v1::Answer<Result<u64, Error>> {
    #[tracing::instrument(skip_all)]
    async fn handler<'this_invocation>(event: LambdaEvent<()>) -> Result<u64, Error> {
        Ok(SERVED.fetch_add(1, Relaxed))
    }
    ::secure_runtime::__v1::keeps_nothing!(SERVED);
    let (raw, context, invocation) = ::secure_runtime::__v1::begin(event, "handler");
    let event = invocation.event(&raw, context)?;
    return ::secure_runtime::__v1::answer(invocation, handler(event)).await;
}
