//! Implements the unary methods of a service, one per line, by calling the method of the same name on the type, which
//! has the field `max_response_bytes`.

macro_rules! unary_methods {
    (impl $service:ident for $api:ident; $($method:ident($request:ident) -> $response:ident;)*) => {
        #[tonic::async_trait]
        impl $service for $api {
            $(async fn $method(
                &self,
                request: tonic::Request<$crate::api::wire::received::$request>,
            ) -> Result<tonic::Response<sweetspot_proto::v1::$response>, tonic::Status> {
                let response = self.$method(request.into_inner()).await?;
                $crate::api::response::respond(response, self.max_response_bytes)
            })*
        }
    };
}

pub(super) use unary_methods;
