// Alarms by name, and who hears of them.
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

import type { Stage } from './stage.ts';

/** Makes alarms of a stage that ring one topic. An alarm rings topics of its own region only. */
export class Bell extends Construct {
  readonly #action: actions.SnsAction | undefined;
  readonly #stage: Stage;

  constructor(scope: Construct, id: string, stage: Stage, topicArn: string | undefined) {
    super(scope, id);
    this.#stage = stage;
    if (topicArn !== undefined) this.#action = new actions.SnsAction(sns.Topic.fromTopicArn(this, 'Topic', topicArn));
  }

  alarm(id: string, alarmDescription: string, props: Omit<cloudwatch.AlarmProps, 'alarmDescription' | 'alarmName'>) {
    const name = `tollgate-${this.#stage.name}-${id}`;
    const alarm = new cloudwatch.Alarm(this, id, {
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      ...props,
      alarmName: name,
      alarmDescription,
    });
    if (this.#action !== undefined) {
      alarm.addAlarmAction(this.#action);
      alarm.addOkAction(this.#action);
    }
    return { name, alarm };
  }
}
