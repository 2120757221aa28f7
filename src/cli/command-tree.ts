import type { Command } from 'commander';

/** The words of the command line, as completion needs them. */
export interface CommandNode {
  /** `factor enrol`; empty for the program itself. */
  readonly path: string;
  readonly words: readonly CompletionWord[];
}

export interface CompletionWord {
  readonly word: string;
  readonly description: string;
  readonly kind: 'command' | 'option' | 'choice';
}

/** Every command with what may stand after it; options of the program itself are known everywhere. */
export function commandTree(program: Command): readonly CommandNode[] {
  return nodesUnder(program, '', optionsOf(program));
}

function nodesUnder(
  command: Command,
  path: string,
  everywhere: readonly CompletionWord[],
): readonly CommandNode[] {
  const { commands } = command;
  const words = [
    ...commands.map(commandWord),
    ...choicesOf(command),
    ...(path === '' ? [] : optionsOf(command)),
    ...everywhere,
  ];
  const deeper = commands.flatMap((child) => nodesUnder(child, `${path} ${child.name()}`.trim(), everywhere));
  return [{ path, words }, ...deeper];
}

const commandWord = (command: Command): CompletionWord => ({
  word: command.name(),
  description: command.description(),
  kind: 'command',
});

const optionsOf = ({ options }: Command): readonly CompletionWord[] =>
  options.flatMap(({ long, description }) =>
    long ? [{ word: long, description, kind: 'option' as const }] : [],
  );

const choicesOf = ({ registeredArguments }: Command): readonly CompletionWord[] =>
  registeredArguments.flatMap(({ argChoices, description }) =>
    (argChoices ?? []).map((word) => ({ word, description, kind: 'choice' as const })),
  );
