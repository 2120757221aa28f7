import { Argument } from 'commander';
import { commandTree } from '../command-tree.ts';
import { completionScript, type Shell, shells } from '../completion-scripts.ts';
import type { Register } from '../context.ts';

export const registerCompletion: Register = (program, context) => {
  program
    .command('completion')
    .description('a completion script for your shell')
    .addArgument(new Argument('<shell>', 'whose').choices(shells))
    .action((shell: Shell) => {
      const script = completionScript(shell, commandTree(program));
      context().output.result({ shell, script }, [script.trimEnd()]);
    });
};
