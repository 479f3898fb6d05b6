/** A key that no other submission has. Not randomUUID: browsers have that in secure contexts alone. */
export function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `auto-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
