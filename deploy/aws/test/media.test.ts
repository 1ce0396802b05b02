// The distribution and the bucket: nothing without a signature, nothing past the distribution.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { bindsAddress } from '../lib/environment.ts';
import { EVERY, file, list, named, only, resources, stageOf, templatesOf, type Json } from './support.ts';

const UNCACHED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad'; // The managed policy CachingDisabled.

for (const { stage, foundation, gateway, edgeLogs } of EVERY) {
  describe(`media of ${stage.name}`, () => {
    const config = only(foundation, 'AWS::CloudFront::Distribution').Properties.DistributionConfig;
    const behaviors: Json[] = [...config.CacheBehaviors, config.DefaultCacheBehavior];
    const [keyGroup] = Object.keys(resources(foundation, 'AWS::CloudFront::KeyGroup'));
    const [cached] = Object.keys(resources(foundation, 'AWS::CloudFront::CachePolicy'));

    test('every behaviour asks for a signature by the one key group, over TLS only', () => {
      assert.equal(behaviors.length, 4);
      for (const behavior of behaviors) {
        assert.deepEqual(behavior.TrustedKeyGroups, [{ Ref: keyGroup }], behavior.PathPattern);
        assert.equal(behavior.TrustedSigners, undefined);
        assert.equal(behavior.ViewerProtocolPolicy, 'https-only');
        assert.deepEqual(behavior.AllowedMethods, ['GET', 'HEAD', 'OPTIONS']);
        assert.equal(behavior.LambdaFunctionAssociations, undefined);
        assert.equal(behavior.FunctionAssociations, undefined);
      }
    });

    test('playlists are matched before segments and are not cached; all else is', () => {
      assert.deepEqual(config.CacheBehaviors.map((one: Json) => one.PathPattern), [
        '*.m3u8', '*.mpd', 'content/series/*/video/*/*',
      ]);
      assert.deepEqual(behaviors.map((one) => one.CachePolicyId), [UNCACHED, UNCACHED, { Ref: cached }, { Ref: cached }]);
    });

    test('neither queries nor cookies nor headers are part of the cache key', () => {
      const policy = only(foundation, 'AWS::CloudFront::CachePolicy').Properties.CachePolicyConfig;
      assert.deepEqual(policy.ParametersInCacheKeyAndForwardedToOrigin, {
        CookiesConfig: { CookieBehavior: 'none' },
        EnableAcceptEncodingBrotli: false,
        EnableAcceptEncodingGzip: false,
        HeadersConfig: { HeaderBehavior: 'none' },
        QueryStringsConfig: { QueryStringBehavior: 'none' },
      });
    });

    test('nothing that was signed is forwarded to S3', () => {
      const policy = only(foundation, 'AWS::CloudFront::OriginRequestPolicy').Properties.OriginRequestPolicyConfig;
      assert.deepEqual(policy.QueryStringsConfig, { QueryStringBehavior: 'none' });
      assert.deepEqual(policy.CookiesConfig, { CookieBehavior: 'none' });
      assert.deepEqual(policy.HeadersConfig.Headers, [
        'Origin', 'Access-Control-Request-Method', 'Access-Control-Request-Headers',
      ]);
      const [id] = Object.keys(resources(foundation, 'AWS::CloudFront::OriginRequestPolicy'));
      for (const behavior of behaviors) assert.deepEqual(behavior.OriginRequestPolicyId, { Ref: id });
    });

    test('the distribution speaks HTTP/3 and TLS 1.2 or newer, by the name that is signed for', () => {
      assert.equal(config.Enabled, true);
      assert.equal(config.HttpVersion, 'http2and3');
      assert.equal(config.ViewerCertificate.MinimumProtocolVersion, 'TLSv1.2_2021');
      assert.equal(config.ViewerCertificate.SslSupportMethod, 'sni-only');
      assert.deepEqual(config.Aliases, [stage.media.domain]);
      const [container] = only(gateway, 'AWS::ECS::TaskDefinition').Properties.ContainerDefinitions;
      const signed = container.Environment.find((one: Json) => one.Name === 'TOLLGATE__POLICY__DOMAIN');
      assert.deepEqual(config.Aliases, [signed.Value]);
      const links = container.Environment.find((one: Json) => one.Name === 'TOLLGATE__POLICY__GATEWAY_URL');
      assert.equal(links.Value, `https://${stage.gateway.domain}`);
      assert.equal(config.IPV6Enabled, true);
    });

    test('every answer has the security headers and leave for the origins of the stage', () => {
      const policy = only(foundation, 'AWS::CloudFront::ResponseHeadersPolicy').Properties.ResponseHeadersPolicyConfig;
      const { SecurityHeadersConfig: security, CorsConfig: cors } = policy;
      assert.equal(security.ContentTypeOptions.Override, true);
      assert.equal(security.ReferrerPolicy.ReferrerPolicy, 'no-referrer');
      assert.ok(security.StrictTransportSecurity.AccessControlMaxAgeSec >= 31_536_000);
      assert.match(security.ContentSecurityPolicy.ContentSecurityPolicy, /^default-src 'none';/);
      assert.deepEqual(cors.AccessControlAllowOrigins.Items, stage.media.corsOrigins);
      // With credentials, a star anywhere would be refused by CloudFront or by browsers.
      assert.equal(JSON.stringify(cors).includes('"*"'), false);
      assert.equal(cors.OriginOverride, true);
      const [id] = Object.keys(resources(foundation, 'AWS::CloudFront::ResponseHeadersPolicy'));
      for (const behavior of behaviors) assert.deepEqual(behavior.ResponseHeadersPolicyId, { Ref: id });
    });

    test('the only way into the bucket is this distribution with its own signature', () => {
      const [bucketId] = Object.keys(resources(foundation, 'AWS::S3::Bucket'));
      const [distributionId] = Object.keys(resources(foundation, 'AWS::CloudFront::Distribution'));
      const control = only(foundation, 'AWS::CloudFront::OriginAccessControl').Properties.OriginAccessControlConfig;
      assert.deepEqual([control.OriginAccessControlOriginType, control.SigningBehavior, control.SigningProtocol], ['s3', 'always', 'sigv4']);
      const [controlId] = Object.keys(resources(foundation, 'AWS::CloudFront::OriginAccessControl'));
      assert.equal(config.Origins.length, 1);
      assert.deepEqual(config.Origins[0].OriginAccessControlId, { 'Fn::GetAtt': [controlId, 'Id'] });
      assert.deepEqual(config.Origins[0].S3OriginConfig, { OriginAccessIdentity: '' });

      const statements: Json[] = only(foundation, 'AWS::S3::BucketPolicy').Properties.PolicyDocument.Statement;
      const allowed = statements.filter((one) => one.Effect === 'Allow');
      const arn = ['arn:', { Ref: 'AWS::Partition' }, ':cloudfront::', { Ref: 'AWS::AccountId' }, ':distribution/', { Ref: distributionId }];
      assert.deepEqual(allowed, [{
        Action: 's3:GetObject',
        Condition: { StringEquals: { 'AWS:SourceArn': { 'Fn::Join': ['', arn] } } },
        Effect: 'Allow',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [bucketId, 'Arn'] }, '/*']] },
      }]);
    });

    test('no bucket is public, unencrypted, or to be had without TLS', () => {
      const buckets = [foundation, gateway, edgeLogs].flatMap((template) =>
        Object.entries(resources(template, 'AWS::S3::Bucket')).map(([id, bucket]) => ({ template, id, bucket })));
      assert.equal(buckets.length, 3);
      for (const { template, id, bucket } of buckets) {
        assert.deepEqual(bucket.Properties.PublicAccessBlockConfiguration, {
          BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true,
        });
        assert.deepEqual(bucket.Properties.OwnershipControls.Rules, [{ ObjectOwnership: 'BucketOwnerEnforced' }]);
        assert.ok(bucket.Properties.BucketEncryption);
        assert.equal(bucket.Properties.AccessControl, undefined);
        assert.equal(bucket.Properties.WebsiteConfiguration, undefined);
        const policy = Object.values(resources(template, 'AWS::S3::BucketPolicy'))
          .find((one: Json) => one.Properties.Bucket.Ref === id)!;
        const denied = policy.Properties.PolicyDocument.Statement.filter((one: Json) => one.Effect === 'Deny');
        const conditions = denied.map((one: Json) => one.Condition);
        assert.deepEqual(conditions, [
          { Bool: { 'aws:SecureTransport': 'false' } }, { NumericLessThan: { 's3:TlsVersion': 1.2 } },
        ]);
        for (const one of denied) assert.deepEqual([one.Action, list(one.Resource).length], ['s3:*', 2]);
      }
    });

    test('what was overwritten in the media bucket can be had back', () => {
      const bucket = named(foundation, 'AWS::S3::Bucket', 'MediaBucket');
      assert.equal(bucket.Properties.VersioningConfiguration.Status, 'Enabled');
      if (stage.name === 'prod') assert.equal(bucket.DeletionPolicy, 'RetainExceptOnCreate');
    });

    test('access logs hold everything but queries, cookies and referrers', () => {
      const delivery = only(edgeLogs, 'AWS::Logs::Delivery').Properties;
      const source = only(edgeLogs, 'AWS::Logs::DeliverySource').Properties;
      assert.equal(source.LogType, 'ACCESS_LOGS');
      assert.match(JSON.stringify(source.ResourceArn), /^\{"Fn::Join":\["",\["arn:aws:cloudfront::\d{12}:distribution\//);
      assert.ok(delivery.RecordFields.includes('cs-uri-stem') && delivery.RecordFields.includes('sc-status'));
      for (const field of ['cs-uri-query', 'cs(Cookie)', 'cs(Referer)']) {
        assert.equal(delivery.RecordFields.includes(field), false, field);
      }
      // The older way logs every field there is.
      assert.equal(config.Logging, undefined);
    });
  });
}

test('signatures that are bound to an IPv4 address need a distribution without IPv6', () => {
  const value = file('prod');
  value.gateway.environment['TOLLGATE__POLICY__BIND_IP'] = 'true';
  const stage = stageOf('prod', value);
  assert.equal(bindsAddress(stage), true);
  const { foundation } = templatesOf(stage);
  assert.equal(only(foundation, 'AWS::CloudFront::Distribution').Properties.DistributionConfig.IPV6Enabled, false);
});

test('without origins of players there is no CORS at all', () => {
  const value = file('prod');
  value.media.corsOrigins = [];
  const { foundation } = templatesOf(stageOf('prod', value));
  const policy = only(foundation, 'AWS::CloudFront::ResponseHeadersPolicy').Properties.ResponseHeadersPolicyConfig;
  assert.equal(policy.CorsConfig, undefined);
  assert.equal(named(foundation, 'AWS::S3::Bucket', 'MediaBucket').Properties.CorsConfiguration, undefined);
});
