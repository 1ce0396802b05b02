// Entitlements, catalogue, objects and device leases in the memory of one worker. Workers do not share leases, as they
// would have to in earnest; that spares the peer a round trip.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

export class Store {
  constructor({ users, episodes, lookupMs, lease, maxDevices }) {
    this.lookupMs = lookupMs;
    this.lease = lease;
    this.maxDevices = maxDevices;
    this.entitlements = new Map();
    this.catalog = new Map();
    this.objects = new Set();
    this.leases = new Map();
    const series = "series-1";
    for (let user = 0; user < users; user += 1) {
      this.entitlements.set(`user-${user}/${series}`, { status: "Active", validUntil: null });
    }
    for (let number = 0; number < episodes; number += 1) {
      const folder = `content/series/${series}/video/ep${number}`;
      this.catalog.set(`${series}/ep${number}`, { video: null, poster: `${folder}/poster.jpg` });
      this.objects.add(`${folder}/video.m3u8`);
    }
  }

  async #lookup(answer) {
    if (this.lookupMs > 0) await sleep(this.lookupMs);
    return answer;
  }

  entitlement(user, series) {
    return this.#lookup(this.entitlements.get(`${user}/${series}`));
  }

  episode(series, episode) {
    return this.#lookup(this.catalog.get(`${series}/${episode}`));
  }

  exists(key) {
    return this.#lookup(this.objects.has(key));
  }

  /** The device's lease, made or renewed, or null if every place is taken. */
  claim(user, device, now) {
    let own = this.leases.get(user);
    if (!own) this.leases.set(user, (own = new Map()));
    for (const [other, lease] of own) if (lease.expiresAt <= now) own.delete(other);
    const known = own.get(device);
    if (known) {
      known.expiresAt = now + this.lease;
      return known;
    }
    if (own.size >= this.maxDevices) return null;
    const lease = { id: randomUUID(), expiresAt: now + this.lease };
    own.set(device, lease);
    return lease;
  }
}
