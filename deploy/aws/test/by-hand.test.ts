// The distribution for those who do without the CDK is the one that the templates make, as the AWS CLI wants it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';

import { EVERY, only, type Json } from './support.ts';

const text = readFileSync(resolve(import.meta.dirname, '../by-hand/distribution.json'), 'utf8');

/** What the two have in common of a behaviour, whatever ids are called. */
function behavior(one: Json): Json {
  const disabled = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
  return {
    path: one.PathPattern,
    cached: one.CachePolicyId !== disabled,
    methods: one.AllowedMethods.Items ?? one.AllowedMethods,
    protocol: one.ViewerProtocolPolicy,
    compress: one.Compress,
    keyGroups: (one.TrustedKeyGroups.Items ?? one.TrustedKeyGroups).length,
  };
}

test('the distribution by hand has the behaviours and the TLS of the templates', () => {
  const { foundation } = EVERY.find(({ stage }) => stage.name === 'prod')!;
  const made = only(foundation, 'AWS::CloudFront::Distribution').Properties.DistributionConfig;
  const byHand = JSON.parse(text);
  assert.deepEqual(byHand.CacheBehaviors.Items.map(behavior), made.CacheBehaviors.map(behavior));
  assert.deepEqual(behavior(byHand.DefaultCacheBehavior), behavior(made.DefaultCacheBehavior));
  for (const one of [...byHand.CacheBehaviors.Items, byHand.DefaultCacheBehavior]) assert.equal(one.TrustedKeyGroups.Enabled, true);
  const { SslSupportMethod, MinimumProtocolVersion } = made.ViewerCertificate;
  assert.equal(byHand.ViewerCertificate.SSLSupportMethod, SslSupportMethod);
  assert.equal(byHand.ViewerCertificate.MinimumProtocolVersion, MinimumProtocolVersion);
  assert.equal(byHand.HttpVersion, made.HttpVersion);
});

test('lists say how many they are, and the document names every placeholder', () => {
  const count = (value: Json): void => {
    if (value === null || typeof value !== 'object') return;
    if (Array.isArray(value.Items)) assert.equal(value.Quantity, value.Items.length);
    for (const inner of Object.values(value)) count(inner);
  };
  count(JSON.parse(text));
  const document = readFileSync(resolve(import.meta.dirname, '../../../docs/deploy-aws-by-hand.md'), 'utf8');
  const placeholders = new Set(text.match(/\b(?:KEY_GROUP|DOMAIN|CERTIFICATE|BUCKET|REGION|ACCESS_CONTROL|CACHE_POLICY)\b/g));
  assert.equal(placeholders.size, 7);
  for (const one of placeholders) assert.ok(document.includes(`s|${one}|`), one);
});
