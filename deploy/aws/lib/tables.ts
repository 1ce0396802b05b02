// The three DynamoDB tables: who may watch, what there is, who is watching.
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';

import { refusesDeletion, removal } from './keeping.ts';
import type { Stage } from './stage.ts';

const text = (name: string): dynamodb.Attribute => ({ name, type: dynamodb.AttributeType.STRING });

export class Tables extends Construct {
  readonly entitlements: dynamodb.Table;
  readonly catalog: dynamodb.Table;
  readonly sessions: dynamodb.Table;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);
    // Names are fixed so that the gateway, `tollgate grant` and a restored backup need no look-up.
    const table = (name: string, keys: Pick<dynamodb.TableProps, 'partitionKey' | 'sortKey' | 'timeToLiveAttribute'>) =>
      new dynamodb.Table(this, name, {
        ...keys,
        tableName: `tollgate-${stage.name}-${name.toLowerCase()}`,
        billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
        encryption: dynamodb.TableEncryption.AWS_MANAGED,
        deletionProtection: refusesDeletion(stage),
        removalPolicy: removal(stage),
      });
    this.entitlements = table('Entitlements', { partitionKey: text('user'), sortKey: text('series') });
    this.catalog = table('Catalog', { partitionKey: text('series'), sortKey: text('episode') });
    // One item per user holds all their leases. The attribute only cleans up: expiry is checked on every read.
    this.sessions = table('Sessions', { partitionKey: text('user'), timeToLiveAttribute: 'expiresAt' });
  }

  get all(): readonly dynamodb.Table[] {
    return [this.entitlements, this.catalog, this.sessions];
  }
}
