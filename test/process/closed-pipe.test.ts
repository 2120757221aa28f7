import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

test('a reader who closes the pipe ends the command quietly', () => {
  // The reader is gone before anything is written; bash tells how the command itself ended.
  const script = '"$0" "$1" completion bash | exec 0<&-; echo "ended ${PIPESTATUS[0]}"';
  const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, program], {
    encoding: 'utf8',
  });
  expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: 'ended 0', stderr: '' });
});
