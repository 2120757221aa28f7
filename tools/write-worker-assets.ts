import { writeWorkerAssets } from './worker-assets.ts';

// Into the directory that wrangler.toml names.
await writeWorkerAssets('dist/worker-assets');
