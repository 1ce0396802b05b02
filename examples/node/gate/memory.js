// Ports over plain objects: what a shop's database, an object store and a key service would answer.
import { setTimeout as wait } from "node:timers/promises";
import { PortError } from "./gate.js";

/**
 * `shop` has `entitlements` ("user/series" to a status), `episodes` ("series/episode" to media), `objects`, `playlists`
 * (the text of some of them), a `policy` and a `key`.
 */
export function memoryPorts(shop) {
  const leases = new Map();
  // As long as a database takes, so that the gate really waits.
  const soon = (value) => wait(1, value);
  const live = (user, now) =>
    [...(leases.get(user)?.values() ?? [])].filter((lease) => lease.expiresAt > now).sort((a, b) => Number(a.startedAt - b.startedAt));
  const later = (one, other) => (one > other ? one : other);
  const keep = (user, lease) => {
    if (!leases.has(user)) leases.set(user, new Map());
    leases.get(user).set(lease.id, lease);
    return lease;
  };
  const renewed = (lease, { now, expiresAt }) => ({
    ...lease,
    renewedAt: later(lease.renewedAt, now),
    expiresAt: later(lease.expiresAt, expiresAt),
  });

  return {
    entitlements: {
      lookup: (user, series) => soon(shop.entitlements[`${user}/${series}`]),
    },
    catalog: {
      episode: (series, episode) => soon(shop.episodes[`${series}/${episode}`]),
      exists: (objectKey) => soon(shop.objects.includes(objectKey)),
      async read(objectKey, _query, most) {
        const text = await soon(shop.playlists?.[objectKey]);
        const bytes = text === undefined ? undefined : new TextEncoder().encode(text);
        if (bytes?.length > most) throw new PortError({ tag: "other", val: `the playlist is larger than ${most} bytes` });
        return bytes;
      },
    },
    signingKeys: {
      current: () => soon({ tag: "revealed", val: shop.key }),
      byId: (keyPairId) => soon(keyPairId === shop.key.keyPairId ? { tag: "revealed", val: shop.key } : undefined),
    },
    settings: {
      policy: () => soon(JSON.stringify(shop.policy)),
    },
    // Within one process a claim is atomic because nothing in it waits. More processes need a store that is.
    sessions: {
      async claim(request) {
        const active = live(request.user, request.now);
        const mine = active.find((lease) => lease.device === request.device);
        const { series, episode } = request;
        if (mine) {
          return { tag: "claimed", val: keep(request.user, { ...renewed(mine, request), series, episode }) };
        }
        if (active.length >= request.maxDevices) {
          if (request.onLimit === "block-new") {
            const ends = active.map((lease) => lease.expiresAt);
            return {
              tag: "limit-reached",
              val: { active: active.length, nextFreeAt: ends.reduce((one, other) => (one < other ? one : other)) },
            };
          }
          const stale = active.toSorted((a, b) => Number(a.renewedAt - b.renewedAt));
          const places = active.length - request.maxDevices + 1;
          for (const lease of stale.slice(0, places)) leases.get(request.user).delete(lease.id);
        }
        const { sessionId, device, now, expiresAt } = request;
        const lease = { id: sessionId, device, series, episode, startedAt: now, renewedAt: now, expiresAt };
        return { tag: "claimed", val: keep(request.user, lease) };
      },
      async renew(request) {
        const mine = live(request.user, request.now).find(({ id, device }) => id === request.sessionId && device === request.device);
        if (!mine) return undefined;
        const [series, episode] = request.watching ?? [mine.series, mine.episode];
        return keep(request.user, { ...renewed(mine, request), series, episode });
      },
      async release(user, sessionId, now) {
        const found = live(user, now).some((lease) => lease.id === sessionId);
        return found && leases.get(user).delete(sessionId);
      },
      active: async (user, now) => live(user, now),
    },
  };
}
