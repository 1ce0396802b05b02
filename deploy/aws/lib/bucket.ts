// Buckets: one for media, which only the distribution and the gateway read, and those for access logs.
import { Duration } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

import { removal } from './keeping.ts';
import type { Stage } from './stage.ts';

/** What every bucket has in common: nothing public, nothing by access list, nothing unencrypted. */
const closed = {
  blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
  objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
  encryption: s3.BucketEncryption.S3_MANAGED,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
} as const satisfies s3.BucketProps;

export function mediaBucket(scope: Construct, id: string, stage: Stage): s3.Bucket {
  const methods = [s3.HttpMethods.GET, s3.HttpMethods.HEAD];
  return new s3.Bucket(scope, id, {
    ...closed,
    versioned: true,
    // Answers preflights only; on everything else the distribution's headers policy stands over what S3 says.
    ...(stage.media.corsOrigins.length > 0 && {
      cors: [{ allowedOrigins: [...stage.media.corsOrigins], allowedMethods: methods, allowedHeaders: ['*'], maxAge: 600 }],
    }),
    lifecycleRules: [
      {
        id: 'what-was-overwritten',
        noncurrentVersionExpiration: Duration.days(30),
        expiredObjectDeleteMarker: true,
        abortIncompleteMultipartUploadAfter: Duration.days(7),
      },
    ],
    // A bucket that is not empty cannot be deleted anyway, so nothing is lost by mistake in the other stages either.
    removalPolicy: removal(stage),
  });
}

export function logBucket(scope: Construct, id: string, stage: Stage): s3.Bucket {
  return new s3.Bucket(scope, id, {
    ...closed,
    lifecycleRules: [{ id: 'old-logs', expiration: Duration.days(stage.logRetentionDays) }],
    removalPolicy: removal(stage),
  });
}
