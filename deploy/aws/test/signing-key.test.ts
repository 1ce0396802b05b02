// The key group survives every deployment, and no template holds anything secret.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Template } from 'aws-cdk-lib/assertions';

import { STAGES } from '../lib/stage.ts';
import { EVERY, file, KEY_GROUP_ID, only, resources, stageOf, templatesOf, type Json } from './support.ts';

const TYPES = ['AWS::CloudFront::KeyGroup', 'AWS::CloudFront::PublicKey'];

/** Everything that CloudFormation compares before it decides to write the key group. */
function keyGroup(template: Template): Json {
  return TYPES.map((type) => resources(template, type));
}

for (const { stage, foundation, gateway, edgeLogs } of EVERY) {
  describe(`signing key of ${stage.name}`, () => {
    test('the secret has a name and no value', () => {
      const secret = only(foundation, 'AWS::SecretsManager::Secret');
      assert.equal(secret.Properties.Name, `tollgate/${stage.name}/signing-key`);
      assert.equal(secret.Properties.SecretString, undefined);
      assert.equal(secret.Properties.GenerateSecretString, undefined);
      assert.equal(secret.DeletionPolicy, stage.protect ? 'RetainExceptOnCreate' : 'Delete');
    });

    test('no template holds a private key', () => {
      for (const template of [foundation, gateway, edgeLogs]) {
        assert.doesNotMatch(JSON.stringify(template.toJSON()), /PRIVATE KEY|MHcCAQEE|MIIEv/);
      }
    });

    test('the key and its group stay in CloudFront when the template forgets them', () => {
      for (const type of TYPES) {
        const resource = only(foundation, type);
        assert.deepEqual([resource.DeletionPolicy, resource.UpdateReplacePolicy], ['RetainExceptOnCreate', 'Retain']);
      }
    });

    test('after adoption no template holds the key group, and every behaviour still trusts it', () => {
      const value = file(stage.name);
      value.signingKey = { keyGroupId: KEY_GROUP_ID };
      const adopted = templatesOf(stageOf(stage.name, value));
      for (const type of TYPES) adopted.foundation.resourceCountIs(type, 0);
      const config = only(adopted.foundation, 'AWS::CloudFront::Distribution').Properties.DistributionConfig;
      for (const behavior of [...config.CacheBehaviors, config.DefaultCacheBehavior]) {
        assert.deepEqual(behavior.TrustedKeyGroups, [KEY_GROUP_ID]);
      }
    });

    test('adoption changes the reference to the key group, protects the tables, and nothing else', () => {
      const value = file(stage.name);
      value.signingKey = { keyGroupId: KEY_GROUP_ID };
      const before = foundation.toJSON();
      const after = templatesOf(stageOf(stage.name, value)).foundation.toJSON();
      const [id] = Object.keys(resources(foundation, 'AWS::CloudFront::KeyGroup'));
      for (const type of TYPES) for (const one of Object.keys(resources(foundation, type))) delete before.Resources[one];
      for (const one of Object.values<Json>(before.Resources)) {
        if (one.Type === 'AWS::DynamoDB::Table') one.Properties.DeletionProtectionEnabled = stage.protect;
      }
      const text = JSON.stringify(before.Resources).replaceAll(JSON.stringify({ Ref: id }), `"${KEY_GROUP_ID}"`);
      assert.deepEqual(after.Resources, JSON.parse(text));
    });
  });
}

test('no other field of a stage reaches the key group', () => {
  const before = keyGroup(templatesOf(stageOf('prod')).foundation);
  const value = file('prod');
  value.account = '999999999999';
  value.region = 'us-east-1';
  value.logRetentionDays = 365;
  value.alarmTopicArn = 'arn:aws:sns:us-east-1:999999999999:others';
  value.edgeAlarmTopicArn = 'arn:aws:sns:us-east-1:999999999999:others';
  value.hostedZone = { id: 'Z0123456789ABC', name: 'example.org' };
  value.media = {
    domain: 'video.example.org',
    certificateArn: 'arn:aws:acm:us-east-1:999999999999:certificate/1',
    corsOrigins: [],
    priceClass: 'PriceClass_200',
  };
  value.auth = { url: 'https://a.example.org/k', issuer: 'https://a.example.org', audiences: ['x'], rolesClaim: 'groups' };
  value.gateway = {
    domain: 'gate.example.org',
    certificateArn: 'arn:aws:acm:us-east-1:999999999999:certificate/2',
    imageTag: '9.9.9', architecture: 'arm64', cpu: 2048, memory: 8192, minTasks: 3, maxTasks: 30,
    environment: { TOLLGATE__POLICY__TTL: '600' },
  };
  value.network = { cidr: '10.9.0.0/16', zones: 3, natGateways: 3, interfaceEndpoints: false };
  // Whoever adds a field to the stage has to add it here.
  const unchanged = Object.keys(file('prod')).filter((key) => JSON.stringify(value[key]) === JSON.stringify(file('prod')[key]));
  assert.deepEqual(unchanged, ['protect'], 'which cannot be false in prod');
  assert.deepEqual(keyGroup(templatesOf(stageOf('prod', value)).foundation), before);
});

test('what is made with the sample key refuses to be deployed, and nothing else does', () => {
  for (const name of STAGES) {
    const rules = templatesOf(stageOf(name)).foundation.toJSON().Rules;
    const both = rules.SampleKeyIsNotDeployed.Assertions[0].Assert['Fn::And'];
    // A parameter cannot be two things at once, so no value that may be given keeps the rule.
    assert.deepEqual(both.map((one: Json) => one['Fn::Equals']), [
      [{ Ref: 'SigningKeyOfThisTemplate' }, 'own'], [{ Ref: 'SigningKeyOfThisTemplate' }, 'sample'],
    ]);
    const value = file(name);
    value.signingKey = { publicKeyFile: '../keys/sample.public.pem' };
    assert.throws(() => stageOf(name, value), /signingKey\.publicKeyFile: must not be the sample key/);
  }
  const adopted = file('prod');
  adopted.signingKey = { keyGroupId: KEY_GROUP_ID };
  assert.equal(templatesOf(stageOf('prod', adopted)).foundation.toJSON().Rules.SampleKeyIsNotDeployed, undefined);
});
