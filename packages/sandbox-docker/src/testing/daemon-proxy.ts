import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';

/** A socket in front of the daemon's, on which requests can be made to hang, or be cut. */
export interface DaemonProxy extends AsyncDisposable {
  readonly socketPath: string;
  /** First lines of the requests so far, such as "POST /containers/create?name=x HTTP/1.1". */
  readonly requests: readonly string[];
  /** Requests that match are not passed on, and never answered. */
  hang(request: RegExp): void;
  /** Requests that match are passed on; their answer is never passed back. */
  swallowAnswer(request: RegExp): void;
  /** Lets everything pass again. */
  relent(): void;
  /** Closes the connections that are open. */
  cut(): void;
}

export async function daemonProxy(folder: string, daemonPath: string): Promise<DaemonProxy> {
  const socketPath = join(folder, 'docker.sock');
  const requests: string[] = [];
  const hanging: RegExp[] = [];
  const swallowed: RegExp[] = [];
  const sockets = new Set<Socket>();
  const matches = (patterns: readonly RegExp[], line: string) =>
    patterns.some((pattern) => pattern.test(line));

  // The client opens a connection for each request, so the first bytes decide.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    sockets.add(client);
    client.on('error', () => undefined);
    client.once('data', (head) => {
      const line = head.toString('latin1').split('\r\n', 1)[0] ?? '';
      requests.push(line);
      if (matches(hanging, line)) return;
      const daemon = connect({ path: daemonPath, allowHalfOpen: true });
      sockets.add(daemon);
      daemon.on('error', () => client.destroy());
      client.on('close', () => daemon.destroy());
      daemon.on('close', () => client.destroy());
      daemon.write(head);
      client.pipe(daemon);
      if (matches(swallowed, line)) daemon.resume();
      else daemon.pipe(client);
    });
  });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    socketPath,
    requests,
    hang: (request) => void hanging.push(request),
    swallowAnswer: (request) => void swallowed.push(request),
    relent() {
      hanging.length = 0;
      swallowed.length = 0;
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
