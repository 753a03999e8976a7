/** Logging: by level, to the caller's logger, never raising. */

/** Where log lines go. `console` is one. */
export interface Logger {
  error(message: string, details?: unknown): void;
  warn(message: string, details?: unknown): void;
  info(message: string, details?: unknown): void;
  debug(message: string, details?: unknown): void;
}

const LEVELS = ['off', 'error', 'warn', 'info', 'debug'] as const;

/** How much is logged: each level includes those before it. */
export type LogLevel = (typeof LEVELS)[number];

/** Whether that is a level's name. */
export const isLogLevel = (value: unknown): value is LogLevel => LEVELS.includes(value as LogLevel);

/** A log function that knows its level. `details` is called only when the line is written. */
export interface Log {
  (level: Exclude<LogLevel, 'off'>, message: string, details?: () => unknown): void;
  /** The level in force. */
  level: LogLevel;
}

/** Makes the log function of a client. */
export function createLog(logger: Logger | undefined, level: LogLevel): Log {
  const log = async (at: Exclude<LogLevel, 'off'>, message: string, details?: () => unknown): Promise<void> => {
    if (LEVELS.indexOf(at) > LEVELS.indexOf(level)) return;
    try {
      // Awaited, because it may be an async function.
      if (details) await logger?.[at](`[twig] ${message}`, details());
      else await logger?.[at](`[twig] ${message}`);
    } catch {
      // A broken logger must not break a call, or end the program.
    }
  };
  return Object.assign(log, { level });
}
