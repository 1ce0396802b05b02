// CloudFront's access logs without what must not be in a log: queries and cookies, which are signatures.
//
// The older way of logging writes every field there is, and a signed URL in a log can be played until it expires. The
// newer one lets the fields be chosen, but its resources exist in us-east-1 only: hence a stack of its own.
import { Stack, type StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

import { logBucket } from './bucket.ts';
import type { Stage } from './stage.ts';

/** The fields that are kept: all the usual ones but `cs-uri-query`, `cs(Cookie)` and `cs(Referer)`. */
const FIELDS = [
  'date', 'time', 'x-edge-location', 'sc-bytes', 'c-ip', 'cs-method', 'cs(Host)', 'cs-uri-stem', 'sc-status',
  'cs(User-Agent)', 'x-edge-result-type', 'x-edge-request-id', 'x-host-header', 'cs-protocol', 'cs-bytes', 'time-taken',
  'ssl-protocol', 'ssl-cipher', 'x-edge-response-result-type', 'cs-protocol-version', 'time-to-first-byte',
  'x-edge-detailed-result-type', 'sc-content-type', 'sc-content-len', 'sc-range-start', 'sc-range-end',
];

export class EdgeLogsStack extends Stack {
  constructor(scope: Construct, id: string, stage: Stage, distributionArn: string, props: StackProps) {
    super(scope, id, props);
    const bucket = logBucket(this, 'Bucket', stage);
    const permission = bucket.addToResourcePolicy(new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('delivery.logs.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`AWSLogs/${this.account}/*`)],
      conditions: {
        StringEquals: { 'aws:SourceAccount': this.account, 's3:x-amz-acl': 'bucket-owner-full-control' },
        ArnLike: { 'aws:SourceArn': `arn:${this.partition}:logs:us-east-1:${this.account}:delivery-source:*` },
      },
    }));
    const source = new logs.CfnDeliverySource(this, 'Source', {
      name: `tollgate-${stage.name}-edge`,
      logType: 'ACCESS_LOGS',
      resourceArn: distributionArn,
    });
    const destination = new logs.CfnDeliveryDestination(this, 'Destination', {
      name: `tollgate-${stage.name}-edge`,
      outputFormat: 'json',
      destinationResourceArn: bucket.bucketArn,
    });
    const delivery = new logs.CfnDelivery(this, 'Delivery', {
      deliverySourceName: source.name,
      deliveryDestinationArn: destination.attrArn,
      recordFields: FIELDS,
      s3SuffixPath: '{yyyy}/{MM}/{dd}/{HH}',
    });
    // CloudFormation sees neither of these from the names alone.
    delivery.addResourceDependency(source);
    if (permission.policyDependable !== undefined) delivery.node.addDependency(permission.policyDependable);
  }
}
