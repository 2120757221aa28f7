import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** `npm run bench [-- NAME …]`: each bench prints ratios beside a floor that is measured in the same run. */
const benches = [
  'append',
  'verify',
  'lifecycle',
  'decide',
  'simulation',
  'web-verify',
  'web-pages',
  'web-render',
];

/** `npm run bench:scale`: several stores, several brokers, large logs; these take their time. */
const scaleBenches = ['scale-appends', 'scale-lifecycles', 'scale-growth'];

const wanted = process.argv.slice(2);
const all = [...benches, ...scaleBenches];
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`no bench named ${unknown.join(', ')}; there are ${all.join(', ')}`);
  process.exit(2);
}
for (const name of wanted.length === 0 ? benches : wanted) {
  const path = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  const { status } = spawnSync(process.execPath, [path], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = status ?? 1;
}
