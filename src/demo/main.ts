import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { narrator, StepFailed } from './narrator.ts';
import { type Stage, setStage } from './stage.ts';
import { tellStory } from './story.ts';

const write = (text: string) => process.stdout.write(text);

/** `npm run demo [-- --exit] [-- --data DIR]`: exits with 0, or with the number of the step that failed. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { exit: { type: 'boolean', default: false }, data: { type: 'string' } },
  });
  const directory = await directoryOf(values.data);
  if (directory === undefined) return 2;
  const told = narrator(write);
  told.say('Countersign demo · real broker, real log, invented people · nothing leaves this machine');
  told.say();
  const stage = await setStage(directory, 'error');
  let status = 0;
  try {
    told.say(`   set up: eight people, two of whom signed the policy; ${stage.entriesBefore} entries`);
    told.say();
    await tellStory(stage, told);
    if (!values.exit) await stayUp(stage, told.say);
  } catch (error) {
    told.say(error instanceof Error ? `\n✗ ${error.message}` : String(error));
    status = error instanceof StepFailed ? error.step : 1;
  }
  await stage.stop();
  if (values.data === undefined) await rm(directory, { recursive: true, force: true });
  return status;
}

async function directoryOf(data: string | undefined): Promise<string | undefined> {
  if (data === undefined) return mkdtemp(join(tmpdir(), 'countersign-demo-'));
  const directory = resolve(process.env['INIT_CWD'] ?? '.', data);
  const holds = await readdir(directory).catch(() => []);
  if (holds.length === 0) return directory;
  process.stderr.write(
    `${directory} is not empty. Name a directory that is new or empty; the demo overwrites nothing.\n`,
  );
  return undefined;
}

async function stayUp(stage: Stage, say: (text?: string) => void): Promise<void> {
  say();
  say(
    `Open  ${stage.brokerUrl}    as Maya, Tomas, Noor the auditor or whoever you like; ${stage.brokerUrl}/docs is the API’s page`,
  );
  say(`Try   npm run -s countersign -- --server ${stage.brokerUrl} login      (the page asks whom you play)`);
  say('      npm run -s countersign -- catalog');
  say(
    '      npm run -s countersign -- request orders-db-operator -t INC-2291 -d 15m -r "try it"      (as Maya)',
  );
  say(
    '      npm run -s countersign -- exec orders-look -r "try it" -- sh -c \'cut -c1-40 "$COUNTERSIGN_TOKEN_FILE"\'',
  );
  say(
    '      npm run -s countersign -- approve r-…                                                   (as Tomas)',
  );
  say(
    '      npm run -s countersign -- log tail                                                      (as Noor)',
  );
  say(`      npm run -s countersign -- log verify --data ${stage.data}`);
  say('Codes come from any authenticator with these secrets; a code works once:');
  for (const { name, secret } of [stage.users.maya, stage.users.tomas])
    say(`      ${name.padEnd(14)} ${secret() ?? ''}`);
  say('Ctrl-C ends the demo.');
  await new Promise<void>((done) => {
    process.once('SIGINT', () => done());
    process.once('SIGTERM', () => done());
  });
}

process.exitCode = await main();
