// The network of the gateway: tasks in private subnets, and the ways out that they need.
//
// What it costs, so that nobody has to find out: a NAT gateway is about 35 USD a month, an interface endpoint about 8
// per zone. The gateway has to reach the issuer's key set on the internet, so there is always NAT; endpoints are for
// prod, where signing keys and logs shall not depend on it. S3 and DynamoDB, nearly all of the traffic, go through
// gateway endpoints, which cost nothing.
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import { RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';

import type { Stage } from './stage.ts';

export class Network extends Construct {
  readonly vpc: ec2.Vpc;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);
    this.vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr(stage.network.cidr),
      maxAzs: stage.network.zones,
      natGateways: stage.network.natGateways,
      subnetConfiguration: [
        { name: 'balancer', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 26, mapPublicIpOnLaunch: false },
        { name: 'gateway', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 25 },
      ],
      gatewayEndpoints: {
        S3: { service: ec2.GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    const group = new logs.LogGroup(this, 'Rejected', {
      retention: stage.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.vpc.addFlowLog('RejectedFlows', {
      destination: ec2.FlowLogDestination.toCloudWatchLogs(group),
      trafficType: ec2.FlowLogTrafficType.REJECT,
    });
    if (stage.network.interfaceEndpoints) this.#endpoints();
  }

  #endpoints(): void {
    const services = {
      SecretsManager: ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
      EcrApi: ec2.InterfaceVpcEndpointAwsService.ECR,
      EcrDocker: ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
      Logs: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
    };
    for (const [name, service] of Object.entries(services)) this.vpc.addInterfaceEndpoint(name, { service });
  }
}
