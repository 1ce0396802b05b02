// Mistakes in a stage file: each is named by field and rule, all at once, and no value is repeated.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

import { StageError } from '../lib/fields.ts';
import { parseStage, readStage, STAGES, type StageName } from '../lib/stage.ts';
import { file, FOLDER, KEY_GROUP_ID, type Json } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-stage-'));
after(() => rmSync(folder, { recursive: true }));

function mistakes(name: StageName, value: Json, allowSampleKey = true): string[] {
  try {
    parseStage(name, value, { folder, allowSampleKey });
    return [];
  } catch (error) {
    assert.ok(error instanceof StageError);
    return error.message.split('\n').slice(1).map((line) => line.trim());
  }
}

/** The file of prod with one value replaced. */
function changed(path: string, value: unknown, name: StageName = 'prod'): Json {
  const whole = file(name);
  const keys = path.split('.');
  const last = keys.pop()!;
  const inner = keys.reduce((object, key) => object[key], whole);
  if (value === undefined) delete inner[last];
  else inner[last] = value;
  return whole;
}

describe('one wrong value', () => {
  const cases: [path: string, value: unknown, rule: RegExp][] = [
    ['account', '1234', /^account: must be an account id of 12 digits$/],
    ['account', undefined, /^account: must be/],
    ['region', 'Frankfurt', /^region: must be a region/],
    ['protect', 'yes', /^protect: must be true or false$/],
    ['protect', false, /^protect: must be true in prod$/],
    ['logRetentionDays', 8, /^logRetentionDays: must be one of 1, 3,/],
    ['logRetentionDays', 1.5, /^logRetentionDays: must be a whole number/],
    ['alarmTopicArn', undefined, /^alarmTopicArn: must be given in prod/],
    ['alarmTopicArn', 'arn:aws:sns:us-east-1:333333333333:a', /^alarmTopicArn: must be in the region of the stage/],
    ['edgeAlarmTopicArn', undefined, /^edgeAlarmTopicArn: must be given in prod/],
    ['edgeAlarmTopicArn', 'arn:aws:sns:eu-central-1:333333333333:a', /^edgeAlarmTopicArn: must be in us-east-1/],
    ['media', [], /^media: must be an object$/],
    ['media.domain', 'Media.example.com', /^media\.domain: must be a lower-case host name$/],
    ['media.domain', 'api.example.com', /^gateway\.domain: must differ from media\.domain$/],
    ['media.certificateArn', 'arn:aws:acm:eu-central-1:333333333333:certificate/1', /^media\.certificateArn: must be in us-east-1/],
    ['media.corsOrigins', ['*'], /^media\.corsOrigins: each must be a web origin .* no "\*"$/],
    ['media.corsOrigins', ['http://www.example.com'], /^media\.corsOrigins: each must be a web origin/],
    ['media.corsOrigins', ['https://a.example.com', 'https://a.example.com'], /^media\.corsOrigins: must name nothing twice$/],
    ['media.priceClass', 'all', /^media\.priceClass: must be one of "PriceClass_100"/],
    ['auth.url', 'http://login.example.com/k', /^auth\.url: must be an https URL/],
    ['auth.audiences', [], /^auth\.audiences: must be a list of 1 to 20 texts$/],
    ['auth.audiences', ['a"b'], /^auth\.audiences: each must consist of/],
    ['gateway.certificateArn', 'arn:aws:acm:us-east-1:333333333333:certificate/1', /^gateway\.certificateArn: must be in the region of the stage/],
    ['gateway.imageTag', 'latest', /^gateway\.imageTag: must be the tag of an image, and not "latest"/],
    ['gateway.architecture', 'sparc', /^gateway\.architecture: must be one of "x86_64", "arm64"$/],
    ['gateway.cpu', 300, /^gateway\.cpu: must be one of 256, 512/],
    ['gateway.memory', 512, /^gateway\.memory: must be 2048 to 8192 in steps of 1024/],
    ['gateway.minTasks', 1, /^gateway\.minTasks: must be at least 2 in prod$/],
    ['gateway.maxTasks', 1, /^gateway\.maxTasks: must not be less than minTasks$/],
    ['gateway.environment', { PATH: '/bin' }, /^gateway\.environment: a name in it must be a setting of the gateway/],
    ['gateway.environment', { TOLLGATE__POLICY__DOMAIN: 'x' }, /^gateway\.environment\.TOLLGATE__POLICY__DOMAIN: is set from other fields/],
    ['gateway.environment', { TOLLGATE__POLICY__TTL: 'a\nb' }, /^gateway\.environment\.TOLLGATE__POLICY__TTL: must be one line/],
    ['gateway.environment', { TOLLGATE__OBJECTS__PREFIX: 'vod' }, /^gateway\.environment\.TOLLGATE__OBJECTS__PREFIX: cannot be set: the distribution has no origin path/],
    ['gateway.environment', { TOLLGATE__POLICY__SCHEME: 'http' }, /^gateway\.environment\.TOLLGATE__POLICY__SCHEME: cannot be set: the distribution takes https only/],
    ['gateway.environment', { TOLLGATE__POLICY__FILE: 'p.json' }, /^gateway\.environment\.TOLLGATE__POLICY__FILE: cannot be set/],
    ['gateway.environment', { TOLLGATE__GATEWAY__TLS_KEY: 'k.pem' }, /^gateway\.environment\.TOLLGATE__GATEWAY__TLS_KEY: cannot be set: the load balancer/],
    ['gateway.environment', { TOLLGATE__GATEWAY__TLS_CERTIFICATE: 'c.pem' }, /^gateway\.environment\.TOLLGATE__GATEWAY__TLS_CERTIFICATE: cannot be set/],
    ['gateway.environment', { TOLLGATE__STORE__TYPE: 'embedded' }, /^gateway\.environment\.TOLLGATE__STORE__TYPE: cannot be set/],
    ['gateway.environment', { TOLLGATE__POLICY__HLS_PATH: 'vod/{series}/{episode}/master.txt' }, /^gateway\.environment\.TOLLGATE__POLICY__HLS_PATH: must be .* end in \.m3u8/],
    ['gateway.environment', { TOLLGATE__POLICY__DASH_PATH: 'vod/{series}/{episode}/manifest.xml' }, /^gateway\.environment\.TOLLGATE__POLICY__DASH_PATH: must be .* end in \.mpd/],
    ['gateway.environment', { TOLLGATE__POLICY__HLS_PATH: '/vod/{series}/{episode}/a.m3u8' }, /^gateway\.environment\.TOLLGATE__POLICY__HLS_PATH: must be an object key/],
    ['auth.url', 'https://login.example.com:8443/k', /^auth\.url: must be on port 443/],
    ['auth.url', 'https://[/k', /^auth\.url: must be an https URL/],
    ['network.cidr', '10.999.0.0/20', /^network\.cidr: must be a private IPv4 network/],
    ['network.cidr', '172.40.0.0/20', /^network\.cidr: must be a private IPv4 network/],
    ['network.cidr', '192.1.0.0/20', /^network\.cidr: must be a private IPv4 network/],
    ['network.cidr', '10.40.8.0/20', /^network\.cidr: must be a private IPv4 network/],
    ['network.cidr', '10.40.0.0/23', /^network\.cidr: must be a private IPv4 network/],
    ['network.cidr', '8.8.8.0/20', /^network\.cidr: must be a private IPv4 network/],
    ['network.zones', 1, /^network\.zones: must be a whole number from 2 to 3$/],
    ['network.natGateways', 1, /^network\.natGateways: must be at least 2 in prod/],
    ['network.natGateways', 3, /^network\.natGateways: must not be more than zones$/],
    ['network.nats', 3, /^network\.nats: is not a known key$/],
    ['hostedZone', { id: 'Z0123456789ABC', name: 'example.org' }, /^media\.domain: must lie below hostedZone\.name$/],
    ['signingKey', {}, /^signingKey\.publicKeyFile: must be the path of a \.pem file$/],
    ['signingKey', { keyGroupId: 'K2JCJMDEHXQW5F' }, /^signingKey\.keyGroupId: must be the id of a key group/],
    ['signingKey', { keyGroupId: KEY_GROUP_ID, publicKeyFile: 'a.pem' }, /^signingKey: must have keyGroupId or publicKeyFile, not both$/],
    ['signingKey', { publicKeyFile: 'none.pem' }, /^signingKey\.publicKeyFile: cannot be read$/],
  ];
  for (const [path, value, rule] of cases) {
    test(`${path} = ${JSON.stringify(value)}`, () => {
      const found = mistakes('prod', changed(path, value));
      assert.ok(found.some((line) => rule.test(line)), found.join('\n') || 'no mistake was found');
    });
  }
});

test('all mistakes come at once, and none repeats what it refuses', () => {
  const value = { ...file('prod'), account: 'secret-1', region: 'secret-2', unknown: 'secret-3' };
  const found = mistakes('prod', value);
  assert.equal(found.length, 3, found.join('\n'));
  assert.doesNotMatch(found.join('\n'), /secret/);
});

test('settings that the distribution follows can be set, and private networks chosen', () => {
  const environment = { TOLLGATE__POLICY__HLS_PATH: 'vod/{series}/{episode}/master.m3u8', TOLLGATE__POLICY__TTL: '600' };
  assert.deepEqual(mistakes('prod', changed('gateway.environment', environment)), []);
  assert.deepEqual(mistakes('prod', changed('auth.url', 'https://login.example.com:443/k')), []);
  for (const cidr of ['10.0.0.0/16', '172.16.0.0/16', '172.31.240.0/20', '192.168.4.0/22']) {
    assert.deepEqual(mistakes('prod', changed('network.cidr', cidr)), [], cidr);
  }
});

test('what prod must have, others need not', () => {
  assert.deepEqual(STAGES.map((name) => mistakes(name, file(name))), [[], [], []]);
  assert.equal(file('develop').gateway.minTasks, 1);
});

test('without a key nothing can be deployed unless the sample is asked for', () => {
  for (const name of STAGES) {
    assert.throws(() => readStage(name, { folder: FOLDER, allowSampleKey: false }), /signingKey: must name publicKeyFile/);
    assert.equal(readStage(name, { folder: FOLDER, allowSampleKey: true }).signingKey.kind, 'sample');
  }
});

test('a file that is not there or no JSON is a mistake like any other', () => {
  assert.throws(() => readStage('prod', { folder, allowSampleKey: true }), StageError);
  writeFileSync(join(folder, 'prod.json'), '{');
  assert.throws(() => readStage('prod', { folder, allowSampleKey: true }), StageError);
});

describe('a public key file', () => {
  const spki = { type: 'spki', format: 'pem' } as const;
  const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
  const pair = (type: string, options: object) =>
    generateKeyPairSync(type as 'ec', { ...options, publicKeyEncoding: spki, privateKeyEncoding: pkcs8 } as never) as unknown as
      { publicKey: string; privateKey: string };
  const ec = pair('ec', { namedCurve: 'P-256' });
  const cases: [what: string, text: string, accepted: boolean][] = [
    ['P-256', ec.publicKey, true],
    ['RSA of 2048 bits', pair('rsa', { modulusLength: 2048 }).publicKey, true],
    ['RSA of 3072 bits', pair('rsa', { modulusLength: 3072 }).publicKey, false],
    ['P-384', pair('ec', { namedCurve: 'P-384' }).publicKey, false],
    ['Ed25519', pair('ed25519', {}).publicKey, false],
    ['a private key', ec.privateKey, false],
    ['two keys', ec.publicKey + ec.publicKey, false],
    ['a public key with the private one behind it', ec.publicKey + ec.privateKey, false],
    ['nothing', '', false],
  ];
  for (const [what, text, accepted] of cases) {
    test(`${what} is ${accepted ? 'taken' : 'refused'}`, () => {
      writeFileSync(join(folder, 'key.pem'), text);
      const found = mistakes('prod', changed('signingKey', { publicKeyFile: 'key.pem' }));
      if (accepted) assert.deepEqual(found, []);
      else assert.match(found.join('\n'), /^signingKey\.publicKeyFile: must hold one public key/);
    });
  }
});
