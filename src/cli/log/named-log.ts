import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { pathFrom } from '../surroundings.ts';
import { type LocalLog, openData, openExport } from './log-source.ts';

/** The one log on this machine that a command names: an export’s directory, or a broker’s data. @throws Ending */
export function openNamedLog(
  { surroundings }: CliContext,
  directory: string | undefined,
  data: string | undefined,
): LocalLog {
  if (directory !== undefined && data === undefined) return openExport(pathFrom(surroundings, directory));
  if (data !== undefined && directory === undefined) return openData(pathFrom(surroundings, data));
  throw new Ending(
    exitCode.usage,
    'Name one log: an export’s directory, or --data DIR.',
    'From a server: countersign log export --out DIR, then name DIR.',
  );
}
