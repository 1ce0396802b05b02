// The first stack of a stage: everything that holds data or that names are given to. It changes seldom.
import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';

import { removal } from './keeping.ts';
import { Media } from './media.ts';
import { Operators } from './operators.ts';
import { SigningKey } from './signing-key.ts';
import type { Stage } from './stage.ts';
import { Tables } from './tables.ts';

export class FoundationStack extends Stack {
  readonly signingKey: SigningKey;
  readonly media: Media;
  readonly tables: Tables;
  readonly repository: ecr.Repository;
  /**
   * The name under which the gateway's stack finds the key group's id. The library would make an export that goes with
   * the group when it is adopted, and CloudFormation deletes no export that somebody imports.
   */
  readonly keyGroupExport: string;

  constructor(scope: Construct, id: string, stage: Stage, props: StackProps) {
    super(scope, id, props);
    this.signingKey = new SigningKey(this, 'SigningKey', stage);
    this.media = new Media(this, 'Media', stage, this.signingKey.keyGroup);
    this.tables = new Tables(this, 'Tables', stage);
    const operators = new Operators(this, 'Operators', stage, this.signingKey, this.tables, this.media);
    this.repository = new ecr.Repository(this, 'Repository', {
      repositoryName: `tollgate-${stage.name}`,
      // A tag that was deployed names the same image for ever.
      imageTagMutability: ecr.TagMutability.IMMUTABLE,
      imageScanOnPush: true,
      encryption: ecr.RepositoryEncryption.AES_256,
      // ECR knows nothing of what runs: thirty tries must not push out the image that a new task would need tonight.
      lifecycleRules: [
        { rulePriority: 1, description: 'What no tag names', tagStatus: ecr.TagStatus.UNTAGGED, maxImageAge: Duration.days(30) },
        { rulePriority: 2, description: 'Years of releases', tagStatus: ecr.TagStatus.TAGGED, tagPatternList: ['*'], maxImageCount: 500 },
      ],
      removalPolicy: removal(stage),
    });
    this.#names(stage);
    this.keyGroupExport = `tollgate-${stage.name}-key-group-id`;

    const { bucket, distribution } = this.media;
    const outputs: Record<string, string> = {
      BucketName: bucket.bucketName,
      DistributionId: distribution.distributionId,
      DistributionDomain: distribution.distributionDomainName,
      ...(this.signingKey.keyPairId !== undefined && { KeyPairId: this.signingKey.keyPairId }),
      SecretName: this.signingKey.secretName,
      RepositoryUri: this.repository.repositoryUri,
      EntitlementsTable: this.tables.entitlements.tableName,
      CatalogTable: this.tables.catalog.tableName,
      SessionsTable: this.tables.sessions.tableName,
      RotationPolicy: operators.rotation.managedPolicyArn,
      AdministrationPolicy: operators.administration.managedPolicyArn,
      DoctorPolicy: operators.doctor.managedPolicyArn,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
    new CfnOutput(this, 'KeyGroupId', { value: this.signingKey.keyGroup.keyGroupId, exportName: this.keyGroupExport });
  }

  /** Without a hosted zone in the stage, whoever runs the DNS points the name at the distribution. */
  #names(stage: Stage): void {
    if (stage.hostedZone === undefined) return;
    const zone = route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: stage.hostedZone.id,
      zoneName: stage.hostedZone.name,
    });
    const target = route53.RecordTarget.fromAlias(new targets.CloudFrontTarget(this.media.distribution));
    const record = { zone, recordName: `${stage.media.domain}.`, target };
    new route53.ARecord(this, 'MediaA', record);
    new route53.AaaaRecord(this, 'MediaAaaa', record);
  }
}
