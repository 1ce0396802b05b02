// What the tests share: the templates of every stage, as they are in the repository and as they are after adoption.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

import { installation } from '../lib/installation.ts';
import { parseStage, STAGES, type Stage, type StageName } from '../lib/stage.ts';

const ROOT = resolve(import.meta.dirname, '..');
export const FOLDER = resolve(ROOT, 'stages');
export const KEY_GROUP_ID = 'a1b2c3d4-5678-90ab-cdef-111122223333';

export type Json = any;

/** What the file of a stage holds, to be changed at will. */
export function file(name: StageName): Json {
  return JSON.parse(readFileSync(resolve(FOLDER, `${name}.json`), 'utf8'));
}

export function stageOf(name: StageName, value: Json = file(name)): Stage {
  return parseStage(name, value, { folder: FOLDER, allowSampleKey: true });
}

export interface Templates {
  readonly stage: Stage;
  readonly foundation: Template;
  readonly edgeLogs: Template;
  readonly gateway: Template;
}

const CONTEXT = JSON.parse(readFileSync(resolve(ROOT, 'cdk.json'), 'utf8')).context;

export function templatesOf(stage: Stage): Templates {
  const { foundation, edgeLogs, gateway } = installation(new App({ context: CONTEXT, analyticsReporting: false }), stage);
  return {
    stage,
    foundation: Template.fromStack(foundation),
    edgeLogs: Template.fromStack(edgeLogs),
    gateway: Template.fromStack(gateway),
  };
}

/** Every stage as the repository has it. Made once, because each takes a second. */
export const EVERY: readonly Templates[] = STAGES.map((name) => templatesOf(stageOf(name)));

/** The resources of a type by their logical id. */
export function resources(template: Template, type: string): Record<string, Json> {
  return template.findResources(type);
}

/** The one resource of a type; anything else is a failure. */
export function only(template: Template, type: string): Json {
  const found = Object.values(resources(template, type));
  if (found.length !== 1) throw new Error(`${found.length} of ${type}, not one`);
  return found[0];
}

/** The one resource of a type whose logical id begins so. */
export function named(template: Template, type: string, prefix: string): Json {
  const found = Object.entries(resources(template, type)).filter(([id]) => id.startsWith(prefix));
  if (found.length !== 1) throw new Error(`${found.length} of ${type} called ${prefix}, not one`);
  return found[0]![1];
}

/** A value that may stand alone or in a list, as a list. */
export function list<T>(value: T | T[] | undefined): T[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}
