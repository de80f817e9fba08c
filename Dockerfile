# A release sets both to a digest, NAME:TAG@sha256:…: see scripts/build-image.sh.
ARG RUST_IMAGE=rust:1.95.0-bookworm
ARG BASE_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM ${RUST_IMAGE} AS chef
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
RUN cargo build --release --locked --bin sweetspot && \
    mkdir /data && \
    objcopy --only-keep-debug --compress-debug-sections target/release/sweetspot sweetspot.debug && \
    objcopy --strip-all --add-gnu-debuglink=sweetspot.debug target/release/sweetspot sweetspot

# The symbols of the program, for debuggers and profilers: docker build --target symbols --output symbols .
FROM scratch AS symbols
COPY --from=build /build/sweetspot.debug /

FROM ${BASE_IMAGE}
COPY --from=build /build/LICENSE /LICENSE
COPY --from=build /build/sweetspot /usr/local/bin/sweetspot
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
# The only folder that the program writes to: the root file system may be read-only.
VOLUME /data
WORKDIR /data
# To accept calls from outside the container, also set SWEETSPOT__SERVER__ALLOW_REMOTE=true.
ENV SWEETSPOT__STORE=/data/store \
    SWEETSPOT__SERVER__LISTEN=0.0.0.0:50051 \
    SWEETSPOT__SERVER__ADMIN_LISTEN=127.0.0.1:9464
EXPOSE 50051
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/usr/local/bin/sweetspot", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/sweetspot"]
CMD ["serve"]
# Last, because they differ for each commit.
ARG VERSION=unreleased
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="sweetspot" \
      org.opencontainers.image.description="Learns what a company's best customers have in common, and scores and explains prospects" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"
