import { workspacePathFault } from '@fumehood/schema';
import { SandboxError } from '../sandbox-error.js';
import { matchesPattern } from './artifact-pattern.js';
import { printable } from './printable.js';

export interface CollectRequest {
  readonly patterns: readonly string[];
  readonly maxCount: number;
  readonly maxBytes: number;
}

/**
 * Holds init to what it was asked for: every artifact has a path in order, matches a pattern, comes once, and all of them keep within
 * count and bytes. sandbox-init keeps these rules itself, so a breach is a protocol error.
 */
export class ArtifactCheck {
  readonly #request: CollectRequest;
  readonly #paths = new Set<string>();
  #bytes = 0;

  constructor(request: CollectRequest) {
    this.#request = request;
  }

  announced(path: string, bytes: number): void {
    const fault = this.#faultOf(path);
    if (fault !== undefined)
      throw refusal(`the artifact ${JSON.stringify(printable(path, 200))}, which ${fault}`);
    this.#paths.add(path);
    this.#bytes += bytes;
    if (this.#paths.size > this.#request.maxCount) throw refusal('more artifacts than were asked for');
    if (this.#bytes > this.#request.maxBytes) throw refusal('more bytes of artifacts than were asked for');
  }

  ended(collected: number): void {
    if (collected !== this.#paths.size) {
      throw refusal(`${collected} as the number of artifacts, after ${this.#paths.size}`);
    }
  }

  #faultOf(path: string): string | undefined {
    const fault = workspacePathFault(path);
    if (fault !== undefined) return fault;
    if (this.#paths.has(path)) return 'it sent before';
    if (!this.#request.patterns.some((pattern) => matchesPattern(pattern, path))) return 'nobody asked for';
    return undefined;
  }
}

const refusal = (what: string) => new SandboxError('protocol', `sandbox-init sent ${what}`, { began: true });
