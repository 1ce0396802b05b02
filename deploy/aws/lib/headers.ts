// What the distribution adds to every answer: headers for security, and leave for the players' origins to read it.
import { Duration } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';

import type { Stage } from './stage.ts';

export function responseHeaders(scope: Construct, id: string, stage: Stage): cloudfront.ResponseHeadersPolicy {
  const origins = [...stage.media.corsOrigins];
  return new cloudfront.ResponseHeadersPolicy(scope, id, {
    comment: `Tollgate ${stage.name}: security headers, CORS for players`,
    securityHeadersBehavior: {
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: cloudfront.HeadersFrameOption.DENY, override: true },
      // An address here is a signed one: it must not travel on to other sites.
      referrerPolicy: { referrerPolicy: cloudfront.HeadersReferrerPolicy.NO_REFERRER, override: true },
      strictTransportSecurity: { accessControlMaxAge: Duration.days(730), override: true },
      // Media and pictures only. A poster that is an SVG with a script in it runs nothing beside the viewer's cookies.
      contentSecurityPolicy: {
        contentSecurityPolicy:
          "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        override: true,
      },
    },
    ...(origins.length > 0 && {
      corsBehavior: {
        accessControlAllowCredentials: true,
        accessControlAllowOrigins: origins,
        accessControlAllowMethods: ['GET', 'HEAD', 'OPTIONS'],
        accessControlAllowHeaders: ['Range', 'If-Range', 'If-None-Match', 'If-Modified-Since', 'Cache-Control'],
        accessControlExposeHeaders: ['Accept-Ranges', 'Content-Length', 'Content-Range', 'Date', 'ETag'],
        accessControlMaxAge: Duration.minutes(10),
        originOverride: true,
      },
    }),
  });
}
