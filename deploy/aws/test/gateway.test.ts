// The gateway in its network: TLS in front, no root, no public address, a quiet end.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { EVERY, file, list, named, only, resources, stageOf, templatesOf, type Json } from './support.ts';

for (const { stage, foundation, gateway } of EVERY) {
  describe(`gateway of ${stage.name}`, () => {
    const task = only(gateway, 'AWS::ECS::TaskDefinition').Properties;
    const service = only(gateway, 'AWS::ECS::Service').Properties;
    const targets = only(gateway, 'AWS::ElasticLoadBalancingV2::TargetGroup').Properties;
    const attributes = (list: Json[]) => Object.fromEntries(list.map((one) => [one.Key, one.Value]));
    const [container] = task.ContainerDefinitions;
    const setting = (name: string) => container.Environment.find((one: Json) => one.Name === name)?.Value;

    test('the container is no root, writes nowhere and has no powers', () => {
      assert.equal(task.ContainerDefinitions.length, 1);
      assert.equal(container.User, '65532:65532');
      assert.equal(container.ReadonlyRootFilesystem, true);
      assert.deepEqual(container.LinuxParameters.Capabilities, { Drop: ['ALL'] });
      assert.equal(container.Privileged, undefined);
      assert.equal(container.Secrets, undefined);
      assert.deepEqual(task.RequiresCompatibilities, ['FARGATE']);
      assert.equal(service.EnableExecuteCommand, false);
    });

    test('the image is a tag that means one image', () => {
      const image = JSON.stringify(container.Image);
      assert.ok(image.endsWith(`":${stage.gateway.imageTag}"]]}`), image);
    });

    test('tasks have no public address and are reached from the load balancer only', () => {
      const { AssignPublicIp, SecurityGroups, Subnets } = service.NetworkConfiguration.AwsvpcConfiguration;
      assert.equal(AssignPublicIp, 'DISABLED');
      const [tasks] = Object.keys(resources(gateway, 'AWS::EC2::SecurityGroup')).filter((id) => id.startsWith('Tasks'));
      assert.deepEqual(SecurityGroups, [{ 'Fn::GetAtt': [tasks, 'GroupId'] }]);
      for (const { Ref } of Subnets) assert.match(Ref, /gatewaySubnet/);
      for (const [id, { Properties }] of Object.entries(resources(gateway, 'AWS::EC2::Subnet'))) {
        assert.equal(Properties.MapPublicIpOnLaunch, false, id);
      }
      const { Properties } = named(gateway, 'AWS::EC2::SecurityGroup', 'Tasks');
      assert.equal(Properties.SecurityGroupIngress, undefined);
      assert.deepEqual(Properties.SecurityGroupEgress.map((one: Json) => [one.IpProtocol, one.FromPort, one.ToPort]), [['tcp', 443, 443]]);
      const ingress = Object.values(resources(gateway, 'AWS::EC2::SecurityGroupIngress')).map((one: Json) => one.Properties);
      assert.deepEqual(ingress.map((one) => one.FromPort).sort(), [8080, 9090]);
      for (const one of ingress) assert.match(JSON.stringify(one.SourceSecurityGroupId), /BalancerViewers/);
    });

    test('viewers are served over modern TLS only', () => {
      const listeners = Object.values(resources(gateway, 'AWS::ElasticLoadBalancingV2::Listener')).map((one: Json) => one.Properties);
      const [https, http] = ['HTTPS', 'HTTP'].map((protocol) => listeners.filter((one) => one.Protocol === protocol));
      assert.deepEqual([https!.length, http!.length, listeners.length], [1, 1, 2]);
      assert.equal(https![0].SslPolicy, 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09');
      assert.deepEqual(https![0].Certificates, [{ CertificateArn: stage.gateway.certificateArn }]);
      const [redirect] = http![0].DefaultActions;
      assert.deepEqual([redirect.Type, redirect.RedirectConfig], [
        'redirect', { Port: '443', Protocol: 'HTTPS', StatusCode: 'HTTP_301' },
      ]);
      const balancer = attributes(only(gateway, 'AWS::ElasticLoadBalancingV2::LoadBalancer').Properties.LoadBalancerAttributes);
      assert.equal(balancer['routing.http.drop_invalid_header_fields.enabled'], 'true');
      assert.equal(balancer['access_logs.s3.enabled'], 'true');
      assert.equal(balancer['deletion_protection.enabled'], 'false', 'until the key group is adopted');
    });

    test('a task is replaced when it is dead, not when DynamoDB is, and it is asked on a port that viewers do not reach', () => {
      assert.deepEqual([targets.HealthCheckPath, targets.HealthCheckPort, targets.Matcher], ['/healthz', '9090', { HttpCode: '200' }]);
      assert.equal(targets.Port, 8080);
      assert.equal(setting('TOLLGATE__GATEWAY__LISTEN'), '0.0.0.0:8080');
      assert.equal(setting('TOLLGATE__GATEWAY__OPERATORS_LISTEN'), '0.0.0.0:9090');
      const { SecurityGroupIngress } = named(gateway, 'AWS::EC2::SecurityGroup', 'BalancerViewers').Properties;
      assert.deepEqual(SecurityGroupIngress.map((one: Json) => one.FromPort).sort(), [443, 80]);
    });

    test('a task that ends finishes what it began', () => {
      const delay = Number(setting('TOLLGATE__GATEWAY__DRAIN_DELAY'));
      const timeout = Number(setting('TOLLGATE__GATEWAY__DRAIN_TIMEOUT'));
      const deregistration = Number(attributes(targets.TargetGroupAttributes)['deregistration_delay.timeout_seconds']);
      assert.ok(deregistration >= delay + timeout);
      // Killed only when Tollgate had its time, and within what Fargate allows.
      assert.ok(container.StopTimeout >= delay + timeout + 5 && container.StopTimeout <= 120);
    });

    test('a deployment that does not work is taken back, and viewers notice neither', () => {
      assert.deepEqual(service.DeploymentConfiguration.DeploymentCircuitBreaker, { Enable: true, Rollback: true });
      // Tasks that live and cannot grant are healthy; that viewers get errors takes the release back.
      const alarms = service.DeploymentConfiguration.Alarms;
      assert.deepEqual([alarms.Enable, alarms.Rollback], [true, true]);
      const watched = Object.entries(resources(gateway, 'AWS::CloudWatch::Alarm'))
        .filter(([, one]) => alarms.AlarmNames.includes(one.Properties.AlarmName));
      assert.deepEqual(watched.map(([, one]) => one.Properties.MetricName).sort(), ['HTTPCode_ELB_5XX_Count', 'HTTPCode_Target_5XX_Count']);
      assert.equal(alarms.AlarmNames.length, 2);
      const waits = list(only(gateway, 'AWS::ECS::Service').DependsOn);
      for (const [id] of watched) assert.ok(waits.includes(id), id);
      assert.equal(service.DeploymentConfiguration.MinimumHealthyPercent, 100);
      const scaling = only(gateway, 'AWS::ApplicationAutoScaling::ScalableTarget').Properties;
      assert.deepEqual([scaling.MinCapacity, scaling.MaxCapacity], [stage.gateway.minTasks, stage.gateway.maxTasks]);
      // How many tasks there are is for the scaling to say: a release must not take away what an evening needs.
      assert.equal(service.DesiredCount, undefined);
      if (stage.name === 'prod') assert.ok(scaling.MinCapacity >= 2);
    });

    test('the doctor can be run as a task with what the stack puts out', () => {
      const outputs = gateway.toJSON().Outputs;
      const [definition] = Object.keys(resources(gateway, 'AWS::ECS::TaskDefinition'));
      assert.deepEqual(outputs.TaskDefinition.Value, { Ref: definition });
      const { SecurityGroups, Subnets } = service.NetworkConfiguration.AwsvpcConfiguration;
      assert.deepEqual(outputs.TaskSecurityGroup.Value, SecurityGroups[0]);
      assert.deepEqual(outputs.TaskSubnets.Value, { 'Fn::Join': [',', Subnets] });
    });

    test('the doctor is told the key group by a name that adoption leaves alone', () => {
      const name = `tollgate-${stage.name}-key-group-id`;
      assert.deepEqual(setting('TOLLGATE__CLOUDFRONT__KEY_GROUP_ID'), { 'Fn::ImportValue': name });
      assert.deepEqual(foundation.toJSON().Outputs.KeyGroupId.Export, { Name: name });
      // Any other import of the group would hold up the deployment that hands it over.
      const [group] = Object.keys(resources(foundation, 'AWS::CloudFront::KeyGroup'));
      assert.equal(JSON.stringify(gateway.toJSON()).includes(group!), false);
    });

    test('the address of the viewer is taken from the load balancer', () => {
      const cidr = only(gateway, 'AWS::EC2::VPC').Properties.CidrBlock;
      assert.equal(setting('TOLLGATE__GATEWAY__TRUSTED_PROXIES'), JSON.stringify([cidr]));
    });

    test('logs end, and S3 and DynamoDB are reached without the NAT gateways', () => {
      const groups = Object.values(resources(gateway, 'AWS::Logs::LogGroup')).map((one: Json) => one.Properties.RetentionInDays);
      assert.deepEqual(groups, [stage.logRetentionDays, stage.logRetentionDays]);
      const endpoints = Object.values(resources(gateway, 'AWS::EC2::VPCEndpoint')).map((one: Json) => one.Properties.VpcEndpointType);
      assert.equal(endpoints.filter((one) => one === 'Gateway').length, 2);
      assert.equal(endpoints.filter((one) => one === 'Interface').length, stage.network.interfaceEndpoints ? 4 : 0);
    });
  });
}

test('with a hosted zone, both names lead where they belong', () => {
  const value = file('prod');
  value.hostedZone = { id: 'Z0123456789ABC', name: 'example.com' };
  const { foundation, gateway } = templatesOf(stageOf('prod', value));
  const names = (template: Json) => Object.values(resources(template, 'AWS::Route53::RecordSet'))
    .map((one: Json) => `${one.Properties.Type} ${one.Properties.Name}`).sort();
  assert.deepEqual(names(foundation), ['A media.example.com.', 'AAAA media.example.com.']);
  assert.deepEqual(names(gateway), ['A api.example.com.']);
});
