import type { CommandNode, CompletionWord } from './command-tree.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A script for the shell to read. It knows the words; ids and names, which only the broker knows, it leaves alone. */
export const completionScript = (shell: Shell, tree: readonly CommandNode[]): string => writers[shell](tree);

const writers: Readonly<Record<Shell, (tree: readonly CommandNode[]) => string>> = { bash, zsh, fish };

/** Walks down from the program as far as the words typed so far name commands. */
const walk = (typed: string, tree: readonly CommandNode[]): string => `  local node="" word
  for word in ${typed}; do
    case "$node/$word" in
${tree
  .filter(({ path }) => path !== '')
  .map(({ path }) => `      ${quoted(stepTo(path))}) node=${quoted(path)} ;;`)
  .join('\n')}
    esac
  done`;

function stepTo(path: string): string {
  const words = path.split(' ');
  return `${words.slice(0, -1).join(' ')}/${words.at(-1)}`;
}

function bash(tree: readonly CommandNode[]): string {
  const cases = tree.map(({ path, words }) => `    ${quoted(path)}) words=${quoted(listed(words))} ;;`);
  return `# countersign completion bash > /etc/bash_completion.d/countersign
_countersign() {
${walk(`"\${COMP_WORDS[@]:1:COMP_CWORD-1}"`, tree)}
  local words=""
  case "$node" in
${cases.join('\n')}
  esac
  # No word has a blank or a star in it; mapfile would need a newer bash than some machines have.
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _countersign countersign
`;
}

const listed = (words: readonly CompletionWord[]): string => words.map(({ word }) => word).join(' ');

function zsh(tree: readonly CommandNode[]): string {
  const cases = tree.map(({ path, words }) => {
    const entries = words.map(({ word, description }) =>
      quoted(`${word.replaceAll(':', '\\:')}:${description}`),
    );
    return `    ${quoted(path)}) entries=(${entries.join(' ')}) ;;`;
  });
  return `#compdef countersign
# countersign completion zsh > "\${fpath[1]}/_countersign"
_countersign() {
${walk(`"\${(@)words[2,CURRENT-1]}"`, tree)}
  local -a entries
  case "$node" in
${cases.join('\n')}
  esac
  _describe 'countersign' entries || _files
}
# Loaded from fpath, it is called at once; sourced, it is only made known.
if [ "\${funcstack[1]}" = _countersign ]; then _countersign "$@"; else compdef _countersign countersign; fi
`;
}

function fish(tree: readonly CommandNode[]): string {
  const lines = tree.flatMap(({ path, words }) =>
    words.map(({ word, description, kind }) => {
      const what = kind === 'option' ? `-l ${quoted(word.replace(/^--/, ''))}` : `-a ${quoted(word)}`;
      return `complete -c countersign -n ${quoted(`test (__countersign_node) = ${fishText(path)}`)} ${what} -d ${quoted(description)}`;
    }),
  );
  const steps = tree
    .filter(({ path }) => path !== '')
    .map(({ path }) => `      case ${quoted(stepTo(path))}\n        set node ${quoted(path)}`);
  return `# countersign completion fish > ~/.config/fish/completions/countersign.fish
function __countersign_node
  set -l node ''
  for word in (commandline -opc)[2..]
    switch "$node/$word"
${steps.join('\n')}
    end
  end
  echo "$node"
end
${lines.join('\n')}
`;
}

const fishText = (text: string): string => `"${text}"`;

/** Single quotes, which all three shells take as they are; a quote inside ends and begins them again. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'"'"'`)}'`;
