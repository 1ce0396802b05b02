// What the container is told: every setting is one the gateway knows, and file and environment make a whole.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';

import { DRAIN, managed } from '../lib/environment.ts';
import { EVERY, file, only, stageOf, templatesOf, type Json } from './support.ts';

const REPOSITORY = resolve(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(resolve(REPOSITORY, path), 'utf8');

/** `table.key` of every row of docs/configuration.md. */
function documented(): Set<string> {
  const known = new Set<string>();
  let tables: string[] = [];
  for (const line of read('docs/configuration.md').split('\n')) {
    if (line.startsWith('## ')) tables = [...line.matchAll(/\[([a-z-]+)\]/g)].map((match) => match[1]!);
    const cells = line.split('|').map((cell) => cell.trim());
    if (cells.length < 4 || cells[0] !== '') continue;
    for (const [, key] of cells[1]!.matchAll(/`([a-z-]+)`/g)) for (const table of tables) known.add(`${table}.${key}`);
  }
  return known;
}

/** Two underscores descend, one stands for a hyphen. */
function key(name: string): string {
  return name.replace(/^TOLLGATE__/, '').toLowerCase().split('__').map((part) => part.replaceAll('_', '-')).join('.');
}

/** The keys of the backends for AWS that the gateway has besides. */
const AWS = new Set([
  'store.entitlements-table', 'store.catalog-table', 'store.sessions-table', 'objects.bucket', 'signing-keys.secret-id',
]);

function environmentOf(template: Json): Record<string, string> {
  const [container] = only(template, 'AWS::ECS::TaskDefinition').Properties.ContainerDefinitions;
  return Object.fromEntries(container.Environment.map((one: Json) => [one.Name, one.Value]));
}

test('every setting is a key of the configuration', () => {
  const known = documented();
  assert.ok(known.size > 60, `${known.size} keys were found in the document`);
  const value = file('prod');
  value.auth.rolesClaim = 'cognito:groups';
  const names = Object.keys(environmentOf(templatesOf(stageOf('prod', value)).gateway));
  assert.deepEqual(names.filter((name) => name.startsWith('TOLLGATE')).sort(), [...managed].sort());
  for (const name of managed) assert.ok(known.has(key(name)) || AWS.has(key(name)), name);
  for (const { stage } of EVERY) {
    for (const name of Object.keys(stage.gateway.environment)) assert.ok(known.has(key(name)), `${stage.name}: ${name}`);
  }
});

test('lists are written as TOML has them, and are what the stage says', () => {
  for (const { stage, gateway } of EVERY) {
    const environment = environmentOf(gateway);
    assert.equal(environment['AWS_REGION'], stage.region);
    assert.deepEqual(JSON.parse(environment['TOLLGATE__AUTH__AUDIENCES']!), stage.auth.audiences);
    assert.deepEqual(JSON.parse(environment['TOLLGATE__GATEWAY__CORS_ORIGINS']!), stage.media.corsOrigins);
    // JSON and TOML part ways at escapes; the rules of a stage leave nothing to escape.
    for (const [name, text] of Object.entries(environment)) {
      if (typeof text === 'string') assert.doesNotMatch(text, /\\/, name);
    }
  }
});

test('the file in the image chooses the backends that the template makes', () => {
  const toml = read('deploy/container/tollgate.toml');
  const tables = new Map(toml.split(/^\[/m).slice(1).map((table) => {
    const [name, rest] = [table.slice(0, table.indexOf(']')), table.slice(table.indexOf(']') + 1)];
    return [name, rest] as const;
  }));
  assert.match(tables.get('store')!, /^type = "dynamodb"$/m);
  assert.match(tables.get('objects')!, /^type = "s3"$/m);
  assert.match(tables.get('signing-keys')!, /^type = "secrets-manager"$/m);
  assert.match(tables.get('auth')!, /^type = "jwks-url"$/m);
  assert.match(tables.get('gateway')!, new RegExp(`^drain-delay = ${DRAIN.delay}$`, 'm'));
  assert.match(tables.get('gateway')!, new RegExp(`^drain-timeout = ${DRAIN.timeout}$`, 'm'));
});

test('the Dockerfile and the service agree on user, ports and file', () => {
  const dockerfile = read('Dockerfile');
  const [container] = only(EVERY[0]!.gateway, 'AWS::ECS::TaskDefinition').Properties.ContainerDefinitions;
  const last = (instruction: string) => [...dockerfile.matchAll(new RegExp(`^${instruction} (.*)$`, 'gm'))].at(-1)?.[1];
  assert.equal(last('USER'), container.User);
  assert.equal(last('EXPOSE'), container.PortMappings.map((one: Json) => one.ContainerPort).join(' '));
  assert.equal(last('ENTRYPOINT'), '["/usr/local/bin/tollgate"]');
  assert.equal(last('CMD'), '["serve"]');
  assert.match(dockerfile, /^ENV TOLLGATE_CONFIG=\/etc\/tollgate\/tollgate\.toml$/m);
  assert.match(dockerfile, /^COPY .*deploy\/container\/tollgate\.toml \/etc\/tollgate\/tollgate\.toml$/m);
  assert.match(dockerfile, /^FROM gcr\.io\/distroless\/cc-debian12:nonroot\b/m);
});
