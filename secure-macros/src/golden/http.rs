async fn handler(
    request: ::secure_runtime::__v1::http::Request,
    db: &Db,
) -> ::secure_runtime::__v1::http::Answer {
    async fn handler<'this_invocation>(
        request: HttpRequest<Order<'this_invocation>>,
        db: &Db,
    ) -> Result<Response<Body>, OrderError> {
        Ok(db.place(request.body).await?)
    }
    ::secure_runtime::__v1::keeps_nothing!(* db);
    let (raw, invocation) = ::secure_runtime::__v1::http::begin(request, "handler");
    let request = match ::secure_runtime::__v1::http::request(&invocation, &raw) {
        ::secure_runtime::__v1::core::result::Result::Ok(request) => request,
        ::secure_runtime::__v1::core::result::Result::Err(refusal) => {
            return ::secure_runtime::__v1::core::result::Result::Ok(refusal);
        }
    };
    return ::secure_runtime::__v1::http::answer(
            invocation,
            ::secure_runtime::__v1::http::responds(handler(request, db)),
        )
        .await;
}
