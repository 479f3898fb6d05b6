import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const EVERY_MS = 50;

/**
 * Watches a server's connections. The function it returns is called when the server begins to close: it closes those that have nothing
 * under way, now and as they come to that. Node itself would wait for an event stream's connection to be idle for its keep-alive
 * time, and a minute for a first request on one that was opened in advance.
 */
export function connectionCloser(server: Server): () => void {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  const closeIdle = () => {
    server.closeIdleConnections();
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
  };
  return () => {
    closeIdle();
    const timer = setInterval(closeIdle, EVERY_MS).unref();
    server.once('close', () => clearInterval(timer));
  };
}
