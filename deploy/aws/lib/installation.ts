// The stacks of one stage, in the order in which they are deployed.
import { Tags, type App } from 'aws-cdk-lib';

import { EdgeLogsStack } from './edge-logs-stack.ts';
import { FoundationStack } from './foundation-stack.ts';
import { GatewayStack } from './gateway-stack.ts';
import { refusesDeletion } from './keeping.ts';
import type { Stage } from './stage.ts';

export interface Installation {
  readonly foundation: FoundationStack;
  readonly edgeLogs: EdgeLogsStack;
  readonly gateway: GatewayStack;
}

export function installation(app: App, stage: Stage): Installation {
  const name = (stack: string) => `tollgate-${stage.name}-${stack}`;
  const props = (description: string, region = stage.region) => ({
    description: `Tollgate ${stage.name}: ${description}`,
    env: { account: stage.account, region },
    terminationProtection: refusesDeletion(stage),
    // The distribution's id has to get from the stage's region to us-east-1.
    crossRegionReferences: true,
  });
  const foundation = new FoundationStack(
    app, name('foundation'), stage, props('media, signing key, tables and image repository'),
  );
  const edgeLogs = new EdgeLogsStack(
    app, name('edge-logs'), stage, foundation.media, props("CloudFront's access logs and alarms", 'us-east-1'),
  );
  const gateway = new GatewayStack(app, name('gateway'), stage, foundation, props('the gateway and its load balancer'));
  Tags.of(app).add('tollgate:stage', stage.name);
  return { foundation, edgeLogs, gateway };
}
