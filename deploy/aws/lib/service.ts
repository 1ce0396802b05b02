// The gateway as a container service: no public address, no root, nothing to write to.
import { Duration, Fn } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

import type { Alarms } from './alarms.ts';
import type { Balancer } from './balancer.ts';
import { DRAIN, environment, OPERATORS_PORT, VIEWERS_PORT } from './environment.ts';
import type { FoundationStack } from './foundation-stack.ts';
import { removal } from './keeping.ts';
import { gatewayRole } from './role.ts';
import type { Stage } from './stage.ts';

/** The user `nonroot` of the distroless images, by number: Fargate has no need of names. */
const NONROOT = '65532:65532';

export class Service extends Construct {
  readonly service: ecs.FargateService;
  readonly log: logs.LogGroup;
  readonly definition: ecs.FargateTaskDefinition;

  constructor(
    scope: Construct, id: string, stage: Stage, foundation: FoundationStack,
    vpc: ec2.IVpc, tasks: ec2.SecurityGroup, balancer: Balancer, alarms: Alarms,
  ) {
    super(scope, id);
    const { gateway } = stage;
    const cluster = new ecs.Cluster(this, 'Cluster', {
      vpc,
      containerInsightsV2: stage.protect ? ecs.ContainerInsights.ENABLED : ecs.ContainerInsights.DISABLED,
    });
    const task = this.definition = new ecs.FargateTaskDefinition(this, 'Task', {
      cpu: gateway.cpu,
      memoryLimitMiB: gateway.memory,
      runtimePlatform: {
        operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
        cpuArchitecture: gateway.architecture === 'arm64' ? ecs.CpuArchitecture.ARM64 : ecs.CpuArchitecture.X86_64,
      },
      taskRole: gatewayRole(this, 'Role', foundation),
    });
    this.log = new logs.LogGroup(this, 'Logs', {
      logGroupName: `/tollgate/${stage.name}/gateway`,
      retention: stage.logRetentionDays,
      removalPolicy: removal(stage),
    });
    const powers = new ecs.LinuxParameters(this, 'Powers');
    powers.dropCapabilities(ecs.Capability.ALL);
    const { bucket, distribution } = foundation.media;
    const { catalog, entitlements, sessions } = foundation.tables;
    task.addContainer('tollgate', {
      containerName: 'tollgate',
      image: ecs.ContainerImage.fromEcrRepository(foundation.repository, gateway.imageTag),
      user: NONROOT,
      readonlyRootFilesystem: true,
      linuxParameters: powers,
      portMappings: [{ containerPort: VIEWERS_PORT }, { containerPort: OPERATORS_PORT }],
      environment: {
        AWS_REGION: stage.region,
        ...environment(stage, {
          bucket: bucket.bucketName,
          distribution: distribution.distributionId,
          keyGroup: Fn.importValue(foundation.keyGroupExport),
          secret: foundation.signingKey.secretName,
          tables: { catalog: catalog.tableName, entitlements: entitlements.tableName, sessions: sessions.tableName },
        }),
      },
      stopTimeout: Duration.seconds(DRAIN.stop),
      // No health check in the container: the image has no shell to run one, and the load balancer asks /healthz.
      logging: ecs.LogDrivers.awsLogs({
        streamPrefix: 'gateway',
        logGroup: this.log,
        // A log that cannot be delivered must not hold viewers up.
        mode: ecs.AwsLogDriverMode.NON_BLOCKING,
      }),
    });

    this.service = new ecs.FargateService(this, 'Service', {
      cluster,
      taskDefinition: task,
      // No desiredCount: with it, each release would put the count back to the least while viewers need more.
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { enable: true, rollback: true },
      assignPublicIp: false,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [tasks],
      // A task compiles its components before it listens.
      healthCheckGracePeriod: Duration.seconds(60),
      enableExecuteCommand: false,
      propagateTags: ecs.PropagatedTagSource.SERVICE,
    });
    // Tasks may live and yet grant nothing, with a permission that is missing for example: then viewers get 5xx. An alarm
    // that rings already when a deployment begins is left out of it by ECS, so an outage holds up no remedy.
    this.service.enableDeploymentAlarms(alarms.errors.map((alarm) => alarm.name), { behavior: ecs.AlarmBehavior.ROLLBACK_ON_ALARM });
    for (const { alarm } of alarms.errors) this.service.node.addDependency(alarm);
    balancer.targets.addTarget(
      this.service.loadBalancerTarget({ containerName: 'tollgate', containerPort: VIEWERS_PORT }),
    );
    const scaling = this.service.autoScaleTaskCount({ minCapacity: gateway.minTasks, maxCapacity: gateway.maxTasks });
    scaling.scaleOnCpuUtilization('Processor', {
      targetUtilizationPercent: 60,
      scaleInCooldown: Duration.minutes(5),
      scaleOutCooldown: Duration.minutes(1),
    });
  }
}
