// What CloudFront tells: alarms, and access logs without what must not be in a log, queries and cookies, which are
// signatures.
//
// The older way of logging writes every field there is, and a signed URL in a log can be played until it expires. The
// newer one lets the fields be chosen, but its resources exist in us-east-1 only, as do CloudFront's
// metrics: hence a stack of its own.
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

import { logBucket } from './bucket.ts';
import { Bell } from './bell.ts';
import type { Media } from './media.ts';
import type { Stage } from './stage.ts';

/** The fields that are kept: all the usual ones but `cs-uri-query`, `cs(Cookie)` and `cs(Referer)`. */
const FIELDS = [
  'date', 'time', 'x-edge-location', 'sc-bytes', 'c-ip', 'cs-method', 'cs(Host)', 'cs-uri-stem', 'sc-status',
  'cs(User-Agent)', 'x-edge-result-type', 'x-edge-request-id', 'x-host-header', 'cs-protocol', 'cs-bytes', 'time-taken',
  'ssl-protocol', 'ssl-cipher', 'x-edge-response-result-type', 'cs-protocol-version', 'time-to-first-byte',
  'x-edge-detailed-result-type', 'sc-content-type', 'sc-content-len', 'sc-range-start', 'sc-range-end',
];

export class EdgeLogsStack extends Stack {
  constructor(scope: Construct, id: string, stage: Stage, media: Media, props: StackProps) {
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
      resourceArn: media.distributionArn,
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
    this.#alarms(stage, media.distribution.distributionId);
  }

  /** The gateway is content while CloudFront refuses all that it signed: only here is it seen. */
  #alarms(stage: Stage, distributionId: string): void {
    const metric = (metricName: string, statistic: string) => new cloudwatch.Metric({
      namespace: 'AWS/CloudFront',
      metricName,
      statistic,
      dimensionsMap: { DistributionId: distributionId, Region: 'Global' },
      period: Duration.minutes(5),
      region: this.region,
    });
    const bell = new Bell(this, 'Bell', stage, stage.edgeAlarmTopicArn);
    const rate = (id: string, description: string, metricName: string, threshold: number) => bell.alarm(id, description, {
      // A handful of requests without signatures, as strangers send them at night, is no trouble of viewers.
      metric: new cloudwatch.MathExpression({
        expression: 'IF(requests >= 50, rate, 0)',
        usingMetrics: { requests: metric('Requests', 'Sum'), rate: metric(metricName, 'Average') },
        period: Duration.minutes(5),
        label: metricName,
      }),
      threshold,
      evaluationPeriods: 2,
    });
    rate('EdgeRefuses', 'CloudFront answers half of all requests with 4xx: are signatures refused? See docs/operations.md.', '4xxErrorRate', 50);
    rate('EdgeErrors', 'CloudFront answers 5xx: S3 or the way to it.', '5xxErrorRate', 5);
  }
}
