# syntax=docker/dockerfile:1
# The gateway and the command line in an image without shell, package manager or root.
#
#   docker build --tag tollgate .
#   docker run --rm --read-only --cap-drop ALL --env-file stage.env -p 8080:8080 tollgate
# As a sidecar it is the same image with another configuration: deploy/kubernetes, docs/sidecar.md.
#
# Base images are named by tag. Whoever builds for production pins them by digest, with
#   docker buildx imagetools inspect rust:1.95-bookworm
# and the same for the second; the digests were not at hand where this file was written.

FROM rust:1.95-bookworm AS build
# Components are built for this target by scripts/build-components, which the gateway's build script calls.
RUN rustup target add wasm32-unknown-unknown
WORKDIR /source
COPY . .
# The folders are kept between builds and are no part of the image, hence the copy at the end. `default` features:
# embedded and AWS backends in one binary.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked --package tollgate --bin tollgate \
    && install -D -m 0555 target/release/tollgate /out/tollgate

# hls.js for the player page, a file for browsers: whoever turns the page on names it as `hls-js` in [gateway.pages].
FROM node:22-bookworm-slim AS player
WORKDIR /player
COPY host/pages/package.json host/pages/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

# The binary needs libc, libm and libgcc_s of this Debian or a newer one, and certificate authorities to reach AWS and
# the issuer of tokens: `cc` has all four, `static` and `base` do not.
FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="Tollgate" \
      org.opencontainers.image.description="Hands out CloudFront-signed URLs to those who may watch" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /out/tollgate /usr/local/bin/tollgate
COPY --from=player --chmod=0444 /player/node_modules/hls.js/dist/hls.min.js /usr/share/tollgate/hls.min.js
COPY --chmod=0444 deploy/container/tollgate.toml /etc/tollgate/tollgate.toml
ENV TOLLGATE_CONFIG=/etc/tollgate/tollgate.toml
# By number, so that an orchestrator can see that it is not root.
USER 65532:65532
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
# Compiled components would be cached in /home/nonroot/.cache. With a read-only root there is no cache: Tollgate says so
# in one warning and compiles at each start, some seconds. A new container would find it empty anyhow. It is not made
# here either: what is compiled fits the processor it was compiled on. For containers that are restarted often:
#   --tmpfs /home/nonroot/.cache:uid=65532,gid=65532,mode=0700
ENTRYPOINT ["/usr/local/bin/tollgate"]
CMD ["serve"]
