/** What building runtimes needs of a container engine. */
export interface ImageEngine {
  /** The image that a tag or a digest names; undefined when the engine has none. */
  inspect(reference: string): Promise<EngineImage | undefined>;
  /** Builds a folder that holds a Dockerfile; the image gets the tag. Rejects when the build fails. */
  build(options: BuildOptions): Promise<EngineImage>;
}

export interface EngineImage {
  readonly digest: string;
  readonly bytes: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface BuildOptions {
  readonly contextDir: string;
  readonly tag: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether to run every step again, though the engine has seen it before. */
  readonly fresh: boolean;
  readonly signal: AbortSignal;
  /** Called with each line that the build says. */
  onLine(line: string): void;
}
