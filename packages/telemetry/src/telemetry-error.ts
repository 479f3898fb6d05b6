/** What telemetry itself can fail at. */
export const TELEMETRY_ERRORS = {
  listen_failed: { retry: true, meaning: 'The address of /metrics and /readyz can not be listened on' },
} as const;

export type TelemetryErrorCode = keyof typeof TELEMETRY_ERRORS;

export class TelemetryError extends Error {
  override readonly name = 'TelemetryError';
  readonly code: TelemetryErrorCode;

  constructor(code: TelemetryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
