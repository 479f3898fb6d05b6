import type { OutputStream } from '../driver.js';
import type { ProgramExit } from '../protocol/program.js';
import type { ExecMessage } from '../protocol/worker-message.js';
import type { ControlStream } from './control-stream.js';
import { StdinSender } from './stdin-sender.js';

/**
 * Starts one program and stays with it until it has ended. Output is handed on message by message, and the next one is not read before
 * `onOutput` is done with the one before: that holds the program back when its reader is slow.
 */
export async function runProgram(
  control: ControlStream,
  exec: ExecMessage,
  stdin: Uint8Array,
  onOutput: (stream: OutputStream, bytes: Uint8Array) => void | Promise<void>,
): Promise<ProgramExit> {
  const input = new StdinSender(control, stdin);
  const started = control.send(exec, ...(stdin.length === 0 ? [{ type: 'stdin_end' } as const] : []));
  // A write that fails is seen by reading, too, which may say why.
  started.catch(() => undefined);

  for (;;) {
    const message = control.take() ?? (await control.next());
    switch (message.type) {
      case 'stdout':
      case 'stderr': {
        const taken = onOutput(message.type, message.bytes);
        if (taken !== undefined) await taken;
        break;
      }
      case 'stdin_credit':
        input.grant(message.bytes);
        break;
      case 'exit':
        return message.exit;
      default:
        break;
    }
  }
}
