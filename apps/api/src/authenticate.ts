import { hashApiKey, type KeyOwner, type Scope, type Tenant } from '@fumehood/policy';
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import { ApiError } from './api-error.js';
import type { ServerDeps } from './server-deps.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before a handler behind `authenticate` runs. */
    caller: Caller | null;
  }
}

/** Whose request it is. */
export interface Caller {
  readonly tenant: string;
  readonly keyId: string;
  readonly scopes: readonly Scope[];
  readonly settings: Tenant;
}

const BEARER = /^Bearer +([\x21-\x7e]{1,512})$/i;

/** A refused request, for the audit trail. Nothing of the key itself is in it. */
export interface AuthRefusal {
  readonly reason: 'no_key' | 'unknown_key' | 'scope_missing';
  readonly owner: KeyOwner | undefined;
  readonly route: string;
  readonly address: string;
}

/**
 * A hook that lets only requests with a valid key and the scope pass, before anything of the body is read. The key is looked up by its
 * SHA-256 in a map: what a lookup's time tells is of the hash, not of the key.
 */
export function authenticate(
  deps: Pick<ServerDeps, 'config'>,
  scope: Scope,
  onRefused: (refusal: AuthRefusal) => Promise<void>,
): onRequestAsyncHookHandler {
  return async (request) => {
    const key = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const { keys, tenants } = deps.config.current;
    const owner = key === undefined ? undefined : keys.get(hashApiKey(key));
    const settings = owner === undefined ? undefined : tenants.get(owner.tenant);
    const refuse = (reason: AuthRefusal['reason']) =>
      onRefused({
        reason,
        owner,
        route: `${request.method} ${request.routeOptions.url ?? ''}`,
        address: request.ip,
      });
    if (owner === undefined || settings === undefined) {
      await refuse(key === undefined ? 'no_key' : 'unknown_key');
      throw unauthenticated(key === undefined);
    }
    if (!owner.scopes.includes(scope)) {
      await refuse('scope_missing');
      throw new ApiError('forbidden', `This endpoint needs a key with the scope ${scope}.`);
    }
    request.caller = { ...owner, settings };
  };
}

function unauthenticated(keyIsMissing: boolean): ApiError {
  const detail = keyIsMissing
    ? 'Send a key as `Authorization: Bearer <key>`.'
    : 'The key is not known. It may have been replaced, or belong to another fleet.';
  const challenge = `Bearer realm="fumehood"${keyIsMissing ? '' : ', error="invalid_token"'}`;
  return new ApiError('unauthenticated', detail, { headers: { 'www-authenticate': challenge } });
}

/** The caller, in a handler behind `authenticate`. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error('The route is not behind authenticate.');
  return request.caller;
}
