async fn handler(
    event: renamed::LambdaEvent<renamed::RawPayload>,
) -> renamed::__v1::Answer<Result<(), Error>> {
    async fn handler<'this_invocation>(event: LambdaEvent<()>) -> Result<(), Error> {
        let Some(key) = read()? else { return Ok(()) };
        let mut key = renamed::__v1::brand::<'this_invocation, _>(key);
        use_it(&mut key);
        Ok(())
    }
    let (raw, context, invocation) = renamed::__v1::begin(event, "handler");
    let event = invocation.event(&raw, context)?;
    return renamed::__v1::answer(invocation, handler(event)).await;
}
