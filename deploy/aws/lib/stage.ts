// One stage of an installation: what stages/<name>.json may say, and the rules it must keep.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { settingMistakes } from './environment.ts';
import { Fields, StageError, type Form } from './fields.ts';
import { isPrivateNetwork } from './private-network.ts';
import { isPublicKey, SAMPLE_KEY } from './public-key.ts';

/** The stages there are. Their names are part of the names of tables, the secret and stacks. */
export const STAGES = ['develop', 'staging', 'prod'] as const;
export type StageName = (typeof STAGES)[number];

/** Where the key group comes from; see signing-key.ts for why there are two ways. */
export type SigningKey =
  | { readonly kind: 'first'; readonly publicKey: string }
  | { readonly kind: 'sample'; readonly publicKey: string }
  | { readonly kind: 'adopted'; readonly keyGroupId: string };

export interface Stage {
  readonly name: StageName;
  readonly account: string;
  readonly region: string;
  /** Whether what holds data or serves viewers refuses to be deleted. Always so in prod. */
  readonly protect: boolean;
  readonly logRetentionDays: number;
  readonly alarmTopicArn: string | undefined;
  /** The same for CloudFront's alarms, which are in us-east-1. */
  readonly edgeAlarmTopicArn: string | undefined;
  readonly hostedZone: { readonly id: string; readonly name: string } | undefined;
  readonly signingKey: SigningKey;
  readonly media: {
    readonly domain: string;
    readonly certificateArn: string;
    readonly corsOrigins: readonly string[];
    readonly priceClass: PriceClass;
  };
  readonly auth: {
    readonly url: string;
    readonly issuer: string;
    readonly audiences: readonly string[];
    readonly rolesClaim: string | undefined;
  };
  readonly gateway: {
    readonly domain: string;
    readonly certificateArn: string;
    readonly imageTag: string;
    readonly architecture: Architecture;
    readonly cpu: number;
    readonly memory: number;
    readonly minTasks: number;
    readonly maxTasks: number;
    readonly environment: Readonly<Record<string, string>>;
  };
  readonly network: {
    readonly cidr: string;
    /** How many availability zones the gateway runs in. */
    readonly zones: number;
    readonly natGateways: number;
    readonly interfaceEndpoints: boolean;
  };
}

const PRICE_CLASSES = ['PriceClass_100', 'PriceClass_200', 'PriceClass_All'] as const;
export type PriceClass = (typeof PRICE_CLASSES)[number];
const ARCHITECTURES = ['x86_64', 'arm64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

const LABEL = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const ACCOUNT: Form = { pattern: /^\d{12}$/, rule: 'must be an account id of 12 digits' };
const REGION: Form = { pattern: /^[a-z]{2}(-[a-z]+)+-\d$/, rule: 'must be a region, like "eu-central-1"' };
const DOMAIN: Form = { pattern: new RegExp(`^${LABEL}(\\.${LABEL})+$`), rule: 'must be a lower-case host name' };
const ORIGIN: Form = {
  pattern: new RegExp(`^https://${LABEL}(\\.${LABEL})*(:\\d{1,5})?$|^http://localhost(:\\d{1,5})?$`),
  rule: 'must be a web origin without a path, like "https://www.example.com", and no "*"',
};
const ADDRESS: Form = {
  pattern: { test: (text) => /^https:\/\/[^\s"'\\?#]+$/.test(text) && URL.canParse(text) },
  rule: 'must be an https URL without a query',
};
const PLAIN: Form = { pattern: /^[\w.:@/+-]+$/, rule: 'must consist of letters, digits and _ . : @ / + -' };
const CERTIFICATE: Form = {
  pattern: /^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/,
  rule: 'must be the ARN of a certificate in ACM',
};
const TOPIC: Form = { pattern: /^arn:aws:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, rule: 'must be the ARN of an SNS topic' };
const ZONE_ID: Form = { pattern: /^Z[A-Z0-9]+$/, rule: 'must be the id of a hosted zone, like "Z0123456789ABC"' };
const KEY_GROUP: Form = {
  pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  rule: 'must be the id of a key group, like "a1b2c3d4-5678-90ab-cdef-111122223333"',
};
const PATH: Form = { pattern: /^[^\0]+\.pem$/, rule: 'must be the path of a .pem file' };
const TAG: Form = {
  pattern: /^(?!latest$)[\w][\w.-]{0,127}$/,
  rule: 'must be the tag of an image, and not "latest", which names another image every time',
};
const CIDR: Form = {
  pattern: { test: isPrivateNetwork },
  rule: 'must be a private IPv4 network of /16 to /22, like "10.40.0.0/16"',
};
const SETTING: Form = {
  pattern: /^TOLLGATE__[A-Z0-9]+(_[A-Z0-9]+)*(__[A-Z0-9]+(_[A-Z0-9]+)*)+$/,
  rule: 'must be a setting of the gateway, like "TOLLGATE__POLICY__TTL"',
};
const VALUE: Form = { pattern: /^[^\0\r\n]{1,1024}$/, rule: 'must be one line of at most 1,024 characters' };

/** Memory in MiB that Fargate offers for each amount of processor: from, to, in steps. */
const FARGATE: Record<number, readonly [number, number, number]> = {
  256: [512, 2048, 512],
  512: [1024, 4096, 1024],
  1024: [2048, 8192, 1024],
  2048: [4096, 16384, 1024],
  4096: [8192, 30720, 1024],
};
/** The days CloudWatch can keep a log for. */
const RETENTIONS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827];

/** Where a stage is read from, and whether the sample key may stand in for the one that is not named. */
export interface Source {
  readonly folder: string;
  readonly allowSampleKey: boolean;
}

/** Reads `<folder>/<name>.json`. Throws a StageError with every mistake in it. */
export function readStage(name: StageName, source: Source): Stage {
  const file = resolve(source.folder, `${name}.json`);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new StageError(file, [error instanceof Error ? error.message : 'cannot be read']);
  }
  return parseStage(name, value, source);
}

/** The same for what the file holds. */
export function parseStage(name: StageName, value: unknown, source: Source): Stage {
  const mistakes: string[] = [];
  const fields = new Fields(value, '', mistakes);
  const stage: Stage = {
    name,
    account: fields.text('account', ACCOUNT),
    region: fields.text('region', REGION),
    protect: fields.boolean('protect'),
    logRetentionDays: fields.integer('logRetentionDays', 1, 1827),
    alarmTopicArn: fields.optionalText('alarmTopicArn', TOPIC),
    edgeAlarmTopicArn: fields.optionalText('edgeAlarmTopicArn', TOPIC),
    hostedZone: hostedZone(fields),
    signingKey: signingKey(fields, source),
    media: media(fields.object('media')),
    auth: auth(fields.object('auth')),
    gateway: gateway(fields.object('gateway')),
    network: network(fields.object('network')),
  };
  fields.finish();
  if (mistakes.length === 0) together(stage, fields);
  if (mistakes.length > 0) throw new StageError(`stages/${name}.json`, mistakes);
  return stage;
}

function hostedZone(fields: Fields): Stage['hostedZone'] {
  if (!fields.has('hostedZone')) return undefined;
  const zone = fields.object('hostedZone');
  return { id: zone.text('id', ZONE_ID), name: zone.text('name', DOMAIN) };
}

function signingKey(fields: Fields, source: Source): SigningKey {
  if (!fields.has('signingKey')) {
    if (source.allowSampleKey) return { kind: 'sample', publicKey: SAMPLE_KEY };
    fields.refuse('signingKey', 'must name publicKeyFile (before the first deployment) or keyGroupId (after it)');
    return { kind: 'adopted', keyGroupId: '' };
  }
  const key = fields.object('signingKey');
  if (key.has('keyGroupId') && key.has('publicKeyFile')) {
    key.refuse(undefined, 'must have keyGroupId or publicKeyFile, not both');
  }
  if (key.has('keyGroupId')) return { kind: 'adopted', keyGroupId: key.text('keyGroupId', KEY_GROUP) };
  const path = key.text('publicKeyFile', PATH);
  let publicKey = '';
  try {
    if (path !== '') publicKey = readFileSync(resolve(source.folder, path), 'utf8');
  } catch {
    key.refuse('publicKeyFile', 'cannot be read');
    return { kind: 'first', publicKey };
  }
  if (path !== '' && !isPublicKey(publicKey)) {
    key.refuse('publicKeyFile', 'must hold one public key, RSA of 2048 bits or P-256, as "tollgate keygen" writes it');
  }
  if (publicKey.trim() === SAMPLE_KEY.trim()) key.refuse('publicKeyFile', 'must not be the sample key, which nobody can sign with');
  return { kind: 'first', publicKey };
}

function media(fields: Fields): Stage['media'] {
  return {
    domain: fields.text('domain', DOMAIN),
    certificateArn: fields.text('certificateArn', CERTIFICATE),
    corsOrigins: fields.list('corsOrigins', ORIGIN, 0, 20),
    priceClass: fields.choice('priceClass', PRICE_CLASSES),
  };
}

function auth(fields: Fields): Stage['auth'] {
  return {
    url: fields.text('url', ADDRESS),
    issuer: fields.text('issuer', ADDRESS),
    audiences: fields.list('audiences', PLAIN, 1, 20),
    rolesClaim: fields.optionalText('rolesClaim', PLAIN),
  };
}

function gateway(fields: Fields): Stage['gateway'] {
  const environment = fields.texts('environment', SETTING, VALUE);
  for (const [name, rule] of settingMistakes(environment)) fields.refuse(`environment.${name}`, rule);
  return {
    domain: fields.text('domain', DOMAIN),
    certificateArn: fields.text('certificateArn', CERTIFICATE),
    imageTag: fields.text('imageTag', TAG),
    architecture: fields.choice('architecture', ARCHITECTURES),
    cpu: fields.integer('cpu', 256, 4096),
    memory: fields.integer('memory', 512, 30720),
    minTasks: fields.integer('minTasks', 1, 100),
    maxTasks: fields.integer('maxTasks', 1, 100),
    environment,
  };
}

function network(fields: Fields): Stage['network'] {
  return {
    cidr: fields.text('cidr', CIDR),
    zones: fields.integer('zones', 2, 3),
    natGateways: fields.integer('natGateways', 1, 3),
    interfaceEndpoints: fields.boolean('interfaceEndpoints'),
  };
}

/** The rules between fields, once each of them is well formed. */
function together(stage: Stage, fields: Fields): void {
  const { gateway, media, network, region } = stage;
  if (!media.certificateArn.startsWith('arn:aws:acm:us-east-1:')) {
    fields.refuse('media.certificateArn', 'must be in us-east-1, where CloudFront looks for certificates');
  }
  if (!gateway.certificateArn.startsWith(`arn:aws:acm:${region}:`)) {
    fields.refuse('gateway.certificateArn', 'must be in the region of the stage, where the load balancer is');
  }
  for (const [field, topic, where] of [
    ['alarmTopicArn', stage.alarmTopicArn, region], ['edgeAlarmTopicArn', stage.edgeAlarmTopicArn, 'us-east-1'],
  ] as const) {
    if (topic !== undefined && topic.split(':')[3] !== where) {
      fields.refuse(field, field === 'alarmTopicArn' ? 'must be in the region of the stage, as its alarms are'
        : 'must be in us-east-1, as the alarms of CloudFront are');
    }
  }
  if (gateway.domain === media.domain) fields.refuse('gateway.domain', 'must differ from media.domain');
  if (gateway.minTasks > gateway.maxTasks) fields.refuse('gateway.maxTasks', 'must not be less than minTasks');
  const [least, most, step] = FARGATE[gateway.cpu] ?? [0, 0, 1];
  if (most === 0) fields.refuse('gateway.cpu', `must be one of ${Object.keys(FARGATE).join(', ')}`);
  else if (gateway.memory < least || gateway.memory > most || gateway.memory % step !== 0) {
    fields.refuse('gateway.memory', `must be ${least} to ${most} in steps of ${step} with this cpu`);
  }
  if (!RETENTIONS.includes(stage.logRetentionDays)) {
    fields.refuse('logRetentionDays', `must be one of ${RETENTIONS.join(', ')}`);
  }
  // The tasks' security group lets them out on this port only.
  if (new URL(stage.auth.url).port !== '') fields.refuse('auth.url', 'must be on port 443, the only one that tasks get out by');
  if (network.natGateways > network.zones) fields.refuse('network.natGateways', 'must not be more than zones');
  const zone = stage.hostedZone?.name;
  for (const [field, domain] of [['media.domain', media.domain], ['gateway.domain', gateway.domain]] as const) {
    if (zone !== undefined && !domain.endsWith(`.${zone}`)) fields.refuse(field, 'must lie below hostedZone.name');
  }
  if (stage.name !== 'prod') return;
  if (!stage.protect) fields.refuse('protect', 'must be true in prod');
  if (gateway.minTasks < 2) fields.refuse('gateway.minTasks', 'must be at least 2 in prod');
  if (network.natGateways < 2) {
    fields.refuse('network.natGateways', 'must be at least 2 in prod, or one zone takes the other with it');
  }
  for (const field of ['alarmTopicArn', 'edgeAlarmTopicArn'] as const) {
    if (stage[field] === undefined) fields.refuse(field, 'must be given in prod, or nobody hears an alarm');
  }
}
