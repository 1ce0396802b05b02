// What is kept when a stage goes, and from when on.
//
// A first deployment that fails is rolled back, and what that leaves behind stands in the way of the second one: names
// of tables, of the secret and the like are fixed. So everything is retained except while its own creation is rolled
// back, and what would refuse to be deleted does so only once the foundation stands, which the stage says by naming its
// key group in place of the first public key. Until then there is nothing in it that could be lost.
import { RemovalPolicy } from 'aws-cdk-lib';

import type { Stage } from './stage.ts';

/** For whatever holds data or has a fixed name. */
export function removal(stage: Stage): RemovalPolicy {
  return stage.protect ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}

/** Whether stacks, tables and the load balancer refuse to be deleted. */
export function refusesDeletion(stage: Stage): boolean {
  return stage.protect && stage.signingKey.kind === 'adopted';
}
