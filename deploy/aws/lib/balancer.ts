// The load balancer: TLS for viewers, and health checks on a port that viewers do not reach.
import { Duration } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';

import { logBucket } from './bucket.ts';
import { DRAIN, OPERATORS_PORT, VIEWERS_PORT } from './environment.ts';
import { refusesDeletion } from './keeping.ts';
import type { Stage } from './stage.ts';

export class Balancer extends Construct {
  readonly balancer: elb.ApplicationLoadBalancer;
  readonly targets: elb.ApplicationTargetGroup;

  constructor(scope: Construct, id: string, stage: Stage, vpc: ec2.IVpc, tasks: ec2.SecurityGroup) {
    super(scope, id);
    const viewers = new ec2.SecurityGroup(this, 'Viewers', {
      vpc,
      description: 'Viewers to the load balancer of Tollgate',
      allowAllOutbound: false,
    });
    this.balancer = new elb.ApplicationLoadBalancer(this, 'Balancer', {
      vpc,
      internetFacing: true,
      vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
      securityGroup: viewers,
      deletionProtection: refusesDeletion(stage),
      dropInvalidHeaderFields: true,
      desyncMitigationMode: elb.DesyncMitigationMode.STRICTEST,
      // The gateway closes quiet connections after 75 s; the side that sends requests has to give up first.
      idleTimeout: Duration.seconds(60),
    });
    // Paths of the API and no headers: neither tokens nor signatures.
    this.balancer.logAccessLogs(logBucket(this, 'Logs', stage));

    this.targets = new elb.ApplicationTargetGroup(this, 'Targets', {
      vpc,
      port: VIEWERS_PORT,
      protocol: elb.ApplicationProtocol.HTTP,
      targetType: elb.TargetType.IP,
      deregistrationDelay: Duration.seconds(DRAIN.deregistration),
      // /healthz, not /readyz: ECS replaces every task that fails this, and a task that starts while DynamoDB, S3 or Secrets
      // Manager is silent is no better than the one it replaces, which at least has the last good key and the issuer's
      // keys. A gateway that cannot grant says 503 by itself. What readiness would hold up at a release is held up
      // elsewhere: with settings or a key that cannot be used a gateway does not start, and a release on which viewers
      // get errors is taken back by alarm, see service.ts.
      healthCheck: {
        path: '/healthz',
        port: String(OPERATORS_PORT),
        healthyHttpCodes: '200',
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        // A process that answers nothing for a minute is dead or hangs.
        unhealthyThresholdCount: 6,
      },
    });
    this.balancer.addListener('Https', {
      port: 443,
      protocol: elb.ApplicationProtocol.HTTPS,
      certificates: [acm.Certificate.fromCertificateArn(this, 'Certificate', stage.gateway.certificateArn)],
      sslPolicy: elb.SslPolicy.TLS13_12_RES_PQ,
      defaultTargetGroups: [this.targets],
    });
    this.balancer.addListener('Http', {
      port: 80,
      protocol: elb.ApplicationProtocol.HTTP,
      defaultAction: elb.ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
    });
    for (const port of [VIEWERS_PORT, OPERATORS_PORT]) {
      viewers.addEgressRule(tasks, ec2.Port.tcp(port), 'to the tasks');
      tasks.addIngressRule(viewers, ec2.Port.tcp(port), 'from the load balancer');
    }
  }
}
