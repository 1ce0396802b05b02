// Somebody hears of it: of errors, of missing tasks, of refused calls, of keys that are not fetched, of refused signatures.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';

import { MESSAGES } from '../lib/log-alarms.ts';
import { EVERY, resources, type Json } from './support.ts';

for (const { stage, foundation, gateway, edgeLogs } of EVERY) {
  describe(`alarms of ${stage.name}`, () => {
    const alarmsOf = (template: Json): Json[] =>
      Object.values(resources(template, 'AWS::CloudWatch::Alarm')).map((one: Json) => one.Properties);
    const ringing = (topic: string | undefined) => topic === undefined ? undefined : [topic];
    const named = (names: string[]) => names.sort().map((name) => `tollgate-${stage.name}-${name}`);

    test('errors, missing tasks and refused calls', () => {
      const alarms = alarmsOf(gateway);
      assert.deepEqual(alarms.map((one) => one.AlarmName).sort(), named([
        'BalancerErrors', 'CatalogThrottled', 'EntitlementsThrottled', 'GatewayErrors', 'NotEnoughTasks', 'SessionsThrottled',
        ...Object.keys(MESSAGES),
      ]));
      assert.ok(alarms.some((one) => one.MetricName === 'HTTPCode_Target_5XX_Count'));
      assert.equal(JSON.stringify(alarms).match(/"ThrottledRequests"/g)?.length, 6);
      for (const one of alarms) assert.deepEqual(one.AlarmActions, ringing(stage.alarmTopicArn));
      if (stage.name === 'prod') assert.ok(stage.alarmTopicArn);
    });

    test('what the gateway says in its log', () => {
      const filters = Object.values(resources(gateway, 'AWS::Logs::MetricFilter')).map((one: Json) => one.Properties);
      const [log] = Object.keys(resources(gateway, 'AWS::Logs::LogGroup')).filter((id) => id.startsWith('Gateway'));
      assert.equal(filters.length, Object.keys(MESSAGES).length);
      for (const filter of filters) {
        assert.deepEqual(filter.LogGroupName, { Ref: log });
        const [{ MetricName, MetricNamespace }] = filter.MetricTransformations;
        for (const message of MESSAGES[MetricName as keyof typeof MESSAGES]) {
          assert.ok(filter.FilterPattern.includes(`$.message = "${message}*"`), filter.FilterPattern);
        }
        const alarm = alarmsOf(gateway).find((one) => one.MetricName === MetricName);
        assert.deepEqual([alarm.Namespace, alarm.Threshold], [MetricNamespace, 1]);
      }
    });

    test('signatures that CloudFront refuses, in the one region where its metrics are', () => {
      const alarms = alarmsOf(edgeLogs);
      assert.deepEqual(alarms.map((one) => one.AlarmName).sort(), named(['EdgeErrors', 'EdgeRefuses']));
      const [distribution] = Object.keys(resources(foundation, 'AWS::CloudFront::Distribution'));
      for (const one of alarms) {
        assert.deepEqual(one.AlarmActions, ringing(stage.edgeAlarmTopicArn));
        const metrics = one.Metrics.filter((metric: Json) => metric.MetricStat);
        assert.equal(metrics.length, 2);
        for (const { MetricStat: { Metric: metric } } of metrics) {
          assert.equal(metric.Namespace, 'AWS/CloudFront');
          const [id, region] = metric.Dimensions;
          assert.deepEqual([id.Name, region], ['DistributionId', { Name: 'Region', Value: 'Global' }]);
          assert.match(JSON.stringify(id.Value), new RegExp(distribution!));
        }
      }
      assert.match(JSON.stringify(alarms), /"4xxErrorRate".*"5xxErrorRate"|"5xxErrorRate".*"4xxErrorRate"/);
    });
  });
}

test('the gateway still says what the alarms listen for', () => {
  const host = resolve(import.meta.dirname, '../../../host');
  const sources = ['src', 'backends/src'].flatMap((folder) =>
    readdirSync(join(host, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.rs'))
      .map((path) => readFileSync(join(host, folder, path), 'utf8')));
  for (const message of Object.values(MESSAGES).flat()) {
    assert.ok(sources.some((text) => text.includes(`"${message}`)), message);
  }
});
