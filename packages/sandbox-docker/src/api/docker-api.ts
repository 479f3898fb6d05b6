import { Agent } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { SandboxError, type SandboxErrorCode } from '@fumehood/sandbox';
import Docker from 'dockerode';
import type { z } from 'zod';
import {
  ContainerAnswer,
  ImageAnswer,
  InfoAnswer,
  ListAnswer,
  type VersionAnswer as Version,
  VersionAnswer,
} from './answers.js';
import { attachStream } from './attach-stream.js';
import { bounded } from './bounded.js';
import type { CreateBody } from './create-body.js';
import { asSandboxError, engineAnswer } from './engine-error.js';

/** How long the engine has for one call, and who may call it off. */
export interface CallOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** What running out of time means; `engine_unavailable` when absent. */
  readonly timeoutCode?: SandboxErrorCode;
}

/** The Engine API, as far as it is used here. Every call is bounded in time and rejects with SandboxError, or with `signal.reason`. */
export interface DockerApi {
  readonly socketPath: string;
  version(options?: CallOptions): Promise<Version>;
  info(options?: CallOptions): Promise<InfoAnswer>;
  /** Undefined when there is no such image. */
  inspectImage(reference: string, options?: CallOptions): Promise<ImageAnswer | undefined>;
  tagImage(reference: string, repository: string, tag: string, options?: CallOptions): Promise<void>;
  /** The messages of a build, as they come. */
  buildImage(
    context: Readable,
    query: Readonly<Record<string, string>>,
    options?: CallOptions,
  ): Promise<Readable>;
  create(name: string, body: CreateBody, options?: CallOptions): Promise<void>;
  attach(name: string, options?: CallOptions): Promise<Duplex>;
  start(name: string, options?: CallOptions): Promise<void>;
  inspect(name: string, options?: CallOptions): Promise<ContainerAnswer>;
  /** Kills and removes, anonymous volumes too. Resolves as well when there is no such container. */
  remove(name: string, options?: CallOptions): Promise<void>;
  list(label: string, options?: CallOptions): Promise<ListAnswer>;
  /** Cuts every connection that is still open, those of attached containers excepted. */
  close(): void;
}

const CALL_TIMEOUT_MS = 15_000;

export function dockerApi(socketPath: string): DockerApi {
  // No connection is kept: one that the daemon closed meanwhile would fail the next call.
  const agent = new Agent({ keepAlive: false });
  // An undefined host keeps DOCKER_HOST from overruling the path.
  const connection = { socketPath, host: undefined, protocol: 'http' as const, agent };
  const docker = new Docker(connection);

  const call = async <T>(
    doing: string,
    options: CallOptions,
    work: (abortSignal: AbortSignal) => Promise<T>,
    discard?: (late: T) => void,
  ): Promise<T> => {
    const { timeoutMs = CALL_TIMEOUT_MS, signal, timeoutCode = 'engine_unavailable' } = options;
    const onTimeout = () =>
      new SandboxError(
        timeoutCode,
        `The engine at ${socketPath} did not answer within ${timeoutMs} ms while ${doing}`,
      );
    try {
      return await bounded(work, { timeoutMs, signal, onTimeout }, discard);
    } catch (error) {
      if (signal?.aborted === true && error === signal.reason) throw error;
      throw asSandboxError(error, doing, socketPath);
    }
  };

  const asked = async <T extends z.ZodType>(
    schema: T,
    doing: string,
    options: CallOptions,
    work: (abortSignal: AbortSignal) => Promise<unknown>,
  ): Promise<z.infer<T>> => {
    const parsed = schema.safeParse(await call(doing, options, work));
    if (parsed.success) return parsed.data;
    throw new SandboxError('engine_failed', `The engine's answer was not understood while ${doing}`, {
      cause: parsed.error,
    });
  };

  return {
    socketPath,
    version: (options = {}) => asked(VersionAnswer, 'asking its version', options, () => docker.version()),
    info: (options = {}) => asked(InfoAnswer, 'asking about it', options, () => docker.info()),
    async inspectImage(reference, options = {}) {
      const doing = `looking for the image ${reference}`;
      try {
        return await asked(ImageAnswer, doing, options, () => docker.getImage(reference).inspect());
      } catch (error) {
        if (causeStatus(error) === 404) return undefined;
        throw error;
      }
    },
    tagImage: (reference, repo, tag, options = {}) =>
      call(`tagging the image ${reference}`, options, async (abortSignal) => {
        await docker.getImage(reference).tag({ repo, tag, abortSignal });
      }),
    buildImage: (context, query, options = {}) =>
      call('building an image', options, async (abortSignal) => {
        const messages = await docker.buildImage(context, { ...query, abortSignal });
        return messages as Readable;
      }),
    create: (name, body, options = {}) =>
      call(`creating the container ${name}`, options, async (abortSignal) => {
        // Else dockerode would repeat the body in the query.
        const request = { _query: { name }, _body: body, abortSignal };
        await docker.createContainer(request);
      }),
    attach: (name, options = {}) =>
      call(
        `attaching to the container ${name}`,
        options,
        (abortSignal) => attachStream(socketPath, name, abortSignal),
        (late) => late.destroy(),
      ),
    start: (name, options = {}) =>
      call(`starting the container ${name}`, options, async (abortSignal) => {
        await docker.getContainer(name).start({ abortSignal });
      }),
    inspect: (name, options = {}) =>
      asked(ContainerAnswer, `inspecting the container ${name}`, options, (abortSignal) =>
        docker.getContainer(name).inspect({ abortSignal }),
      ),
    async remove(name, options = {}) {
      try {
        await call(`removing the container ${name}`, options, (abortSignal) =>
          docker.getContainer(name).remove({ force: true, v: true, abortSignal }),
        );
      } catch (error) {
        if (causeStatus(error) !== 404) throw error;
      }
    },
    list: (label, options = {}) =>
      asked(ListAnswer, 'listing containers', options, (abortSignal) =>
        docker.listContainers({ all: true, filters: { label: [label] }, abortSignal }),
      ),
    close: () => agent.destroy(),
  };
}

const causeStatus = (error: unknown): number | undefined =>
  error instanceof Error ? engineAnswer(error.cause)?.status : undefined;
