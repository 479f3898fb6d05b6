import type { ApiServer } from './server-deps.js';

/**
 * Stops taking requests, ends event streams and waiting requests, and lets the others finish; what is not done in time is cut off.
 * Never rejects.
 */
export async function drain(server: ApiServer, timeoutMs: number): Promise<void> {
  const cutOff = setTimeout(() => server.server.closeAllConnections(), timeoutMs);
  try {
    await server.close();
  } catch (error) {
    server.log.error({ err: error }, 'closing the server failed');
  } finally {
    clearTimeout(cutOff);
  }
}
