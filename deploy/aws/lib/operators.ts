// What people may do who are no gateway: one policy for rotating the key, one for recording who may watch what, and one
// for looking whether all is well.
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

import type { Media } from './media.ts';
import type { SigningKey } from './signing-key.ts';
import type { Stage } from './stage.ts';
import type { Tables } from './tables.ts';

export class Operators extends Construct {
  readonly rotation: iam.ManagedPolicy;
  readonly administration: iam.ManagedPolicy;
  readonly doctor: iam.ManagedPolicy;

  constructor(scope: Construct, id: string, stage: Stage, key: SigningKey, tables: Tables, media: Media) {
    super(scope, id);
    const records = [tables.entitlements.tableArn, tables.catalog.tableArn];

    this.rotation = new iam.ManagedPolicy(this, 'Rotation', {
      managedPolicyName: `tollgate-${stage.name}-rotation`,
      description: 'For whoever runs "tollgate keys rotate"; never for the gateway.',
      statements: [
        new iam.PolicyStatement({
          actions: [
            'secretsmanager:DescribeSecret',
            'secretsmanager:GetSecretValue',
            'secretsmanager:PutSecretValue',
            'secretsmanager:UpdateSecretVersionStage',
          ],
          resources: [key.secretArn],
        }),
        // CloudFront's permissions know no resources for public keys and key groups, so these cannot be narrowed.
        new iam.PolicyStatement({
          actions: [
            'cloudfront:CreatePublicKey',
            'cloudfront:DeletePublicKey',
            'cloudfront:GetKeyGroup',
            'cloudfront:GetPublicKey',
            'cloudfront:ListPublicKeys',
            'cloudfront:UpdateKeyGroup',
            'cloudfront:UpdatePublicKey',
          ],
          resources: ['*'],
        }),
      ],
    });

    this.administration = new iam.ManagedPolicy(this, 'Administration', {
      managedPolicyName: `tollgate-${stage.name}-administration`,
      description: 'For "tollgate grant", "revoke", "entitlements", "episode" and "sessions".',
      statements: [
        new iam.PolicyStatement({
          actions: ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:Scan'],
          resources: records,
        }),
        new iam.PolicyStatement({
          // `tollgate sessions` lists them; leases are ended by writing, never by deleting.
          actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:Scan'],
          resources: [tables.sessions.tableArn],
        }),
      ],
    });

    const allow = (actions: string[], resources: string[]) => new iam.PolicyStatement({ actions, resources });
    this.doctor = new iam.ManagedPolicy(this, 'Doctor', {
      managedPolicyName: `tollgate-${stage.name}-doctor`,
      description: 'For "tollgate doctor" run by a person. It reads the signing key to see that it is usable.',
      statements: [
        allow(
          ['dynamodb:DescribeContinuousBackups', 'dynamodb:DescribeTable', 'dynamodb:DescribeTimeToLive', 'dynamodb:GetItem'],
          tables.all.map((table) => table.tableArn),
        ),
        // The write it tries is on a condition that never holds.
        allow(['dynamodb:PutItem'], [tables.sessions.tableArn]),
        allow(['secretsmanager:GetSecretValue'], [key.secretArn]),
        allow(['s3:GetObject'], [media.bucket.arnForObjects('*')]),
        allow(['s3:ListBucket'], [media.bucket.bucketArn]),
        allow(['cloudfront:GetDistribution'], [media.distributionArn]),
        // These two know no resources.
        allow(['cloudfront:GetKeyGroup', 'cloudfront:GetPublicKey'], ['*']),
      ],
    });
  }
}
