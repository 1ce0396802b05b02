// The signing key: its public half in CloudFront's key group, and the empty secret for its private half.
//
// `tollgate keys rotate` adds and removes keys in the key group while CloudFormation looks elsewhere. CloudFormation
// writes a resource only when its properties in the template change, and then writes all of them: one changed letter
// would put the first key back and throw the live one out, and every viewer with it. Hence three rules:
//
// 1. A stage starts with `signingKey.publicKeyFile`, and then nothing but that file is part of the two resources: no
//    name, no comment, no other field of the stage. test/signing-key.test.ts holds every other field against them.
// 2. Both are retained, so that the template can forget them without CloudFront noticing. Only when their own creation
//    is rolled back are they deleted: nobody has signed with them yet.
// 3. After the first deployments the stage says `signingKey.keyGroupId`. From then on no template holds the key group,
//    and no deployment can touch it. This comes before the first rotation; docs/deploy-aws.md has it as a step.
import { CfnParameter, CfnRule, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

import { removal } from './keeping.ts';
import type { Stage } from './stage.ts';

export class SigningKey extends Construct {
  readonly keyGroup: cloudfront.IKeyGroup;
  /** CloudFront's id of the first key; none once the key group is adopted. */
  readonly keyPairId: string | undefined;
  readonly secretName: string;
  readonly secretArn: string;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);
    const key = stage.signingKey;
    if (key.kind === 'adopted') {
      this.keyGroup = cloudfront.KeyGroup.fromKeyGroupId(this, 'KeyGroup', key.keyGroupId);
    } else {
      if (key.kind === 'sample') refuseToDeploy(this);
      const publicKey = new cloudfront.PublicKey(this, 'FirstKey', { encodedKey: key.publicKey });
      const keyGroup = new cloudfront.KeyGroup(this, 'KeyGroup', { items: [publicKey] });
      publicKey.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
      keyGroup.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
      this.keyGroup = keyGroup;
      this.keyPairId = publicKey.publicKeyId;
    }
    this.secretName = `tollgate/${stage.name}/signing-key`;
    // The plain resource, because the construct of the library has a value generated. Without one the secret is empty:
    // nothing secret is in the template, and a gateway that starts too early stops, naming the secret, instead of signing
    // nonsense.
    const secret = new secretsmanager.CfnSecret(this, 'Secret', {
      name: this.secretName,
      description: 'CloudFront signing key of Tollgate: {"keyPairId": "K...", "privateKey": "-----BEGIN..."}',
    });
    secret.applyRemovalPolicy(removal(stage));
    this.secretArn = secret.ref;
  }
}

/** A rule that no deployment keeps: nobody has the private half of the sample key, so nothing could ever be played. */
function refuseToDeploy(scope: Construct): void {
  const stack = Stack.of(scope);
  const key = new CfnParameter(stack, 'Key', { default: 'sample', allowedValues: ['sample', 'own'] });
  key.overrideLogicalId('SigningKeyOfThisTemplate');
  new CfnRule(stack, 'SampleKeyIsNotDeployed', {
    assertions: [
      {
        assert: Fn.conditionAnd(Fn.conditionEquals(key, 'own'), Fn.conditionEquals(key, 'sample')),
        assertDescription: 'This template was made with the sample key. Name signingKey.publicKeyFile in the stage file.',
      },
    ],
  });
}
