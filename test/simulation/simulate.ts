import { run } from './run.ts';
import { scriptOf } from './script.ts';

const n = Number(process.argv[2] ?? 20),
  m = Number(process.argv[3] ?? 800);
let steps = 0,
  entries = 0;
const t = performance.now();
const codes = new Map<string, number>();
for (let s = 1; s <= n; s++) {
  const r = await run(scriptOf(s), { seed: s, steps: m });
  steps += r.steps;
  entries += r.entries;
  for (const t of r.world.tasks) {
    const k =
      t.what.split(' ')[0] + ' ' + t.state + ' ' + (t.failure?.code ?? '') + ' ' + (t.failure?.rule ?? '');
    codes.set(k, (codes.get(k) ?? 0) + 1);
  }
  if (r.violations.length) {
    console.log(s, r.violations.slice(0, 3));
  }
  if (n === 1) console.log(r.story.join('\n'));
  console.log(s, r.root.slice(0, 12), r.steps, r.entries);
}
const d = performance.now() - t;
console.log(steps, entries, ((steps * 1000) / d).toFixed(0), 'steps/s', d.toFixed(0), 'ms');
console.log(
  [...codes]
    .sort((a, b) => b[1] - a[1])
    .map(([k, v]) => v + ' ' + k)
    .join('\n'),
);
