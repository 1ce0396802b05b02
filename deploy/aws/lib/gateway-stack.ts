// The second stack of a stage: the gateway and what viewers reach it by. It changes with every release.
import { CfnOutput, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';

import { Alarms } from './alarms.ts';
import { Balancer } from './balancer.ts';
import { Bell } from './bell.ts';
import type { FoundationStack } from './foundation-stack.ts';
import { logAlarms } from './log-alarms.ts';
import { Network } from './network.ts';
import { Service } from './service.ts';
import type { Stage } from './stage.ts';

export class GatewayStack extends Stack {
  constructor(scope: Construct, id: string, stage: Stage, foundation: FoundationStack, props: StackProps) {
    super(scope, id, props);
    const { vpc } = new Network(this, 'Network', stage);
    const tasks = new ec2.SecurityGroup(this, 'Tasks', {
      vpc,
      description: 'Tasks of the Tollgate gateway',
      allowAllOutbound: false,
    });
    // AWS and the issuer's key set. Names are resolved by the network itself, which no security group stands before.
    tasks.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'AWS and the issuer of tokens');
    const balancer = new Balancer(this, 'Balancer', stage, vpc, tasks);
    const bell = new Bell(this, 'Bell', stage, stage.alarmTopicArn);
    const alarms = new Alarms(this, 'Alarms', stage, balancer, foundation.tables, bell);
    const { service, definition, log } = new Service(this, 'Gateway', stage, foundation, vpc, tasks, balancer, alarms);
    logAlarms(this, stage, log, bell);

    if (stage.hostedZone !== undefined) {
      const zone = route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', {
        hostedZoneId: stage.hostedZone.id,
        zoneName: stage.hostedZone.name,
      });
      const target = route53.RecordTarget.fromAlias(new targets.LoadBalancerTarget(balancer.balancer));
      new route53.ARecord(this, 'GatewayA', { zone, recordName: `${stage.gateway.domain}.`, target });
    }
    new CfnOutput(this, 'BalancerDomain', { value: balancer.balancer.loadBalancerDnsName });
    new CfnOutput(this, 'ClusterName', { value: service.cluster.clusterName });
    new CfnOutput(this, 'ServiceName', { value: service.serviceName });
    // What else `aws ecs run-task` wants to know, for "tollgate doctor" with the gateway's own permissions.
    new CfnOutput(this, 'TaskDefinition', { value: definition.taskDefinitionArn });
    new CfnOutput(this, 'TaskSecurityGroup', { value: tasks.securityGroupId });
    const { subnetIds } = vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS });
    new CfnOutput(this, 'TaskSubnets', { value: Fn.join(',', subnetIds) });
  }

  /** Chosen at deployment: the library would ask the account, and a synthesis must work without one. */
  override get availabilityZones(): string[] {
    return [0, 1, 2].map((index) => Fn.select(index, Fn.getAzs()));
  }
}
