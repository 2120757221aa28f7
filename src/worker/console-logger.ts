import type { Config } from '../config.ts';
import type { HttpParts } from '../http/parts.ts';

const MOST_CAUSES = 4;
const [INFO, ERROR] = [30, 50];

/** One JSON object a line, as a process writes them; a Worker's log is its console. */
export function consoleLogger(level: Config['logLevel']): HttpParts['logger'] {
  const isQuiet = level === 'warn' || level === 'error';
  return {
    info: (...given: readonly unknown[]) => {
      if (!isQuiet) line(INFO, given);
    },
    error: (...given: readonly unknown[]) => line(ERROR, given),
  };
}

/** As pino has it: something to tell and a message, or a message alone. */
function line(level: number, [first, second]: readonly unknown[]): void {
  const told = typeof first === 'object' && first !== null ? first : {};
  const message = typeof first === 'string' ? first : second;
  const plain = Object.fromEntries(Object.entries(told).map(([name, value]) => [name, plainError(value)]));
  const text = JSON.stringify({ level, time: Date.now(), ...plain, msg: message });
  // biome-ignore lint/suspicious/noConsole: the platform collects nothing else
  if (level >= ERROR) console.error(text);
  // biome-ignore lint/suspicious/noConsole: the same
  else console.log(text);
}

/** Messages and stacks, never properties, where libraries keep requests and answers. */
function plainError(value: unknown, depth = 0): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  const because = cause === undefined || depth >= MOST_CAUSES ? {} : { cause: plainError(cause, depth + 1) };
  return { name, message, stack, ...because };
}
