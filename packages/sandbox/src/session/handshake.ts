import { PROTOCOL_VERSION } from '../protocol/frame.js';
import type { ControlStream } from './control-stream.js';

/** Resolves when init is up, speaks our version of the protocol, and has found its workspace in order. */
export async function handshake(control: ControlStream): Promise<void> {
  await control.next();
  await control.send({ type: 'hello', version: PROTOCOL_VERSION });
  await control.next();
}
