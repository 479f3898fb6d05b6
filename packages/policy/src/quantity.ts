import type { LimitName } from '@fumehood/schema';

const BYTE_UNITS = ['bytes', 'KiB', 'MiB', 'GiB'] as const;
const TIME_UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const;

/** A limit's value for people: `512 MiB`, `30 s`, `1.5`. Exact: a value that a unit can't say exactly is said in a smaller one. */
export function formatLimit(name: LimitName, value: number): string {
  if (name.endsWith('Bytes')) return formatBytes(value);
  if (name.endsWith('Ms')) return formatMs(value);
  return String(value);
}

export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (unit < BYTE_UNITS.length - 1 && value >= 1024 && Number.isInteger((value / 1024) * 4)) {
    value /= 1024;
    unit += 1;
  }
  return value === 1 && unit === 0 ? '1 byte' : `${value} ${BYTE_UNITS[unit]}`;
}

export function formatMs(ms: number): string {
  const [size, unit] = TIME_UNITS.find(([size]) => ms >= size && Number.isInteger((ms / size) * 10)) ?? [
    1,
    'ms',
  ];
  return `${ms / size} ${unit}`;
}
