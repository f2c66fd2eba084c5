# Builds the program from the sources and leaves only it in the image.
#   docker build --build-arg CORTEX_COMMIT="$(git rev-parse --short=12 HEAD)" -t cortex .
#   docker run --init -p 127.0.0.1:7600:7600 -v cortex:/var/lib/cortex cortex
# To inspect the host instead of the container, mount it and say so in the configuration:
#   docker run --init --pid=host -v /:/host:ro,rslave -e CORTEX_HOST_ROOT=/host … cortex
FROM node:20-bookworm-slim AS build
WORKDIR /src
# In layers of their own, so that a change of sources does not fetch the dependencies again.
COPY package.json bun.lock bunfig.toml tsconfig.json .npmrc ./
COPY scripts/bootstrap.mjs scripts/bootstrap.mjs
COPY scripts/bootstrap scripts/bootstrap
RUN node scripts/bootstrap.mjs install
COPY . .
ARG CORTEX_COMMIT=unknown
ENV CORTEX_BUILD_COMMIT=$CORTEX_COMMIT
RUN npm run build

FROM debian:12-slim
RUN groupadd --system --gid 7600 cortex \
 && useradd --system --uid 7600 --gid cortex --home-dir /var/lib/cortex --no-create-home --shell /usr/sbin/nologin cortex \
 && install -d -m 0700 -o cortex -g cortex /var/lib/cortex /var/lib/cortex-key \
 && install -d -m 0750 -o root -g cortex /etc/cortex /etc/cortex/plugins
COPY --from=build /src/dist/cortex /usr/local/bin/cortex
USER cortex
WORKDIR /var/lib/cortex
# The key of stored secrets lies apart from them: give it a volume of its own.
VOLUME /var/lib/cortex /var/lib/cortex-key
ENV CORTEX_SECRETS__KEY_FILE=/var/lib/cortex-key/kek
# Passwords don't cross a network in plain text. Put your own certificate in server.tls, or a proxy before it.
ENV CORTEX_SERVER__TLS__SELF_SIGNED=true
EXPOSE 7600
# A port is published on purpose, so the program listens on all of the container's addresses.
ENTRYPOINT ["/usr/local/bin/cortex"]
CMD ["up", "--listen", "0.0.0.0:7600", "--data-dir", "/var/lib/cortex", "--plugins-dir", "/etc/cortex/plugins"]
