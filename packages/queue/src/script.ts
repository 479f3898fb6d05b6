import type { Redis } from 'ioredis';
import type { z } from 'zod';
import { asQueueError, QueueError } from './queue-error.js';

/** A Lua script: runs atomically in Redis. KEYS[1] is the prefix, from which it derives every key. It answers with JSON. */
export interface Script<Args, Reply> {
  readonly name: string;
  readonly lua: string;
  /** ARGV. */
  readonly encode: (args: Args) => readonly (string | Buffer | number)[];
  readonly reply: z.ZodType<Reply>;
}

/** Arguments that a script reads with `cjson.decode(ARGV[1])`. */
export const asJson = (args: object): readonly string[] => [JSON.stringify(args)];

/** Registers scripts with a client; ioredis then sends their hash, and the text only to a server that does not know it. */
export function registerScripts(
  redis: Redis,
  scripts: readonly { readonly name: string; readonly lua: string }[],
): void {
  for (const { name, lua } of scripts) redis.defineCommand(name, { numberOfKeys: 1, lua });
}

export type RunScript = <Args, Reply>(script: Script<Args, Reply>, args: Args) => Promise<Reply>;

export function scriptRunner(redis: Redis, prefix: string): RunScript {
  return async (script, args) => {
    try {
      const command = Reflect.get(redis, script.name);
      const answer: unknown = await Reflect.apply(command, redis, [prefix, ...script.encode(args)]);
      return parseReply(script, answer);
    } catch (error) {
      throw asQueueError(error);
    }
  };
}

export function parseReply<Args, Reply>(script: Script<Args, Reply>, answer: unknown): Reply {
  const reply = script.reply.safeParse(typeof answer === 'string' ? JSON.parse(answer) : undefined);
  if (reply.success) return reply.data;
  throw new QueueError('corrupt', `The script ${script.name} gave an unexpected answer`, {
    cause: reply.error,
  });
}
