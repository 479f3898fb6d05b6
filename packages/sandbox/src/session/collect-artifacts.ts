import { RESERVED_PREFIX } from '@fumehood/schema';
import type { RunIo, RunResult } from '../driver.js';
import { ArtifactCheck, type CollectRequest } from './artifact-check.js';
import type { ControlStream } from './control-stream.js';
import { Patience } from './patience.js';
import { printable } from './printable.js';

/** What a collection has brought; filled in as it goes, so that what came before an end by force is kept. */
export interface Collected {
  readonly artifacts: RunResult['artifacts'][number][];
  readonly skippedArtifacts: RunResult['skippedArtifacts'][number][];
}

/** Has init send the artifacts, and hands one after the other to `onArtifact`. */
export async function collectArtifacts(
  control: ControlStream,
  request: CollectRequest,
  onArtifact: RunIo['onArtifact'],
  { artifacts, skippedArtifacts }: Collected,
): Promise<void> {
  const check = new ArtifactCheck(request);
  const patience = new Patience(control);
  await control.send({ type: 'collect', ...request });

  for (;;) {
    const message = await patience.next();
    switch (message.type) {
      case 'artifact': {
        const { path, bytes } = message;
        check.announced(path, bytes);
        if (path.startsWith(RESERVED_PREFIX)) {
          skippedArtifacts.push({ path, reason: 'path' });
        } else {
          await onArtifact(path, bytes, contentOf(control, patience));
          artifacts.push({ path, bytes });
        }
        while (control.artifactBytesLeft > 0) await patience.next();
        break;
      }
      case 'artifact_skipped': {
        const path = printable(message.path, 1024);
        skippedArtifacts.push({ path, reason: message.reason });
        // Its bytes were sent before the change was seen; they are not the file's.
        if (message.reason === 'changed' && artifacts.at(-1)?.path === path) artifacts.pop();
        break;
      }
      case 'collected':
        check.ended(message.collected);
        return;
      default:
        break;
    }
  }
}

async function* contentOf(control: ControlStream, patience: Patience): AsyncGenerator<Uint8Array> {
  while (control.artifactBytesLeft > 0) {
    const message = await patience.next();
    if (message.type === 'artifact_data') yield message.bytes;
  }
}
