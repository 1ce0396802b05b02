// Alarms on what the gateway says in its log and shows in no status: it may go on for hours with the last good key.
import { Duration } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

import type { Bell } from './bell.ts';
import type { Stage } from './stage.ts';

/** The beginnings of the messages, word for word as the gateway has them; test/alarms.test.ts looks them up in its sources. */
export const MESSAGES = {
  SigningKeysNotFetched: ['signing keys not fetched'],
  TokenKeysNotLoaded: ['keys of tokens not loaded'],
  ComponentFailed: [
    'the signer component failed',
    'instance lost again by one request alone, which fails',
    'instances are lost again and again; giving up',
  ],
  Misconfigured: ['set up wrongly'],
} as const satisfies Record<string, readonly string[]>;

const MEANING: Record<keyof typeof MESSAGES, string> = {
  SigningKeysNotFetched: 'The gateway cannot fetch its signing keys and goes on with what it has. The log says why, once per reason.',
  TokenKeysNotLoaded: "The issuer's key set cannot be had: new keys of tokens are not known. The log says why.",
  ComponentFailed: 'A component fails on requests or is lost again and again: viewers get 500. The log says which.',
  Misconfigured: 'Policy or key cannot be used: viewers get 500. The log names field and rule.',
};

export function logAlarms(scope: Construct, stage: Stage, group: logs.ILogGroup, bell: Bell): void {
  for (const [name, messages] of Object.entries(MESSAGES) as [keyof typeof MESSAGES, readonly string[]][]) {
    const says = messages.map((message) => logs.FilterPattern.stringValue('$.message', '=', `${message}*`));
    const filter = new logs.MetricFilter(scope, name, {
      logGroup: group,
      filterPattern: says.length === 1 ? says[0]! : logs.FilterPattern.any(...says),
      metricNamespace: `Tollgate/${stage.name}`,
      metricName: name,
      metricValue: '1',
    });
    bell.alarm(name, MEANING[name], {
      metric: filter.metric({ period: Duration.minutes(5), statistic: 'Sum' }),
      threshold: 1,
      evaluationPeriods: 1,
    });
  }
}
