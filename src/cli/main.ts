#!/usr/bin/env node
import { exitCode } from './exit-codes.ts';
import { run } from './run.ts';
import { processSurroundings } from './surroundings.ts';

// `log tail | head`: whoever reads the pipe may have enough before we are done, and that is no failure.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) =>
  process.exit(code === 'EPIPE' ? exitCode.done : exitCode.failure),
);

process.exitCode = await run(process.argv.slice(2), processSurroundings());
