import { z } from 'zod';

/** What is read of the Engine API's answers. Docker and Podman say more, and Podman leaves some of it out. */

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const list = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);

export const VersionAnswer = z.object({
  Version: text,
  ApiVersion: text,
  Arch: text,
  KernelVersion: text,
  Components: z
    .array(z.object({ Name: z.string(), Version: text }))
    .nullish()
    .transform((value) => value ?? []),
});
export type VersionAnswer = z.infer<typeof VersionAnswer>;

export const InfoAnswer = z.object({
  Driver: text,
  CgroupDriver: text,
  CgroupVersion: text,
  SecurityOptions: list,
  Runtimes: z
    .record(z.string(), z.object({ path: text }).nullable())
    .nullish()
    .transform((value) => value ?? {}),
  DefaultRuntime: text,
  NCPU: z
    .number()
    .nullish()
    .transform((value) => value ?? 0),
  MemTotal: z
    .number()
    .nullish()
    .transform((value) => value ?? 0),
  MemoryLimit: flag,
  SwapLimit: flag,
  PidsLimit: flag,
  CpuCfsQuota: flag,
});
export type InfoAnswer = z.infer<typeof InfoAnswer>;

export const ContainerAnswer = z.object({
  Id: z.string(),
  State: z.object({
    Running: flag,
    Pid: z
      .number()
      .nullish()
      .transform((value) => value ?? 0),
    ExitCode: z
      .number()
      .nullish()
      .transform((value) => value ?? 0),
    OOMKilled: flag,
    Error: text,
  }),
  Mounts: z
    .array(z.object({ Type: text, Destination: text }))
    .nullish()
    .transform((value) => value ?? []),
});
export type ContainerAnswer = z.infer<typeof ContainerAnswer>;

export const ListAnswer = z.array(
  z.object({
    Id: z.string(),
    Names: list,
    Labels: z
      .record(z.string(), z.string())
      .nullish()
      .transform((value) => value ?? {}),
  }),
);
export type ListAnswer = z.infer<typeof ListAnswer>;

export const ImageAnswer = z.object({
  Id: z.string(),
  RepoTags: list,
  Architecture: text,
  Os: text,
  Size: z
    .number()
    .nullish()
    .transform((value) => value ?? 0),
  Created: text,
  Config: z
    .object({
      Env: list,
      Volumes: z
        .record(z.string(), z.unknown())
        .nullish()
        .transform((value) => Object.keys(value ?? {})),
      Labels: z
        .record(z.string(), z.string())
        .nullish()
        .transform((value) => value ?? {}),
    })
    .nullish()
    .transform((value) => value ?? { Env: [], Volumes: [], Labels: {} }),
});
export type ImageAnswer = z.infer<typeof ImageAnswer>;
