import type { FastifyRequest, RouteOptions } from 'fastify';
import { ApiError } from './api-error.js';

export interface RouteTable {
  /** For the server's onRoute hook. */
  add(route: Pick<RouteOptions, 'method' | 'url'>): void;
  /** What a request is told that matched no route: 405 with the methods there are, or 404. */
  problem(request: FastifyRequest): ApiError;
}

/** Knows which methods each path has, to tell a wrong method from a wrong path. */
export function routeTable(): RouteTable {
  const methodsOf = new Map<string, Set<string>>();
  return {
    add({ method, url }) {
      const methods = methodsOf.get(url) ?? new Set();
      for (const name of [method].flat()) methods.add(name.toUpperCase());
      methodsOf.set(url, methods);
    },
    problem({ raw, method }) {
      const path = (raw.url ?? '').replace(/[?#].*$/s, '');
      const methods = [...methodsOf]
        .filter(([pattern]) => matches(pattern, path))
        .flatMap(([, names]) => [...names]);
      // A route with the right method that finds nothing there, such as a file of the documentation, ends here, too.
      if (methods.length === 0 || methods.includes(method))
        return new ApiError('not_found', 'There is no endpoint at this path; see /docs.');
      const allow = [...new Set(methods)].sort().join(', ');
      return new ApiError('method_not_allowed', `This path takes ${allow}.`, { headers: { allow } });
    },
  };
}

/** `:name` stands for one part of a path, a final `*` for all that follows. */
export function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.at(-1) !== '*' && wanted.length !== given.length) return false;
  return wanted.every((part, index) => {
    const other = given[index];
    if (part === '*' || other === undefined) return part === '*' && other !== undefined;
    return part === other || (part.startsWith(':') && other !== '');
  });
}
