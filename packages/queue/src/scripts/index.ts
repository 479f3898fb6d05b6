import { addArtifactScript } from './add-artifact.js';
import { addedScript } from './added.js';
import { appendAuditScript } from './append-audit.js';
import { beginScript } from './begin.js';
import { cancelScript } from './cancel.js';
import { claimScript } from './claim.js';
import { dropScript } from './drop.js';
import { endScript } from './end.js';
import { heldUnderScript } from './held-under.js';
import { pulseScript } from './pulse.js';
import { requeueScript } from './requeue.js';
import { retakeScript } from './retake.js';
import { retryScript } from './retry.js';
import { submitScript } from './submit.js';
import { sweepScript } from './sweep.js';
import { writeOutputScript } from './write-output.js';

/** What every connection gets registered. */
export const SCRIPTS: readonly { readonly name: string; readonly lua: string }[] = [
  addArtifactScript,
  addedScript,
  appendAuditScript,
  beginScript,
  cancelScript,
  claimScript,
  dropScript,
  endScript,
  heldUnderScript,
  pulseScript,
  requeueScript,
  retakeScript,
  retryScript,
  submitScript,
  sweepScript,
  writeOutputScript,
];
