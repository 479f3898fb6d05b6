import { once } from 'node:events';
import { connect } from 'node:net';

/** Sends one command to Redis, past everything that the queue would check. */
export async function redisCommand(socketPath: string, args: readonly string[]): Promise<string> {
  const socket = connect(socketPath);
  const parts = args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`);
  socket.write(`*${args.length}\r\n${parts.join('')}`);
  const [answer] = await once(socket, 'data');
  socket.destroy();
  return String(answer);
}
