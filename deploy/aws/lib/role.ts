// What the gateway may do, and nothing else: read three tables, write one, read one secret, ask for media files.
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { Stack } from 'aws-cdk-lib';

import type { FoundationStack } from './foundation-stack.ts';

export function gatewayRole(scope: Construct, id: string, foundation: FoundationStack): iam.Role {
  const { media, signingKey, tables } = foundation;
  const { account, region, partition } = Stack.of(scope);
  const role = new iam.Role(scope, id, {
    description: 'The Tollgate gateway itself',
    // Only for tasks of this account: another customer's ECS must not be talked into using the role.
    assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnLike: { 'aws:SourceArn': `arn:${partition}:ecs:${region}:${account}:*` },
      },
    }),
  });
  const allow = (sid: string, actions: string[], resources: string[]) =>
    role.addToPolicy(new iam.PolicyStatement({ sid, actions, resources }));
  allow('Lookups', ['dynamodb:GetItem'], tables.all.map((table) => table.tableArn));
  allow('Claims', ['dynamodb:PutItem'], [tables.sessions.tableArn]);
  allow('SigningKey', ['secretsmanager:GetSecretValue'], [signingKey.secretArn]);
  allow('MediaFiles', ['s3:GetObject'], [media.bucket.arnForObjects('*')]);
  // Without this S3 says 403 for a file that is not there, and the gateway cannot tell it from a missing permission.
  allow('MediaFilesThatAreNotThere', ['s3:ListBucket'], [media.bucket.bucketArn]);
  return role;
}
