# One image for every process; the command selects which: src/processes/{web,signal-worker,scheduler,simulator}.ts
# or scripts/migrate.ts.
ARG NODE_VERSION=24

FROM node:${NODE_VERSION}-bookworm-slim AS packages
WORKDIR /app
# Prisma's native schema engine is not used: migrations have a runner of their own.
ENV CHECKPOINT_DISABLE=1 PRISMA_SCHEMA_ENGINE_BINARY=/bin/true
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev --no-audit --no-fund

FROM packages AS build
ENV NEXT_TELEMETRY_DISABLED=1
COPY . .
RUN node scripts/prisma.mjs generate && NODE_ENV=production npx next build && rm -rf .next/cache

FROM packages AS runtime-packages
RUN npm prune --omit=dev --no-audit --no-fund

FROM node:${NODE_VERSION}-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1 CHECKPOINT_DISABLE=1 WEB_HOST=0.0.0.0 SIMULATOR_HOST=0.0.0.0
# The simulator's state; the other processes keep nothing on disk.
ENV SIMULATOR_DATA_DIR=/app/state
RUN mkdir state && chown node:node state
COPY package.json tsconfig.json next.config.js ./
COPY public ./public
COPY prisma ./prisma
COPY scripts ./scripts
COPY --from=runtime-packages /app/node_modules ./node_modules
COPY --from=build /app/src ./src
COPY --from=build --chown=node:node /app/.next ./.next
USER node
EXPOSE 3000
VOLUME /app/state
ENTRYPOINT ["node", "--import", "tsx"]
CMD ["src/processes/web.ts"]
