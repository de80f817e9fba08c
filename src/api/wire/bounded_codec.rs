//! A codec that checks the size of a request before it builds the message.

use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;

use bytes::Buf as _;
use prost::Message;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder};
use tonic_prost::{ProstDecoder, ProstEncoder};

use super::decoded_size::{MeasuredMessage, check_decoded_size};
use crate::api::decoding_limits::decode_message;

/// Encodes `T`, and decodes `U` if [`check_decoded_size`] passes.
pub(in crate::api) struct BoundedCodec<T, U>(PhantomData<(T, U)>);

/// Decodes the requests of [`BoundedCodec`].
#[derive(Debug)]
pub(in crate::api) struct BoundedDecoder<U>(ProstDecoder<U>);

impl<T, U> Default for BoundedCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> fmt::Debug for BoundedCodec<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BoundedCodec<{}, {}>", type_name::<T>(), type_name::<U>())
    }
}

impl<T, U> Codec for BoundedCodec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Default + MeasuredMessage + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = BoundedDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder::default()
    }

    fn decoder(&mut self) -> Self::Decoder {
        BoundedDecoder(ProstDecoder::default())
    }
}

impl<U: Message + Default + MeasuredMessage> Decoder for BoundedDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        decode_message(buffer.remaining(), || {
            // The buffer is contiguous.
            check_decoded_size::<U>(buffer.chunk(), "")?;
            self.0.decode(buffer)
        })
    }
}
