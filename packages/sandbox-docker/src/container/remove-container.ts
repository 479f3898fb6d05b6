import { setTimeout as sleep } from 'node:timers/promises';
import type { DockerApi } from '../api/docker-api.js';

const RETRY_MS = 100;

/**
 * Kills and removes a container, trying again while the engine refuses: it does so while the container is just starting, or being removed
 * by somebody else. Rejects with the last refusal when the time is up.
 */
export async function removeContainer(api: DockerApi, name: string, limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const timeoutMs = Math.max(1, deadline - performance.now());
    try {
      return await api.remove(name, { timeoutMs });
    } catch (error) {
      if (performance.now() + RETRY_MS >= deadline) throw error;
      await sleep(RETRY_MS);
    }
  }
}
