// What is kept, and that a first deployment which fails leaves nothing behind that stands in the way of the next.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { App } from 'aws-cdk-lib';

import { installation } from '../lib/installation.ts';
import type { Stage } from '../lib/stage.ts';
import { EVERY, file, KEY_GROUP_ID, only, resources, stageOf, templatesOf, type Json } from './support.ts';

/** Where a type has its fixed name. One of another type with a name of its own has to be added here. */
const NAMES: Record<string, (properties: Json) => unknown> = {
  'AWS::DynamoDB::Table': (one) => one.TableName,
  'AWS::ECR::Repository': (one) => one.RepositoryName,
  'AWS::Logs::LogGroup': (one) => one.LogGroupName,
  'AWS::SecretsManager::Secret': (one) => one.Name,
};

function adopted(stage: Stage): Stage {
  const value = file(stage.name);
  value.signingKey = { keyGroupId: KEY_GROUP_ID };
  return stageOf(stage.name, value);
}

for (const { stage, foundation, gateway, edgeLogs } of EVERY) {
  describe(`what ${stage.name} keeps`, () => {
    test('what cannot be made again with the same name is taken away with the deployment that made it', () => {
      const policies = stage.protect ? ['RetainExceptOnCreate', 'Retain'] : ['Delete', 'Delete'];
      const found = [foundation, gateway].flatMap((template) => Object.entries(NAMES).flatMap(([type, name]) =>
        Object.values(resources(template, type)).filter((one: Json) => name(one.Properties) !== undefined)));
      assert.equal(found.length, 6);
      for (const one of found) assert.deepEqual([one.DeletionPolicy, one.UpdateReplacePolicy], policies, one.Type);
    });

    test('nothing at all stays behind when its creation is taken back', () => {
      for (const template of [foundation, gateway, edgeLogs]) {
        for (const [id, one] of Object.entries<Json>(template.toJSON().Resources)) assert.notEqual(one.DeletionPolicy, 'Retain', id);
      }
    });

    test('no image that may be running is deleted by a count of few', () => {
      const { rules } = JSON.parse(only(foundation, 'AWS::ECR::Repository').Properties.LifecyclePolicy.LifecyclePolicyText);
      const tagged = rules.filter((rule: Json) => rule.selection.tagStatus !== 'untagged').map((rule: Json) => rule.selection);
      assert.equal(rules.length, 2);
      assert.deepEqual(tagged.map((one: Json) => [one.tagStatus, one.countType, one.countNumber]), [['tagged', 'imageCountMoreThan', 500]]);
    });

    test('protection begins when the first deployment is through', () => {
      const protection = (of: Stage) => {
        const { foundation, edgeLogs, gateway } = installation(new App({ analyticsReporting: false }), of);
        return [foundation, edgeLogs, gateway].map((stack) => stack.terminationProtection);
      };
      assert.deepEqual(protection(stage), [false, false, false]);
      assert.deepEqual(protection(adopted(stage)), [stage.protect, stage.protect, stage.protect]);
      for (const one of Object.values(resources(templatesOf(adopted(stage)).foundation, 'AWS::DynamoDB::Table'))) {
        assert.equal(one.Properties.DeletionProtectionEnabled, stage.protect);
      }
    });
  });
}
