ARG RUST_VERSION=1.95.0

FROM rust:${RUST_VERSION}-bookworm AS chef
RUN cargo install cargo-chef --version 0.1.78 --locked
WORKDIR /build

FROM chef AS plan
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

# Dependencies are a separate layer, because they change less often than the program.
FROM chef AS build
COPY --from=plan /build/recipe.json recipe.json
RUN cargo chef cook --release --locked --recipe-path recipe.json
COPY . .
RUN cargo build --release --locked --bin sweetspot && mkdir /data

FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="sweetspot" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /build/LICENSE /LICENSE
COPY --from=build /build/target/release/sweetspot /usr/local/bin/sweetspot
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
# The only folder that the program writes to: the root file system may be read-only.
VOLUME /data
WORKDIR /data
# To accept calls from outside the container, also set SWEETSPOT__SERVER__ALLOW_REMOTE=true.
ENV SWEETSPOT__STORE=/data/store \
    SWEETSPOT__SERVER__LISTEN=0.0.0.0:50051
EXPOSE 50051
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/usr/local/bin/sweetspot", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/sweetspot"]
CMD ["serve"]
