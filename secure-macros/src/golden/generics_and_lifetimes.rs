async fn handler<S: Store, const N: usize>(
    event: ::secure_runtime::LambdaEvent<::secure_runtime::RawPayload>,
    store: &S,
) -> ::secure_runtime::__v1::Answer<Result<[u8; N], S::Error>>
where
    S::Error: OpaqueError,
{
    async fn handler<'a, S: Store, const N: usize>(
        event: LambdaEvent<Order<'a>>,
        store: &S,
    ) -> Result<[u8; N], S::Error>
    where
        S::Error: OpaqueError,
    {
        store.find(&event.payload).await
    }
    ::secure_runtime::__v1::keeps_nothing!(* store);
    let (raw, context, invocation) = ::secure_runtime::__v1::begin(event, "handler");
    let event = invocation.event(&raw, context)?;
    return ::secure_runtime::__v1::answer(invocation, handler::<S, N>(event, store))
        .await;
}
