// What the gateway is told through its environment. The rest stands in the image: deploy/container/tollgate.toml.
import type { Stage } from './stage.ts';

/** Where the gateway listens: viewers by way of the load balancer, and health checks of its own. */
export const VIEWERS_PORT = 8080;
export const OPERATORS_PORT = 9090;

/**
 * Seconds of a task's end. ECS takes the task out of the target group and waits for `deregistration` before it sends
 * SIGTERM; then Tollgate says no for `delay`, cuts what lasts longer than `timeout`, and is killed after `stop`.
 */
export const DRAIN = { delay: 5, timeout: 25, deregistration: 30, stop: 45 } as const;

const NAMES = [
  'TOLLGATE__AUTH__AUDIENCES',
  'TOLLGATE__AUTH__ISSUER',
  'TOLLGATE__AUTH__URL',
  'TOLLGATE__CLOUDFRONT__DISTRIBUTION_ID',
  'TOLLGATE__CLOUDFRONT__KEY_GROUP_ID',
  'TOLLGATE__GATEWAY__CORS_ORIGINS',
  'TOLLGATE__GATEWAY__DRAIN_DELAY',
  'TOLLGATE__GATEWAY__DRAIN_TIMEOUT',
  'TOLLGATE__GATEWAY__LISTEN',
  'TOLLGATE__GATEWAY__OPERATORS_LISTEN',
  'TOLLGATE__GATEWAY__TRUSTED_PROXIES',
  'TOLLGATE__OBJECTS__BUCKET',
  'TOLLGATE__POLICY__DOMAIN',
  'TOLLGATE__POLICY__GATEWAY_URL',
  'TOLLGATE__SIGNING_KEYS__SECRET_ID',
  'TOLLGATE__STORE__CATALOG_TABLE',
  'TOLLGATE__STORE__ENTITLEMENTS_TABLE',
  'TOLLGATE__STORE__SESSIONS_TABLE',
] as const;
type Name = (typeof NAMES)[number];

/** The settings that a stage's file cannot set by itself, because they come from what is deployed. */
export const managed: ReadonlySet<string> = new Set([...NAMES, 'TOLLGATE__AUTH__ROLES_CLAIM']);

/** Settings that would part from what is deployed, and why they cannot be set. */
const REFUSED: Readonly<Record<string, string>> = {
  TOLLGATE__GATEWAY__TLS_CERTIFICATE: 'the load balancer speaks plain HTTP to the tasks',
  TOLLGATE__GATEWAY__TLS_KEY: 'the load balancer speaks plain HTTP to the tasks',
  TOLLGATE__OBJECTS__PREFIX: 'the distribution has no origin path',
  TOLLGATE__POLICY__FILE: 'the image holds no such file',
  TOLLGATE__POLICY__SCHEME: 'the distribution takes https only',
  ...Object.fromEntries(['AUTH', 'CATALOG', 'ENTITLEMENTS', 'OBJECTS', 'SESSIONS', 'SIGNING_KEYS', 'STORE'].map(
    (table) => [`TOLLGATE__${table}__TYPE`, 'the image chooses the backends that are deployed'],
  )),
};

/** What is wrong with a stage's own settings: name and rule. */
export function settingMistakes(settings: Readonly<Record<string, string>>): [name: string, rule: string][] {
  const mistakes: [string, string][] = [];
  for (const [name, value] of Object.entries(settings)) {
    if (managed.has(name)) mistakes.push([name, 'is set from other fields of this file']);
    else if (REFUSED[name] !== undefined) mistakes.push([name, `cannot be set: ${REFUSED[name]}`]);
    // Playlists are told from segments by their ending; one that is cached would show yesterday's episode.
    else if (name === 'TOLLGATE__POLICY__HLS_PATH' && !/^[^/].*\.m3u8$/.test(value)) {
      mistakes.push([name, 'must be an object key without a leading slash and end in .m3u8, or the distribution caches it']);
    } else if (name === 'TOLLGATE__POLICY__DASH_PATH' && !/^[^/].*\.mpd$/.test(value)) {
      mistakes.push([name, 'must be an object key without a leading slash and end in .mpd, or the distribution caches it']);
    }
  }
  return mistakes;
}

/** What the settings are made of besides the stage. */
export interface Deployed {
  readonly bucket: string;
  readonly distribution: string;
  readonly keyGroup: string;
  readonly secret: string;
  readonly tables: { readonly entitlements: string; readonly catalog: string; readonly sessions: string };
}

/** Two underscores descend into a table, one stands for a hyphen; lists are written as in TOML, which JSON's are too. */
export function environment(stage: Stage, deployed: Deployed): Record<string, string> {
  const settings: Record<Name, string> = {
    TOLLGATE__AUTH__AUDIENCES: JSON.stringify(stage.auth.audiences),
    TOLLGATE__AUTH__ISSUER: stage.auth.issuer,
    TOLLGATE__AUTH__URL: stage.auth.url,
    // For `tollgate doctor` run as a task; serving viewers needs neither.
    TOLLGATE__CLOUDFRONT__DISTRIBUTION_ID: deployed.distribution,
    TOLLGATE__CLOUDFRONT__KEY_GROUP_ID: deployed.keyGroup,
    TOLLGATE__GATEWAY__CORS_ORIGINS: JSON.stringify(stage.media.corsOrigins),
    TOLLGATE__GATEWAY__DRAIN_DELAY: String(DRAIN.delay),
    TOLLGATE__GATEWAY__DRAIN_TIMEOUT: String(DRAIN.timeout),
    TOLLGATE__GATEWAY__LISTEN: `0.0.0.0:${VIEWERS_PORT}`,
    TOLLGATE__GATEWAY__OPERATORS_LISTEN: `0.0.0.0:${OPERATORS_PORT}`,
    // The load balancer's addresses change, but they are always of this network, and only it reaches the tasks.
    TOLLGATE__GATEWAY__TRUSTED_PROXIES: JSON.stringify([stage.network.cidr]),
    TOLLGATE__OBJECTS__BUCKET: deployed.bucket,
    TOLLGATE__POLICY__DOMAIN: stage.media.domain,
    // What links to playlists and cookies begin with.
    TOLLGATE__POLICY__GATEWAY_URL: `https://${stage.gateway.domain}`,
    TOLLGATE__SIGNING_KEYS__SECRET_ID: deployed.secret,
    TOLLGATE__STORE__CATALOG_TABLE: deployed.tables.catalog,
    TOLLGATE__STORE__ENTITLEMENTS_TABLE: deployed.tables.entitlements,
    TOLLGATE__STORE__SESSIONS_TABLE: deployed.tables.sessions,
  };
  const roles = stage.auth.rolesClaim;
  return {
    ...settings,
    ...(roles === undefined ? {} : { TOLLGATE__AUTH__ROLES_CLAIM: roles }),
    ...stage.gateway.environment,
  };
}

/** Whether signatures are bound to the viewer's IPv4 address; CloudFront then must not be reachable by IPv6. */
export function bindsAddress(stage: Stage): boolean {
  return stage.gateway.environment['TOLLGATE__POLICY__BIND_IP'] === 'true';
}
