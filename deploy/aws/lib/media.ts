// The distribution: every path needs a signature, playlists are fetched anew, segments are cached.
import { Duration, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

import { mediaBucket } from './bucket.ts';
import { bindsAddress } from './environment.ts';
import { responseHeaders } from './headers.ts';
import type { Stage } from './stage.ts';

/** Playlists wherever they lie, so that the policy's `hls-path` may lead elsewhere. `*` crosses slashes here. */
const PLAYLISTS = ['*.m3u8', '*.mpd'];
/** What belongs to an episode, as the default of `hls-path` has it. */
const SEGMENTS = 'content/series/*/video/*/*';

export class Media extends Construct {
  readonly bucket: s3.Bucket;
  readonly distribution: cloudfront.Distribution;

  constructor(scope: Construct, id: string, stage: Stage, keyGroup: cloudfront.IKeyGroup) {
    super(scope, id);
    this.bucket = mediaBucket(this, 'Bucket', stage);

    // One object, one entry, whoever asks and however the request is signed.
    const cached = new cloudfront.CachePolicy(this, 'Cached', {
      comment: `Tollgate ${stage.name}: the path alone is the key`,
      queryStringBehavior: cloudfront.CacheQueryStringBehavior.none(),
      cookieBehavior: cloudfront.CacheCookieBehavior.none(),
      headerBehavior: cloudfront.CacheHeaderBehavior.none(),
      minTtl: Duration.seconds(1),
      defaultTtl: Duration.days(1),
      maxTtl: Duration.days(365),
    });
    // S3 is told where a preflight comes from, and nothing that was signed: no query, no cookie.
    const forwarded = new cloudfront.OriginRequestPolicy(this, 'Forwarded', {
      comment: `Tollgate ${stage.name}: what S3 needs to answer preflights`,
      queryStringBehavior: cloudfront.OriginRequestQueryStringBehavior.none(),
      cookieBehavior: cloudfront.OriginRequestCookieBehavior.none(),
      headerBehavior: cloudfront.OriginRequestHeaderBehavior.allowList(
        'Origin', 'Access-Control-Request-Method', 'Access-Control-Request-Headers',
      ),
    });
    const behavior = (cachePolicy: cloudfront.ICachePolicy): cloudfront.BehaviorOptions => ({
      origin,
      cachePolicy,
      originRequestPolicy: forwarded,
      responseHeadersPolicy: headers,
      trustedKeyGroups: [keyGroup],
      allowedMethods: cloudfront.AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
      // What is signed is an https URL. A redirect would invite players to send the signature in the clear first.
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
      compress: false,
    });
    // Reading only: with leave to list, CloudFront could be asked for the list of everything at "/".
    const origin = S3BucketOrigin.withOriginAccessControl(this.bucket, {
      originAccessLevels: [cloudfront.AccessLevel.READ],
    });
    const headers = responseHeaders(this, 'Headers', stage);
    const uncached = behavior(cloudfront.CachePolicy.CACHING_DISABLED);

    this.distribution = new cloudfront.Distribution(this, 'Distribution', {
      comment: `Tollgate ${stage.name}`,
      // The name that Tollgate signs for: the two come from one field of the stage.
      domainNames: [stage.media.domain],
      certificate: acm.Certificate.fromCertificateArn(this, 'Certificate', stage.media.certificateArn),
      minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      enableIpv6: !bindsAddress(stage),
      priceClass: cloudfront.PriceClass[priceClass(stage)],
      // Raw videos and posters are signed by their exact URL, wherever they lie: what no other path matches is
      // protected as well.
      defaultBehavior: behavior(cached),
      additionalBehaviors: {
        ...Object.fromEntries(PLAYLISTS.map((path) => [path, uncached])),
        [SEGMENTS]: behavior(cached),
      },
    });
  }

  get distributionArn(): string {
    return Stack.of(this).formatArn({
      service: 'cloudfront',
      region: '',
      resource: 'distribution',
      resourceName: this.distribution.distributionId,
    });
  }
}

function priceClass(stage: Stage): keyof typeof cloudfront.PriceClass {
  const names = { PriceClass_100: 'PRICE_CLASS_100', PriceClass_200: 'PRICE_CLASS_200', PriceClass_All: 'PRICE_CLASS_ALL' } as const;
  return names[stage.media.priceClass];
}
