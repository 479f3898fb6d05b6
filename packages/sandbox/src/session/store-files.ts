import type { SandboxFile } from '../driver.js';
import { MAX_PAYLOAD_BYTES } from '../protocol/frame.js';
import type { WorkerMessage } from '../protocol/worker-message.js';
import { SandboxError } from '../sandbox-error.js';
import type { ControlStream } from './control-stream.js';
import { TRANSFER_BYTES_PER_MS, withTimeLimit } from './time-limit.js';

const BASE_MS = 10_000;
/** Messages in one write, at most. */
const BATCH = 128;

/** Puts the files into the workspace. That init has stored them all is known when it starts the command. */
export async function storeFiles(control: ControlStream, files: readonly SandboxFile[]): Promise<void> {
  if (files.length === 0) return;
  const bytes = files.reduce((sum, file) => sum + file.content.length, 0);
  await withTimeLimit(
    BASE_MS + bytes / TRANSFER_BYTES_PER_MS,
    control.duringSilence(sendAll(control, files)),
    () => new SandboxError('start_timeout', 'sandbox-init did not take the files in time'),
  );
}

/** Small files share a write; each write waits until the one before was taken. */
async function sendAll(control: ControlStream, files: readonly SandboxFile[]): Promise<void> {
  let batch: WorkerMessage[] = [];
  let batchBytes = 0;
  for (const message of messagesOf(files)) {
    batch.push(message);
    if (message.type === 'file_data') batchBytes += message.bytes.length;
    if (batchBytes < MAX_PAYLOAD_BYTES && batch.length < BATCH) continue;
    await control.send(...batch);
    batch = [];
    batchBytes = 0;
  }
  await control.send(...batch);
}

function* messagesOf(files: readonly SandboxFile[]): Iterable<WorkerMessage> {
  for (const { path, content, executable } of files) {
    yield { type: 'file', path, executable, bytes: content.length };
    for (let start = 0; start < content.length; start += MAX_PAYLOAD_BYTES) {
      yield { type: 'file_data', bytes: content.subarray(start, start + MAX_PAYLOAD_BYTES) };
    }
  }
}
