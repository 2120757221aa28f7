import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

const inWorkerd = 'test/worker/in-workerd/**/*.test.ts';
/** `npm run test:worker`: it takes a minute, and npm test has the same broker in workerd already. */
const workerProcesses = 'test/worker/processes/**/*.test.ts';

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [inWorkerd, workerProcesses],
          pool: 'forks',
        },
      },
      { extends: true, test: { name: 'worker-processes', include: [workerProcesses], pool: 'forks' } },
      {
        extends: true,
        plugins: [
          cloudflareTest({
            main: './test/worker/in-workerd/store-object.ts',
            miniflare: {
              compatibilityDate: '2026-11-01',
              compatibilityFlags: ['nodejs_compat'],
              durableObjects: {
                STORE: { className: 'StoreObject', useSQLite: true },
                CHECKPOINTS: { className: 'CheckpointObject', useSQLite: true },
              },
              modulesRules: [{ type: 'Text', include: ['**/*.sql'] }],
            },
          }),
        ],
        test: { name: 'workerd', include: [inWorkerd] },
      },
    ],
  },
});
