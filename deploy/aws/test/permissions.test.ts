// Who may do what: every statement that is written, word for word.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { EVERY, list, named, resources, type Json } from './support.ts';

/** A resource in a few words: which export of the first stack, or which resource of the same one. */
function target(resource: Json): string {
  const text = JSON.stringify(resource);
  const [, exported] = /"tollgate-\w+-foundation:ExportsOutput(?:FnGetAtt|Ref)([A-Za-z]+?)[0-9A-F]{8}/.exec(text) ?? [];
  const [, own] = /"(?:Ref|Fn::GetAtt)":\[?"([A-Za-z]+?)[0-9A-F]{8}"/.exec(text) ?? [];
  const below = text.includes('"/*"') ? '/*' : '';
  return `${exported ?? own ?? resource}${below}`;
}

function statements(document: Json): string[] {
  return document.Statement.map((one: Json) => {
    assert.equal(one.Effect, 'Allow');
    assert.equal(one.NotAction ?? one.NotResource, undefined);
    return `${list(one.Action).join(' ')} on ${list(one.Resource).map(target).sort().join(' ')}`;
  });
}

for (const { stage, foundation, gateway, edgeLogs } of EVERY) {
  describe(`permissions of ${stage.name}`, () => {
    test('the gateway looks up, claims, reads its key and asks for media files, and nothing else', () => {
      const policy = named(gateway, 'AWS::IAM::Policy', 'GatewayRoleDefaultPolicy');
      assert.deepEqual(statements(policy.Properties.PolicyDocument), [
        'dynamodb:GetItem on TablesCatalog TablesEntitlements TablesSessions',
        'dynamodb:PutItem on TablesSessions',
        'secretsmanager:GetSecretValue on SigningKeySecret',
        's3:GetObject on MediaBucket/*',
        's3:ListBucket on MediaBucket',
      ]);
      const role = named(gateway, 'AWS::IAM::Role', 'GatewayRole');
      assert.deepEqual([role.Properties.ManagedPolicyArns, role.Properties.Policies], [undefined, undefined]);
      const [trust] = role.Properties.AssumeRolePolicyDocument.Statement;
      assert.deepEqual(trust.Principal, { Service: 'ecs-tasks.amazonaws.com' });
      assert.deepEqual(trust.Condition.StringEquals, { 'aws:SourceAccount': stage.account });
      const attached = Object.values(resources(gateway, 'AWS::IAM::Policy'))
        .filter((one: Json) => JSON.stringify(one.Properties.Roles).includes('"GatewayRole'));
      assert.equal(attached.length, 1);
    });

    test('what starts tasks pulls the image and writes the log, and nothing else', () => {
      const policy = named(gateway, 'AWS::IAM::Policy', 'GatewayTaskExecutionRoleDefaultPolicy');
      assert.deepEqual(statements(policy.Properties.PolicyDocument), [
        'ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:GetDownloadUrlForLayer on Repository',
        // A token for the registry belongs to no repository; IAM takes nothing but the star here.
        'ecr:GetAuthorizationToken on *',
        'logs:CreateLogStream logs:PutLogEvents on GatewayLogs',
      ]);
    });

    test('rotation touches the one secret and the public keys', () => {
      const policy = named(foundation, 'AWS::IAM::ManagedPolicy', 'OperatorsRotation');
      assert.deepEqual(statements(policy.Properties.PolicyDocument), [
        'secretsmanager:DescribeSecret secretsmanager:GetSecretValue secretsmanager:PutSecretValue '
          + 'secretsmanager:UpdateSecretVersionStage on SigningKeySecret',
        // CloudFront has no resources to name for these.
        'cloudfront:CreatePublicKey cloudfront:DeletePublicKey cloudfront:GetKeyGroup cloudfront:GetPublicKey '
          + 'cloudfront:ListPublicKeys cloudfront:UpdateKeyGroup cloudfront:UpdatePublicKey on *',
      ]);
    });

    test('administration touches the tables only', () => {
      const policy = named(foundation, 'AWS::IAM::ManagedPolicy', 'OperatorsAdministration');
      assert.deepEqual(statements(policy.Properties.PolicyDocument), [
        'dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:Scan on TablesCatalog TablesEntitlements',
        'dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:Scan on TablesSessions',
      ]);
    });

    test('the doctor looks at everything and changes nothing', () => {
      const policy = named(foundation, 'AWS::IAM::ManagedPolicy', 'OperatorsDoctor');
      assert.deepEqual(statements(policy.Properties.PolicyDocument), [
        'dynamodb:DescribeContinuousBackups dynamodb:DescribeTable dynamodb:DescribeTimeToLive dynamodb:GetItem '
          + 'on TablesCatalog TablesEntitlements TablesSessions',
        // It tries a write on a condition that never holds.
        'dynamodb:PutItem on TablesSessions',
        'secretsmanager:GetSecretValue on SigningKeySecret',
        's3:GetObject on MediaBucket/*',
        's3:ListBucket on MediaBucket',
        'cloudfront:GetDistribution on MediaDistribution',
        'cloudfront:GetKeyGroup cloudfront:GetPublicKey on *',
      ]);
    });

    test('no action anywhere is a pattern, and nobody may touch everything but where that is said above', () => {
      const starred = new Set(['ecr:GetAuthorizationToken']);
      for (const template of [foundation, gateway, edgeLogs]) {
        for (const type of ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::Role']) {
          for (const [id, { Properties }] of Object.entries(resources(template, type))) {
            const documents = [Properties.PolicyDocument, ...list(Properties.Policies).map((one: Json) => one.PolicyDocument)];
            for (const one of documents.filter(Boolean).flatMap((document: Json) => document.Statement)) {
              for (const action of list<string>(one.Action)) {
                assert.equal(action.includes('*'), false, `${id}: ${action}`);
                const allowed = starred.has(action) || (/^Operators(Rotation|Doctor)/.test(id) && action.startsWith('cloudfront:'));
                if (!allowed) assert.equal(list(one.Resource).includes('*'), false, `${id}: ${action}`);
              }
            }
          }
        }
      }
    });
  });
}
