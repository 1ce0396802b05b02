// The tables, as docs and backends have them.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EVERY, resources, type Json } from './support.ts';

const KEYS: Record<string, string[]> = {
  entitlements: ['user HASH S', 'series RANGE S'],
  catalog: ['series HASH S', 'episode RANGE S'],
  sessions: ['user HASH S'],
};

for (const { stage, foundation } of EVERY) {
  test(`tables of ${stage.name} have their keys, and are billed by use, encrypted and recoverable`, () => {
    const tables = Object.values(resources(foundation, 'AWS::DynamoDB::Table'));
    const prefix = `tollgate-${stage.name}-`;
    const found = Object.fromEntries(tables.map((table: Json) => {
      const { AttributeDefinitions, KeySchema, TableName } = table.Properties;
      const types = Object.fromEntries(AttributeDefinitions.map((one: Json) => [one.AttributeName, one.AttributeType]));
      const keys = KeySchema.map((one: Json) => `${one.AttributeName} ${one.KeyType} ${types[one.AttributeName]}`);
      assert.ok(TableName.startsWith(prefix));
      return [TableName.slice(prefix.length), keys];
    }));
    assert.deepEqual(found, KEYS);
    for (const { Properties: table, DeletionPolicy, UpdateReplacePolicy } of tables) {
      assert.equal(table.BillingMode, 'PAY_PER_REQUEST');
      assert.equal(table.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled, true);
      assert.equal(table.SSESpecification.SSEEnabled, true);
      const ttl = table.TableName.endsWith('-sessions') ? { AttributeName: 'expiresAt', Enabled: true } : undefined;
      assert.deepEqual(table.TimeToLiveSpecification, ttl);
      // Not before the first deployment is through: see keeping.ts.
      assert.equal(table.DeletionProtectionEnabled, false);
      const policies = stage.protect ? ['RetainExceptOnCreate', 'Retain'] : ['Delete', 'Delete'];
      assert.deepEqual([DeletionPolicy, UpdateReplacePolicy], policies);
    }
  });
}
