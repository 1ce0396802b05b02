// The CDK app. `cdk synth -c stage=prod` makes the templates of one stage from stages/prod.json.
import { resolve } from 'node:path';

import { App } from 'aws-cdk-lib';

import { StageError } from './lib/fields.ts';
import { installation } from './lib/installation.ts';
import { readStage, STAGES } from './lib/stage.ts';

const app = new App({ analyticsReporting: false });
const context = (key: string): unknown => app.node.tryGetContext(key);
try {
  const name = STAGES.find((stage) => stage === context('stage'));
  if (name === undefined) throw new StageError('The stage', [`-c stage=: must be one of ${STAGES.join(', ')}`]);
  // A folder of one's own keeps an installation apart from this repository; paths in the files count from it.
  const folder = resolve(String(context('stages') ?? resolve(import.meta.dirname, 'stages')));
  // Only for looking at templates: what comes of it carries a rule that refuses to be deployed.
  const allowSampleKey = context('sample-key') === 'true';
  installation(app, readStage(name, { folder, allowSampleKey }));
} catch (error) {
  if (!(error instanceof StageError)) throw error;
  // A mistake of whoever wrote the stage needs no stack trace.
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}
