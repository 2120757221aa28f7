import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { writeSignIn } from '../../src/cli/account/sign-in-file.ts';
import { run } from '../../src/cli/run.ts';
import type { Surroundings } from '../../src/cli/surroundings.ts';
import { type Name, startWorld, type TurnedClock, type World, type WorldOptions } from '../http/harness.ts';
import { signIn } from '../http/person.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Given {
  /** What is piped in; nobody can be asked then. */
  readonly stdin?: string;
  /**
   * Somebody sits at a terminal and types one of these at each question; a function is called when it is asked, and what
   * it leaves undefined is not typed.
   */
  readonly answers?: readonly (string | ((stderrSoFar: string) => string | undefined))[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Somebody looks at standard error, on a terminal of so many columns. */
  readonly columns?: number;
  /** Where relative paths begin; the machine's home when left out. */
  readonly directory?: string;
  /** Ctrl-C, when it resolves. */
  readonly interrupt?: Promise<unknown>;
  /** Told as it is written, for a test that acts while the command waits. */
  readonly onStderr?: (soFar: string) => void;
  readonly onStdout?: (soFar: string) => void;
}

/** One home directory: what is signed in there stays there. */
export interface Machine {
  readonly home: string;
  readonly surroundings: (given?: Given) => Surroundings;
  run(words: readonly string[], given?: Given): Promise<Ran>;
}

export interface CliWorld extends World {
  /** Runs a command where that person is signed in. A code for it: `world.people.maya.code()`. */
  runCli(user: Name, words: readonly string[], given?: Given): Promise<Ran>;
  machineOf(user: Name): Promise<Machine>;
  /** Where nobody is signed in yet. */
  newMachine(): Machine;
}

/** The broker of the HTTP tests with its people and policy (test/http/policy-text.ts), each at a machine of their own. */
export async function startCliWorld(options?: WorldOptions): Promise<CliWorld> {
  const world = await startWorld(options);
  const root = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
  const machines = new Map<Name, Promise<Machine>>();
  const newMachine = () => machineAt(mkdtempSync(join(root, 'home-')), world.clock);
  const machineOf = (user: Name) => {
    const machine = machines.get(user) ?? signedInMachine(world, user, newMachine());
    machines.set(user, machine);
    return machine;
  };
  const stop = async () => {
    await world.stop();
    rmSync(root, { recursive: true });
  };
  const runCli = async (user: Name, words: readonly string[], given?: Given) =>
    (await machineOf(user)).run(words, given);
  return { ...world, stop, machineOf, newMachine, runCli };
}

/** A sign-in of its own, so that nobody else spends its refresh token. */
async function signedInMachine(world: World, user: Name, machine: Machine): Promise<Machine> {
  const { id, key, tokens } = await signIn(world, user);
  const { kty = '', crv = '', x = '', y = '', d = '' } = key.privateJwk;
  await writeSignIn(machine.surroundings(), {
    server: world.url,
    person: id,
    access_token: tokens().access,
    access_expires_at_ms: world.clock.nowMs() + 300_000,
    refresh_token: tokens().refresh,
    key: { kty, crv, x, y, d },
  });
  return machine;
}

export function machineAt(home: string, clock: Pick<TurnedClock, 'nowMs'> = { nowMs: Date.now }): Machine {
  const begin = (given: Given = {}) => {
    const [stdout, stderr, terminal] = [
      collecting(given.onStdout),
      collecting(given.onStderr),
      new PassThrough(),
    ];
    const stdin = given.answers === undefined ? Readable.from([given.stdin ?? '']) : atTerminal(terminal);
    answerWhenAsked(terminal, stderr, given.answers ?? []);
    const surroundings: Surroundings = {
      // As over ssh: no test opens a page on the screen of whoever runs it.
      environment: { PATH: process.env['PATH'], HOME: home, SSH_CONNECTION: 'test', ...given.environment },
      directory: given.directory ?? home,
      nowMs: clock.nowMs,
      stdin,
      stdout: stdout.stream,
      stderr:
        given.columns === undefined
          ? stderr.stream
          : Object.assign(stderr.stream, { isTTY: true, columns: given.columns }),
      onInterrupt: (listener) => {
        let heard = true;
        void given.interrupt?.then(() => heard && listener('SIGINT'));
        return () => {
          heard = false;
        };
      },
    };
    return { surroundings, stdout, stderr };
  };
  return {
    home,
    surroundings: (given) => begin(given).surroundings,
    async run(words, given) {
      const { surroundings, stdout, stderr } = begin(given);
      const code = await run(words, surroundings);
      return { code, stdout: stdout.text(), stderr: stderr.text() };
    },
  };
}

const atTerminal = (stream: PassThrough) => Object.assign(stream, { isTTY: true, setRawMode: () => stream });

interface Collecting {
  readonly stream: Writable;
  /** Without the marks by which a terminal's cursor is put back for a question. */
  text(): string;
  onText(listener: (soFar: string) => void): void;
}

function collecting(first?: (soFar: string) => void): Collecting {
  let all = '';
  const listeners = first === undefined ? [] : [first];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what Node's readline writes round a question
  const text = () => all.replaceAll(/\u001b\[(?:[0-9]*G|0J)/g, '');
  const stream = new Writable({
    write(piece, _encoding, done) {
      all += String(piece);
      for (const listener of listeners) listener(text());
      done();
    },
  });
  return { stream, text, onText: (listener) => void listeners.push(listener) };
}

/** A question is what ends in a colon or question mark and a blank, and no line end. */
function answerWhenAsked(
  terminal: PassThrough,
  stderr: Collecting,
  answers: NonNullable<Given['answers']>,
): void {
  let next = 0;
  let answeredAt = -1;
  stderr.onText((soFar) => {
    if (!/[:?] $/.test(soFar) || soFar.length === answeredAt) return;
    answeredAt = soFar.length;
    const answer = answers[next++];
    // Nobody answers any more: the terminal is closed, and the command must bear it.
    if (answer === undefined) setImmediate(() => terminal.end());
    else setImmediate(() => typeLine(terminal, typeof answer === 'string' ? answer : answer(soFar)));
  });
}

function typeLine(terminal: PassThrough, line: string | undefined): void {
  if (line !== undefined) terminal.write(`${line}\n`);
}
