import { defineConfig } from 'vite';

/** The pieces of pages that a browser runs: one file each, named by its bytes, listed in a manifest for the server. */
export default defineConfig({
  root: 'web',
  publicDir: false,
  logLevel: 'warn',
  build: {
    outDir: '../dist/islands',
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'es2022',
    modulePreload: false,
    assetsDir: '',
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        page: 'web/islands/page.ts',
        live: 'web/islands/live.ts',
        passkey: 'web/islands/passkey.ts',
        log: 'web/islands/log.ts',
        verify: 'web/islands/verify-worker.ts',
      },
      output: {
        entryFileNames: '[name].[hash].js',
        chunkFileNames: '[name].[hash].js',
        // What every page loads holds what others share with it: a file of its own would be one more round trip.
        codeSplitting: { groups: [{ name: 'page', test: /web\/(?:islands\/page|said)\.ts$/ }] },
      },
    },
  },
});
