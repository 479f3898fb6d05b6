import type { Runtime } from '@fumehood/schema';

/** A runtime, and the entry file that the name it was asked by implies. */
export interface FoundRuntime {
  readonly runtime: Runtime;
  readonly entry: string;
}

/** Finds a runtime by its name or one of its aliases. `runtimes` is keyed by name. */
export function findRuntime(
  runtimes: ReadonlyMap<string, Runtime>,
  nameOrAlias: string,
): FoundRuntime | undefined {
  const named = runtimes.get(nameOrAlias);
  if (named !== undefined) return { runtime: named, entry: named.entry };
  for (const runtime of runtimes.values()) {
    // A name such as `constructor` is a good name and no own key.
    if (!Object.hasOwn(runtime.aliases, nameOrAlias)) continue;
    return { runtime, entry: runtime.aliases[nameOrAlias]?.entry ?? runtime.entry };
  }
  return undefined;
}

/** Every name that finds a runtime: names and aliases, sorted. */
export function runtimeNames(runtimes: ReadonlyMap<string, Runtime>): readonly string[] {
  return [...runtimes.values()].flatMap(({ name, aliases }) => [name, ...Object.keys(aliases)]).sort();
}
