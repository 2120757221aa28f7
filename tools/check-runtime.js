/** Says early, and in words, when npm scripts would not run on the Node this project is tested with. */
const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 24) {
  process.stderr.write(
    [
      `Countersign runs on Node 24; this is Node ${process.versions.node} on ${process.platform} ${process.arch}.`,
      process.platform === 'darwin'
        ? 'On a Mac bring Node 24 yourself, for example: brew install node@24 (npm has no build of it for Apple silicon).'
        : 'npm ci brings Node 24 for Linux (x64, arm64) and Windows (x64). Was it run with --omit=optional?',
      '',
    ].join('\n'),
  );
  process.exit(1);
}
