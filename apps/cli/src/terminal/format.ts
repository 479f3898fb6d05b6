const MIB = 1024 * 1024;

/** 950 ms, 1.2 s, 3 min 5 s. */
export function formatMs(ms: number): string {
  if (ms < 1_000) return `${ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}

/** 12 B, 3.4 KiB, 512 MiB, 1.5 GiB. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < MIB) return `${trim(bytes / 1024)} KiB`;
  if (bytes < 1024 * MIB) return `${trim(bytes / MIB)} MiB`;
  return `${trim(bytes / (1024 * MIB))} GiB`;
}

const trim = (value: number) =>
  value >= 100 ? Math.round(value).toString() : (Math.round(value * 10) / 10).toString();

const SIZES = { '': 1, k: 1024, m: MIB, g: 1024 * MIB } as const;

/** `512m`, `1.5g`, `64KiB`, `1024`: bytes. Undefined when it is none of these. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?$/i.exec(text.trim());
  if (match === null) return undefined;
  const unit = (match[2] ?? '').toLowerCase();
  return Math.round(Number(match[1]) * (unit === 'k' || unit === 'm' || unit === 'g' ? SIZES[unit] : 1));
}

/** `500ms`, `30s`, `2m`, `1h`, or a number of milliseconds. Undefined when it is none of these. */
export function parseMs(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/i.exec(text.trim());
  if (match === null) return undefined;
  const factor = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[(match[2] ?? 'ms').toLowerCase()];
  return factor === undefined ? undefined : Math.round(Number(match[1]) * factor);
}
