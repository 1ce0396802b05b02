// Alarms that are worth a night: viewers get errors, no task lives, a table refuses work.
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';

import type { Balancer } from './balancer.ts';
import type { Bell } from './bell.ts';
import type { Stage } from './stage.ts';
import type { Tables } from './tables.ts';

/** The calls that are made in serving viewers. */
const CALLS = ['GetItem', 'PutItem'];

export class Alarms extends Construct {
  /** Those that ring when viewers get errors. Names are given beside, because a reference would be a circle to the library. */
  readonly errors: readonly { readonly name: string; readonly alarm: cloudwatch.Alarm }[];

  constructor(scope: Construct, id: string, stage: Stage, balancer: Balancer, tables: Tables, bell: Bell) {
    super(scope, id);
    const minute = { period: Duration.minutes(1), statistic: 'Sum' };
    const gateway = bell.alarm('GatewayErrors', 'The gateway answers 5xx: see docs/operations.md, "What to do".', {
      metric: balancer.targets.metrics.httpCodeTarget(elb.HttpCodeTarget.TARGET_5XX_COUNT, minute),
      threshold: 5,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
    });
    const balanced = bell.alarm('BalancerErrors', 'The load balancer itself answers 5xx: no task, or none in time.', {
      metric: balancer.balancer.metrics.httpCodeElb(elb.HttpCodeElb.ELB_5XX_COUNT, minute),
      threshold: 5,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
    });
    this.errors = [gateway, balanced];
    bell.alarm('NotEnoughTasks', 'Fewer tasks live than the stage wants.', {
      metric: balancer.targets.metrics.healthyHostCount({ period: Duration.minutes(1), statistic: 'Minimum' }),
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: stage.gateway.minTasks,
      evaluationPeriods: 5,
      datapointsToAlarm: 5,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
    for (const table of tables.all) {
      // One alarm per table over both calls, because DynamoDB reports what it refused per call.
      const refused = CALLS.map((call) => new cloudwatch.Metric({
        ...minute,
        namespace: 'AWS/DynamoDB',
        metricName: 'ThrottledRequests',
        dimensionsMap: { TableName: table.tableName, Operation: call },
      }));
      bell.alarm(`${table.node.id}Throttled`, 'DynamoDB refuses calls of the gateway: viewers get 503.', {
        metric: new cloudwatch.MathExpression({
          expression: 'FILL(getItem, 0) + FILL(putItem, 0)',
          usingMetrics: { getItem: refused[0]!, putItem: refused[1]! },
          period: Duration.minutes(1),
          label: 'throttled requests',
        }),
        threshold: 1,
        evaluationPeriods: 5,
        datapointsToAlarm: 2,
      });
    }
  }
}
