/** The value that stands for all that came too late to get one of its own. */
export const OTHER = 'other';

/**
 * Bounds how many values a label takes: the first `maxValues` distinct ones stand for themselves, all others are `other`.
 * Each label value is a time series that a monitoring system keeps; tenants must not be able to make them without end.
 */
export function boundedLabel(maxValues: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= maxValues) return OTHER;
    known.add(value);
    return value;
  };
}
