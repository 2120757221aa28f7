import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { auditDocument } from '../../tools/audit-document.ts';

test('the page on the audit is that of its rules: npm run audit-document', () => {
  const written = readFileSync(new URL('../../docs/audit.md', import.meta.url), 'utf8');
  expect(written).toBe(auditDocument());
});
